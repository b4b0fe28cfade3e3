//! Files that a configuration names and that are read with it: lists that are too long
//! to be written in it.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Source;
use super::reader::read_bounded;
use crate::tree::{self, Node};

/// Fields whose values are such files. No secret is among them: they are kept with the
/// last good configuration.
const FIELDS: [&str; 2] = ["words_file", "hashes_file"];

/// Largest such file in bytes.
pub const ATTACHED_BYTES_MAX: usize = 16 << 20;
/// All such files together in bytes.
const TOTAL_BYTES_MAX: usize = 64 << 20;

/// The files, by the paths that are written, or why they cannot be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Attached(BTreeMap<String, Result<String, String>>);

impl Attached {
    /// Reads what the files name. Relative paths start at the folder.
    pub(super) fn read(sources: &[Source], folder: &Path) -> Self {
        let mut attached = Self::default();
        let names_one = |source: &&Source| FIELDS.iter().any(|field| source.text.contains(field));
        let mut left = TOTAL_BYTES_MAX;
        for source in sources.iter().filter(names_one) {
            let mut paths = Vec::new();
            collect(&tree::read(source).node, &mut paths);
            for path in paths {
                if attached.0.contains_key(&path) {
                    continue;
                }
                let read = read(&folder.join(&path), left);
                left = left.saturating_sub(read.as_ref().map_or(0, String::len));
                attached.0.insert(path, read);
            }
        }
        attached
    }

    /// The text of a file, or why there is none.
    pub(crate) fn text(&self, path: &str) -> Result<&str, &str> {
        match self.0.get(path) {
            Some(Ok(text)) => Ok(text),
            Some(Err(reason)) => Err(reason),
            None => Err("this file was not read"),
        }
    }

    /// Names and texts, for the revision.
    pub(super) fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, read)| {
            let (Ok(text) | Err(text)) = read;
            (path.as_str(), text.as_str())
        })
    }
}

fn read(path: &Path, bytes_max: usize) -> Result<String, String> {
    let limit = ATTACHED_BYTES_MAX.min(bytes_max);
    let bytes = read_bounded(path, limit).map_err(|error| format!("cannot read: {error}"))?;
    if bytes.len() > limit {
        return Err(format!("larger than {limit} bytes"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        format!("not UTF-8 text: byte {at} does not belong there")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The values of the fields, at any depth.
fn collect(node: &Node, paths: &mut Vec<String>) {
    for entry in node.entries() {
        match entry.node.text() {
            Some(path) if FIELDS.contains(&entry.key.as_str()) => paths.push(path.to_owned()),
            _ => collect(&entry.node, paths),
        }
    }
    node.items().iter().for_each(|item| collect(item, paths));
}
