//! The configurations that are checked in are valid.
//!
//! Every file below [`PLACES`] is one, except that `base/` and `services/<name>/`
//! in one folder are the layers of one, and that `*.test.yaml` are tests of policies.
//! Expressions are not compiled here; the test that runs the examples does that.

use std::collections::BTreeMap;

use tollgate_config::{Problem, Severity, Sources, load};

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

/// Where configurations are checked in.
const PLACES: [&str; 2] = ["examples/", "deploy/compose/config/"];

pub(super) fn check(tree: &Tree, _: &[Package], findings: &mut Vec<Finding>) {
    let mut layered: BTreeMap<&str, Vec<Layer<'_>>> = BTreeMap::new();
    for (path, text) in tree.texts(&[".yaml"]) {
        let is_in_place = PLACES.iter().any(|place| path.starts_with(place));
        if !is_in_place || path.ends_with(".test.yaml") {
            continue;
        }
        match Layer::of(path, text) {
            Some((folder, layer)) => layered.entry(folder).or_default().push(layer),
            None => report(&Sources::from_text(path, text), findings),
        }
    }
    for layers in layered.values() {
        if let Some(sources) = joined(layers) {
            report(&sources, findings);
        }
    }
}

struct Layer<'tree> {
    /// `None` for the base.
    service: Option<&'tree str>,
    path: &'tree str,
    text: &'tree str,
}

impl<'tree> Layer<'tree> {
    /// The layer at `path`, and the folder of the configuration it belongs to.
    fn of(path: &'tree str, text: &'tree str) -> Option<(&'tree str, Self)> {
        if let Some((folder, _)) = path.split_once("/base/") {
            let service = None;
            return Some((
                folder,
                Self {
                    service,
                    path,
                    text,
                },
            ));
        }
        let (folder, rest) = path.split_once("/services/")?;
        let service = rest.split('/').next();
        Some((
            folder,
            Self {
                service,
                path,
                text,
            },
        ))
    }
}

/// The layers as sources; `None` without a base.
fn joined(layers: &[Layer<'_>]) -> Option<Sources> {
    let base = layers.iter().find(|layer| layer.service.is_none())?;
    let overlays = layers
        .iter()
        .filter_map(|layer| Some((layer.service?, layer)));
    let sources = Sources::from_text(base.path, base.text);
    Some(overlays.fold(sources, |sources, (service, layer)| {
        sources.with_overlay(service, layer.path, layer.text)
    }))
}

/// Warnings are left to `tollgate check`: an example without keys, or open to
/// everyone, is meant so.
fn report(sources: &Sources, findings: &mut Vec<Finding>) {
    if let Err(report) = load(sources) {
        let is_error = |problem: &&Problem| problem.severity == Severity::Error;
        findings.extend(report.problems.iter().filter(is_error).map(finding));
    }
}

fn finding(problem: &Problem) -> Finding {
    let line = usize::try_from(problem.origin.line).unwrap_or(1);
    let mend = problem.help.as_deref().unwrap_or("mend the configuration");
    Finding::error(&problem.origin.file, line, &problem.message, mend)
}

#[cfg(test)]
mod tests {
    use super::{Tree, check};

    #[test]
    fn a_broken_example_is_named_with_its_line() {
        let tree = Tree::from([
            (
                "examples/good/a.yaml",
                "gateway:\n  secret_key_ref:\n    env: OPENAI_API_KEY\n",
            ),
            (
                "examples/bad/a.yaml",
                "gateway:\n  prot: 1\nproviders:\n  - name: simulator\n",
            ),
            ("examples/bad/a.test.yaml", "tests: []\n"),
            ("docs/other.yaml", "prot: 1\n"),
        ]);
        let mut findings = Vec::new();
        check(&tree, &[], &mut findings);
        let places: Vec<_> = findings
            .iter()
            .map(|found| (found.path.as_str(), found.line))
            .collect();
        assert_eq!(places, [("examples/bad/a.yaml", 2)]);
    }
}
