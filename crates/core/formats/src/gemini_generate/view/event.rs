//! The view of one streamed event: the hottest code of the gateway, once per token.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::failure;
use crate::format::DecodeError;
use crate::gemini_generate::usage;
use crate::read;
use crate::view::{Begun, EventKind, EventView, Field, Lane, json, note, strings};

/// What was met in an event, beside what the view holds.
#[derive(Default)]
struct Met {
    /// Something the caller waits for: a text, a function call.
    content: bool,
    /// Something that must go out even when every text is held.
    more_than_text: bool,
    /// Why the prompt was blocked.
    block: Option<StrSpan>,
    /// An error.
    error: bool,
}

pub(in crate::gemini_generate) fn event(
    event: &Event,
    view: &mut EventView,
) -> Result<(), DecodeError> {
    view.clear();
    let data = event.data();
    if data.is_empty() {
        view.kind = EventKind::Other;
        return Ok(());
    }
    let mut met = Met::default();
    let mut reader = Reader::of_event(data)?;
    reader.object(|r, key| member(r, &key, view, &mut met))?;
    reader.finish()?;
    if view.all_texts {
        met.more_than_text |= view.add_rest(data)?;
    }
    if view.finish.is_none() {
        view.finish = met.block;
        view.is_refused = met.block.is_some();
    }
    view.kind = if met.error {
        view.failure = Some(failure::read_in_stream(data));
        EventKind::Error
    } else if view.finish.is_some() {
        EventKind::Finish
    } else if met.content {
        EventKind::Content
    } else {
        EventKind::Preamble
    };
    view.only_text =
        view.kind == EventKind::Content && !met.more_than_text && !view.pieces.is_empty();
    Ok(())
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    match (key, r.kind()?) {
        ("candidates", Kind::Array) => {
            r.array(|r, position| candidate(r, position, view, met))?;
        }
        ("usageMetadata", _) => view.usage = usage::read(r)?,
        ("responseId", _) => view.id = read::string_if(r)?,
        ("modelVersion", _) => view.model = read::string_if(r)?,
        ("promptFeedback", Kind::Object) => {
            met.more_than_text = true;
            r.object::<DecodeError>(|r, key| {
                if key.as_str() == "blockReason" {
                    met.block = read::string_if(r)?.filter(|word| !word.span.is_empty());
                }
                Ok(())
            })?;
        }
        ("error", kind) => met.error |= kind != Kind::Null,
        ("createTime", _) => {}
        (_, kind) => met.more_than_text |= kind != Kind::Null,
    }
    Ok(())
}

fn candidate(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    let (first, first_begun) = (view.pieces.len(), view.begun.len());
    let mut index = position;
    let mut finish = None;
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("index", _) => index = read::index(r, view.all_texts)?.unwrap_or(position),
            ("content", Kind::Object) => content(r, view, met)?,
            ("finishReason", _) => finish = read::string_if(r)?,
            ("logprobsResult", kind) if kind != Kind::Null => {
                met.more_than_text = true;
                view.logprobs.push(r.skip()?);
            }
            ("tokenCount" | "avgLogprobs", _) => {}
            (_, kind) => met.more_than_text |= kind != Kind::Null,
        }
        Ok(())
    })?;
    view.choice(index, finish, (first, first_begun));
    Ok(())
}

fn content(r: &mut Reader<'_>, view: &mut EventView, met: &mut Met) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("parts", Kind::Array) => {
                r.array(|r, position| part(r, position, view, met))?;
            }
            ("parts", Kind::Object) => part(r, 0, view, met)?,
            ("role", _) => {}
            (other, kind) => {
                met.more_than_text |= kind != Kind::Null;
                strings(r, Lane::unknown(other), view)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// The texts of all parts are one text, and so are their thoughts; each call is whole.
fn part(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        met.more_than_text = true;
        return strings(r, Lane::of(0, 0, Field::Text), view);
    }
    let first = view.pieces.len();
    let mut is_thought = false;
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("text", _) => piece(r, Lane::of(0, 0, Field::Text), view, met)?,
            ("thought", Kind::Bool) => is_thought = r.bool()?,
            ("functionCall", Kind::Object) => call(r, position.saturating_add(1), view, met)?,
            (_, Kind::Null) => {}
            ("thoughtSignature", _) => met.more_than_text = true,
            _ => {
                met.content = true;
                met.more_than_text = true;
            }
        }
        Ok(())
    })?;
    if is_thought {
        let said = view.pieces.iter_mut().skip(first);
        for piece in said.filter(|piece| piece.field == Field::Text) {
            piece.field = Field::Reasoning;
            piece.lane = Lane::of(0, 0, Field::Reasoning);
        }
    }
    Ok(())
}

fn call(
    r: &mut Reader<'_>,
    block: u32,
    view: &mut EventView,
    met: &mut Met,
) -> Result<(), DecodeError> {
    met.content = true;
    met.more_than_text = true;
    if view.all_texts {
        view.begun.push(Begun {
            choice: 0,
            block,
            id: None,
        });
    }
    let first = view.pieces.len();
    r.object::<DecodeError>(|r, key| match (key.as_str(), r.kind()?) {
        ("name", _) => piece(r, Lane::of(0, block, Field::ToolName), view, met),
        ("args", _) => {
            if let Some(text) = json(r)? {
                note(text, Lane::of(0, block, Field::ToolArguments), view);
            }
            Ok(())
        }
        _ => Ok(()),
    })?;
    // Of one call the name comes first, however a server orders its members.
    let pieces = view.pieces.get_mut(first..).unwrap_or_default();
    pieces.sort_by_key(|piece| piece.field != Field::ToolName);
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
