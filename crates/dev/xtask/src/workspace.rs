//! The workspace's crates, as cargo sees them.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::floor::Floor;

/// What a dependency is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The crate itself.
    Normal,
    /// Its tests.
    Dev,
    /// Its build script.
    Build,
}

/// One line of a dependency table.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    /// The crate's name in its registry.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) kind: Kind,
}

/// One crate of the workspace.
#[derive(Clone, Debug)]
pub(crate) struct Package {
    /// Name, for example `tollgate-net`.
    pub(crate) name: String,
    /// Folder from the root, for example `crates/io/net`.
    pub(crate) folder: String,
    /// The floor it stands on; `None` outside `crates/`.
    pub(crate) floor: Option<Floor>,
    /// The files its targets start from, from the root.
    pub(crate) roots: Vec<String>,
    /// All its dependencies.
    pub(crate) dependencies: Vec<Dependency>,
}

impl Package {
    /// Path of its manifest from the root.
    pub(crate) fn manifest(&self) -> String {
        format!("{}/Cargo.toml", self.folder)
    }

    /// The last part of its folder: the short name that documents use.
    pub(crate) fn room(&self) -> &str {
        self.folder.rsplit('/').next().unwrap_or(&self.folder)
    }
}

/// Cargo could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The root folder is not there.
    #[error("no folder {}", .0.display())]
    Root(PathBuf, #[source] io::Error),
    /// Cargo did not start.
    #[error("cargo metadata did not start")]
    Start(#[source] io::Error),
    /// Cargo refused.
    #[error("cargo metadata failed: {0}")]
    Refused(String),
    /// Its answer is not what it documents.
    #[error("cargo metadata answered something else")]
    Answer(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct MetadataSpec {
    packages: Vec<PackageSpec>,
}

#[derive(Deserialize)]
struct PackageSpec {
    name: String,
    manifest_path: PathBuf,
    targets: Vec<TargetSpec>,
    dependencies: Vec<DependencySpec>,
}

#[derive(Deserialize)]
struct TargetSpec {
    src_path: PathBuf,
}

#[derive(Deserialize)]
struct DependencySpec {
    name: String,
    kind: Option<String>,
}

/// Asks cargo for the crates of the workspace at `root`.
pub(crate) fn read(root: &Path) -> Result<Vec<Package>, Unreadable> {
    let root = root
        .canonicalize()
        .map_err(|source| Unreadable::Root(root.to_owned(), source))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(&root)
        .output()
        .map_err(Unreadable::Start)?;
    if !output.status.success() {
        return Err(Unreadable::Refused(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    parse(&output.stdout, &root)
}

fn parse(answer: &[u8], root: &Path) -> Result<Vec<Package>, Unreadable> {
    let metadata: MetadataSpec = serde_json::from_slice(answer)?;
    Ok(metadata
        .packages
        .into_iter()
        .map(|package| package.valid(root))
        .collect())
}

impl PackageSpec {
    fn valid(self, root: &Path) -> Package {
        let manifest = relative(&self.manifest_path, root);
        let folder = manifest
            .strip_suffix("/Cargo.toml")
            .unwrap_or_default()
            .to_owned();
        let mut roots: Vec<String> = self
            .targets
            .iter()
            .map(|target| relative(&target.src_path, root))
            .collect();
        roots.sort();
        Package {
            name: self.name,
            floor: Floor::of(&folder),
            folder,
            roots,
            dependencies: self
                .dependencies
                .into_iter()
                .map(DependencySpec::valid)
                .collect(),
        }
    }
}

impl DependencySpec {
    fn valid(self) -> Dependency {
        let kind = match self.kind.as_deref() {
            Some("dev") => Kind::Dev,
            Some("build") => Kind::Build,
            _ => Kind::Normal,
        };
        Dependency {
            name: self.name,
            kind,
        }
    }
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root)
        .unwrap_or(path)
        .to_string_lossy()
        .replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::{Kind, Path, parse};
    use crate::floor::Floor;

    #[test]
    fn reads_what_cargo_answers() {
        let answer = br#"{"packages": [{
            "name": "tollgate-net", "manifest_path": "/r/crates/io/net/Cargo.toml",
            "targets": [{"src_path": "/r/crates/io/net/src/lib.rs"}],
            "dependencies": [{"name": "hyper", "kind": null}, {"name": "rcgen", "kind": "dev"}]}]}"#;
        let packages = parse(answer, Path::new("/r")).expect("valid");
        let [net] = packages.as_slice() else {
            panic!("one package")
        };
        assert_eq!(net.folder, "crates/io/net");
        assert_eq!(net.room(), "net");
        assert_eq!(net.floor, Some(Floor::Io));
        assert_eq!(net.roots, ["crates/io/net/src/lib.rs"]);
        assert_eq!(net.dependencies[0].kind, Kind::Normal);
        assert_eq!(net.dependencies[1].kind, Kind::Dev);
    }
}
