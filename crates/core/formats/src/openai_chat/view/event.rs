//! The view of one streamed event: the hottest code of the gateway, once per token.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::failure;
use crate::format::DecodeError;
use crate::openai::usage;
use crate::read;
use crate::view::{Begun, EventKind, EventView, Field, Lane, hash, note, strings};

/// Lanes of reasoning text that servers write beside `reasoning_content`, often with
/// the same text twice: each is a text of its own.
const LANE_REASONING: u32 = 1;
const LANE_REASONING_DETAILS: u32 = 2;
const LANE_THINKING_BLOCKS: u32 = 1 << 16;
/// The reasoning among the parts of a message's content.
const LANE_THINKING_PARTS: u32 = u32::MAX;

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    /// Something the caller waits for: a text, a tool call.
    content: bool,
    /// Something that must go out even when every text is held.
    more_than_text: bool,
    /// At least one choice.
    choice: bool,
    /// An error.
    error: bool,
    tier: Tier,
}

pub(in crate::openai_chat) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    if data.is_empty() {
        view.kind = EventKind::Other;
        return Ok(());
    }
    let mark = data.trim_ascii();
    if mark.starts_with(b"[DONE]") {
        view.kind = EventKind::End;
        let is_more = view.all_texts && mark != b"[DONE]";
        return if is_more {
            Err(read::shape("[DONE]", "followed by something"))
        } else {
            Ok(())
        };
    }
    let mut met = Met {
        error: event.name() == Some("error"),
        ..Met::default()
    };
    let mut reader = Reader::of_event(data)?;
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    reader.finish()?;
    view.usage = read::with_tier(view.usage, met.tier);
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    view.kind = if met.error {
        view.failure = Some(failure::read_in_stream(data));
        EventKind::Error
    } else if view.finish.is_some() {
        EventKind::Finish
    } else if met.content {
        EventKind::Content
    } else if !met.choice && view.usage.is_some() {
        EventKind::UsageOnly
    } else {
        EventKind::Preamble
    };
    view.only_text = view.kind == EventKind::Content
        && !met.more_than_text
        && view.usage.is_none()
        && !view.pieces.is_empty();
    Ok(())
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "choices" if r.kind()? == Kind::Array => {
            r.array(|r, position| choice(r, position, view, met))?;
        }
        "usage" => view.usage = usage::read(r)?,
        "error" => met.error |= r.kind()? != Kind::Null,
        "object" => {
            let object = read::string_if(r)?;
            met.error |= object.is_some_and(|object| object.span.of(r.bytes()) == b"error");
        }
        "id" => view.id = read::string_if(r)?,
        "model" => view.model = read::string_if(r)?,
        "service_tier" => met.tier = read::tier_ahead(r)?,
        "created" | "system_fingerprint" | "obfuscation" => {}
        _ => met.more_than_text |= r.kind()? != Kind::Null,
    }
    Ok(())
}

fn choice(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    met.choice = true;
    let (first, first_begun) = (view.pieces.len(), view.begun.len());
    let mut index = position;
    let mut finish = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => index = read::index(r, view.all_texts)?.unwrap_or(position),
            "delta" | "message" if r.kind()? == Kind::Object => {
                r.object(|r, key| delta(r, &key, view, met))?;
            }
            "text" => piece(r, Lane::of(0, 0, Field::Text), view, met)?,
            "finish_reason" => finish = read::string_if(r)?,
            "logprobs" if r.kind()? != Kind::Null => {
                met.more_than_text = true;
                view.logprobs.push(r.skip()?);
            }
            _ => {}
        }
        Ok(())
    })?;
    view.choice(index, finish, (first, first_begun));
    Ok(())
}

fn delta(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "content" if r.kind()? == Kind::Array => {
            r.array(|r, _index| part(r, Lane::of(0, 0, Field::Text), view, met))?;
        }
        "content" => piece(r, Lane::of(0, 0, Field::Text), view, met)?,
        "reasoning_content" => piece(r, Lane::of(0, 0, Field::Reasoning), view, met)?,
        "reasoning" => piece(r, Lane::of(0, LANE_REASONING, Field::Reasoning), view, met)?,
        "refusal" => piece(r, Lane::of(0, 0, Field::Refusal), view, met)?,
        "tool_calls" if r.kind()? == Kind::Array => {
            r.array(|r, position| tool_call(r, position, view, met))?;
        }
        "function_call" if r.kind()? == Kind::Object => tool_call(r, 0, view, met)?,
        "reasoning_details" => details(r, LANE_REASONING_DETAILS, view, met)?,
        "thinking_blocks" => details(r, LANE_THINKING_BLOCKS, view, met)?,
        "audio" if r.kind()? == Kind::Object => {
            met.content = true;
            met.more_than_text = true;
            r.object::<DecodeError>(|r, key| match key.as_str() {
                // The audio's own text, in a lane beside the message's.
                "transcript" => piece(r, Lane::of(0, 1, Field::Text), view, met),
                _ => Ok(()),
            })?;
        }
        "role" => {
            met.more_than_text |= r.kind()? != Kind::Null;
            let role = read::string_if(r)?.filter(|_| view.all_texts);
            view.said_once.extend(role.map(StrSpan::quoted));
        }
        _ => {
            met.more_than_text |= r.kind()? != Kind::Null;
            strings(r, Lane::unknown(key), view)?;
        }
    }
    Ok(())
}

