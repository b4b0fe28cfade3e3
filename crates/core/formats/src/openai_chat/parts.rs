//! Writes content parts, of a request or of an answer.

use std::borrow::Cow;

use crate::exchange::{Document, DocumentContent, Image, Part, Seal, Thought, ToolCall};
use crate::format::FormatId;
use crate::loss::{Carry, Loss};
use crate::openai::audio_format;
use crate::openai_chat::reasoning;
use crate::write::{Array, Object};

/// Where an assistant's message stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In an answer: content is one string, and all reasoning is told.
    Answer,
    /// As [`Self::Answer`], for clients that look for reasoning in the content.
    Parts,
    /// In a request. Reasoning that is bound to another provider by a signature stays
    /// out: only what servers of this format gave as `reasoning_content` is given
    /// back, which some of them ask for and others refuse.
    Request,
}

/// Writes `content` of a message that is not the assistant's: a string when it is one
/// text, else an array.
pub(super) fn write_content(o: &mut Object<'_>, parts: &[Part], carry: &mut Carry<'_>) {
    if parts.iter().any(is_mark) {
        carry.lose_parameter("cache_control");
    }
    // Servers that do not read arrays are many, so one text is never put into one.
    let mut rest = parts.iter().filter(|part| !is_mark(part));
    match (rest.next(), rest.next()) {
        (None, _) => o.string("content", ""),
        (Some(Part::Text(text)), None) => o.string("content", text),
        _ => o.array("content", |a| {
            for part in parts.iter().filter(|part| !is_mark(part)) {
                write_part(a, part, carry);
            }
        }),
    }
}

const fn is_mark(part: &Part) -> bool {
    matches!(part, Part::CacheMark(_))
}

fn write_part(a: &mut Array<'_>, part: &Part, carry: &mut Carry<'_>) {
    match part {
        Part::Text(text) => write_text(a, text),
        Part::Image(image) => write_image(a, image),
        Part::Document(document) => write_document(a, document, carry),
        Part::Refusal(text) => a.object(|o| {
            o.string("type", "refusal");
            o.string("refusal", text);
        }),
        Part::Other { json, .. } if carry.own => a.raw(json),
        Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
        Part::CacheMark(_) => carry.lose_parameter("cache_control"),
        Part::Audio { media_type, base64 } => write_audio(a, media_type, base64, carry),
        Part::Video(_) => carry.lose_content("video"),
        Part::Citation(_) => carry.lose_content("citation"),
        Part::Reasoning(_) => carry.lose_content("reasoning"),
        Part::ToolCall(_) => carry.lose_content("tool_call"),
        Part::ToolResult(_) => carry.lose_content("tool_result"),
    }
}

fn write_text(a: &mut Array<'_>, text: &str) {
    a.object(|o| {
        o.string("type", "text");
        o.string("text", text);
    });
}

/// Writes an image by its URL, which holds it where it is inline.
pub(crate) fn write_image(a: &mut Array<'_>, image: &Image) {
    let (Image::Url { detail, .. } | Image::Inline { detail, .. }) = image;
    a.object(|o| {
        o.string("type", "image_url");
        o.object("image_url", |o| {
            o.string("url", &image.url());
            o.optional("detail", detail.as_deref());
        });
    });
}

/// A document of plain text has no part of its own here; it is text, after its title.
fn write_document(a: &mut Array<'_>, document: &Document, carry: &mut Carry<'_>) {
    let title = document.title.as_deref();
    match &document.content {
        DocumentContent::File { media_type, base64 } => a.object(|o| {
            o.string("type", "file");
            o.object("file", |o| {
                o.string("filename", title.unwrap_or("document"));
                o.string("file_data", &format!("data:{media_type};base64,{base64}"));
            });
        }),
        DocumentContent::Text(text) => match title {
            Some(title) => write_text(a, &format!("{title}\n\n{text}")),
            None => write_text(a, text),
        },
        DocumentContent::Url(_) => carry.lose_content("document"),
    }
}

fn write_audio(a: &mut Array<'_>, media_type: &str, base64: &str, carry: &mut Carry<'_>) {
    let Some(format) = audio_format(media_type) else {
        return carry.lose_content("audio");
    };
    a.object(|o| {
        o.string("type", "input_audio");
        o.object("input_audio", |o| {
            o.string("data", base64);
            o.string("format", format);
        });
    });
}

