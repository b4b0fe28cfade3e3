//! The way from files to a valid configuration: read, merge, check the
//! structure, decode, check the rules; for the base, then for every overlay. Every
//! mistake is set aside, and the rest is checked to the end; a file that is not YAML
//! counts up to its first syntax error.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use crate::problem::{COLLECTED_MAX, PROBLEMS_MAX, Problem, Report, quote};
use crate::schema::{self, Checked};
use crate::sources::{BASE_LAYER, Sources, overlay_layer};
use crate::spec::ConfigSpec;
use crate::tree::{self, Node};
use crate::valid::{Config, ConfigSet, Origin};
use crate::validate::{self, Written};

/// A valid configuration, what is suspicious about it, and where its values come from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The configuration.
    pub set: ConfigSet,
    /// What somebody should look at. Time and the running service are not known
    /// here: see [`Self::warnings_at`].
    pub warnings: Vec<Problem>,
    layers: Layers,
    sources: Sources,
}

impl Loaded {
    /// All warnings, with those about keys that are over at this time, and those
    /// about settings of the process in overlays other than the one this process
    /// runs as (`TOLLGATE_SERVICE`, else `gateway.service`).
    #[must_use]
    pub fn warnings_at(&self, now_unix_s: u64, running_as: Option<&str>) -> Vec<Problem> {
        let mut problems = self.warnings.clone();
        let base = &self.set.base;
        problems.extend(validate::expired_keys(base, &self.layers.base, now_unix_s));
        if let Some(service) = running_as
            && base.gateway.service.as_deref() != running_as
        {
            let origin = Origin::default();
            problems.extend(unknown_service(service, origin, base, &self.layers));
        }
        let running_as = running_as.or(base.gateway.service.as_deref());
        for (service, overlay) in &self.layers.services {
            if let Some(config) = self.set.services.get(service) {
                let tree = self.layers.effective(Some(service));
                problems.extend(validate::expired_keys(config, &tree, now_unix_s));
            }
            if running_as != Some(service) {
                for layer in overlay {
                    problems.extend(validate::process_settings(layer, service));
                }
            }
        }
        let mut report = Report::new(problems, &self.sources);
        let mut seen = Vec::with_capacity(report.problems.len());
        report.problems.retain(|problem| {
            let place = (problem.origin.clone(), problem.message.clone());
            let new = !seen.contains(&place);
            seen.push(place);
            new
        });
        report.problems
    }

    /// The files it was loaded from.
    #[must_use]
    pub const fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The effective tree of the base, or of a service with an overlay.
    pub(crate) fn tree(&self, service: Option<&str>) -> Node {
        self.layers.effective(service)
    }
}

/// A configuration that cannot be taken.
#[derive(Clone, Debug)]
pub struct Broken {
    /// Every error that was found, and no warning: what is suspicious about a
    /// broken configuration may be an effect of what is broken.
    pub report: Report,
    /// What can be made of it all the same, with stand-ins for what is broken. It
    /// never runs: a compiler can find its own problems in it, so that the user
    /// sees them at once. `None` when too much is broken.
    pub rest: Option<ConfigSet>,
}

/// Loads a configuration.
///
/// # Errors
/// With every error that was found, and no warning; see [`Broken::report`].
pub fn load(sources: &Sources) -> Result<Loaded, Report> {
    load_best_effort(sources).map_err(|broken| broken.report)
}

/// Loads a configuration; a broken one as far as it goes.
///
/// # Errors
/// When [`load`] fails.
pub fn load_best_effort(sources: &Sources) -> Result<Loaded, Box<Broken>> {
    let mut problems = Vec::new();
    let layers = Layers::read(sources, &mut problems);

    let base = compile(&layers.base, layers.is_base_partial, sources);
    problems.extend(base.problems);
    let of_base = |problem: &Problem| *problem.origin.layer == *BASE_LAYER;
    let base_ok = !problems.iter().any(|p| of_base(p) && validate::is_error(p));

    let mut services = BTreeMap::new();
    let mut trees = Vec::new();
    for name in layers.services.keys() {
        if problems.len() >= PROBLEMS_MAX {
            break;
        }
        problems.extend(check_service_name(name, sources));
        let mut merging = Vec::new();
        let tree = layers.merge(Some(name), &mut merging);
        let overlay = compile(&tree, layers.is_partial(name), sources);
        let found = merging.into_iter().chain(overlay.problems);
        add_new(&mut problems, found, name, base_ok);
        if let Some(config) = overlay.config {
            services.insert(name.clone(), Arc::new(config));
            trees.push((name, tree));
        }
    }
    if let Some(base) = &base.config {
        let with_trees = trees
            .iter()
            .filter_map(|(name, tree)| Some((&**services.get(*name)?, tree)));
        let all = std::iter::once((base, &layers.base)).chain(with_trees);
        let mut across = validate::check_keys_across(all);
        let known: BTreeSet<&Origin> = problems.iter().map(|problem| &problem.origin).collect();
        across.retain(|found| !known.contains(&found.origin));
        problems.extend(across);
        if let Some(service) = &base.gateway.service {
            let origin = layers.base.origin_near("gateway.service");
            problems.extend(unknown_service(service, origin, base, &layers));
        }
    }

    if problems.iter().any(validate::is_error) {
        problems.retain(validate::is_error);
    }
    let report = Report::new(problems, sources);
    let set = base.config.map(|base| ConfigSet {
        base: Arc::new(base),
        services,
        revision: sources.revision(),
    });
    match set {
        Some(set) if !report.has_errors() => Ok(Loaded {
            set,
            warnings: report.problems,
            layers,
            sources: sources.clone(),
        }),
        rest => Err(Box::new(Broken { report, rest })),
    }
}

