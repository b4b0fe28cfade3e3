//! Content of a message: a text, or a list of parts.

use tollgate_wire::json::{Kind, Reader};

use super::document;
use crate::exchange::{Part, Seal, Thought};
use crate::format::DecodeError;
use crate::loss::{Carry, Losses};
use crate::openai_chat::{read_image, write_image};
use crate::read;
use crate::write::{Array, Object};

/// Makes a seal of what stands in a message, a caller's or a provider's.
pub(super) type MakeSeal = fn(String) -> Seal;

/// The members of a part as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    known: Option<Part>,
    thought: Option<Thought>,
    unread: Losses,
}

/// Reads content. Each part of a list is one part, in its place.
pub(super) fn read(
    r: &mut Reader<'_>,
    seal: MakeSeal,
    unread: &mut Losses,
) -> Result<Vec<Part>, DecodeError> {
    let mut parts = Vec::new();
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| {
                parts.push(part(r, seal, unread)?);
                Ok::<_, DecodeError>(())
            })?;
        }
        Kind::Object => parts.push(part(r, seal, unread)?),
        _ => parts.extend(
            read::string(r)?
                .filter(|text| !text.is_empty())
                .map(Part::Text),
        ),
    }
    Ok(parts)
}

fn part(r: &mut Reader<'_>, seal: MakeSeal, unread: &mut Losses) -> Result<Part, DecodeError> {
    if r.kind()? == Kind::String {
        return Ok(Part::Text(read::string(r)?.unwrap_or_default()));
    }
    let mut met = Met::default();
    let span = r.object(|r, key| member(r, &key, seal, &mut met))?;
    let known = met.known.or_else(|| met.thought.map(Part::Reasoning));
    Ok(match known {
        Some(part) => {
            unread.extend(&met.unread);
            part
        }
        None => Part::Other {
            kind: met.kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        },
    })
}

fn member(r: &mut Reader<'_>, key: &str, seal: MakeSeal, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "text" => met.known = read::string(r)?.map(Part::Text),
        "image_url" => met.known = read_image(r, &mut met.unread)?.map(Part::Image),
        "document" => {
            let document = document::read(r, None, &mut met.unread)?;
            met.known = Some(Part::Document(document));
        }
        "thinking" => {
            let text = read::string(r)?.unwrap_or_default();
            met.thought.get_or_insert_default().text = text;
        }
        // What callers keep for other formats' providers.
        "signature" if r.kind()? == Kind::String => {
            let signature = read::string(r)?.filter(|text| !text.is_empty());
            met.thought.get_or_insert_default().signature = signature.map(seal);
        }
        "data" if r.kind()? == Kind::String => {
            let encrypted = read::string(r)?.filter(|text| !text.is_empty());
            met.thought.get_or_insert_default().encrypted = encrypted.map(seal);
        }
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

/// Writes `content` of a message that is not the assistant's: a string where it is one text.
pub(super) fn write(o: &mut Object<'_>, parts: &[&Part], carry: &mut Carry<'_>) {
    match parts {
        [] => o.string("content", ""),
        [Part::Text(text)] => o.string("content", text),
        _ => o.array("content", |a| {
            for part in parts {
                write_part(a, part, carry);
            }
        }),
    }
}

fn write_part(a: &mut Array<'_>, part: &Part, carry: &mut Carry<'_>) {
    match part {
        Part::Text(text) | Part::Refusal(text) => write_text(a, text),
        Part::Image(image) => write_image(a, image),
        Part::Other { json, .. } if carry.own => a.raw(json),
        other => carry.lose_part(other),
    }
}

/// Writes a part of text.
pub(super) fn write_text(a: &mut Array<'_>, text: &str) {
    a.object(|o| {
        o.string("type", "text");
        o.string("text", text);
    });
}
