//! From what was written to what is valid: defaults filled in, references
//! resolved, every rule checked. All problems are collected; with an error among
//! them the result is good for finding more problems and for nothing else.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::lost::Lost;
use crate::problem::{Problem, Severity, is_environment_name, quote};
use crate::sources::Attached;
use crate::spec::{ConfigSpec, SecretRefSpec};
use crate::suggest::{known_or_similar, literal_variable};
use crate::tree::{Node, child, item};
use crate::valid::{Config, Origin, SecretRef};

mod catalogue;
mod clouds;
mod date;
mod gateway;
mod models;
mod number;
mod overlays;
mod pass_through;
mod policies;
mod prompt;
mod providers;
mod routes;
mod services;
mod telemetry;
mod url;

pub(crate) use overlays::{check_keys_across, process_settings};
pub(crate) use services::expired_keys;

/// Longest name of a provider, service, policy and so on, in characters.
const NAME_CHARS_MAX: usize = 64;
/// Longest name of a model, in characters.
const MODEL_NAME_CHARS_MAX: usize = 256;

/// What was written, and what of it is not there to be checked.
#[derive(Clone, Copy)]
pub(crate) struct Written<'t> {
    /// The tree, as written.
    pub(crate) tree: &'t Node,
    /// Where stand-ins took the place of what was written.
    pub(crate) lost: &'t Lost,
    /// Where relative paths start.
    pub(crate) folder: &'t Path,
    /// The lists that it names.
    pub(crate) attached: &'t Attached,
}

/// The valid form of a configuration that passed the structural check.
pub(crate) fn validate(spec: &ConfigSpec, written: Written<'_>) -> (Config, Vec<Problem>) {
    let Written {
        tree,
        lost,
        folder,
        attached,
    } = written;
    let nameless = |index| lost.covers(&child(&item("providers", index), "name"));
    let mut check = Check {
        tree,
        lost,
        folder,
        attached,
        providers_readable: !lost.is_partial()
            && !lost.covers("providers")
            && !(0..spec.providers.len()).any(nameless),
        request_timeout: Duration::MAX,
        problems: Vec::new(),
    };
    let timeouts = check.gateway_timeouts(&spec.gateway.timeouts);
    let gateway = check.gateway(&spec.gateway, timeouts);
    let providers = check.providers(spec, timeouts);
    let known = policies::Known {
        services: spec.services.iter().map(|s| s.name.as_str()).collect(),
        teams: (spec.services.iter())
            .filter_map(|s| s.team.as_deref())
            .collect(),
        models: spec.models.iter().map(|m| m.name.as_str()).collect(),
        routes: (spec.routes.iter().map(|r| r.name.as_str()))
            .chain(pass_through::names(&spec.providers))
            .collect(),
    };
    let mut routes = check.routes(&spec.routes, &providers, timeouts);
    check.passed_through(&spec.providers, &providers, &mut routes);
    let mut config = Config {
        models: check.models(&spec.models, &providers, timeouts),
        catalogue: check.catalogue(&spec.catalogue, &providers),
        routes,
        services: check.services(&spec.services),
        policies: check.policies(&spec.policies, &known),
        telemetry: check.telemetry(&spec.telemetry),
        gateway,
        providers,
    };
    check.reachability(&config);
    check.prose_of_routes(&config);
    check.callers(&config);
    check.served(&config);
    check.unused_providers(&config);
    check.literal_variables(tree, "");
    let targets = config.models.iter().flat_map(|model| &model.targets);
    let mut used = targets
        .map(|target| target.provider)
        .chain(config.routes.iter().map(|route| route.provider));
    if used.any(|provider| provider == config.providers.len()) {
        config.providers.push(providers::stand_in(timeouts));
    }
    (config, check.problems)
}

pub(crate) fn is_error(problem: &Problem) -> bool {
    problem.severity == Severity::Error
}

/// What [`is_name`] asks for.
pub(crate) const NAME_HELP: &str =
    "use letters, digits, `-`, `_` and `.`, 64 at most, a letter or digit first";

/// Whether it can name a provider, service, policy and so on, in logs, metrics and paths.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(plain)
        && name.len() <= NAME_CHARS_MAX
}

