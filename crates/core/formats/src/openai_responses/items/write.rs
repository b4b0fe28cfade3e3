//! Writes items.

use std::borrow::Cow;
use std::cell::LazyCell;

use super::read::SIGNATURE;
use crate::exchange::{
    Citation, Document, DocumentContent, Image, Message, Part, Role, Seal, Thought, TokenLogprob,
    ToolCall, ToolResult,
};
use crate::format::{Dialect, FormatId};
use crate::loss::{Carry, Loss};
use crate::openai::{audio_format, write_logprobs};
use crate::write::{Array, Object};

const OWN: FormatId = FormatId::OpenaiResponses;

/// Where items stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::openai_responses) enum Side<'a> {
    /// In an answer, after whose id they are called, with what is known of its tokens:
    /// reasoning is shown, and kept.
    Answer(&'a str, &'a [TokenLogprob]),
    /// In a request: the provider refuses reasoning that it has not made.
    Request,
}

impl Side<'_> {
    /// Names an item of an answer.
    fn name(self, o: &mut Object<'_>, prefix: &str, index: usize) {
        if let Self::Answer(answer, _) = self {
            o.string("id", &format!("{prefix}_{answer}_{index}"));
        }
    }

    /// Says that an item of an answer is whole.
    fn completed(self, o: &mut Object<'_>) {
        if self != Self::Request {
            o.string("status", "completed");
        }
    }
}

/// Writes the items of one turn.
pub(in crate::openai_responses) fn write_turn(
    a: &mut Array<'_>,
    message: &Message,
    dialect: Dialect,
    carry: &mut Carry<'_>,
) {
    if message.name.is_some() {
        carry.lose_parameter("name");
    }
    match message.role {
        Role::System => write_message(a, system_role(dialect), &message.parts, carry),
        Role::User => write_message(a, "user", &message.parts, carry),
        Role::Assistant => {
            write_items(a, &message.parts, Side::Request, carry);
        }
        Role::Tool => {
            for part in &message.parts {
                match part {
                    Part::ToolResult(result) => write_result(a, result, carry),
                    Part::Other { json, .. } if carry.own => a.raw(json),
                    Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
                    Part::CacheMark(_) => carry.lose_parameter("cache_control"),
                    _ => carry.lose_content("tool_result"),
                }
            }
        }
    }
}

/// Servers beside OpenAI know the older word for instructions.
pub(in crate::openai_responses) const fn system_role(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Original => "developer",
        Dialect::Compatible => "system",
    }
}

/// Writes a message that is not the assistant's.
pub(in crate::openai_responses) fn write_message(
    a: &mut Array<'_>,
    role: &str,
    parts: &[Part],
    carry: &mut Carry<'_>,
) {
    a.object(|o| {
        o.string("type", "message");
        o.string("role", role);
        write_content(o, "content", parts, carry);
    });
}

/// Writes content of a request: a string when it is one text, else parts.
fn write_content(o: &mut Object<'_>, name: &str, parts: &[Part], carry: &mut Carry<'_>) {
    let is_mark = |part: &&Part| matches!(part, Part::CacheMark(_));
    if parts.iter().any(|part| is_mark(&part)) {
        carry.lose_parameter("cache_control");
    }
    let mut rest = parts.iter().filter(|part| !is_mark(part));
    match (rest.next(), rest.next()) {
        (None, _) => o.string(name, ""),
        (Some(Part::Text(text)), None) => o.string(name, text),
        _ => o.array(name, |a| {
            for part in parts.iter().filter(|part| !is_mark(part)) {
                write_part(a, part, carry);
            }
        }),
    }
}

fn write_part(a: &mut Array<'_>, part: &Part, carry: &mut Carry<'_>) {
    match part {
        Part::Text(text) | Part::Refusal(text) => write_text(a, text),
        Part::Image(image) => write_image(a, image),
        Part::Document(document) => write_document(a, document),
        Part::Audio { media_type, base64 } => match audio_format(media_type) {
            Some(format) => a.object(|o| {
                o.string("type", "input_audio");
                o.object("input_audio", |o| {
                    o.string("data", base64);
                    o.string("format", format);
                });
            }),
            None => carry.lose_content("audio"),
        },
        Part::Other { json, .. } if carry.own => a.raw(json),
        Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
        Part::CacheMark(_) => carry.lose_parameter("cache_control"),
        Part::Video(_) => carry.lose_content("video"),
        Part::Citation(_) => carry.lose_content("citation"),
        Part::Reasoning(_) => carry.lose_content("reasoning"),
        Part::ToolCall(_) => carry.lose_content("tool_call"),
        Part::ToolResult(_) => carry.lose_content("tool_result"),
    }
}

