//! JSON Schema, as far as requests and structured output need it.
//!
//! Of draft 2020-12: `type`, `enum`, `const`, `properties`, `required`,
//! `additionalProperties`, `patternProperties`, `propertyNames`, `minProperties`,
//! `maxProperties`, `items`, `prefixItems`, `contains`, `minItems`, `maxItems`,
//! `uniqueItems`, `minimum`, `maximum`, `exclusiveMinimum`, `exclusiveMaximum`,
//! `multipleOf`, `minLength`, `maxLength`, `pattern`, `allOf`, `anyOf`, `oneOf`, `not`,
//! `if`/`then`/`else`, and `$ref` within the schema. Annotations (`title`, `format` …) say
//! nothing. Any other word is refused, so that nothing that is written goes unchecked.
//! Bounds: [`NODES_MAX`] schemas in one, [`DEPTH_MAX`] of them within each other, and
//! [`STEPS_MAX`] steps for one value; a value that needs more is not valid.

mod compile;
mod number;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use regex_automata::meta::Regex;
use serde_json::{Map, Value};
use smallvec::SmallVec;

pub use compile::SchemaError;
use number::Limit;

/// The most schemas within one.
pub(crate) const NODES_MAX: usize = 10_000;

/// How deep schemas are followed.
pub(crate) const DEPTH_MAX: usize = 100;

/// How many steps one value may take: schemas that are asked, members that are looked
/// at, values that are compared.
pub(crate) const STEPS_MAX: usize = 1_000_000;

/// How many bytes of text are read in one step.
const STEP_BYTES: usize = 64;

/// A schema, compiled.
#[derive(Clone, Debug)]
pub struct Schema {
    /// The first is the whole.
    nodes: Vec<Node>,
}

/// The place of a schema within the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NodeId(usize);

/// One schema.
#[derive(Clone, Debug)]
enum Node {
    /// `true` or `false`.
    Always(bool),
    /// What must hold, all of it.
    All(Vec<Rule>),
}

#[derive(Clone, Debug)]
enum Rule {
    Types(Types),
    OneOfThese(Vec<Value>),
    Properties(Box<Properties>),
    PropertyNames(NodeId),
    Required(Vec<String>),
    PropertyCount(usize, usize),
    Items {
        first: Vec<NodeId>,
        rest: Option<NodeId>,
    },
    Contains(NodeId),
    ItemCount(usize, usize),
    UniqueItems,
    Number(Limit),
    Length(usize, usize),
    Pattern(Regex),
    AllOf(Vec<NodeId>),
    AnyOf(Vec<NodeId>),
    OneOf(Vec<NodeId>),
    Not(NodeId),
    If {
        test: NodeId,
        then: Option<NodeId>,
        otherwise: Option<NodeId>,
    },
    Reference(NodeId),
}

#[derive(Clone, Debug, Default)]
struct Properties {
    named: BTreeMap<String, NodeId>,
    patterns: Vec<(Regex, NodeId)>,
    others: Option<NodeId>,
}

/// Kinds of values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Types {
    null: bool,
    boolean: bool,
    object: bool,
    array: bool,
    string: bool,
    number: bool,
    integer: bool,
}

impl Types {
    fn contains(self, value: &Value) -> bool {
        match value {
            Value::Null => self.null,
            Value::Bool(_) => self.boolean,
            Value::Object(_) => self.object,
            Value::Array(_) => self.array,
            Value::String(_) => self.string,
            Value::Number(value) => self.number || self.integer && number::is_integer(value),
        }
    }
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    /// See [`SchemaError`].
    pub fn new(schema: &Value) -> Result<Self, SchemaError> {
        compile::compile(schema).map(|nodes| Self { nodes })
    }

    /// Whether a value is what the schema asks for.
    #[must_use]
    pub fn is_valid(&self, value: &Value) -> bool {
        let mut judge = Judge {
            nodes: &self.nodes,
            steps: Steps(STEPS_MAX),
        };
        judge.node(NodeId(0), value, DEPTH_MAX) == Some(true)
    }
}

/// Judges one value. `None` of a judgement is that it takes too long.
struct Judge<'s> {
    nodes: &'s [Node],
    steps: Steps,
}

/// The steps that are left.
struct Steps(usize);

impl Steps {
    /// Takes so many of them; `None` when there are not as many left.
    fn take(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.checked_sub(count)?;
        Some(())
    }

    /// Takes those of reading a text, one at least.
    fn read(&mut self, text: &str) -> Option<()> {
        self.take(1 + text.len() / STEP_BYTES)
    }
}