/// A content part, as servers write it that stream arrays (`[{"type":"text",…}]`).
///
/// The position of a part says nothing across events, so the texts of all parts are
/// one text, `lane`.
fn part(
    r: &mut Reader<'_>,
    lane: Lane,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    const THINKING: Lane = Lane::of(0, LANE_THINKING_PARTS, Field::Reasoning);
    if r.kind()? != Kind::Object {
        return piece(r, lane, view, met);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "text" => piece(r, lane, view, met),
        "thinking" if r.kind()? == Kind::Array => {
            r.array(|r, _index| part(r, THINKING, view, met))?;
            Ok(())
        }
        "thinking" => piece(r, THINKING, view, met),
        "refusal" => piece(r, Lane::of(0, 0, Field::Refusal), view, met),
        "type" => Ok(()),
        _ => {
            met.more_than_text = true;
            Ok(())
        }
    })?;
    Ok(())
}

fn tool_call(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    let first = view.pieces.len();
    let mut index = position;
    let mut id = None;
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "index" => {
            index = read::index(r, view.all_texts)?.unwrap_or(position);
            Ok(())
        }
        "function" | "custom" if r.kind()? == Kind::Object => {
            r.object(|r, key| function(r, &key, view, met))?;
            Ok(())
        }
        "id" => {
            let started = r.kind()? != Kind::Null;
            met.content |= started;
            met.more_than_text |= started;
            id = read::string_if(r)?;
            let said = id.filter(|_| view.all_texts);
            view.said_once.extend(said.map(StrSpan::quoted));
            Ok(())
        }
        key => function(r, key, view, met),
    })?;
    let pieces = view.pieces.get_mut(first..).unwrap_or_default();
    for piece in pieces.iter_mut() {
        piece.lane.block = index;
    }
    // Of one call the name comes first, however a server orders its members.
    pieces.sort_by_key(|piece| piece.field != Field::ToolName);
    if let Some(id) = id.filter(|id| view.all_texts && !id.span.is_empty()) {
        view.begun.push(Begun {
            choice: 0,
            block: index,
            id: Some(hash(0, id.span.of(r.bytes()))),
        });
    }
    Ok(())
}

fn function(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match key {
        "name" => {
            met.more_than_text |= r.kind()? != Kind::Null;
            piece(r, Lane::of(0, 0, Field::ToolName), view, met)
        }
        "arguments" => piece(r, Lane::of(0, 0, Field::ToolArguments), view, met),
        "input" => piece(r, Lane::of(0, 0, Field::ToolInput), view, met),
        _ => Ok(()),
    }
}

fn details(
    r: &mut Reader<'_>,
    lanes: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return Ok(());
    }
    r.array(|r, position| {
        let first = view.pieces.len();
        let mut index = position;
        if r.kind()? == Kind::Object {
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "text" | "summary" | "thinking" => {
                        piece(r, Lane::of(0, 0, Field::Reasoning), view, met)?;
                    }
                    "index" => index = read::index(r, view.all_texts)?.unwrap_or(position),
                    "type" | "format" => {}
                    _ => {
                        let present = r.kind()? != Kind::Null;
                        met.content |= present;
                        met.more_than_text |= present;
                    }
                }
                Ok(())
            })?;
        }
        for piece in view.pieces.iter_mut().skip(first) {
            piece.lane.block = lanes.saturating_add(index);
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

/// Takes note of a piece of text. A value of another shape is text of the same lane,
/// where every text is wanted.
fn piece(
    r: &mut Reader<'_>,
    lane: Lane,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        let before = view.pieces.len();
        note(r.string()?, lane, view);
        met.content |= view.pieces.len() > before;
        return Ok(());
    }
    strings(r, lane, view)
}
