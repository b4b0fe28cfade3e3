//! Paths to texts beside a slow walk over `serde_json`'s values.
//! Shared with the fuzz target `text_paths`.

use std::collections::BTreeMap;

use serde_json::Value;
use tollgate_formats::view::AnswerView;
use tollgate_formats::{DecodeError, TextPath, TextPaths};
use tollgate_wire::json;

/// Sets of paths that overlap, end early and meet other shapes.
pub(crate) const PATHS: [&[&str]; 6] = [
    &["text"],
    &["a[].b", "a[].*", "text.a"],
    &["**"],
    &["*.a", "a.**", "b"],
    &["[].a[][]", "a.b.a.b"],
    &["a", "a.b", "*[].text", "a b"],
];

/// Compares the two on one body.
///
/// # Panics
/// When they differ.
pub(crate) fn check(written: &[&str], body: &[u8]) -> Result<(), DecodeError> {
    let paths: Vec<TextPath> = written.iter().map(|path| path.parse().unwrap()).collect();
    let view = TextPaths::new(paths).view_answer(body)?;
    let Ok(value) = serde_json::from_slice::<Value>(body) else {
        // The two may differ on whether a double can hold a number.
        return Ok(());
    };
    let (mut ours, numbers) = read(&view, body);
    let mut found = BTreeMap::new();
    for path in written {
        lead(&steps(path), &value, "", &mut found);
    }
    let mut theirs: Vec<String> = found.into_values().collect();
    let all = theirs.len();
    theirs.retain(|text| text != NUMBER);
    assert!(numbers >= all - theirs.len(), "{written:?} in {value}");
    ours.sort();
    theirs.sort();
    assert_eq!(ours, theirs, "{written:?} in {value}");
    Ok(())
}

/// The strings that a view finds, and how many numbers there are among its JSON.
fn read(view: &AnswerView, body: &[u8]) -> (Vec<String>, usize) {
    let mut ours = Vec::new();
    let mut numbers = 0;
    for text in &view.texts {
        let span = text.text.span;
        if body[..span.start as usize].last() == Some(&b'"') {
            let text = json::decode(span.of(body), text.text.escaped);
            ours.push(text.unwrap().into_owned());
        } else {
            let value: Value = serde_json::from_slice(span.of(body)).unwrap();
            let mut found = BTreeMap::new();
            everything(&value, "", &mut found);
            numbers += count(&value);
            ours.extend(found.into_values());
        }
    }
    (ours, numbers)
}

fn count(value: &Value) -> usize {
    match value {
        Value::Number(_) => 1,
        Value::Array(elements) => elements.iter().map(count).sum(),
        Value::Object(members) => members.values().map(count).sum(),
        Value::Null | Value::Bool(_) | Value::String(_) => 0,
    }
}

/// Stands for any number.
const NUMBER: &str = "a number";

fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    for part in path.split('.') {
        let name = part.trim_end_matches("[]");
        steps.extend((!name.is_empty()).then_some(name));
        steps.extend(std::iter::repeat_n("[]", (part.len() - name.len()) / 2));
    }
    steps
}

fn lead(steps: &[&str], value: &Value, at: &str, found: &mut BTreeMap<String, String>) {
    match (steps, value) {
        (_, Value::Null | Value::Bool(_)) => {}
        (_, Value::String(_)) | ([] | ["**"], Value::Array(_) | Value::Object(_)) => {
            everything(value, at, found);
        }
        ([], Value::Number(_)) => drop(found.insert(at.to_owned(), NUMBER.to_owned())),
        (_, Value::Number(number)) => {
            let whole = number.as_i128().unwrap_or_default();
            if whole.unsigned_abs() >= 10_000_000 {
                found.insert(at.to_owned(), NUMBER.to_owned());
            }
        }
        (["[]", rest @ ..], Value::Array(elements)) => {
            for (index, element) in elements.iter().enumerate() {
                lead(rest, element, &format!("{at}/{index}"), found);
            }
        }
        (["[]", ..], Value::Object(_)) | (_, Value::Array(_)) => everything(value, at, found),
        ([name, rest @ ..], Value::Object(members)) => {
            for (key, member) in members {
                if *name == "*" || name == key {
                    lead(rest, member, &format!("{at}/{key}"), found);
                }
            }
        }
    }
}

fn everything(value: &Value, at: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) if !text.is_empty() => {
            found.insert(at.to_owned(), text.clone());
        }
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                everything(element, &format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let at = format!("{at}/{key}");
                let digits = key.bytes().filter(u8::is_ascii_digit).count();
                let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.$".contains(c);
                if digits > 3 || !key.chars().all(is_name) {
                    found.insert(format!("{at}#"), key.clone());
                }
                everything(member, &at, found);
            }
        }
        _ => {}
    }
}