impl Judge<'_> {
    fn node(&mut self, id: NodeId, value: &Value, depth: usize) -> Option<bool> {
        self.steps.take(1)?;
        let depth = depth.checked_sub(1)?;
        match self.nodes.get(id.0)? {
            Node::Always(answer) => Some(*answer),
            Node::All(rules) => {
                for rule in rules {
                    if !self.rule(rule, value, depth)? {
                        return Some(false);
                    }
                }
                Some(true)
            }
        }
    }

    fn rule(&mut self, rule: &Rule, value: &Value, depth: usize) -> Option<bool> {
        let within = |count: usize, least: usize, most: usize| (least..=most).contains(&count);
        Some(match (rule, value) {
            (Rule::Types(types), _) => types.contains(value),
            (Rule::OneOfThese(values), _) => self.is_one_of(value, values)?,
            (Rule::Properties(rule), Value::Object(fields)) => {
                self.properties(rule, fields, depth)?
            }
            (Rule::PropertyNames(id), Value::Object(fields)) => {
                let names = fields.keys().map(|name| Value::String(name.clone()));
                self.every(names.collect::<Vec<_>>().iter(), *id, depth)?
            }
            (Rule::Required(names), Value::Object(fields)) => {
                names.iter().all(|name| fields.contains_key(name))
            }
            (Rule::PropertyCount(least, most), Value::Object(fields)) => {
                within(fields.len(), *least, *most)
            }
            (Rule::Items { first, rest }, Value::Array(items)) => {
                self.items(first, *rest, items, depth)?
            }
            (Rule::Contains(id), Value::Array(items)) => {
                self.count(items.iter().map(|item| (*id, item)), depth, 1)? > 0
            }
            (Rule::ItemCount(least, most), Value::Array(items)) => {
                within(items.len(), *least, *most)
            }
            (Rule::UniqueItems, Value::Array(items)) => self.unique(items)?,
            (Rule::Number(limit), Value::Number(value)) => limit.holds(value),
            (Rule::Length(least, most), Value::String(text)) => {
                self.steps.read(text)?;
                within(text.chars().count(), *least, *most)
            }
            (Rule::Pattern(pattern), Value::String(text)) => {
                self.steps.read(text)?;
                pattern.is_match(text)
            }
            (Rule::AllOf(ids), _) => {
                self.count(ids.iter().map(|id| (*id, value)), depth, usize::MAX)? == ids.len()
            }
            (Rule::AnyOf(ids), _) => self.count(ids.iter().map(|id| (*id, value)), depth, 1)? == 1,
            (Rule::OneOf(ids), _) => self.count(ids.iter().map(|id| (*id, value)), depth, 2)? == 1,
            (Rule::Not(id), _) => !self.node(*id, value, depth)?,
            (
                Rule::If {
                    test,
                    then,
                    otherwise,
                },
                _,
            ) => {
                let branch = if self.node(*test, value, depth)? {
                    then
                } else {
                    otherwise
                };
                branch.map_or(Some(true), |id| self.node(id, value, depth))?
            }
            (Rule::Reference(id), _) => self.node(*id, value, depth)?,
            // A rule over values of another kind says nothing.
            _ => true,
        })
    }

    /// How many of these hold, up to `enough`.
    fn count<'v>(
        &mut self,
        cases: impl Iterator<Item = (NodeId, &'v Value)>,
        depth: usize,
        enough: usize,
    ) -> Option<usize> {
        let mut count = 0;
        for (id, value) in cases {
            count += usize::from(self.node(id, value, depth)?);
            if count == enough {
                break;
            }
        }
        Some(count)
    }

    fn every<'v>(
        &mut self,
        values: impl Iterator<Item = &'v Value>,
        id: NodeId,
        depth: usize,
    ) -> Option<bool> {
        for value in values {
            if !self.node(id, value, depth)? {
                return Some(false);
            }
        }
        Some(true)
    }

    fn properties(
        &mut self,
        rule: &Properties,
        fields: &Map<String, Value>,
        depth: usize,
    ) -> Option<bool> {
        for (name, value) in fields {
            self.steps.take(1)?;
            for id in self.asked(rule, name)? {
                if !self.node(id, value, depth)? {
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    /// The schemas that a member of this name must obey.
    fn asked(&mut self, rule: &Properties, name: &str) -> Option<SmallVec<[NodeId; 2]>> {
        let mut ids: SmallVec<[NodeId; 2]> = rule.named.get(name).copied().into_iter().collect();
        for (pattern, id) in &rule.patterns {
            self.steps.read(name)?;
            if pattern.is_match(name) {
                ids.push(*id);
            }
        }
        if ids.is_empty() {
            ids.extend(rule.others);
        }
        Some(ids)
    }

    fn items(
        &mut self,
        first: &[NodeId],
        rest: Option<NodeId>,
        items: &[Value],
        depth: usize,
    ) -> Option<bool> {
        for (id, item) in first.iter().zip(items) {
            if !self.node(*id, item, depth)? {
                return Some(false);
            }
        }
        let others = items.iter().skip(first.len());
        rest.map_or(Some(true), |id| self.every(others, id, depth))
    }

    /// Whether the value is equal to one of these.
    fn is_one_of(&mut self, value: &Value, values: &[Value]) -> Option<bool> {
        for other in values {
            if number::equal(value, other, &mut self.steps)? {
                return Some(true);
            }
        }
        Some(false)
    }

    fn unique(&mut self, items: &[Value]) -> Option<bool> {
        for (index, item) in items.iter().enumerate() {
            if self.is_one_of(item, items.get(..index).unwrap_or_default())? {
                return Some(false);
            }
        }
        Some(true)
    }
}
