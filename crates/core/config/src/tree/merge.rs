//! One layer over another.
//!
//! Maps merge by key. Lists of maps merge by what identifies an item: its
//! `name`, else its `id`, else its `type`, else its `provider/model`; known
//! items change in place, new ones follow, `remove: true` takes one away. All
//! other values replace. A field written without a value changes nothing, so
//! that a section with all its lines commented out is harmless.

use std::collections::BTreeMap;

use super::{Entry, Node, Value, child, item};
use crate::problem::{Problem, quote};
use crate::suggest::known_or_similar;
use crate::valid::Origin;

/// Fields that identify an item, and so may stand beside `remove: true`.
pub(crate) const IDENTITY: [&str; 6] = ["name", "id", "type", "provider", "model", "remove"];

/// `over` over `base`; what cannot be merged is reported. A base that `is_partial` may
/// have had what is to be removed.
pub(crate) fn merge(base: Node, over: Node, is_partial: bool, problems: &mut Vec<Problem>) -> Node {
    let mut merger = Merger {
        problems,
        is_partial,
    };
    merger.node(Some(base), over, &Place::default())
}

struct Merger<'p> {
    problems: &'p mut Vec<Problem>,
    is_partial: bool,
}

#[derive(Default)]
struct Place {
    path: String,
    /// The `name` of the item around, which is a target's default model.
    owner: Option<String>,
}

impl Merger<'_> {
    fn node(&mut self, base: Option<Node>, over: Node, place: &Place) -> Node {
        match over.value {
            Value::Null => base.unwrap_or(over),
            Value::Map(fields) => {
                let (origin, mut entries) = match base {
                    Some(Node {
                        origin,
                        value: Value::Map(entries),
                    }) => (origin, entries),
                    _ => (over.origin, Vec::new()),
                };
                self.fields(&mut entries, fields, place);
                Node {
                    origin,
                    value: Value::Map(entries),
                }
            }
            Value::List(items) => {
                let inherited = match base {
                    Some(Node {
                        origin,
                        value: Value::List(inherited),
                    }) if by_name(&inherited, &items) => Some((origin, inherited)),
                    _ => None,
                };
                let (origin, inherited) = inherited.unwrap_or((over.origin, Vec::new()));
                let value = Value::List(self.items(inherited, items, place));
                Node { origin, value }
            }
            value => Node {
                origin: over.origin,
                value,
            },
        }
    }

    fn fields(&mut self, entries: &mut Vec<Entry>, fields: Vec<Entry>, place: &Place) {
        let name = |entries: &[Entry]| {
            let entry = entries.iter().find(|entry| entry.key == "name");
            entry.and_then(|entry| entry.node.text().map(str::to_owned))
        };
        let owner = name(&fields).or_else(|| name(entries));
        for field in fields {
            let place = Place {
                path: child(&place.path, &field.key),
                owner: owner.clone(),
            };
            match entries.iter_mut().find(|entry| entry.key == field.key) {
                Some(entry) => {
                    let written = field.node.value != Value::Null;
                    let base =
                        std::mem::replace(&mut entry.node, Node::empty_map(field.origin.clone()));
                    entry.node = self.node(Some(base), field.node, &place);
                    if written && entry.node.origin.layer == field.origin.layer {
                        entry.origin = field.origin;
                    }
                }
                None => {
                    let node = self.node(None, field.node, &place);
                    entries.push(Entry { node, ..field });
                }
            }
        }
    }

    fn items(&mut self, inherited: Vec<Node>, over: Vec<Node>, place: &Place) -> Vec<Node> {
        let owner = place.owner.as_deref();
        let mut positions: BTreeMap<String, usize> = BTreeMap::new();
        let mut merged: Vec<Option<Node>> = Vec::with_capacity(inherited.len());
        for node in inherited {
            if let Some(identity) = identity(&node, owner) {
                positions.insert(identity, merged.len());
            }
            merged.push(Some(node));
        }
        let mut seen: BTreeMap<String, Origin> = BTreeMap::new();
        for (index, node) in over.into_iter().enumerate() {
            let here = Place {
                path: item(&place.path, index),
                owner: None,
            };
            let Some(identity) = identity(&node, owner) else {
                let node = self.node(None, node, &here);
                merged.push(Some(node));
                continue;
            };
            if let Some(first) = seen.get(&identity) {
                self.duplicate(&identity, first, &node, &here.path);
                continue;
            }
            seen.insert(identity.clone(), node.origin.clone());
            let position = positions.get(&identity).copied();
            if is_removal(&node) {
                self.check_removal(&node, &here.path);
                match position.and_then(|at| merged.get_mut(at)) {
                    Some(slot) => *slot = None,
                    None => self.nothing_to_remove(&identity, &positions, &node, &here.path),
                }
            } else if let Some(slot) = position.and_then(|at| merged.get_mut(at)) {
                let base = slot.take();
                *slot = Some(self.node(base, node, &here));
            } else {
                let node = self.node(None, node, &here);
                merged.push(Some(node));
            }
        }
        merged.into_iter().flatten().collect()
    }

    fn duplicate(&mut self, identity: &str, first: &Origin, second: &Node, path: &str) {
        let name = quote(identity);
        let line = first.line;
        let message = format!("{name} is listed twice; first at line {line}");
        let problem = Problem::error(second.origin.clone(), path, message)
            .with_help("remove one of them, or give it a `name` of its own");
        self.problems.push(problem);
    }

    fn check_removal(&mut self, node: &Node, path: &str) {
        let other = node
            .entries()
            .iter()
            .find(|entry| !IDENTITY.contains(&entry.key.as_str()));
        let Some(entry) = other else { return };
        let name = quote(&entry.key);
        let message = format!("an item that is removed cannot set {name}");
        let problem = Problem::error(entry.origin.clone(), child(path, &entry.key), message)
            .with_help("remove this line, or the `remove: true`");
        self.problems.push(problem);
    }

    fn nothing_to_remove(
        &mut self,
        identity: &str,
        known: &BTreeMap<String, usize>,
        node: &Node,
        path: &str,
    ) {
        if self.is_partial {
            return;
        }
        let name = quote(identity);
        let message = format!("nothing to remove: there is no inherited {name}");
        let mut problem = Problem::error(node.origin.clone(), path, message);
        let known = known.keys().map(String::as_str);
        problem.help = known_or_similar(identity, known, "inherited", self.problems.len())
            .or_else(|| Some("nothing is inherited here: leave this item out".to_owned()));
        self.problems.push(problem);
    }
}

/// Whether the list merges by name instead of replacing.
fn by_name(base: &[Node], over: &[Node]) -> bool {
    let has_map = |nodes: &[Node]| nodes.iter().any(|n| matches!(n.value, Value::Map(_)));
    if over.is_empty() {
        has_map(base)
    } else {
        has_map(over)
    }
}

fn is_removal(node: &Node) -> bool {
    let remove = node.field("remove").map(|node| &node.value);
    matches!(remove, Some(Value::Bool(true)))
}

/// What an item is known by among its neighbours.
pub(crate) fn identity(node: &Node, owner: Option<&str>) -> Option<String> {
    let text = |key| node.field(key).and_then(Node::text);
    if let Some(name) = text("name").or_else(|| text("id")).or_else(|| text("type")) {
        return Some(name.to_owned());
    }
    let provider = text("provider")?;
    match text("model").or(owner) {
        Some(model) => Some(format!("{provider}/{model}")),
        None => Some(provider.to_owned()),
    }
}
