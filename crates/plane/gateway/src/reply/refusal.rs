//! A provider's error on its way to the caller: output rules read it like an answer.

use std::future::{Ready, ready};

use bytes::Bytes;
use tollgate_formats::view::every_text;
use tollgate_policy::{Blocked, Machine, Verdict};
use tollgate_wire::{Document, json};

use crate::attempt::AttemptError;
use crate::inspect::{self, AnswerGuard, Direction};
use crate::settle::Settlement;

/// Applies the output rules to all that the caller may read of an error. To be awaited,
/// as [`inspect::input`] is.
pub(crate) fn inspected(
    error: Box<AttemptError>,
    guard: &AnswerGuard,
    settlement: &mut Settlement,
) -> Ready<Box<AttemptError>> {
    ready(if guard.is_empty() {
        error
    } else {
        decide(error, guard, settlement)
    })
}

fn decide(
    mut error: Box<AttemptError>,
    guard: &AnswerGuard,
    settlement: &mut Settlement,
) -> Box<AttemptError> {
    let mut machine = guard.machine();
    if let Err(blocked) = read(&mut machine, &mut error) {
        error.passed_on = None;
        error.code = None;
        error.param = None;
        error.message = format!(
            "the provider's error is withheld: policy `{}` found {} in it",
            blocked.policy, blocked.entity
        );
    }
    inspect::record(&machine, Direction::Output, settlement);
    error
}

fn read(machine: &mut Machine, error: &mut AttemptError) -> Result<(), Blocked> {
    if let Some(body) = error.passed_on.take() {
        error.passed_on = document(machine, body)?;
        if error.passed_on.is_some() {
            return Ok(());
        }
    }
    error.message = text(machine, &error.message)?;
    for words in [&mut error.code, &mut error.param].into_iter().flatten() {
        *words = text(machine, words)?;
    }
    Ok(())
}

/// A body with its findings replaced; `None` when it is not JSON.
fn document(machine: &mut Machine, body: Bytes) -> Result<Option<Bytes>, Blocked> {
    let Some(view) = every_text(&body) else {
        return Ok(None);
    };
    let mut document = Document::new(body);
    match machine.answer(&mut document, &view) {
        Verdict::Pass => Ok(Some(document.to_bytes())),
        Verdict::Block(blocked) => Err(blocked),
    }
}

fn text(machine: &mut Machine, text: &str) -> Result<String, Blocked> {
    let mut string = vec![b'"'];
    json::escape_into(text, &mut string);
    string.push(b'"');
    let string = document(machine, string.into())?.unwrap_or_default();
    let content = string.get(1..string.len().saturating_sub(1));
    let content = json::decode(content.unwrap_or_default(), true);
    Ok(content.unwrap_or_default().into_owned())
}
