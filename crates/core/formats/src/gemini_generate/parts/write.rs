//! Writes parts.

use std::borrow::Cow;

use tollgate_wire::json::{self, Reader};

use crate::exchange::{
    Document, DocumentContent, Image, Part, Source, Thought, ToolCall, ToolResult,
};
use crate::gemini_generate::{OWN, ids, kept};
use crate::loss::{Carry, Loss};
use crate::read::object_text;
use crate::write::{Array, Object};

/// Where parts stand.
#[derive(Clone, Copy)]
pub(in crate::gemini_generate) enum Place<'n> {
    /// In an answer: the caller keeps what every provider wants back.
    Answer,
    /// In a request.
    Request {
        /// What a call has that no provider of this format signed.
        unsigned: Option<&'n str>,
        /// The function of the call with an id.
        names: &'n dyn Fn(&str) -> String,
    },
}

impl Place<'_> {
    const fn is_answer(self) -> bool {
        matches!(self, Self::Answer)
    }
}

/// Writes parts. A signature alone belongs to the text behind it, or to an empty one.
pub(in crate::gemini_generate) fn write_parts<'p>(
    a: &mut Array<'_>,
    parts: impl IntoIterator<Item = &'p Part>,
    place: Place<'_>,
    carry: &mut Carry<'_>,
) {
    let mut signature: Option<&str> = None;
    let mut unsigned = match place {
        Place::Answer => None,
        Place::Request { unsigned, .. } => unsigned,
    };
    let mut media = Vec::new();
    for part in parts {
        match part {
            Part::ToolResult(result) => {
                flush(a, &mut signature);
                write_result(a, result, place, carry);
                media.extend(result.parts.iter().filter(|part| is_media(part)));
            }
            Part::Text(text) | Part::Refusal(text) => {
                let signature = signature.take();
                if !text.is_empty() || signature.is_some() {
                    write_text(a, text, signature);
                }
            }
            Part::Reasoning(thought) => {
                flush(a, &mut signature);
                signature = write_thought(a, thought, place, carry);
            }
            Part::ToolCall(call) => {
                flush(a, &mut signature);
                let own = signature_of(call, place, carry);
                let signature = own.as_deref().or(unsigned);
                a.object(|o| write_call(o, call, signature, carry));
                unsigned = None;
            }
            other => {
                flush(a, &mut signature);
                write_part(a, other, carry);
            }
        }
    }
    flush(a, &mut signature);
    for part in media {
        write_part(a, part, carry);
    }
}

/// What a result has no place for that every model reads.
const fn is_media(part: &Part) -> bool {
    matches!(
        part,
        Part::Image(_) | Part::Document(_) | Part::Audio { .. } | Part::Video(_)
    )
}

/// The signature of a call, for whoever reads the message.
fn signature_of<'c>(
    call: &'c ToolCall,
    place: Place<'_>,
    carry: &mut Carry<'_>,
) -> Option<Cow<'c, str>> {
    let seal = call.signature.as_ref()?;
    match seal.known_to(OWN) {
        Some(own) => Some(Cow::Borrowed(own)),
        None if place.is_answer() => kept::write_seal(seal).map(Cow::Owned),
        None => {
            carry.lose_content("reasoning_signature");
            None
        }
    }
}

fn flush(a: &mut Array<'_>, signature: &mut Option<&str>) {
    if let Some(signature) = signature.take() {
        write_text(a, "", Some(signature));
    }
}

fn write_text(a: &mut Array<'_>, text: &str, signature: Option<&str>) {
    a.object(|o| {
        o.string("text", text);
        o.optional("thoughtSignature", signature);
    });
}

/// Writes reasoning. Gives the signature of the part behind it, which is where the
/// provider had it.
fn write_thought<'p>(
    a: &mut Array<'_>,
    thought: &'p Thought,
    place: Place<'_>,
    carry: &mut Carry<'_>,
) -> Option<&'p str> {
    let own = thought
        .signature
        .as_ref()
        .and_then(|seal| seal.known_to(OWN));
    let is_answer = place.is_answer();
    if thought.is_bound() && own.is_none() && !is_answer {
        carry.lose_content("reasoning_signature");
    }
    let kept = kept::write(thought).filter(|_| is_answer && own.is_none());
    if !thought.text.is_empty() || kept.is_some() {
        a.object(|o| {
            o.string("text", &thought.text);
            o.bool("thought", true);
            o.optional("thoughtSignature", kept.as_deref());
        });
    }
    own
}

/// Writes a function call. Arguments that are no JSON object, which models write at
/// times, have no form here; they go under one name.
fn write_call(o: &mut Object<'_>, call: &ToolCall, signature: Option<&str>, carry: &mut Carry<'_>) {
    o.object("functionCall", |o| {
        write_id(o, &call.id);
        o.string("name", &call.name);
        match object_text(&call.arguments) {
            Some(args) => o.json("args", args),
            None => {
                carry.lose_content("tool_arguments");
                o.object("args", |o| o.string("arguments", &call.arguments));
            }
        }
    });
    o.optional("thoughtSignature", signature);
}