/// Collects problems and knows where every value stands.
pub(super) struct Check<'t> {
    tree: &'t Node,
    lost: &'t Lost,
    folder: &'t Path,
    attached: &'t Attached,
    /// A reference to nothing may else mean a provider whose name cannot be read.
    providers_readable: bool,
    /// Ends every chat, whatever its targets allow.
    request_timeout: Duration,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn origin(&self, path: &str) -> Origin {
        origin_of(self.tree, path)
    }

    /// A mistake, if it is the user's and not that of a stand-in.
    fn error(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        if self.lost.covers(path) {
            return;
        }
        let problem = Problem::error(self.origin(path), path, message);
        let written = self.tree.at(path).and_then(Node::text);
        self.problems
            .push(match written.and_then(literal_variable) {
                Some(help) => problem.with_help(help),
                None => problem.with_help(help),
            });
    }

    /// Warns of `${NAME}` where any text will do: it is taken as it is written.
    fn literal_variables(&mut self, node: &Node, path: &str) {
        if let Some(help) = node.text().and_then(literal_variable) {
            self.warning(path, "this is taken as it is written", help);
        }
        for entry in node.entries() {
            self.literal_variables(&entry.node, &child(path, &entry.key));
        }
        for (index, node) in node.items().iter().enumerate() {
            self.literal_variables(node, &item(path, index));
        }
    }

    fn warning(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        let problem = Problem::warning(self.origin(path), path, message);
        self.problems.push(problem.with_help(help));
    }

    /// A mistake that would be none if one of these values were there and right.
    fn error_without(
        &mut self,
        needed: &[&str],
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if !needed.iter().any(|path| self.lost.touches(path)) {
            self.error(path, message, help);
        }
    }

    /// A reference to a provider: its index.
    fn provider(&mut self, path: &str, name: &str, known: &[&str]) -> Option<usize> {
        let found = known.iter().position(|provider| *provider == name);
        if found.is_none() && self.providers_readable && !self.lost.covers(path) {
            let message = format!("there is no provider {}", quote(name));
            let mut problem = Problem::error(self.origin(path), path, message);
            let help = known_or_similar(
                name,
                known.iter().copied(),
                "known providers",
                self.problems.len(),
            );
            problem.help = help.or_else(|| Some("add it under `providers`".to_owned()));
            self.problems.push(problem);
        }
        found
    }

    /// A name for logs, metrics and paths.
    fn name(&mut self, path: &str, name: &str) {
        if !is_name(name) {
            let message = format!("{} is not a name", quote(name));
            self.error(path, message, NAME_HELP);
        }
    }

    /// A text for logs and metrics that may have spaces.
    fn label(&mut self, path: &str, text: Option<&str>) {
        let Some(text) = text else { return };
        let long = text.chars().count() > NAME_CHARS_MAX;
        if text.trim().is_empty() || text.contains(char::is_control) || long {
            let message = format!("{} cannot stand in a log", quote(text));
            let help = format!("write 1 to {NAME_CHARS_MAX} characters in one line");
            self.error(path, message, help);
        }
    }

    fn model_name(&mut self, path: &str, name: &str) {
        let bad = |c: char| c.is_whitespace() || c.is_control() || c == '*';
        if name.is_empty() || name.contains(bad) || name.chars().count() > MODEL_NAME_CHARS_MAX {
            let message = format!("{} cannot name a model or target", quote(name));
            let help = format!(
                "write 1 to {MODEL_NAME_CHARS_MAX} characters without spaces and without `*`"
            );
            self.error(path, message, help);
        }
    }

    /// Names a caller may use: `*` only at the end.
    fn model_patterns(&mut self, path: &str, patterns: Option<&Vec<String>>) {
        for (index, pattern) in patterns.into_iter().flatten().enumerate() {
            let path = item(path, index);
            let stem = pattern.strip_suffix('*').unwrap_or(pattern);
            if stem.contains('*') {
                let message = format!("{} has a `*` before its end", quote(pattern));
                self.error(
                    &path,
                    message,
                    "a `*` matches the rest of a name: put it last",
                );
            } else if pattern != "*" {
                self.model_name(&path, stem);
            }
        }
    }

    /// Exactly one way to find a secret. The value is never repeated in a message.
    fn secret(&mut self, path: &str, spec: Option<&SecretRefSpec>) -> Option<SecretRef> {
        let spec = spec?;
        match (&spec.env, &spec.file) {
            (Some(name), None) => {
                if !is_environment_name(name) {
                    let path = child(path, "env");
                    let message = "this is not the name of an environment variable";
                    self.not_a_variable(&path, message, name);
                }
                Some(SecretRef::Env(name.clone()))
            }
            (None, Some(file)) => {
                let file = self.file(&child(path, "file"), file);
                Some(SecretRef::File(file))
            }
            (Some(_), Some(_)) => {
                let message = "both `env` and `file` are given";
                self.error(path, message, "keep one of them");
                None
            }
            (None, None) => {
                let message = "neither `env` nor `file` is given";
                let help = "write `env: NAME_OF_A_VARIABLE` or `file: PATH`";
                self.error_without(&[path], path, message, help);
                None
            }
        }
    }

    fn not_a_variable(&mut self, path: &str, message: &str, written: &str) {
        let bare = written.trim_matches(['$', '{', '}', '%']);
        let help = if is_environment_name(bare) {
            format!("write the name alone: `env: {bare}`")
        } else {
            "a secret is never written here: put it in a variable and write that variable's name, for example `env: OPENAI_API_KEY`".to_owned()
        };
        if !self.lost.covers(path) {
            let problem = Problem::error(self.origin(path), path, message);
            self.problems.push(problem.with_help(help));
        }
    }

    /// The text of a file that was read with the configuration.
    fn attached(&mut self, path: &str, file: &str) -> Option<&str> {
        let attached = self.attached;
        match attached.text(file) {
            Ok(text) => Some(text),
            Err(reason) => {
                let message = format!("{}: {reason}", quote(file));
                let help = "write the path of a file, from the folder of the configuration";
                self.error(path, message, help);
                None
            }
        }
    }

    /// A path, from the folder of the configuration.
    fn file(&mut self, path: &str, file: &str) -> PathBuf {
        if file.trim().is_empty() || file.contains('\0') {
            self.error(path, "this is not a path", "write the path of a file");
        }
        self.folder.join(file)
    }
}

/// Where a value or what is around it stands; only the file when nothing of it is written.
fn origin_of(tree: &Node, path: &str) -> Origin {
    let mut origin = tree.origin_near(path);
    let section = path.split(['.', '[']).next().unwrap_or(path);
    if tree.field(section).is_none() {
        origin.line = 0;
        origin.column = 0;
    }
    origin
}
