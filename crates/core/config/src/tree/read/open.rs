//! Lists and maps that are not closed yet, while a file is read.

use std::collections::BTreeMap;

use crate::tree::{Entry, Node, child, item};
use crate::valid::Origin;

/// A list or map that is not closed yet.
pub(super) struct Open {
    pub(super) origin: Origin,
    pub(super) anchor: usize,
    /// The size before it began.
    pub(super) before: Size,
    pub(super) inside: Inside,
}

pub(super) enum Inside {
    List(Vec<Node>),
    Map {
        entries: Vec<Entry>,
        keys: BTreeMap<String, Origin>,
        /// The key whose value comes next.
        key: Option<(String, Origin)>,
    },
}

impl Inside {
    const fn is_empty(&self) -> bool {
        match self {
            Self::List(items) => items.is_empty(),
            Self::Map { entries, .. } => entries.is_empty(),
        }
    }
}

/// How much of the limits a value takes.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) values: usize,
    pub(super) text_bytes: usize,
}

/// The path of the value that comes next.
pub(super) fn path(open: &[Open]) -> String {
    let mut path = String::new();
    for open in open {
        match &open.inside {
            Inside::List(items) => path = item(&path, items.len()),
            Inside::Map { key, .. } => {
                if let Some((key, _)) = key {
                    path = child(&path, key);
                }
            }
        }
    }
    path
}

/// Drops what may be half of what was meant where reading stops: the value before that
/// place, and a list or map that only begins there.
pub(super) fn cut(open: &mut Vec<Open>) {
    match open.last_mut().map(|open| &mut open.inside) {
        Some(Inside::List(items)) => drop(items.pop()),
        Some(Inside::Map { key: Some(_), .. }) => drop_key(open),
        Some(Inside::Map { entries, .. }) => drop(entries.pop()),
        None => {}
    }
    while open.last().is_some_and(|open| open.inside.is_empty()) {
        open.pop();
        drop_key(open);
    }
}

fn drop_key(open: &mut [Open]) {
    if let Some(Inside::Map { key, .. }) = open.last_mut().map(|open| &mut open.inside) {
        *key = None;
    }
}
