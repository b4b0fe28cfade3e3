//! Files that are made from code or from other files, checked in so that a reader
//! and a diff can see them.
//!
//! Each is one line in [`all`]. `write` brings them up to date, `check` fails when
//! one is stale.

mod catalogue;
mod decisions;
mod providers;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A file that could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// A file or folder.
    #[error("{}", .0.display())]
    File(PathBuf, #[source] io::Error),
    /// Data that says something wrong.
    #[error("{path}: {reason}", path = .path.display())]
    Data {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The result could not be said.
    #[error("cannot write the result")]
    Output(#[from] io::Error),
}

/// A generated file.
struct Generated {
    /// Path from the root.
    path: &'static str,
    /// What it must hold.
    text: String,
}

/// Every generated file.
fn all(root: &Path) -> Result<Vec<Generated>, Failed> {
    let mut files = catalogue::table(root)?;
    files.extend([
        Generated {
            path: "docs/decisions/README.md",
            text: decisions::index(root)?,
        },
        Generated {
            path: "docs/reference/config.schema.json",
            text: format!("{:#}\n", tollgate_config::json_schema()),
        },
        Generated {
            path: "docs/reference/configuration.md",
            text: tollgate_config::reference_markdown(),
        },
        Generated {
            path: "docs/reference/pii-entities.md",
            text: tollgate_policy::PiiEntity::markdown(),
        },
        Generated {
            path: "docs/reference/providers.md",
            text: providers::page(),
        },
    ]);
    Ok(files)
}

/// Writes every file that is stale and says which.
pub(crate) fn write(root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    for file in stale(root)? {
        let path = root.join(file.path);
        let failed = |source| Failed::File(path.clone(), source);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(&path, &file.text).map_err(failed)?;
        writeln!(out, "wrote {}", file.path)?;
    }
    Ok(true)
}

/// Names every file that is stale; false when there is one.
pub(crate) fn check(root: &Path, out: &mut dyn Write) -> Result<bool, Failed> {
    let stale = stale(root)?;
    for file in &stale {
        writeln!(
            out,
            "{}:1: error: stale\n    mend: run `cargo xtask generate` and commit the result",
            file.path
        )?;
    }
    writeln!(out, "generate: {} stale", stale.len())?;
    Ok(stale.is_empty())
}

fn stale(root: &Path) -> Result<Vec<Generated>, Failed> {
    let mut files = all(root)?;
    files.retain(|file| fs::read_to_string(root.join(file.path)).ok().as_ref() != Some(&file.text));
    Ok(files)
}
