//! The view of one streamed event: the hottest code of the gateway, once per token.

use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;
use tollgate_wire::{Span, StrSpan};

use super::message;
use crate::cohere::meta;
use crate::cohere_chat::finish;
use crate::cohere_chat::stream::CALLS;
use crate::failure;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Begun, Closed, EventKind, EventView, Field, Lane, Opened, Role, Speaker, Texts, note, strings,
};

/// The block of the plan that leads to calls.
const PLAN: u32 = u32::MAX;

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    kind: Option<StrSpan>,
    index: u32,
    delta: Option<Span>,
    has_error: bool,
    /// A message that stands beside no delta, as servers write errors.
    has_message: bool,
    /// Something beside text that must go out: a stop reason, a citation.
    more_than_text: bool,
}

pub(in crate::cohere_chat) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    let mark = data.trim_ascii();
    if data.is_empty() || mark.starts_with(b"[DONE]") {
        view.kind = EventKind::Other;
        let is_more = view.all_texts && !data.is_empty() && mark != b"[DONE]";
        return if is_more {
            Err(read::shape("[DONE]", "followed by something"))
        } else {
            Ok(())
        };
    }
    let mut reader = Reader::of_event(data)?;
    let mut met = Met::default();
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    // A server that leaves out `type` names the event, and the other way round.
    let word = met.kind.map(|kind| reader.text(kind));
    let word = word.as_deref().or_else(|| event.name()).unwrap_or_default();
    let finish = view.finish.map(|finish| reader.text(finish));
    let failed = finish.as_deref().filter(|word| finish::is_failure(word));
    read_as(word, failed.is_some(), &met, view);
    reader.finish()?;
    if view.kind == EventKind::Error {
        let said = met.delta.filter(|_| word == "message-end");
        let said = said.map_or(data, |delta| delta.of(data));
        view.failure = Some(match failed {
            Some(word) => failure::read_ended(word, said),
            None => failure::read_in_stream(said),
        });
    }
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    let is_delta = matches!(
        word,
        "content-delta" | "tool-call-delta" | "tool-plan-delta"
    );
    view.only_text = is_delta && !view.pieces.is_empty() && !met.more_than_text;
    Ok(())
}

/// Gives what was met the meaning that the type of the event gives it.
fn read_as(word: &str, went_wrong: bool, met: &Met, view: &mut EventView) {
    let has_text = !view.pieces.is_empty();
    let content = met.index.min(CALLS - 1);
    let call = CALLS.saturating_add(met.index);
    let (kind, block) = match word {
        "message-start" if !has_text => (EventKind::Preamble, None),
        "content-start" if !has_text => (EventKind::Preamble, Some(content)),
        "content-start" | "content-delta" => (EventKind::Content, Some(content)),
        "content-end" => (EventKind::BlockEnd, Some(content)),
        "tool-call-start" | "tool-call-delta" => (EventKind::Content, Some(call)),
        "tool-call-end" => (EventKind::BlockEnd, Some(call)),
        "message-start" | "tool-plan-delta" | "citation-start" => (EventKind::Content, None),
        "message-end" if met.has_error || went_wrong => (EventKind::Error, None),
        "message-end" => (EventKind::End, None),
        "error" => (EventKind::Error, None),
        _ if met.has_error || met.has_message => (EventKind::Error, None),
        _ => (EventKind::Other, None),
    };
    view.kind = kind;
    if kind != EventKind::End {
        view.finish = None;
    }
    let Some(block) = block else { return };
    for piece in &mut view.pieces {
        piece.lane.block = block;
    }
    if kind == EventKind::BlockEnd {
        view.closed.push(Closed {
            choice: 0,
            block: Some(block),
        });
        return;
    }
    view.opened.push(Opened { choice: 0, block });
    if view.all_texts && word == "tool-call-start" {
        view.begun.push(Begun {
            choice: 0,
            block,
            id: None,
        });
    }
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string_if(r)?,
        "id" => view.id = read::string_if(r)?,
        "index" => met.index = read::index(r, view.all_texts)?.unwrap_or_default(),
        "delta" if r.kind()? == Kind::Object => {
            met.delta = Some(r.object(|r, key| delta(r, &key, view, met))?);
        }
        "logprobs" if r.kind()? != Kind::Null => {
            met.more_than_text = true;
            view.logprobs.push(r.skip()?);
        }
        "message" => met.has_message |= r.kind()? != Kind::Null,
        "error" => met.has_error |= r.kind()? != Kind::Null,
        _ => {}
    }
    Ok(())
}

