//! Writes content blocks.

use serde_json::value::RawValue;

use crate::exchange::{
    Document, DocumentContent, Image, Part, Seal, Thought, ToolCall, ToolResult,
};
use crate::format::FormatId;
use crate::loss::{Carry, Loss};
use crate::read::object_text;
use crate::write::{Array, Object};

/// Where blocks stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::anthropic_messages) enum Place {
    /// In an answer: unsigned reasoning is shown.
    Answer,
    /// In a request: the provider refuses reasoning that it has not signed.
    Request,
}

/// Writes parts as blocks. Empty texts are left out, because the provider refuses them.
pub(in crate::anthropic_messages) fn write_blocks<'p>(
    a: &mut Array<'_>,
    parts: impl IntoIterator<Item = &'p Part>,
    place: Place,
    carry: &mut Carry<'_>,
) {
    let mut parts = parts
        .into_iter()
        .filter(|part| !is_nothing(part, place))
        .peekable();
    while let Some(part) = parts.next() {
        let mut cache = None;
        while let Some(Part::CacheMark(mark)) = parts.peek() {
            cache = Some(&**mark);
            parts.next();
        }
        write_block(a, part, cache, place, carry);
    }
}

/// True for a part that this format has no block for and that says nothing.
pub(in crate::anthropic_messages) fn is_nothing(part: &Part, place: Place) -> bool {
    match part {
        Part::Text(text) if place == Place::Request => text.trim().is_empty(),
        Part::Text(text) | Part::Refusal(text) => text.is_empty(),
        _ => false,
    }
}

fn write_block(
    a: &mut Array<'_>,
    part: &Part,
    cache: Option<&RawValue>,
    place: Place,
    carry: &mut Carry<'_>,
) {
    match part {
        Part::Text(text) | Part::Refusal(text) => {
            block(a, "text", cache, |o| o.string("text", text));
        }
        Part::Image(image) => {
            lose_detail(image, carry);
            block(a, "image", cache, |o| {
                o.object("source", |o| write_source(o, image));
            });
        }
        Part::Document(document) if is_readable(document) => {
            block(a, "document", cache, |o| write_document(o, document));
        }
        Part::Document(_) => carry.lose_content("document"),
        Part::Reasoning(thought) => write_thought(a, thought, place, carry),
        Part::Audio { .. } => carry.lose_content("audio"),
        Part::Video(_) => carry.lose_content("video"),
        Part::Citation(_) => carry.lose_content("citation"),
        Part::ToolCall(call) => block(a, "tool_use", cache, |o| write_call(o, call, place, carry)),
        Part::ToolResult(result) => block(a, "tool_result", cache, |o| {
            write_result(o, result, place, carry);
        }),
        Part::Other { json, .. } if carry.own => a.raw(json),
        Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
        // A mark with nothing before it.
        Part::CacheMark(_) => carry.lose_parameter("cache_control"),
    }
}

/// Reasoning goes back to whoever signed it, and to a caller with whatever it needs to
/// send it back.
fn write_thought(a: &mut Array<'_>, thought: &Thought, place: Place, carry: &mut Carry<'_>) {
    const OWN: FormatId = FormatId::AnthropicMessages;
    if place == Place::Request && !thought.is_bound_to(OWN) {
        return carry.lose_content("reasoning");
    }
    let kept = |seal: &Option<Seal>| seal.as_ref().map(|seal| seal.kept_by(OWN).into_owned());
    if let Some(data) = kept(&thought.encrypted) {
        if !thought.text.is_empty() {
            block(a, "thinking", None, |o| {
                o.string("thinking", &thought.text);
                o.string("signature", "");
            });
        }
        return block(a, "redacted_thinking", None, |o| o.string("data", &data));
    }
    block(a, "thinking", None, |o| {
        o.string("thinking", &thought.text);
        o.string("signature", &kept(&thought.signature).unwrap_or_default());
    });
}

fn block(
    a: &mut Array<'_>,
    kind: &str,
    cache: Option<&RawValue>,
    fill: impl FnOnce(&mut Object<'_>),
) {
    a.object(|o| {
        o.string("type", kind);
        fill(o);
        if let Some(cache) = cache {
            o.raw("cache_control", cache);
        }
    });
}

fn lose_detail(image: &Image, carry: &mut Carry<'_>) {
    let (Image::Url { detail, .. } | Image::Inline { detail, .. }) = image;
    if detail.as_deref().is_some_and(|detail| detail != "auto") {
        carry.lose_parameter("detail");
    }
}

fn write_source(o: &mut Object<'_>, image: &Image) {
    match image {
        Image::Url { url, .. } => {
            o.string("type", "url");
            o.string("url", url);
        }
        Image::Inline {
            media_type, base64, ..
        } => {
            o.string("type", "base64");
            o.string("media_type", media_type);
            o.string("data", base64);
        }
    }
}

/// Of files, the provider reads PDF only.
fn is_readable(document: &Document) -> bool {
    match &document.content {
        DocumentContent::File { media_type, .. } => media_type == "application/pdf",
        DocumentContent::Text(_) | DocumentContent::Url(_) => true,
    }
}

fn write_document(o: &mut Object<'_>, document: &Document) {
    o.object("source", |o| match &document.content {
        DocumentContent::File { media_type, base64 } => {
            o.string("type", "base64");
            o.string("media_type", media_type);
            o.string("data", base64);
        }
        DocumentContent::Url(url) => {
            o.string("type", "url");
            o.string("url", url);
        }
        DocumentContent::Text(text) => {
            o.string("type", "text");
            o.string("media_type", "text/plain");
            o.string("data", text);
        }
    });
    o.optional("title", document.title.as_deref());
}

/// Arguments that are no JSON object, which models write at times, have no form here;
/// they go under one name, so that nothing the model said is gone.
fn write_call(o: &mut Object<'_>, call: &ToolCall, place: Place, carry: &mut Carry<'_>) {
    let kept = call.signature.as_ref().filter(|_| place == Place::Answer);
    let written = kept.map_or_else(|| id(&call.id), |seal| seal.in_id(&id(&call.id)));
    o.string("id", &written);
    o.string("name", &call.name);
    match object_text(&call.arguments) {
        Some(input) => o.json("input", input),
        None => {
            carry.lose_content("tool_arguments");
            o.object("input", |o| o.string("arguments", &call.arguments));
        }
    }
}

fn write_result(o: &mut Object<'_>, result: &ToolResult, place: Place, carry: &mut Carry<'_>) {
    o.string("tool_use_id", &id(&result.call_id));
    match result.parts.as_slice() {
        [] => {}
        [Part::Text(text)] => o.string("content", text),
        parts => o.array("content", |a| write_blocks(a, parts, place, carry)),
    }
    if result.is_error {
        o.bool("is_error", true);
    }
}

/// The provider takes letters, digits, `_` and `-` in an id; other servers' ids have
/// more. A call and its result change alike, so they still belong together.
pub(in crate::anthropic_messages) fn id(id: &str) -> String {
    if id.is_empty() {
        return "call".to_owned();
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    id.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}
