//! Which crates a change touches: the changed ones and all that depend on them.
//!
//! Prints arguments for `cargo test`: `--package` for each crate, `--workspace`
//! where the change concerns all of them, nothing where it concerns none.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::Command;

use crate::workspace::{self, Package};

/// Files outside a crate that change how every crate is built.
const CONCERN_ALL: [&str; 5] = [
    "Cargo.toml",
    "Cargo.lock",
    "clippy.toml",
    "rustfmt.toml",
    ".cargo/config.toml",
];

/// Git or cargo could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoAnswer {
    /// Git did not start.
    #[error("git did not start")]
    Start(#[source] io::Error),
    /// Git refused.
    #[error("git {0} failed")]
    Refused(String),
    /// Cargo could not be asked.
    #[error("cannot read the workspace")]
    Workspace(#[from] workspace::Unreadable),
    /// The answer could not be written.
    #[error("cannot write the answer")]
    Output(#[from] io::Error),
}

/// Prints the arguments for the change since `base`: by default where the branch
/// left its upstream, else the commit before the last.
pub(crate) fn run(root: &Path, base: Option<&str>, out: &mut dyn Write) -> Result<bool, NoAnswer> {
    let packages = workspace::read(root)?;
    let arguments = match base.map_or_else(|| default_base(root), |base| Some(base.to_owned())) {
        Some(base) => {
            let mut files = git(root, &["diff", "--name-only", &base])?;
            files.push_str(&git(root, &["ls-files", "--others", "--exclude-standard"])?);
            arguments(&packages, files.lines())
        }
        None => "--workspace".to_owned(),
    };
    writeln!(out, "{arguments}")?;
    Ok(true)
}

fn default_base(root: &Path) -> Option<String> {
    git(root, &["merge-base", "HEAD", "@{upstream}"])
        .or_else(|_| git(root, &["rev-parse", "--verify", "--quiet", "HEAD~1"]))
        .ok()
        .map(|commit| commit.trim().to_owned())
}

fn git(root: &Path, arguments: &[&str]) -> Result<String, NoAnswer> {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(NoAnswer::Start)?;
    if !output.status.success() {
        return Err(NoAnswer::Refused(arguments.join(" ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn arguments<'files>(packages: &[Package], files: impl Iterator<Item = &'files str>) -> String {
    let mut names = BTreeSet::new();
    for file in files {
        if CONCERN_ALL.contains(&file) {
            return "--workspace".to_owned();
        }
        let inside = |package: &&Package| {
            file.strip_prefix(package.folder.as_str())
                .is_some_and(|rest| rest.starts_with('/'))
        };
        names.extend(
            packages
                .iter()
                .find(inside)
                .map(|package| package.name.as_str()),
        );
    }
    add_dependents(packages, &mut names);
    let arguments: Vec<String> = names
        .iter()
        .map(|name| format!("--package {name}"))
        .collect();
    arguments.join(" ")
}

/// Adds the crates that depend on one in `names`, until there is none left.
fn add_dependents<'packages>(packages: &'packages [Package], names: &mut BTreeSet<&'packages str>) {
    loop {
        let before = names.len();
        for package in packages {
            if package
                .dependencies
                .iter()
                .any(|dependency| names.contains(dependency.name.as_str()))
            {
                names.insert(&package.name);
            }
        }
        if names.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Package, arguments};
    use crate::workspace::{Dependency, Kind};

    fn package(name: &str, dependency: Option<&str>) -> Package {
        Package {
            name: name.to_owned(),
            folder: format!("crates/core/{name}"),
            floor: None,
            roots: Vec::new(),
            dependencies: dependency
                .map(|name| Dependency {
                    name: name.to_owned(),
                    kind: Kind::Normal,
                })
                .into_iter()
                .collect(),
        }
    }

    #[test]
    fn a_change_concerns_the_crate_and_its_dependents() {
        let packages = [
            package("c", Some("b")),
            package("b", Some("a")),
            package("a", None),
            package("ab", None),
        ];
        let files = |names: &'static [&'static str]| arguments(&packages, names.iter().copied());
        assert_eq!(
            files(&["crates/core/a/src/lib.rs"]),
            "--package a --package b --package c"
        );
        assert_eq!(files(&["crates/core/ab/src/lib.rs"]), "--package ab");
        assert_eq!(files(&["README.md"]), "");
        assert_eq!(files(&["README.md", "Cargo.lock"]), "--workspace");
    }
}
