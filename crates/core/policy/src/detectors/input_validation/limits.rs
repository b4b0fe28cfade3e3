//! What a request as a whole may be: its size, its turns, its model, tools and parameters.
//!
//! The turns and the tools are those that the view of the format found; the body is walked
//! once more only where parameters are limited. What cannot be read is found: nothing that
//! was not checked passes.

use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::Value;
use tollgate_formats::snake_case;
use tollgate_formats::view::{Field, TextSpan};
use tollgate_wire::json::{self, Kind, Reader, decode};

use super::schema::Schema;
use crate::check::{Check, CheckFinding, MessageFacts};
use crate::detector::{Entity, Score};

#[cfg(test)]
mod tests;
mod tools;

/// What a request may be at most. `None` and empty lists limit nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RequestLimits {
    /// Bytes of the body.
    pub body_bytes_max: Option<u64>,
    /// Messages of the conversation.
    pub turns_max: Option<u64>,
    /// Characters of one text.
    pub text_chars_max: Option<u64>,
    /// Characters of all texts.
    pub all_chars_max: Option<u64>,
    /// Which models may be asked for.
    pub models: Names,
    /// Which tools may be offered or called.
    pub tools: Names,
    /// Which members the body may have, `messages` and all. Camel case and snake case are
    /// one: some formats take either.
    pub parameters: Names,
    /// Between what the numbers of members may be, by their names; a dot leads into a
    /// member: `thinking.budget_tokens`.
    pub ranges: Vec<(Arc<str>, RangeInclusive<f64>)>,
    /// What the whole body must be.
    pub schema: Option<Value>,
}

/// Names that are allowed, all when none is listed, but for those that are denied. `*` at
/// the end of a name stands for anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The only ones that are allowed.
    pub allow: Vec<Arc<str>>,
    /// Those that are not.
    pub deny: Vec<Arc<str>>,
}

impl Names {
    fn is_everything(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    fn contains(&self, name: &str) -> bool {
        self.contains_by_any(&[name])
    }

    /// Whether what goes by several names is allowed: by one of them, and denied by none.
    fn contains_by_any(&self, names: &[impl AsRef<str>]) -> bool {
        let is_allowed = |name: &str| self.allow.iter().any(|known| matches(known, name));
        (self.allow.is_empty() || names.iter().any(|name| is_allowed(name.as_ref())))
            && !names.iter().any(|name| self.denies(name.as_ref()))
    }

    /// With names of members as [`snake_case`] has them.
    fn of_members(&self) -> Self {
        let folded = |names: &[Arc<str>]| {
            let names = names.iter().map(|name| snake_case(name).into());
            names.collect()
        };
        Self {
            allow: folded(&self.allow),
            deny: folded(&self.deny),
        }
    }

    fn denies(&self, name: &str) -> bool {
        self.deny.iter().any(|known| matches(known, name))
    }

    /// As [`Names::contains`], for a model: one that is denied is so at any provider.
    fn contains_model(&self, name: &str) -> bool {
        let behind = name.split_once('/').map(|(_provider, name)| name);
        self.contains(name) && !behind.is_some_and(|name| self.denies(name))
    }
}

/// Whether a name fits a pattern: the same, or what stands before a `*` at its end.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => pattern == name,
    }
}

/// What is wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    BodySize,
    Turns,
    TextLength,
    TotalLength,
    Model,
    Tool,
    Parameter,
    Schema,
}

impl Wrong {
    const ALL: [Self; 8] = [
        Self::BodySize,
        Self::Turns,
        Self::TextLength,
        Self::TotalLength,
        Self::Model,
        Self::Tool,
        Self::Parameter,
        Self::Schema,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::BodySize => "oversized_body",
            Self::Turns => "too_many_turns",
            Self::TextLength => "oversized_text",
            Self::TotalLength => "oversized_texts",
            Self::Model => "denied_model",
            Self::Tool => "denied_tool",
            Self::Parameter => "denied_parameter",
            Self::Schema => "invalid_request",
        }
    }
}

/// Checks the limits.
#[derive(Debug)]
pub(super) struct LimitCheck {
    limits: RequestLimits,
    schema: Option<Schema>,
    entities: Vec<Entity>,
}

impl LimitCheck {
    /// `schema` is that of the limits, compiled.
    pub(super) fn new(limits: &RequestLimits, schema: Option<Schema>) -> Self {
        let ranges = limits.ranges.iter();
        let ranges = ranges.map(|(name, range)| (snake_case(name).into(), range.clone()));
        Self {
            limits: RequestLimits {
                parameters: limits.parameters.of_members(),
                ranges: ranges.collect(),
                ..limits.clone()
            },
            schema,
            entities: Wrong::ALL.map(|wrong| Entity::new(wrong.name())).into(),
        }
    }

    /// The lengths of texts that are too long.
    fn lengths(&self, facts: &MessageFacts<'_>, wrong: &mut Vec<Wrong>) {
        let RequestLimits {
            text_chars_max,
            all_chars_max,
            ..
        } = self.limits;
        if text_chars_max.is_none() && all_chars_max.is_none() {
            return;
        }
        let mut all = 0_u64;
        for text in facts.texts {
            let length = characters(facts.body, text);
            all = all.saturating_add(length);
            if text_chars_max.is_some_and(|most| length > most) {
                wrong.push(Wrong::TextLength);
            }
        }
        if all_chars_max.is_some_and(|most| all > most) {
            wrong.push(Wrong::TotalLength);
        }
    }

