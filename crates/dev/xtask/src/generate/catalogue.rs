//! The table of models, from `crates/core/catalogue/data`.
//!
//! One file for each kind of provider. What a file says twice, wrongly or without a source
//! is an error that names the file and the model.

mod read;
mod write;

use std::fs;
use std::path::Path;

use super::{Failed, Generated};
use read::File;

const DATA: &str = "crates/core/catalogue/data";

/// The files of the table.
pub(super) fn table(root: &Path) -> Result<Vec<Generated>, Failed> {
    let folder = root.join(DATA);
    let failed = |source| Failed::File(folder.clone(), source);
    let mut paths = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            paths.push(path);
        }
    }
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let text =
            fs::read_to_string(&path).map_err(|source| Failed::File(path.clone(), source))?;
        let file = File::read(&text).map_err(|reason| Failed::Data { path, reason })?;
        files.push(file);
    }
    write::table(&mut files).map_err(|reason| Failed::Data {
        path: folder,
        reason,
    })
}