/// An id that was made here means nothing to anybody.
fn write_id(o: &mut Object<'_>, id: &str) {
    if !id.is_empty() && !ids::is_made(id) {
        o.string("id", id);
    }
}

fn write_part(a: &mut Array<'_>, part: &Part, carry: &mut Carry<'_>) {
    match part {
        Part::Image(image) => write_image(a, image, carry),
        Part::Document(document) => write_document(a, document),
        Part::Audio { media_type, base64 } | Part::Video(Source::Inline { media_type, base64 }) => {
            write_inline(a, media_type, base64, None);
        }
        Part::Video(Source::Url(url)) => write_file(a, url, ("video/mp4", None)),
        Part::Other { json, .. } if carry.own => a.raw(json),
        Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
        Part::CacheMark(_) => carry.lose_parameter("cache_control"),
        Part::Citation(_) => carry.lose_content("citation"),
        Part::Text(_)
        | Part::Refusal(_)
        | Part::Reasoning(_)
        | Part::ToolCall(_)
        | Part::ToolResult(_) => {}
    }
}

fn write_inline(a: &mut Array<'_>, media_type: &str, base64: &str, title: Option<&str>) {
    a.object(|o| {
        o.object("inlineData", |o| {
            o.string("mimeType", media_type);
            o.string("data", base64);
            o.optional("displayName", title);
        });
    });
}

fn write_file(a: &mut Array<'_>, url: &str, (otherwise, title): (&str, Option<&str>)) {
    a.object(|o| {
        o.object("fileData", |o| {
            o.string("mimeType", media_type_of(url).unwrap_or(otherwise));
            o.string("fileUri", url);
            o.optional("displayName", title);
        });
    });
}

fn write_image(a: &mut Array<'_>, image: &Image, carry: &mut Carry<'_>) {
    let (Image::Url { detail, .. } | Image::Inline { detail, .. }) = image;
    if detail.as_deref().is_some_and(|detail| detail != "auto") {
        carry.lose_parameter("detail");
    }
    match image {
        Image::Url { url, .. } => {
            let known = media_type_of(url).filter(|known| known.starts_with("image/"));
            a.object(|o| {
                o.object("fileData", |o| {
                    o.string("mimeType", known.unwrap_or("image/jpeg"));
                    o.string("fileUri", url);
                });
            });
        }
        Image::Inline {
            media_type, base64, ..
        } => write_inline(a, media_type, base64, None),
    }
}

/// A document of plain text is text, after its title.
fn write_document(a: &mut Array<'_>, document: &Document) {
    let title = document.title.as_deref();
    match &document.content {
        DocumentContent::File { media_type, base64 } => write_inline(a, media_type, base64, title),
        DocumentContent::Url(url) => write_file(a, url, ("application/pdf", title)),
        DocumentContent::Text(text) => {
            let text = match title {
                Some(title) => Cow::Owned(format!("{title}\n\n{text}")),
                None => Cow::Borrowed(text.as_str()),
            };
            write_text(a, &text, None);
        }
    }
}

/// The media type that the end of an address tells.
fn media_type_of(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let (_before, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "heic" => "image/heic",
        "heif" => "image/heif",
        "pdf" => "application/pdf",
        "txt" => "text/plain",
        "html" | "htm" => "text/html",
        "csv" => "text/csv",
        "md" => "text/markdown",
        "mp4" => "video/mp4",
        "mov" => "video/mov",
        "webm" => "video/webm",
        "mpeg" | "mpg" => "video/mpeg",
        _ => return None,
    })
}

/// Writes the result of a function, by its name. Pictures and the like stand behind the last
/// one.
fn write_result(a: &mut Array<'_>, result: &ToolResult, place: Place<'_>, carry: &mut Carry<'_>) {
    let texts = result.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        _ => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    a.object(|o| {
        o.object("functionResponse", |o| {
            write_id(o, &result.call_id);
            let name = match place {
                Place::Answer => result.call_id.clone(),
                Place::Request { names, .. } => names(&result.call_id),
            };
            o.string("name", &name);
            match object_text(&text).filter(|_| says_itself(&text) && !result.is_error) {
                Some(object) => o.json("response", object),
                None => o.object("response", |o| {
                    o.string(if result.is_error { "error" } else { "output" }, &text);
                }),
            }
        });
    });
    for part in &result.parts {
        match part {
            Part::Text(_) => {}
            part if is_media(part) => {}
            Part::CacheMark(_) => carry.lose_parameter("cache_control"),
            _ => carry.lose_content("tool_result"),
        }
    }
}

/// Whether the text of a JSON object can be the response itself: `output` and `error`
/// have a meaning there.
fn says_itself(text: &str) -> bool {
    let Ok(mut reader) = Reader::new(text.trim_ascii().as_bytes()) else {
        return false;
    };
    let mut fits = true;
    let read = reader.object::<json::Error>(|_r, key| {
        fits &= !matches!(key.as_str(), "output" | "error");
        Ok(())
    });
    read.is_ok() && fits
}