/// Writes the members of an assistant's message after its role.
pub(super) fn write_assistant(
    o: &mut Object<'_>,
    parts: &[Part],
    place: Place,
    carry: &mut Carry<'_>,
) {
    let bound_stays_out = place == Place::Request && !carry.own;
    let mut content = Vec::new();
    let mut thoughts = Vec::new();
    let mut calls = Vec::new();
    let mut refusal: Option<String> = None;
    for part in parts {
        match part {
            Part::ToolCall(call) => calls.push(call),
            Part::Refusal(text) => refusal.get_or_insert_default().push_str(text),
            Part::Reasoning(thought) if bound_stays_out && thought.is_bound() => {
                carry.lose_content("reasoning");
            }
            Part::Reasoning(thought) => thoughts.push(thought),
            Part::Text(_) => content.push(part.clone()),
            Part::Other { kind, .. } if !carry.own || place != Place::Request => {
                carry.lose(Loss::content(kind));
            }
            Part::CacheMark(_) => carry.lose_parameter("cache_control"),
            Part::Image(_) => carry.lose_content("image"),
            Part::Audio { .. } => carry.lose_content("audio"),
            Part::Video(_) => carry.lose_content("video"),
            Part::Citation(_) => carry.lose_content("citation"),
            Part::Document(_) => carry.lose_content("document"),
            Part::ToolResult(_) => carry.lose_content("tool_result"),
            Part::Other { .. } => content.push(part.clone()),
        }
    }
    if place == Place::Parts {
        let said = refusal.take().unwrap_or_default();
        write_thoughts(o, &thoughts, &(joined(&content) + &said));
        thoughts.clear();
    } else if content.is_empty() && (!calls.is_empty() || refusal.is_some()) {
        o.null("content");
    } else if place == Place::Answer {
        o.string("content", &joined(&content));
    } else {
        write_content(o, &content, carry);
    }
    o.optional("refusal", refusal.as_deref());
    reasoning::write(o, &thoughts);
    if !calls.is_empty() {
        o.array("tool_calls", |a| {
            calls.iter().for_each(|call| write_call(a, call, place));
        });
    }
}

/// Writes thoughts and what was said as one content: one string where nothing was thought.
fn write_thoughts(o: &mut Object<'_>, thoughts: &[&Thought], said: &str) {
    if thoughts.is_empty() {
        return o.string("content", said);
    }
    o.array("content", |a| {
        for thought in thoughts {
            write_thought(
                a,
                &thought.text,
                thought.signature.as_ref(),
                thought.encrypted.as_ref(),
            );
        }
        if !said.is_empty() {
            write_text(a, said);
        }
    });
}

/// Before a seal that is the thought itself, where there is a place for one seal only.
pub(super) const ENCRYPTED: char = '~';

/// Writes a thought, or a piece of one, as a part of the content.
pub(super) fn write_thought(
    a: &mut Array<'_>,
    text: &str,
    signature: Option<&Seal>,
    encrypted: Option<&Seal>,
) {
    a.object(|o| {
        o.string("type", "thinking");
        o.array("thinking", |a| {
            if !text.is_empty() {
                write_text(a, text);
            }
        });
        let kept = |seal: &Seal| seal.kept_by(FormatId::OpenaiChat).into_owned();
        let encrypted = encrypted.map(|seal| format!("{ENCRYPTED}{}", kept(seal)));
        let seal = encrypted.or_else(|| signature.map(kept));
        o.optional("signature", seal.as_deref());
    });
}

/// The texts of an answer as one: blocks are cut where a citation begins, not where a
/// sentence ends.
fn joined(content: &[Part]) -> String {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        _ => String::new(),
    };
    content.iter().map(text).collect()
}

/// The id of a call. A caller keeps in it what the call's maker wants back.
fn call_id(call: &ToolCall, place: Place) -> Cow<'_, str> {
    match &call.signature {
        Some(seal) if place != Place::Request => Cow::Owned(seal.in_id(&call.id)),
        _ => Cow::Borrowed(&call.id),
    }
}

/// Writes a tool call of an assistant.
pub(crate) fn write_call(a: &mut Array<'_>, call: &ToolCall, place: Place) {
    a.object(|o| {
        o.string("id", &call_id(call, place));
        o.string("type", "function");
        o.object("function", |o| {
            o.string("name", &call.name);
            o.string(
                "arguments",
                if call.arguments.is_empty() {
                    "{}"
                } else {
                    &call.arguments
                },
            );
        });
    });
}
