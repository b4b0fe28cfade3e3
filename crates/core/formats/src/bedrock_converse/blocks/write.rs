//! Writes content blocks.

use std::borrow::Cow;

use serde_json::value::RawValue;

use super::files::{File, Names};
use super::{citation, seal};
use crate::bedrock_converse::OWN;
use crate::exchange::{Image, Part, Seal, Thought, ToolCall, ToolResult};
use crate::loss::{Carry, Loss};
use crate::read::{self, object_text};
use crate::view::hash;
use crate::write::{Array, Object};

/// Where blocks stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::bedrock_converse) enum Place {
    /// In an answer: all reasoning is shown.
    Answer,
    /// In a request: the provider refuses reasoning that it has not signed.
    Request,
}

/// True for a part that says nothing: the provider refuses blank texts.
pub(in crate::bedrock_converse) fn is_nothing(part: &Part) -> bool {
    matches!(part, Part::Text(text) | Part::Refusal(text) if text.trim().is_empty())
}

/// Writes the blocks of one message after the other.
pub(in crate::bedrock_converse) struct Blocks<'c, 'l> {
    place: Place,
    /// Names of documents so far: each has one of its own.
    names: Names,
    pub(in crate::bedrock_converse) carry: &'c mut Carry<'l>,
}

impl<'c, 'l> Blocks<'c, 'l> {
    pub(in crate::bedrock_converse) fn new(place: Place, carry: &'c mut Carry<'l>) -> Self {
        Self {
            place,
            names: Names::default(),
            carry,
        }
    }

    /// Writes parts as blocks.
    pub(in crate::bedrock_converse) fn write<'p>(
        &mut self,
        a: &mut Array<'_>,
        parts: impl IntoIterator<Item = &'p Part>,
    ) {
        let is_request = self.place == Place::Request;
        let says = |part: &&Part| match part {
            Part::Text(text) if !is_request => !text.is_empty(),
            part => !is_nothing(part),
        };
        let mut parts = parts.into_iter().filter(says).peekable();
        // A mark with nothing before it marks nothing.
        let mut has_some = false;
        while let Some(part) = parts.next() {
            match part {
                Part::Text(text) if matches!(parts.peek(), Some(Part::Citation(_))) => {
                    let mut citations = Vec::new();
                    while let Some(Part::Citation(citation)) = parts.peek() {
                        citations.push(citation);
                        parts.next();
                    }
                    a.object(|o| {
                        o.object("citationsContent", |o| {
                            o.array("content", |a| a.object(|o| o.string("text", text)));
                            o.array("citations", |a| {
                                for cited in citations {
                                    a.object(|o| citation::write(o, cited));
                                }
                            });
                        });
                    });
                }
                Part::CacheMark(_) if !has_some => self.carry.lose_parameter("cache_control"),
                part => self.block(a, part),
            }
            has_some = true;
        }
    }

    fn block(&mut self, a: &mut Array<'_>, part: &Part) {
        match part {
            Part::Text(text) | Part::Refusal(text) => a.object(|o| o.string("text", text)),
            Part::Image(image) => {
                let (Image::Url { detail, .. } | Image::Inline { detail, .. }) = image;
                if detail.as_deref().is_some_and(|detail| detail != "auto") {
                    self.carry.lose_parameter("detail");
                }
                self.file(a, "image", File::image(image));
            }
            Part::Document(document) => {
                let file = File::document(document, &mut self.names);
                self.file(a, "document", file);
            }
            Part::Audio { media_type, base64 } => {
                self.file(a, "audio", File::sound(media_type, base64));
            }
            Part::Video(video) => self.file(a, "video", File::video(video)),
            Part::CacheMark(mark) => a.object(|o| write_mark(o, mark)),
            Part::Reasoning(thought) => self.thought(a, thought),
            Part::Citation(_) => self.carry.lose_content("citation"),
            Part::ToolCall(call) => a.object(|o| {
                o.object("toolUse", |o| self.call(o, call));
            }),
            Part::ToolResult(result) => a.object(|o| {
                o.object("toolResult", |o| self.result(o, result));
            }),
            Part::Other { json, .. } if self.carry.own => a.raw(json),
            Part::Other { kind, .. } => self.carry.lose(Loss::content(kind)),
        }
    }

    fn file(&mut self, a: &mut Array<'_>, kind: &'static str, file: Option<File<'_>>) {
        match file {
            Some(file) => a.object(|o| o.object(kind, |o| file.write(o))),
            None => self.carry.lose_content(kind),
        }
    }

    /// Reasoning goes back to whoever signed it, and to a caller with whatever it needs to
    /// send it back.
    fn thought(&mut self, a: &mut Array<'_>, thought: &Thought) {
        if self.place == Place::Request && !thought.is_bound_to(OWN) {
            return self.carry.lose_content("reasoning");
        }
        let mut block = |fill: &dyn Fn(&mut Object<'_>)| {
            a.object(|o| o.object("reasoningContent", |o| fill(o)));
        };
        if !thought.text.is_empty() || thought.encrypted.is_none() {
            let signature = thought.signature.as_ref().map(|seal| seal.kept_by(OWN));
            block(&|o| {
                o.object("reasoningText", |o| {
                    o.string("text", &thought.text);
                    o.optional("signature", signature.as_deref());
                });
            });
        }
        if let Some(encrypted) = &thought.encrypted {
            let data = seal::write_redacted(encrypted);
            block(&|o| o.string("redactedContent", &data));
        }
    }

    fn call(&mut self, o: &mut Object<'_>, call: &ToolCall) {
        let kept = call.signature.as_ref();
        let kept = kept.filter(|_| self.place == Place::Answer);
        o.string("toolUseId", &written_id(&call.id, kept));
        o.string("name", &call.name);
        // Arguments that are no JSON object have no form here; they go under one name, so
        // that nothing the model said is gone.
        match object_text(&call.arguments) {
            Some(input) => o.json("input", input),
            None => {
                self.carry.lose_content("tool_arguments");
                o.object("input", |o| o.string("arguments", &call.arguments));
            }
        }
    }

    fn result(&mut self, o: &mut Object<'_>, result: &ToolResult) {
        o.string("toolUseId", &written_id(&result.call_id, None));
        o.array("content", |a| self.write(a, &result.parts));
        if result.is_error {
            o.string("status", "error");
        }
    }
}

