//! A configuration as a tree of values that know where they were written.
//!
//! The tree is what layers are merged in: a value keeps its origin through the
//! merge, so that every later message and `explain` can name the line that set it.

use std::fmt::Write as _;

use serde_json::Number;

use crate::problem::mask_words;
use crate::valid::Origin;

mod merge;
mod read;

pub(crate) use merge::{IDENTITY, merge};
pub(crate) use read::{Read, read, read_documents};

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) origin: Origin,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Written without a value; the same as not written.
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A field of a map.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Where the key stands.
    pub(crate) origin: Origin,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn empty_map(origin: Origin) -> Self {
        Self {
            origin,
            value: Value::Map(Vec::new()),
        }
    }

    /// A field of a map, if it has a value.
    pub(crate) fn field(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|entry| &entry.node)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let found = self.entries().iter().find(|entry| entry.key == key)?;
        (found.node.value != Value::Null).then_some(found)
    }

    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value at a path such as `models[2].targets[0].when`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        let (node, rest) = self.walk(path);
        rest.is_empty().then_some(node)
    }

    /// The origin of the value at a path, or of the closest value around it.
    pub(crate) fn origin_near(&self, path: &str) -> Origin {
        self.walk(path).0.origin.clone()
    }

    /// Follows a path as far as it exists; gives what is left of it.
    fn walk<'p>(&self, path: &'p str) -> (&Self, &'p str) {
        let mut node = self;
        let mut rest = path;
        while !rest.is_empty() {
            let (step, after) = next_step(rest);
            let found = match step {
                Step::Key(key) => node.field(key),
                Step::Index(index) => node.items().get(index),
            };
            let Some(found) = found else { break };
            node = found;
            rest = after;
        }
        (node, rest)
    }

    /// The JSON form, without values that are not there.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match &self.value {
            Value::Null => Json::Null,
            Value::Bool(value) => Json::Bool(*value),
            Value::Number(value) => Json::Number(value.clone()),
            Value::Text(value) => Json::String(value.clone()),
            Value::List(items) => Json::Array(items.iter().map(Self::to_json).collect()),
            Value::Map(entries) => Json::Object(
                entries
                    .iter()
                    .filter(|entry| entry.node.value != Value::Null)
                    .map(|entry| (entry.key.clone(), entry.node.to_json()))
                    .collect(),
            ),
        }
    }
}

impl Value {
    /// What it is, for `expected a list, found ...`.
    pub(crate) const fn describe(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::Text(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

fn next_step(path: &str) -> (Step<'_>, &str) {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some(inside) = path.strip_prefix('[')
        && let Some((index, rest)) = inside.split_once(']')
        && let Ok(index) = index.parse()
    {
        return (Step::Index(index), rest);
    }
    if let Some(inside) = path.strip_prefix("[\"")
        && let Some((key, rest)) = inside.split_once("\"]")
    {
        return (Step::Key(key), rest);
    }
    let end = path
        .char_indices()
        .find(|&(at, c)| c == '.' || (c == '[' && at > 0))
        .map_or(path.len(), |(at, _)| at);
    let (key, rest) = path.split_at(end);
    (Step::Key(key), rest)
}

/// A path with one more key; a key that is no plain word is quoted, one that
/// looks like a credential is masked.
pub(crate) fn child(path: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && mask_words(key) == key
        && key
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let mut out = path.to_owned();
    if !plain {
        let _ = write!(out, "[\"{}\"]", mask_words(key));
    } else if path.is_empty() {
        out.push_str(key);
    } else {
        let _ = write!(out, ".{key}");
    }
    out
}

/// A path with one more index.
pub(crate) fn item(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

#[cfg(test)]
mod tests;
