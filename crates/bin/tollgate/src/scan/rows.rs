//! One line in, one line out.

use serde_json::{Map, Value, json};
use tollgate_formats::view::Field;
use tollgate_plan::Guard;
use tollgate_policy::{Outcome, Place, Tried, TriedFinding, Vault, try_on};

use super::lines::{Line, TooLong};
use crate::pieces::Pieces;

/// What rows are tried with.
pub(super) struct Trial {
    pub(super) guard: Guard,
    /// The keys of replacements.
    pub(super) vault: Vault,
    pub(super) pieces: Option<Pieces>,
}

impl Trial {
    /// Scans a line, and says whether it could be.
    pub(super) fn row(&self, line: &Line) -> (String, bool) {
        let fail = |id: &Value, why: String| {
            let error = format!("line {}: {why}", line.number);
            (json!({"id": id, "error": error}).to_string(), false)
        };
        let bytes = match &line.bytes {
            Ok(bytes) => bytes,
            Err(TooLong(most)) => return fail(&Value::Null, format!("longer than {most} bytes")),
        };
        let row: Value = match serde_json::from_slice(bytes) {
            Ok(row) => row,
            Err(error) => return fail(&Value::Null, format!("not JSON: {error}")),
        };
        let id = row.get("id").unwrap_or(&Value::Null);
        match self.tried(&row, line.number) {
            Ok((text, tried)) => (answer(id, text, &tried).to_string(), true),
            Err(why) => fail(id, why.to_owned()),
        }
    }

    /// The text of a row, and what rules make of it.
    fn tried<'r>(&self, row: &'r Value, number: usize) -> Result<(&'r str, Tried), &'static str> {
        let text = row.get("text").and_then(Value::as_str);
        let text = text.ok_or("no string `text`")?;
        let direction = row.get("direction").unwrap_or(&Value::Null);
        let rules = match direction.as_str() {
            Some("input") => &self.guard.input,
            Some("output") => &self.guard.output,
            None if direction.is_null() => &self.guard.input,
            _ => return Err("`direction` is neither input nor output"),
        };
        let place = place(row.get("place").and_then(Value::as_str));
        let place = place.ok_or("there is no such `place`")?;
        let vault = self.vault.clone();
        let tried = match self.pieces {
            Some(pieces) => try_on(rules, vault, place, pieces.of(text, number)),
            None => try_on(rules, vault, place, [text]),
        };
        Ok((text, tried))
    }
}

/// The places that rows name; `None` for another name. A text without a place stands
/// alone.
const fn place(name: Option<&str>) -> Option<Place> {
    let Some(name) = name else {
        return Some(Place::Alone);
    };
    Some(match name.as_bytes() {
        b"path" => Place::Path,
        b"query" => Place::Query,
        b"header" => Place::Header,
        b"model" => Place::Model,
        b"text" => Place::Of(Field::Text),
        b"tool_name" => Place::Of(Field::ToolName),
        b"tool_arguments" => Place::Of(Field::ToolArguments),
        b"tool_description" => Place::Of(Field::ToolDescription),
        b"document" => Place::Of(Field::Document),
        b"metadata" => Place::Of(Field::Metadata),
        _ => return None,
    })
}

fn answer(id: &Value, text: &str, tried: &Tried) -> Value {
    let mut answer = Map::new();
    answer.insert("id".to_owned(), id.clone());
    answer.insert("action".to_owned(), tried.outcome.label().into());
    if let Outcome::Route(model) = &tried.outcome {
        answer.insert("route_to".to_owned(), (&**model).into());
    }
    let goes_on = (tried.outcome != Outcome::Block).then_some(tried.text.as_str());
    answer.insert("text".to_owned(), goes_on.into());
    let mut places = Places::new(text);
    let findings = tried
        .findings
        .iter()
        .map(|found| finding(found, &mut places));
    answer.insert("findings".to_owned(), findings.collect());
    Value::Object(answer)
}

fn finding(found: &TriedFinding, places: &mut Places<'_>) -> Value {
    json!({
        "policy": &*found.policy,
        "rule": &*found.rule,
        "detector": found.detector,
        "entity": &*found.entity,
        "action": found.action,
        "mode": found.mode,
        "start": places.characters_before(found.start),
        "end": places.characters_before(found.end),
        "score": f64::from(found.score.hundredths()) / 100.0,
    })
}

/// Counts characters, from where it was asked last if that lies before.
struct Places<'t> {
    text: &'t str,
    bytes: usize,
    characters: usize,
}

impl<'t> Places<'t> {
    const fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: 0,
            characters: 0,
        }
    }

    fn characters_before(&mut self, at: usize) -> usize {
        if at < self.bytes {
            (self.bytes, self.characters) = (0, 0);
        }
        let between = self.text.as_bytes().get(self.bytes..at).unwrap_or_default();
        let begins = |byte: &&u8| **byte & 0xc0 != 0x80;
        self.characters += between.iter().filter(begins).count();
        self.bytes = at;
        self.characters
    }
}