/// Writes the marker of a cache breakpoint.
pub(in crate::bedrock_converse) fn write_mark(o: &mut Object<'_>, mark: &RawValue) {
    let ttl = read::member_text(mark.get(), "ttl");
    o.object("cachePoint", |o| {
        o.string("type", "default");
        o.optional(
            "ttl",
            ttl.as_deref().filter(|ttl| matches!(*ttl, "5m" | "1h")),
        );
    });
}

/// An id as the provider takes it: letters, digits and `_.:-`, 64 at most. A call and its
/// result change alike, so they still belong together.
pub(in crate::bedrock_converse) fn written_id<'i>(
    id: &'i str,
    seal: Option<&Seal>,
) -> Cow<'i, str> {
    const BYTES_MAX: usize = 64;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
    let mut written = if id.is_empty() {
        Cow::Borrowed("call")
    } else if id.len() <= BYTES_MAX && id.chars().all(allowed) {
        Cow::Borrowed(id)
    } else {
        let plain = id.chars().map(|c| if allowed(c) { c } else { '_' });
        Cow::Owned(plain.collect())
    };
    // What travels in an id is for a caller, who keeps all of it.
    if written.len() > BYTES_MAX && Seal::from_id(id).1.is_none() {
        let start: String = written.chars().take(BYTES_MAX - 9).collect();
        written = Cow::Owned(format!("{start}-{:08x}", hash(0, id.as_bytes())));
    }
    match seal {
        Some(seal) => Cow::Owned(seal.in_id(&written)),
        None => written,
    }
}