fn delta(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "message" if r.kind()? == Kind::Object => {
            r.object(|r, key| said(r, &key, view, met))?;
        }
        "finish_reason" => view.finish = read::string_if(r)?,
        "usage" => view.usage = meta::read(r)?,
        "error" => met.has_error |= r.kind()? != Kind::Null,
        _ => strange(r, key, view, met)?,
    }
    Ok(())
}

/// Reads a member of the message that a delta goes on with.
fn said(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    let is_object = r.kind()? == Kind::Object;
    match key {
        "role" => {}
        "content" if is_object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "text" => piece(r, Lane::of(0, 0, Field::Text), view),
                "thinking" => piece(r, Lane::of(0, 0, Field::Reasoning), view),
                "type" => Ok(()),
                "signature" | "data" => {
                    met.more_than_text |= r.kind()? != Kind::Null;
                    Ok(())
                }
                other => strange(r, other, view, met),
            })?;
        }
        "tool_plan" => piece(r, Lane::of(0, PLAN, Field::Text), view)?,
        "tool_calls" if is_object => {
            r.object(|r, key| call(r, &key, view, met))?;
        }
        "citations" if is_object => {
            let mut texts = Texts::new(true);
            message::citation(r, MODEL, &mut texts)?;
            met.more_than_text = true;
            for span in texts.spans {
                note(span.text, Lane::of(0, 0, span.field), view);
            }
        }
        "content" | "tool_calls" | "citations" if r.kind()? == Kind::Array => {
            // Empty where a message begins; read all the same.
            let mut texts = Texts::new(true);
            message::content(r, MODEL, &mut texts, &mut false)?;
            for span in texts.spans {
                note(span.text, Lane::of(0, 0, span.field), view);
            }
        }
        _ => strange(r, key, view, met)?,
    }
    Ok(())
}

fn call(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "function" if r.kind()? == Kind::Object => {
            let first = view.pieces.len();
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "name" => {
                    met.more_than_text |= r.kind()? != Kind::Null;
                    piece(r, Lane::of(0, 0, Field::ToolName), view)
                }
                "arguments" => piece(r, Lane::of(0, 0, Field::ToolArguments), view),
                other => strange(r, other, view, met),
            })?;
            // Of one call the name comes first, however a server orders its members.
            let pieces = view.pieces.get_mut(first..).unwrap_or_default();
            pieces.sort_by_key(|piece| piece.field != Field::ToolName);
        }
        "id" => {
            met.more_than_text |= r.kind()? != Kind::Null;
            let id = read::string_if(r)?.filter(|_| view.all_texts);
            view.said_once.extend(id.map(StrSpan::quoted));
        }
        "type" => {}
        _ => strange(r, key, view, met)?,
    }
    Ok(())
}

/// A member that no format names.
fn strange(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    met.more_than_text |= r.kind()? != Kind::Null;
    strings(r, Lane::unknown(key), view)
}

const MODEL: Speaker = Speaker {
    role: Role::Assistant,
    turn: 0,
};

/// Takes note of a piece of text, or of the texts of a value of another shape.
fn piece(r: &mut Reader<'_>, lane: Lane, view: &mut EventView) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        note(r.string()?, lane, view);
        return Ok(());
    }
    strings(r, lane, view)
}