/// The trees as read: the base merged, the overlays not yet.
#[derive(Clone, Debug)]
struct Layers {
    base: Node,
    services: BTreeMap<String, Vec<Node>>,
    /// A file of the base could not be read to its end, or any file not at all.
    is_base_partial: bool,
    /// Services with a file that could not be read to its end.
    partial_services: BTreeSet<String>,
}

impl Layers {
    /// A file counts as far as it can be read; what is wrong is reported.
    fn read(sources: &Sources, problems: &mut Vec<Problem>) -> Self {
        let mut base = Vec::new();
        let mut services: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        problems.extend_from_slice(sources.unread());
        let mut is_base_partial = !sources.unread().is_empty();
        let mut partial_services = BTreeSet::new();
        for source in sources.files() {
            let service = source.service.as_ref().map(ToString::to_string);
            let read = tree::read(source);
            problems.extend(read.problems);
            match service {
                Some(name) => {
                    if !read.is_whole {
                        partial_services.insert(name.clone());
                    }
                    services.entry(name).or_default().push(read.node);
                }
                None => {
                    is_base_partial |= !read.is_whole;
                    base.push(read.node);
                }
            }
        }
        let start = sources.files().first().map(|source| source.origin(1, 1));
        let mut merged = Node::empty_map(start.unwrap_or_default());
        for node in base {
            merged = tree::merge(merged, node, is_base_partial, problems);
        }
        Self {
            base: merged,
            services,
            is_base_partial,
            partial_services,
        }
    }

    /// Whether a file is missing from what holds for a service.
    fn is_partial(&self, service: &str) -> bool {
        self.is_base_partial || self.partial_services.contains(service)
    }

    fn merge(&self, service: Option<&str>, problems: &mut Vec<Problem>) -> Node {
        let mut tree = self.base.clone();
        let overlay = service.and_then(|name| self.services.get(name));
        let is_partial = service.is_some_and(|name| self.is_partial(name));
        for layer in overlay.into_iter().flatten() {
            tree = tree::merge(tree, layer.clone(), is_partial, problems);
        }
        tree
    }

    fn effective(&self, service: Option<&str>) -> Node {
        self.merge(service, &mut Vec::new())
    }
}

struct Compiled {
    /// Valid only without errors; `None` when too much is wrong.
    config: Option<Config>,
    problems: Vec<Problem>,
}

/// From an effective tree to a configuration.
fn compile(tree: &Node, is_partial: bool, sources: &Sources) -> Compiled {
    let Checked {
        json,
        lost,
        mut problems,
    } = schema::check(tree, is_partial);
    if problems.len() >= COLLECTED_MAX {
        return Compiled {
            config: None,
            problems,
        };
    }
    match ConfigSpec::deserialize(json) {
        Ok(spec) => {
            let written = Written {
                tree,
                lost: &lost,
                folder: sources.folder(),
                attached: sources.attached(),
            };
            let (config, found) = validate::validate(&spec, written);
            problems.extend(found);
            Compiled {
                config: Some(config),
                problems,
            }
        }
        Err(error) => {
            let message = format!("cannot be understood: {error}");
            problems.push(Problem::error(tree.origin.clone(), "", message));
            Compiled {
                config: None,
                problems,
            }
        }
    }
}

/// Adds what an overlay shows and the base did not: a mistake of the base is
/// said once. With a broken base only mistakes in the overlay itself count.
fn add_new(
    problems: &mut Vec<Problem>,
    found: impl Iterator<Item = Problem>,
    service: &str,
    base_ok: bool,
) {
    let layer = overlay_layer(service);
    for mut problem in found {
        let own = problem.origin.layer == layer;
        let known = problems
            .iter()
            .any(|p| p.origin == problem.origin && p.message == problem.message);
        if known || !(own || base_ok) || problems.len() >= COLLECTED_MAX {
            continue;
        }
        if !own {
            let name = quote(service);
            problem.message = format!("in the configuration of {name}: {}", problem.message);
        }
        problems.push(problem);
    }
}

fn check_service_name(name: &str, sources: &Sources) -> Option<Problem> {
    if validate::is_name(name) {
        return None;
    }
    let file = sources
        .files()
        .iter()
        .find(|source| source.service.as_deref() == Some(name))?;
    let message = format!("the folder {} has no name a service can have", quote(name));
    let problem = Problem::error(file.origin(0, 0), "", message);
    Some(problem.with_help(validate::NAME_HELP))
}

/// Warns of a process that runs as a service nobody has described.
fn unknown_service(
    service: &str,
    origin: Origin,
    base: &Config,
    layers: &Layers,
) -> Option<Problem> {
    if base.services.contains_key(service) || layers.services.contains_key(service) {
        return None;
    }
    let known = base.services.keys().chain(layers.services.keys());
    let known = known.map(String::as_str);
    let name = quote(service);
    let message = format!("the gateway runs as {name}, which is not listed and has no overlay");
    let mut problem = Problem::warning(origin, "gateway.service", message);
    problem.help = crate::suggest::known_or_similar(service, known, "known services", 0)
        .or_else(|| Some("list it under `services`, or remove `gateway.service`".to_owned()));
    Some(problem)
}
