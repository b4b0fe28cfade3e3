//! One line in, one line out.

use serde_json::{Map, Value, json};
use tollgate_formats::view::Field;
use tollgate_plan::Guard;
use tollgate_policy::{Outcome, Place, Tried, TriedFinding, try_on};

use crate::pieces::Pieces;

/// Scans the line `number`, and says whether it could be.
pub(super) fn scan_row(
    line: &[u8],
    number: usize,
    guard: &Guard,
    pieces: Option<Pieces>,
) -> (String, bool) {
    let row: Value = match serde_json::from_slice(line) {
        Ok(row) => row,
        Err(error) => {
            return failed(
                &Value::Null,
                format!("line {}: not JSON: {error}", number + 1),
            );
        }
    };
    let id = row.get("id").cloned().unwrap_or(Value::Null);
    let Some(text) = row.get("text").and_then(Value::as_str) else {
        return failed(&id, format!("line {}: no string `text`", number + 1));
    };
    let rules = match row.get("direction").and_then(Value::as_str) {
        None | Some("input") => &guard.input,
        Some("output") => &guard.output,
        Some(_) => {
            let message = format!(
                "line {}: `direction` is neither input nor output",
                number + 1
            );
            return failed(&id, message);
        }
    };
    let Some(place) = place(row.get("place").and_then(Value::as_str)) else {
        let message = format!("line {}: there is no such `place`", number + 1);
        return failed(&id, message);
    };
    let tried = match pieces {
        Some(pieces) => try_on(rules, place, pieces.of(text, number)),
        None => try_on(rules, place, [text]),
    };
    (answer(&id, text, &tried).to_string(), true)
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

fn failed(id: &Value, error: String) -> (String, bool) {
    (json!({"id": id, "error": error}).to_string(), false)
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