fn write_text(a: &mut Array<'_>, text: &str) {
    a.object(|o| {
        o.string("type", "input_text");
        o.string("text", text);
    });
}

fn write_image(a: &mut Array<'_>, image: &Image) {
    let (url, detail) = match image {
        Image::Url { url, detail } => (Cow::Borrowed(url.as_str()), detail),
        Image::Inline {
            media_type,
            base64,
            detail,
        } => (
            Cow::Owned(format!("data:{media_type};base64,{base64}")),
            detail,
        ),
    };
    a.object(|o| {
        o.string("type", "input_image");
        o.string("image_url", &url);
        o.string("detail", detail.as_deref().unwrap_or("auto"));
    });
}

/// A document of plain text has no part of its own here; it is text, after its title.
fn write_document(a: &mut Array<'_>, document: &Document) {
    let title = document.title.as_deref();
    match &document.content {
        DocumentContent::File { media_type, base64 } => a.object(|o| {
            o.string("type", "input_file");
            o.string("filename", title.unwrap_or("document"));
            o.string("file_data", &format!("data:{media_type};base64,{base64}"));
        }),
        DocumentContent::Url(url) => a.object(|o| {
            o.string("type", "input_file");
            o.string("file_url", url);
        }),
        DocumentContent::Text(text) => match title {
            Some(title) => write_text(a, &format!("{title}\n\n{text}")),
            None => write_text(a, text),
        },
    }
}

fn write_result(a: &mut Array<'_>, result: &ToolResult, carry: &mut Carry<'_>) {
    if result.is_error {
        carry.lose_parameter("is_error");
    }
    a.object(|o| {
        o.string("type", "function_call_output");
        o.string("call_id", &result.call_id);
        write_content(o, "output", &result.parts, carry);
    });
}

/// What a message of the assistant is made of.
const fn is_said(part: &Part) -> bool {
    matches!(
        part,
        Part::Text(_) | Part::Refusal(_) | Part::Citation(_) | Part::CacheMark(_)
    )
}

/// Writes what the assistant said, thought and called, in order.
pub(in crate::openai_responses) fn write_items(
    a: &mut Array<'_>,
    parts: &[Part],
    mut side: Side<'_>,
    carry: &mut Carry<'_>,
) {
    let mut rest = parts;
    let mut index = 0;
    while let Some(part) = rest.first() {
        let run = rest.iter().take_while(|part| is_said(part)).count();
        let (now, later) = rest.split_at(run.max(1).min(rest.len()));
        rest = later;
        match part {
            part if is_said(part) => {
                write_said(a, now, (side, index), carry);
                // The tokens of all texts stand at the first.
                if let Side::Answer(answer, _) = side {
                    side = Side::Answer(answer, &[]);
                }
            }
            Part::Reasoning(thought) => write_thought(a, thought, (side, index), carry),
            Part::ToolCall(call) => a.object(|o| {
                let kept = match (&call.signature, side) {
                    (Some(seal), Side::Answer(..)) => Cow::Owned(seal.in_id(&call.id)),
                    _ => Cow::Borrowed(call.id.as_str()),
                };
                o.string("type", "function_call");
                side.name(o, "fc", index);
                write_call(o, (&kept, &call.name), call_arguments(call));
                side.completed(o);
            }),
            Part::Other { json, .. } if carry.own => a.raw(json),
            Part::Other { kind, .. } => carry.lose(Loss::content(kind)),
            Part::Image(_) => carry.lose_content("image"),
            Part::Audio { .. } => carry.lose_content("audio"),
            Part::Video(_) => carry.lose_content("video"),
            Part::Document(_) => carry.lose_content("document"),
            _ => carry.lose_content("tool_result"),
        }
        index += 1;
    }
}

/// Clients read arguments as JSON; a call without any has `{}`.
const fn call_arguments(call: &ToolCall) -> &str {
    if call.arguments.is_empty() {
        "{}"
    } else {
        call.arguments.as_str()
    }
}

/// Writes the members of a call that tell which one it is.
pub(in crate::openai_responses) fn write_call(
    o: &mut Object<'_>,
    (call_id, name): (&str, &str),
    arguments: &str,
) {
    o.string("call_id", call_id);
    o.string("name", name);
    o.string("arguments", arguments);
}

