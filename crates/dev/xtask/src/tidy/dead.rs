//! Every source file is part of a target: some `mod` line includes it.
//!
//! Starts from the files that cargo starts from and follows `mod name;` lines.
//! Modules declared by macros or inside other inline modules are not followed.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::tree::Tree;
use crate::workspace::Package;

pub(super) fn check(tree: &Tree, packages: &[Package], findings: &mut Vec<Finding>) {
    for package in packages {
        let live = live_files(tree, package);
        let inside = format!("{}/", package.folder);
        for (path, _) in tree.texts(&[".rs"]) {
            if path.starts_with(&inside) && !live.contains(path) {
                findings.push(Finding::error(
                    path,
                    1,
                    "no `mod` line includes this file",
                    "add the `mod` line, or delete the file",
                ));
            }
        }
    }
}

fn live_files(tree: &Tree, package: &Package) -> BTreeSet<String> {
    let mut live: BTreeSet<String> = package.roots.iter().cloned().collect();
    let mut pending: Vec<(String, bool)> = package
        .roots
        .iter()
        .map(|root| (root.clone(), true))
        .collect();
    while let Some((path, is_root)) = pending.pop() {
        let Some(text) = tree.text(&path) else {
            continue;
        };
        for module in modules(text) {
            for candidate in candidates(&path, is_root, &module) {
                if tree.has(&candidate) && live.insert(candidate.clone()) {
                    pending.push((candidate, false));
                }
            }
        }
    }
    live
}

/// A module that stands in another file.
#[derive(Debug, PartialEq, Eq)]
struct Module<'text> {
    name: &'text str,
    /// The value of a `#[path]` attribute.
    path: Option<&'text str>,
}

fn modules(text: &str) -> Vec<Module<'_>> {
    let mut modules = Vec::new();
    let mut path = None;
    for line in text.lines().map(str::trim) {
        if let Some(rest) = line.strip_prefix("#[path = \"") {
            path = rest.strip_suffix("\"]");
        } else if let Some(name) = module_name(line) {
            modules.push(Module {
                name,
                path: path.take(),
            });
        } else if !line.starts_with("#[") {
            path = None;
        }
    }
    modules
}

/// The name in `mod name;`, `pub mod name;`, `pub(crate) mod name;`.
fn module_name(line: &str) -> Option<&str> {
    let line = line
        .strip_prefix("pub")
        .map_or(line, |rest| match rest.strip_prefix('(') {
            Some(scope) => scope.split_once(')').map_or(rest, |(_, rest)| rest),
            None => rest,
        });
    let name = line
        .trim_start()
        .strip_prefix("mod ")?
        .strip_suffix(';')?
        .trim();
    Some(name.strip_prefix("r#").unwrap_or(name))
}

/// Where a module declared in the file at `path` can stand.
fn candidates(path: &str, is_root: bool, module: &Module<'_>) -> Vec<String> {
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    if let Some(given) = module.path {
        return vec![format!("{folder}/{given}")];
    }
    let folder = if is_root || stem == "mod" {
        folder.to_owned()
    } else {
        format!("{folder}/{stem}")
    };
    vec![
        format!("{folder}/{}.rs", module.name),
        format!("{folder}/{}/mod.rs", module.name),
    ]
}

#[cfg(test)]
mod tests {
    use super::{Module, Package, Tree, check, modules};

    fn package(roots: &[&str]) -> Package {
        Package {
            name: "a".to_owned(),
            folder: "crates/core/a".to_owned(),
            floor: None,
            roots: roots.iter().map(|&root| root.to_owned()).collect(),
            dependencies: Vec::new(),
        }
    }

    #[test]
    fn finds_modules_whatever_their_visibility() {
        let text = "mod a;\n  pub mod b;\npub(crate) mod c;\nmod d {\n#[path = \"x.rs\"]\nmod e;\n";
        let names: Vec<_> = modules(text).iter().map(|module| module.name).collect();
        assert_eq!(names, ["a", "b", "c", "e"]);
        assert_eq!(
            modules(text)[3],
            Module {
                name: "e",
                path: Some("x.rs")
            }
        );
    }

    #[test]
    fn a_file_that_nothing_includes_is_named() {
        let tree = Tree::from([
            ("crates/core/a/src/lib.rs", "mod b;\n"),
            (
                "crates/core/a/src/b.rs",
                "pub mod c;\n#[cfg(test)]\nmod tests;\n",
            ),
            ("crates/core/a/src/b/c.rs", ""),
            ("crates/core/a/src/b/tests.rs", ""),
            ("crates/core/a/src/c.rs", ""),
            ("crates/core/a/tests/it/main.rs", "mod chat;\n"),
            ("crates/core/a/tests/it/chat.rs", ""),
        ]);
        let package = package(&["crates/core/a/src/lib.rs", "crates/core/a/tests/it/main.rs"]);
        let mut findings = Vec::new();
        check(&tree, &[package], &mut findings);
        let paths: Vec<_> = findings
            .iter()
            .map(|finding| finding.path.as_str())
            .collect();
        assert_eq!(paths, ["crates/core/a/src/c.rs"]);
    }
}
