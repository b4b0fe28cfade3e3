//! Finds the files of tests.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use tollgate_config::FILES_MAX;

/// How many folders deep is searched, the one that was named included.
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

/// Entries that begin with a dot are skipped, as in folders of layers, and so are links to
/// folders, which may lead back here.
fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), String> {
    let Some(deeper) = depth.checked_sub(1) else {
        let folder = folder.display();
        return Err(format!("{folder}: more than {DEPTH_MAX} folders deep"));
    };
    let listing = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let visible = |entry: &DirEntry| !entry.file_name().as_encoded_bytes().starts_with(b".");
    let mut entries: Vec<DirEntry> = listing.filter_map(Result::ok).filter(visible).collect();
    entries.sort_by_key(DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let kind = entry
            .file_type()
            .map_err(|error| unreadable(&path, &error))?;
        if kind.is_dir() {
            search(&path, deeper, found)?;
        } else if is_test(&path) && !path.is_dir() {
            if found.len() >= FILES_MAX {
                return Err(format!("more than {FILES_MAX} files of tests"));
            }
            found.push(path);
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
