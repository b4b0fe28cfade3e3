//! Finds the files of tests.

use std::fs;
use std::path::{Path, PathBuf};

use tollgate_config::FILES_MAX;

/// How deep a folder is searched.
const DEPTH_MAX: usize = 16;

/// The files that were named, and those named `*.test.yaml` in folders that were named;
/// each once.
///
/// # Errors
/// What cannot be read, or holds no tests.
pub(super) fn find(named: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut found = Vec::new();
    for path in named {
        let kind = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
        if !kind.is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        search(path, DEPTH_MAX, &mut found)?;
        if found.len() == before {
            return Err(format!("{}: there is no `*.test.yaml`", path.display()));
        }
    }
    let mut seen = Vec::with_capacity(found.len());
    found.retain(|path| {
        let is_new = !seen.contains(path);
        seen.push(path.clone());
        is_new
    });
    Ok(found)
}

/// Entries that begin with a dot are skipped, as in folders of layers.
fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let listing = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let visible = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| !name.starts_with('.'))
    };
    let entries = listing.filter_map(|entry| entry.ok().map(|entry| entry.path()));
    let mut entries: Vec<PathBuf> = entries.filter(visible).collect();
    entries.sort();
    for entry in entries {
        if entry.is_dir() {
            if let Some(depth) = depth.checked_sub(1) {
                search(&entry, depth, found)?;
            }
        } else if is_test(&entry) {
            if found.len() >= FILES_MAX {
                return Err(format!("more than {FILES_MAX} files of tests"));
            }
            found.push(entry);
        }
    }
    Ok(())
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    name.is_some_and(|name| name.ends_with(".test.yaml") || name.ends_with(".test.yml"))
}

fn unreadable(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