fn write_said(
    a: &mut Array<'_>,
    parts: &[Part],
    (side, index): (Side<'_>, usize),
    carry: &mut Carry<'_>,
) {
    let is_text = |part: &Part| matches!(part, Part::Text(_) | Part::Refusal(_));
    if !parts.iter().any(is_text) {
        // A citation or a mark of nothing.
        return message_parts_lost(parts, carry);
    }
    a.object(|o| {
        o.string("type", "message");
        side.name(o, "msg", index);
        side.completed(o);
        o.string("role", "assistant");
        o.array("content", |a| message_parts(a, parts, side, carry));
    });
}

fn message_parts_lost(parts: &[Part], carry: &mut Carry<'_>) {
    for part in parts {
        match part {
            Part::CacheMark(_) => carry.lose_parameter("cache_control"),
            _ => carry.lose_content("citation"),
        }
    }
}

/// Writes the parts of a message of the assistant; what backs a text stands in it.
fn message_parts(a: &mut Array<'_>, parts: &[Part], side: Side<'_>, carry: &mut Carry<'_>) {
    let mut tokens = match side {
        Side::Answer(_, tokens) => tokens,
        Side::Request => &[],
    };
    for (at, part) in parts.iter().enumerate() {
        match part {
            Part::Text(text) => {
                let behind = parts.get(at + 1..).unwrap_or_default().iter();
                let citations: Vec<&Citation> = behind
                    .map_while(|part| match part {
                        Part::Citation(citation) => Some(citation),
                        _ => None,
                    })
                    .collect();
                a.object(|o| {
                    o.string("type", "output_text");
                    o.string("text", text);
                    if side == Side::Request {
                        if !citations.is_empty() {
                            carry.lose_content("citation");
                        }
                        return;
                    }
                    // Counted once, and only where a citation asks.
                    let chars = LazyCell::new(|| text.chars().count() as u64);
                    o.array("annotations", |a| {
                        for found in citations {
                            citation(a, found, || *chars, carry);
                        }
                    });
                    let tokens = std::mem::take(&mut tokens);
                    o.array("logprobs", |a| write_logprobs(a, tokens));
                });
            }
            Part::Refusal(text) => a.object(|o| {
                o.string("type", "refusal");
                o.string("refusal", text);
            }),
            Part::CacheMark(_) => carry.lose_parameter("cache_control"),
            _ => {}
        }
    }
}

/// Writes what backs a text of so many characters, where it has an address. Without a place
/// it is all of it.
pub(in crate::openai_responses) fn citation(
    a: &mut Array<'_>,
    citation: &Citation,
    chars: impl FnOnce() -> u64,
    carry: &mut Carry<'_>,
) {
    let Some(url) = &citation.url else {
        return carry.lose_content("citation");
    };
    let (start, end) = citation.range.unwrap_or_else(|| (0, chars()));
    a.object(|o| {
        o.string("type", "url_citation");
        o.whole("start_index", start);
        o.whole("end_index", end);
        o.string("url", url);
        o.string("title", citation.title.as_deref().unwrap_or_default());
    });
}

/// Reasoning goes back to whoever made it, and to a caller with whatever it needs to send
/// it back.
fn write_thought(
    a: &mut Array<'_>,
    thought: &Thought,
    (side, index): (Side<'_>, usize),
    carry: &mut Carry<'_>,
) {
    if side == Side::Request && !thought.is_bound_to(OWN) {
        return carry.lose_content("reasoning");
    }
    a.object(|o| {
        o.string("type", "reasoning");
        let id = thought.id.as_ref().and_then(|id| id.known_to(OWN));
        match id {
            Some(id) => o.string("id", id),
            None => side.name(o, "rs", index),
        }
        let sealed = reasoning_seal(thought.signature.as_ref(), thought.encrypted.as_ref());
        write_reasoning(o, &thought.text, sealed.as_deref());
    });
}

/// What a caller keeps of reasoning.
pub(in crate::openai_responses) fn reasoning_seal<'s>(
    signature: Option<&'s Seal>,
    encrypted: Option<&'s Seal>,
) -> Option<Cow<'s, str>> {
    match (encrypted, signature) {
        (Some(encrypted), _) => Some(encrypted.kept_by(OWN)),
        (None, Some(signature)) => {
            Some(Cow::Owned(format!("{SIGNATURE}{}", signature.kept_by(OWN))))
        }
        (None, None) => None,
    }
}

/// Writes the members of reasoning behind its id.
pub(in crate::openai_responses) fn write_reasoning(
    o: &mut Object<'_>,
    text: &str,
    sealed: Option<&str>,
) {
    o.array("summary", |a| {
        if !text.is_empty() {
            a.object(|o| {
                o.string("type", "summary_text");
                o.string("text", text);
            });
        }
    });
    o.optional("encrypted_content", sealed);
}
