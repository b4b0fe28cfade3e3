//! Reads content blocks.

use serde_json::value::{RawValue, to_raw_value};
use tollgate_wire::json::{Kind, Reader};

use super::seal::read_redacted;
use super::{citation, files};
use crate::bedrock_converse::OWN;
use crate::exchange::{Part, Seal, Thought, ToolCall, ToolResult};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;

/// Reads content: an array of blocks, or a text as other formats have it.
pub(in crate::bedrock_converse) fn read_content(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Vec<Part>, DecodeError> {
    let mut parts = Vec::new();
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| block(r, &mut parts, unread))?;
        }
        _ => parts.extend(
            read::string(r)?
                .filter(|text| !text.is_empty())
                .map(Part::Text),
        ),
    }
    Ok(parts)
}

/// Reads a block: its one member says what it is. A block that nobody here knows is kept
/// whole.
fn block(
    r: &mut Reader<'_>,
    parts: &mut Vec<Part>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    let mut strange = None;
    let first = parts.len();
    let mut rest = Losses::default();
    let span = r.object::<DecodeError>(|r, key| {
        if !member(r, &key, parts, &mut rest)? {
            strange = Some(key.to_string());
        }
        Ok(())
    })?;
    if let Some(kind) = strange {
        parts.truncate(first);
        let json = read::raw_at(r, span)?;
        parts.push(Part::Other { kind, json });
    } else {
        unread.extend(&rest);
    }
    Ok(())
}

/// Reads the member of a block; false when it is none that is known.
fn member(
    r: &mut Reader<'_>,
    key: &str,
    parts: &mut Vec<Part>,
    unread: &mut Losses,
) -> Result<bool, DecodeError> {
    if read::null(r)? {
        return Ok(true);
    }
    let part = match key {
        "text" if r.kind()? == Kind::String => read::string(r)?.map(Part::Text),
        "json" => read::raw(r)?.map(|json| Part::Text(json.get().to_owned())),
        "image" => files::read(r, unread)?.image(),
        "document" => files::read(r, unread)?.document(),
        "audio" => files::read(r, unread)?.sound(),
        "video" => files::read(r, unread)?.video(),
        "cachePoint" => Some(Part::CacheMark(read_mark(r)?)),
        _ if r.kind()? != Kind::Object => None,
        "toolUse" => tool_use(r, unread)?,
        "toolResult" => tool_result(r, unread)?,
        "reasoningContent" => reasoning(r, unread)?,
        "citationsContent" => return cited(r, parts, unread).map(|()| true),
        "guardContent" => guarded(r, unread)?,
        _ => None,
    };
    let is_known = part.is_some();
    parts.extend(part);
    Ok(is_known)
}

/// Reads a cache point as the marker that other formats have.
pub(in crate::bedrock_converse) fn read_mark(
    r: &mut Reader<'_>,
) -> Result<Box<RawValue>, DecodeError> {
    let mut ttl = None;
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "ttl" {
                ttl = read::string(r)?;
            }
            Ok(())
        })?;
    }
    let mark = match ttl {
        Some(ttl) => serde_json::json!({"type": "ephemeral", "ttl": ttl}),
        None => serde_json::json!({"type": "ephemeral"}),
    };
    to_raw_value(&mark).map_err(|_json| read::shape("cachePoint", "not one"))
}

fn tool_use(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let (mut id, mut name, mut input, mut kind) = (None, None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "toolUseId" => id = read::string(r)?,
            "name" => name = read::string(r)?,
            "input" => input = read::raw(r)?,
            "type" => kind = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let (id, signature) = Seal::out_of_id(id.unwrap_or_default());
    // Of a tool that the provider runs itself nobody else has an answer.
    let call = name.filter(|_| kind.is_none()).map(|name| ToolCall {
        id,
        name,
        arguments: input.map_or_else(|| "{}".to_owned(), |input| input.get().to_owned()),
        signature,
    });
    Ok(call.map(Part::ToolCall))
}

fn tool_result(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let (mut id, mut parts, mut status, mut kind) = (None, Vec::new(), None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "toolUseId" => id = read::string(r)?,
            "content" => parts = read_content(r, unread)?,
            "status" => status = read::string(r)?,
            "type" => kind = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let result = id.filter(|_| kind.is_none()).map(|id| ToolResult {
        call_id: Seal::out_of_id(id).0,
        parts,
        is_error: status.as_deref() == Some("error"),
    });
    Ok(result.map(Part::ToolResult))
}

fn reasoning(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let mut thought = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "reasoningText" if r.kind()? == Kind::Object => {
                let (mut text, mut signature) = (None, None);
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "text" => text = read::string(r)?,
                        "signature" => {
                            signature = read::string(r)?.filter(|text| !text.is_empty());
                        }
                        other => read::unread(r, other, unread)?,
                    }
                    Ok(())
                })?;
                thought = Some(Thought {
                    text: text.unwrap_or_default(),
                    signature: signature.map(|text| Seal::read(OWN, text)),
                    ..Thought::default()
                });
            }
            "redactedContent" => {
                thought = read::string(r)?.map(|data| Thought {
                    encrypted: Some(read_redacted(data)),
                    ..Thought::default()
                });
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(thought.map(Part::Reasoning))
}

/// A text and what backs it.
fn cited(
    r: &mut Reader<'_>,
    parts: &mut Vec<Part>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    let (mut text, mut citations) = (String::new(), Vec::new());
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "content" if r.kind()? == Kind::Array => text = files::texts(r)?,
            "citations" if r.kind()? == Kind::Array => {
                r.array::<DecodeError>(|r, _index| {
                    citations.push(Part::Citation(citation::read(r, unread)?));
                    Ok(())
                })?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    parts.push(Part::Text(text));
    parts.append(&mut citations);
    Ok(())
}

/// What a guardrail of the provider is to look at: content like any other elsewhere, where
/// no such guardrail is.
fn guarded(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let mut part = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "image" => part = files::read(r, unread)?.image(),
            "text" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "text" {
                        part = read::string(r)?.map(Part::Text);
                    }
                    Ok(())
                })?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    unread.add(Loss::Content("guardContent"));
    Ok(part)
}
