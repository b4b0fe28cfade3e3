//! The repository's files, read once and shared by all checks.
//!
//! Build output, dependencies and version control are left out. A file that is not
//! text, or larger than [`TEXT_BYTES_MAX`], is known by its path only.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Folders that hold nothing of ours.
const SKIPPED: [&str; 8] = [
    ".git",
    "target",
    "node_modules",
    ".cache",
    "__pycache__",
    ".venv",
    "corpus",
    "artifacts",
];

/// Larger files are data, not source.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// A folder or file that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}", path.display())]
pub(crate) struct Unreadable {
    path: PathBuf,
    source: io::Error,
}

/// The repository: text by path, and every path that exists.
///
/// Paths are relative to the root, with `/` between the parts.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    texts: BTreeMap<String, String>,
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads everything below `root`.
    pub(crate) fn read(root: &Path) -> Result<Self, Unreadable> {
        let mut tree = Self::default();
        let mut folders = vec![(root.to_owned(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            tree.read_folder(&folder, &prefix, &mut folders)
                .map_err(|source| Unreadable {
                    path: folder.clone(),
                    source,
                })?;
        }
        Ok(tree)
    }

    fn read_folder(
        &mut self,
        folder: &Path,
        prefix: &str,
        folders: &mut Vec<(PathBuf, String)>,
    ) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let file_name = entry.file_name();
            let Some(name) = file_name.to_str().filter(|name| !SKIPPED.contains(name)) else {
                continue;
            };
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), format!("{path}/")));
            } else if kind.is_file()
                && entry.metadata()?.len() <= TEXT_BYTES_MAX
                && let Ok(text) = String::from_utf8(fs::read(entry.path())?)
            {
                self.texts.insert(path.clone(), text);
            }
            self.paths.insert(path);
        }
        Ok(())
    }

    /// The text files whose path ends in one of `endings`, by path.
    pub(crate) fn texts<'tree>(
        &'tree self,
        endings: &'tree [&str],
    ) -> impl Iterator<Item = (&'tree str, &'tree str)> {
        self.texts
            .iter()
            .filter(|(path, _)| endings.iter().any(|ending| path.ends_with(ending)))
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The text of one file.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// True when there is a file or a folder at `path`.
    pub(crate) fn has(&self, path: &str) -> bool {
        path.is_empty() || self.paths.contains(path)
    }
}

/// A small tree for a test.
#[cfg(test)]
impl<const N: usize> From<[(&str, &str); N]> for Tree {
    fn from(files: [(&str, &str); N]) -> Self {
        let mut tree = Self::default();
        for (path, text) in files {
            for (end, _) in path.match_indices('/') {
                tree.paths.insert(path[..end].to_owned());
            }
            tree.paths.insert(path.to_owned());
            tree.texts.insert(path.to_owned(), text.to_owned());
        }
        tree
    }
}
