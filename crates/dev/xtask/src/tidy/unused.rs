//! Every dependency is used where its table says: by the crate itself, or by its tests.
//!
//! A use is the crate's name before `::` or after `use`. What only tests use among the
//! sources of the crate itself is not told apart.

use super::floors::line_of;
use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::{Dependency, Kind, Package};

pub(super) fn check(tree: &Tree, packages: &[Package], findings: &mut Vec<Finding>) {
    for package in packages {
        for dependency in &package.dependencies {
            if is_used(tree, package, dependency) {
                continue;
            }
            let manifest = package.manifest();
            let line = line_of(tree.text(&manifest).unwrap_or_default(), &dependency.name);
            findings.push(Finding::error(
                &manifest,
                line,
                format!("{} is not used", dependency.name),
                "remove the line, or make it a dev-dependency if tests use it",
            ));
        }
    }
}

fn is_used(tree: &Tree, package: &Package, dependency: &Dependency) -> bool {
    let places = match dependency.kind {
        Kind::Normal => &["src/"][..],
        Kind::Dev => &["src/", "tests/", "examples/", "benches/"],
        Kind::Build => &["build.rs"],
    };
    let folders: Vec<String> = places
        .iter()
        .map(|place| format!("{}/{place}", package.folder))
        .collect();
    let name = dependency.name.replace('-', "_");
    tree.texts(&[".rs"])
        .filter(|(path, _)| folders.iter().any(|folder| path.starts_with(folder)))
        .any(|(_, text)| names(text, &name))
}

/// Whether a text names a crate.
fn names(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + name.len()..).unwrap_or_default();
        let is_word = !before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_import = before.ends_with("use ") && after.starts_with([';', ' ']);
        is_word && (after.starts_with("::") || is_import)
    })
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_use_is_told_from_a_mention() {
        for text in [
            "use bytes::Bytes;",
            "let a = bytes::Bytes::new();",
            "use bytes;",
        ] {
            assert!(names(text, "bytes"), "{text}");
        }
        for text in [
            "// bytes",
            "let bytes = 1;",
            "use_bytes::x",
            "httparse::x",
            "bytes_x::y",
        ] {
            assert!(!names(text, "bytes"), "{text}");
            assert!(!names(text, "http"), "{text}");
        }
    }
}