    /// The tools that are offered, and those that the conversation has called.
    fn tools(&self, facts: &MessageFacts<'_>, wrong: &mut Vec<Wrong>) {
        let tools = &self.limits.tools;
        if tools.is_everything() {
            return;
        }
        if !tools::are_within(tools, facts.offers, facts.body) {
            wrong.push(Wrong::Tool);
        }
        let mut lent = None;
        let mut names = facts
            .texts
            .iter()
            .filter(|text| text.field == Field::ToolName);
        let all_allowed = names.all(|text| {
            let raw = text.text.span.of(facts.body);
            decode(raw, text.text.escaped).is_ok_and(|name| {
                tools.contains(&name)
                    || lent
                        .get_or_insert_with(|| tools::lent_names(tools, facts.offers, facts.body))
                        .contains(&*name)
            })
        });
        if !all_allowed {
            wrong.push(Wrong::Tool);
        }
    }

    fn needs_members(&self) -> bool {
        !self.limits.parameters.is_everything() || !self.limits.ranges.is_empty()
    }

    fn members(&self, body: &[u8], wrong: &mut Vec<Wrong>) -> Result<(), json::Error> {
        let mut reader = Reader::new(body)?;
        self.object(&mut reader, "", wrong)?;
        reader.finish()
    }

    fn object(
        &self,
        reader: &mut Reader<'_>,
        path: &str,
        wrong: &mut Vec<Wrong>,
    ) -> Result<(), json::Error> {
        let limits = &self.limits;
        reader.object(|reader, key| {
            let top = path.is_empty();
            let name = snake_case(&key);
            if top && !limits.parameters.contains(&name) {
                wrong.push(Wrong::Parameter);
            }
            let kind = reader.kind()?;
            let path = if top {
                name.into_owned()
            } else {
                format!("{path}.{name}")
            };
            self.value(reader, kind, &path, wrong)
        })?;
        Ok(())
    }

    /// Reads a member that may be a number with a range, or lead to one.
    fn value(
        &self,
        reader: &mut Reader<'_>,
        kind: Kind,
        path: &str,
        wrong: &mut Vec<Wrong>,
    ) -> Result<(), json::Error> {
        let below = |name: &str| {
            name.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('.'))
        };
        let leads = self.limits.ranges.iter().any(|(name, _)| below(name));
        match kind {
            Kind::Object if leads => return self.object(reader, path, wrong),
            Kind::Null => return Ok(()),
            // What else stands there may be understood in a way that is not followed here.
            _ if leads => {
                wrong.push(Wrong::Parameter);
                return Ok(());
            }
            _ => {}
        }
        let range = self.limits.ranges.iter().find(|(name, _)| **name == *path);
        if let (Some((_, range)), Kind::Number) = (range, kind) {
            let span = reader.number()?;
            let digits = std::str::from_utf8(span.of(reader.bytes())).unwrap_or_default();
            if !digits
                .parse()
                .is_ok_and(|number: f64| range.contains(&number))
            {
                wrong.push(Wrong::Parameter);
            }
        } else if range.is_some() {
            wrong.push(Wrong::Parameter);
        }
        Ok(())
    }
}

/// How many characters a text has; `u64::MAX` when it cannot be read.
fn characters(body: &[u8], text: &TextSpan) -> u64 {
    let raw = text.text.span.of(body);
    let count = |text: &[u8]| text.iter().filter(|byte| **byte & 0xc0 != 0x80).count() as u64;
    if !text.text.escaped {
        return count(raw);
    }
    decode(raw, true).map_or(u64::MAX, |text| count(text.as_bytes()))
}

impl Check for LimitCheck {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn request(&self, facts: &MessageFacts<'_>, found: &mut Vec<CheckFinding>) {
        let mut wrong = Vec::new();
        let limits = &self.limits;
        if limits
            .body_bytes_max
            .is_some_and(|most| facts.body.len() as u64 > most)
        {
            wrong.push(Wrong::BodySize);
        }
        if !limits.models.is_everything()
            && !facts
                .model
                .is_some_and(|model| limits.models.contains_model(model))
        {
            wrong.push(Wrong::Model);
        }
        self.lengths(facts, &mut wrong);
        let turns = u64::from(facts.turns);
        if limits
            .turns_max
            .is_some_and(|most| turns > most || facts.turns == u32::MAX)
        {
            wrong.push(Wrong::Turns);
        }
        self.tools(facts, &mut wrong);
        if self.needs_members() && self.members(facts.body, &mut wrong).is_err() {
            wrong.push(Wrong::Parameter);
        }
        if let Some(schema) = &self.schema {
            let value = serde_json::from_slice(facts.body);
            if !value.is_ok_and(|value| schema.is_valid(&value)) {
                wrong.push(Wrong::Schema);
            }
        }
        let kinds = Wrong::ALL.iter().zip(0_u16..);
        let met = kinds.filter(|(kind, _)| wrong.contains(kind));
        found.extend(met.map(|(_, entity)| CheckFinding {
            entity,
            score: Score::CERTAIN,
        }));
    }
}
