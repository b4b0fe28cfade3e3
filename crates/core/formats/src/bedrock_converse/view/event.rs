//! The view of one streamed event: the hottest code of the gateway, once per token.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use super::block;
use crate::bedrock_converse::stream::is_failure;
use crate::bedrock_converse::usage;
use crate::failure;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Begun, Closed, EventKind, EventView, Field, Lane, Opened, Role, Speaker, Texts, note, strings,
};

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    index: u32,
    tier: Tier,
    /// Something beside text that must go out: a signature, a stop reason.
    more_than_text: bool,
}

pub(in crate::bedrock_converse) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    if data.is_empty() {
        view.kind = EventKind::Other;
        return Ok(());
    }
    let name = event.name().unwrap_or_default();
    let mut reader = Reader::of_event(data)?;
    let mut met = Met::default();
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    reader.finish()?;
    view.kind = kind(name);
    view.usage = read::with_tier(view.usage, met.tier);
    for piece in &mut view.pieces {
        piece.lane.block = met.index;
    }
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    let part = Opened {
        choice: 0,
        block: met.index,
    };
    match view.kind {
        EventKind::Content => {
            view.opened.push(part);
            if view.all_texts && name == "contentBlockStart" {
                view.begun.push(Begun {
                    choice: 0,
                    block: met.index,
                    id: None,
                });
            }
        }
        EventKind::BlockEnd => view.closed.push(Closed {
            choice: 0,
            block: Some(met.index),
        }),
        EventKind::Finish => view.closed.push(Closed {
            choice: 0,
            block: None,
        }),
        EventKind::Error => view.failure = Some(failure::read_named(name, data)),
        _ => {}
    }
    view.only_text = name == "contentBlockDelta" && !view.pieces.is_empty() && !met.more_than_text;
    Ok(())
}

fn kind(name: &str) -> EventKind {
    match name {
        "messageStart" => EventKind::Preamble,
        "contentBlockStart" | "contentBlockDelta" => EventKind::Content,
        "contentBlockStop" => EventKind::BlockEnd,
        "messageStop" => EventKind::Finish,
        "metadata" => EventKind::End,
        name if is_failure(name) => EventKind::Error,
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
        "contentBlockIndex" => met.index = read::index(r, view.all_texts)?.unwrap_or_default(),
        "delta" if r.kind()? == Kind::Object => {
            r.object(|r, key| delta(r, &key, view, met))?;
        }
        "start" if r.kind()? == Kind::Object => {
            let mut texts = Texts::new(true);
            block::block(r, MODEL, &mut texts, &mut false)?;
            take(texts, view);
        }
        "stopReason" => view.finish = read::string_if(r)?,
        "usage" => view.usage = usage::read(r)?,
        "serviceTier" => met.tier = read::typed_tier(r)?,
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
    let is_object = r.kind()? == Kind::Object;
    match key {
        "text" => piece(r, Field::Text, view)?,
        "toolUse" if is_object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "input" => piece(r, Field::ToolArguments, view),
                other => strange(r, other, view, met),
            })?;
        }
        "reasoningContent" if is_object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "text" => piece(r, Field::Reasoning, view),
                "signature" | "redactedContent" => {
                    met.more_than_text |= r.kind()? != Kind::Null;
                    Ok(())
                }
                other => strange(r, other, view, met),
            })?;
        }
        "citation" => {
            let mut texts = Texts::new(true);
            block::citation(r, MODEL, &mut texts)?;
            take(texts, view);
            met.more_than_text = true;
        }
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
fn piece(r: &mut Reader<'_>, field: Field, view: &mut EventView) -> Result<(), DecodeError> {
    let lane = Lane::of(0, 0, field);
    if r.kind()? == Kind::String {
        let text: StrSpan = r.string()?;
        note(text, lane, view);
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
