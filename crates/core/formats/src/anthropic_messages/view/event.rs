//! The view of one streamed event: the hottest code of the gateway, once per token.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use super::block;
use crate::anthropic_messages::usage;
use crate::failure;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Begun, Closed, EventKind, EventView, Field, Lane, Opened, Role, Speaker, Texts, note, strings,
};

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    kind: Option<StrSpan>,
    index: u32,
    /// The `type` of the `content_block`.
    block: Option<StrSpan>,
    /// Something beside text that must go out: a signature, a stop reason.
    more_than_text: bool,
}

pub(in crate::anthropic_messages) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    if data.is_empty() {
        view.kind = EventKind::Other;
        return Ok(());
    }
    let mut reader = Reader::of_event(data)?;
    let mut met = Met::default();
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    // A server that leaves out `type` names the event, and the other way round.
    let word = met.kind.map(|kind| reader.text(kind));
    let block = met.block.map(|kind| reader.text(kind));
    reader.finish()?;
    let word = word.as_deref().or_else(|| event.name()).unwrap_or_default();
    view.kind = kind(word, block.as_deref(), view);
    for piece in &mut view.pieces {
        piece.lane.block = met.index;
    }
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    if view.all_texts && word == "content_block_start" {
        view.begun.push(Begun {
            choice: 0,
            block: met.index,
            id: None,
        });
    }
    if word == "content_block_start" {
        view.opened.push(Opened {
            choice: 0,
            block: met.index,
        });
    }
    match view.kind {
        EventKind::BlockEnd => view.closed.push(Closed {
            choice: 0,
            block: Some(met.index),
        }),
        EventKind::Finish => view.closed.push(Closed {
            choice: 0,
            block: None,
        }),
        EventKind::Error => view.failure = Some(failure::read_in_stream(data)),
        _ => {}
    }
    view.only_text =
        word == "content_block_delta" && !view.pieces.is_empty() && !met.more_than_text;
    Ok(())
}

fn kind(word: &str, block: Option<&str>, view: &EventView) -> EventKind {
    match word {
        "message_start" if view.pieces.is_empty() => EventKind::Preamble,
        "message_start" => EventKind::Content,
        // An announced text or thought is empty as yet; anything else is content itself.
        "content_block_start"
            if matches!(block, Some("text" | "thinking")) && view.pieces.is_empty() =>
        {
            EventKind::Preamble
        }
        "content_block_start" | "content_block_delta" => EventKind::Content,
        "content_block_stop" => EventKind::BlockEnd,
        "message_delta" if view.finish.is_some() => EventKind::Finish,
        "message_stop" => EventKind::End,
        "error" => EventKind::Error,
        _ => EventKind::Other,
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
        "index" => met.index = read::index(r, view.all_texts)?.unwrap_or_default(),
        "delta" if r.kind()? == Kind::Object => {
            r.object(|r, key| delta(r, &key, view, met))?;
        }
        "message" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "usage" => view.usage = usage::read(r)?,
                    "id" => view.id = read::string_if(r)?,
                    "model" => view.model = read::string_if(r)?,
                    // Empty in every server seen; read all the same.
                    "content" => {
                        let mut texts = Texts::new(true);
                        block::content(r, MODEL, &mut texts, &mut false)?;
                        take(texts, view);
                    }
                    _ => {}
                }
                Ok(())
            })?;
        }
        "usage" => view.usage = usage::read_later(r)?,
        "content_block" if r.kind()? == Kind::Object => {
            let mut texts = Texts::new(true);
            met.block = block::block(r, MODEL, &mut texts, &mut false)?;
            take(texts, view);
        }
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
        "text" => piece(r, Field::Text, view)?,
        "thinking" => piece(r, Field::Reasoning, view)?,
        "partial_json" => piece(r, Field::ToolArguments, view)?,
        "stop_reason" => view.finish = read::string_if(r)?,
        "citation" => {
            let mut texts = Texts::new(true);
            block::citation(r, MODEL, &mut texts)?;
            take(texts, view);
            met.more_than_text = true;
        }
        "type" => {}
        "signature" | "stop_sequence" => met.more_than_text |= r.kind()? != Kind::Null,
        _ => {
            met.more_than_text |= r.kind()? != Kind::Null;
            strings(r, Lane::unknown(key), view)?;
        }
    }
    Ok(())
}

const MODEL: Speaker = Speaker {
    role: Role::Assistant,
    turn: 0,
};

/// Takes note of a piece of text, or of the texts of a value of another shape.
fn piece(r: &mut Reader<'_>, field: Field, view: &mut EventView) -> Result<(), DecodeError> {
    let lane = Lane::of(0, 0, field);
    if r.kind()? == Kind::String {
        note(r.string()?, lane, view);
        return Ok(());
    }
    strings(r, lane, view)
}

/// Makes pieces of the texts of a whole block.
fn take(texts: Texts, view: &mut EventView) {
    for span in texts.spans {
        note(span.text, Lane::of(0, 0, span.field), view);
    }
}
