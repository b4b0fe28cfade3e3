//! Writes a streamed answer.
//!
//! Clients read one block after the other; [`Row`] puts the blocks of the canonical stream
//! in a row.

use bytes::{Bytes, BytesMut};
use tollgate_types::Usage;

use super::CALLS;
use crate::cohere_chat::places::Places;
use crate::cohere_chat::{OWN, citation, error, finish, logprobs, response};
use crate::delivered::Delivered;
use crate::exchange::{
    BlockKind, CITATIONS_MAX, Citation, Delta, Finish, StreamEvent, TokenLogprob,
};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, StreamEncoder};
use crate::in_row::{Row, Step};
use crate::loss::{Carry, Losses};
use crate::view::{Opened, merge_usage};
use crate::write::{self, Object};

/// How much of a text is kept for what backs it, in bytes; passages behind that are told by
/// their places alone.
const SAID_BYTES_MAX: usize = 1024 * 1024;

/// The state of one stream.
pub(in crate::cohere_chat) struct Encoder {
    options: AnswerOptions,
    id: String,
    started: bool,
    row: Row,
    blocks: Blocks,
    finish: Option<(Finish, Option<String>)>,
    usage: Usage,
    /// An error went out: nothing may follow it.
    failed: bool,
}

/// The blocks on the wire.
#[derive(Default)]
struct Blocks {
    contents: u64,
    calls: u64,
    citations: u64,
    open: Option<Open>,
}

/// The block that is open.
enum Open {
    Text(u64, Said),
    Reasoning(u64),
    /// With whether arguments have come.
    Call(u64, bool),
}

/// What a text said so far, as far as it is kept.
#[derive(Default)]
struct Said {
    text: String,
    places: Places,
    /// A piece was not kept: nothing behind it is.
    is_full: bool,
}

impl Said {
    fn push(&mut self, piece: &str) {
        self.is_full |= self.text.len() + piece.len() > SAID_BYTES_MAX;
        if self.is_full {
            self.places.pass(piece);
        } else {
            self.text.push_str(piece);
        }
    }
}

impl StreamEncoder for Encoder {
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses) {
        if self.failed {
            return;
        }
        let mut carry = Carry::new(false, &Losses::default(), losses);
        match event {
            StreamEvent::Start { id, usage, .. } => {
                self.id.clone_from(id);
                let usage = usage.iter();
                usage.for_each(|usage| merge_usage(&mut self.usage, usage));
                self.start(out);
            }
            StreamEvent::BlockStart { choice, .. }
            | StreamEvent::Delta { choice, .. }
            | StreamEvent::BlockEnd { choice, .. }
            | StreamEvent::Logprobs { choice, .. }
            | StreamEvent::Finish { choice, .. }
                if *choice > 0 =>
            {
                carry.lose_parameter("n");
            }
            StreamEvent::BlockStart { block, kind, .. } => {
                self.begin(*block, kind, out, &mut carry);
            }
            StreamEvent::Delta { block, delta, .. } => self.delta(*block, delta, out, &mut carry),
            StreamEvent::BlockEnd { block, .. } => {
                let blocks = &mut self.blocks;
                self.row
                    .end(*block, |step| blocks.step(step, out, &mut carry));
            }
            StreamEvent::Finish {
                reason,
                stop_sequence,
                ..
            } => self.finish = Some((reason.clone(), stop_sequence.clone())),
            StreamEvent::Logprobs { tokens, .. } => {
                self.start(out);
                self.blocks.logprobs(tokens, out, &mut carry);
            }
            StreamEvent::Usage(usage) => merge_usage(&mut self.usage, usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => self.fail(&failure.to_answer(None), out),
            StreamEvent::End => self.stop(out, &mut carry),
        }
    }
}

impl Encoder {
    pub(in crate::cohere_chat) fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            started: false,
            row: Row::default(),
            blocks: Blocks::default(),
            finish: None,
            usage: Usage::default(),
            failed: false,
        }
    }

    fn start(&mut self, out: &mut BytesMut) {
        if !self.started {
            self.started = true;
            message_start(out, self.options.id_or(&self.id));
        }
    }

    fn begin(&mut self, block: u32, kind: &BlockKind, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        let blocks = &mut self.blocks;
        let begun = self
            .row
            .begin(block, kind, |step| blocks.step(step, out, carry));
        if let Err(failure) = begun {
            self.fail(&failure.to_answer(None), out);
        }
    }

    fn delta(&mut self, block: u32, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let blocks = &mut self.blocks;
        let taken = self
            .row
            .piece(block, delta, |step| blocks.step(step, out, carry));
        match taken {
            Ok(true) => {}
            Ok(false) => carry.lose_content("stray_delta"),
            Err(failure) => self.fail(&failure.to_answer(None), out),
        }
    }

    fn stop(&mut self, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        let blocks = &mut self.blocks;
        self.row.end_all(|step| blocks.step(step, out, carry));
        let (reason, stop_sequence) = self.finish.take().unwrap_or((Finish::Stop, None));
        let word = finish::write(&reason, stop_sequence.as_deref(), carry);
        message_end(out, self.options.id_or(&self.id), word, self.usage);
    }

    fn fail(&mut self, answer: &FailureAnswer, out: &mut BytesMut) {
        self.failed = true;
        self.row.clear();
        out.extend_from_slice(&error::encode_event(answer));
    }
}

impl Blocks {
    fn step(&mut self, step: Step<'_>, out: &mut BytesMut, carry: &mut Carry<'_>) {
        match step {
            Step::Begin(kind) => self.begin(kind, out),
            Step::Piece(delta) => self.piece(delta, out, carry),
            Step::End => self.end(out),
        }
    }

    fn begin(&mut self, kind: &BlockKind, out: &mut BytesMut) {
        let member = match kind {
            BlockKind::Text | BlockKind::Refusal => "text",
            BlockKind::Reasoning => "thinking",
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                let kept = signature.as_ref().map(|seal| seal.in_id(id));
                let index = next(&mut self.calls);
                self.open = Some(Open::Call(index, false));
                return call_start(out, index, (kept.as_deref().unwrap_or(id), name));
            }
        };
        let index = next(&mut self.contents);
        self.open = Some(match member {
            "text" => Open::Text(index, Said::default()),
            _ => Open::Reasoning(index),
        });
        event(out, "content-start", |o| {
            o.whole("index", index);
            content(o, |o| {
                o.string("type", member);
                o.string(member, "");
            });
        });
    }

    fn piece(&mut self, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        match (&mut self.open, delta) {
            (Some(Open::Text(index, said)), Delta::Text(text)) => {
                said.push(text);
                content_delta(out, *index, &[("text", text)]);
            }
            (Some(Open::Text(..)), Delta::Citation(_))
                if self.citations >= CITATIONS_MAX as u64 =>
            {
                carry.lose_content("citation");
            }
            (Some(Open::Text(index, said)), Delta::Citation(citation)) => {
                cite(out, next(&mut self.citations), (citation, said, *index));
            }
            (Some(Open::Reasoning(index)), Delta::Text(text)) => {
                content_delta(out, *index, &[("thinking", text)]);
            }
            (Some(Open::Reasoning(index)), Delta::Signature(seal)) => {
                let kept = seal.kept_by(OWN);
                content_delta(out, *index, &[("thinking", ""), ("signature", &kept)]);
            }
            (Some(Open::Reasoning(index)), Delta::Encrypted(seal)) => {
                let kept = seal.kept_by(OWN);
                content_delta(out, *index, &[("thinking", ""), ("data", &kept)]);
            }
            (Some(Open::Call(index, filled)), Delta::Arguments(text)) => {
                *filled |= !text.is_empty();
                arguments(out, *index, text);
            }
            // Only its maker's format has a place for it.
            (_, Delta::Id(_)) => {}
            _ => carry.lose_content("stray_delta"),
        }
    }

    /// Ends the open block. A call without arguments is one with an empty object: clients
    /// read what the pieces join to as JSON.
    fn end(&mut self, out: &mut BytesMut) {
        match self.open.take() {
            None => {}
            Some(Open::Text(index, _) | Open::Reasoning(index)) => end(out, "content-end", index),
            Some(Open::Call(index, filled)) => {
                if !filled {
                    arguments(out, index, "{}");
                }
                end(out, "tool-call-end", index);
            }
        }
    }

    /// Tokens stand with a piece of a content: one that says nothing more.
    fn logprobs(&self, tokens: &[TokenLogprob], out: &mut BytesMut, carry: &mut Carry<'_>) {
        if logprobs::have_more(tokens) {
            carry.lose_parameter("top_logprobs");
        }
        let index = match &self.open {
            Some(Open::Text(index, _) | Open::Reasoning(index)) => *index,
            _ => self.contents.saturating_sub(1),
        };
        for token in tokens {
            event(out, "content-delta", |o| {
                o.whole("index", index);
                content(o, |o| o.string("text", ""));
                o.object("logprobs", |o| logprobs::write(o, token));
            });
        }
    }
}

const fn next(count: &mut u64) -> u64 {
    let index = *count;
    *count += 1;
    index
}

fn message_start(out: &mut BytesMut, id: &str) {
    event(out, "message-start", |o| {
        o.string("id", id);
        message(o, |o| {
            o.string("role", "assistant");
            o.array("content", |_a| {});
            o.string("tool_plan", "");
            o.array("tool_calls", |_a| {});
            o.array("citations", |_a| {});
        });
    });
}

fn message_end(out: &mut BytesMut, id: &str, word: &str, usage: Usage) {
    event(out, "message-end", |o| {
        o.string("id", id);
        o.object("delta", |o| response::rest(o, word, usage));
    });
}

fn call_start(out: &mut BytesMut, index: u64, (id, name): (&str, &str)) {
    event(out, "tool-call-start", |o| {
        o.whole("index", index);
        message(o, |o| {
            o.object("tool_calls", |o| {
                o.string("id", id);
                o.string("type", "function");
                o.object("function", |o| {
                    o.string("name", name);
                    o.string("arguments", "");
                });
            });
        });
    });
}

fn arguments(out: &mut BytesMut, index: u64, text: &str) {
    event(out, "tool-call-delta", |o| {
        o.whole("index", index);
        message(o, |o| {
            o.object("tool_calls", |o| {
                o.object("function", |o| o.string("arguments", text));
            });
        });
    });
}

fn content_delta(out: &mut BytesMut, index: u64, members: &[(&str, &str)]) {
    event(out, "content-delta", |o| {
        o.whole("index", index);
        content(o, |o| {
            members.iter().for_each(|(name, text)| o.string(name, text));
        });
    });
}

fn cite(out: &mut BytesMut, index: u64, (citation, said, content): (&Citation, &mut Said, u64)) {
    let said = (said.text.as_str(), &mut said.places);
    event(out, "citation-start", |o| {
        o.whole("index", index);
        message(o, |o| {
            o.object("citations", |o| citation::write(o, citation, said, content));
        });
    });
    end(out, "citation-end", index);
}

fn end(out: &mut BytesMut, name: &str, index: u64) {
    event(out, name, |o| o.whole("index", index));
}

fn content(o: &mut Object<'_>, fill: impl FnOnce(&mut Object<'_>)) {
    message(o, |o| o.object("content", fill));
}

fn message(o: &mut Object<'_>, fill: impl FnOnce(&mut Object<'_>)) {
    o.object("delta", |o| o.object("message", fill));
}

/// Writes an event of this type.
pub(in crate::cohere_chat) fn event(
    out: &mut BytesMut,
    name: &str,
    fill: impl FnOnce(&mut Object<'_>),
) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    out.extend_from_slice(&write::object(|o| {
        o.string("type", name);
        fill(o);
    }));
    out.extend_from_slice(b"\n\n");
}

/// Ends a stream as the provider's own filter ends one, after what is open.
pub(in crate::cohere_chat) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut out = BytesMut::new();
    let id = delivered.id.as_deref().unwrap_or_default();
    if !delivered.started {
        message_start(&mut out, options.id_or(id));
    }
    for Opened { block, .. } in &delivered.open {
        match block.checked_sub(CALLS) {
            Some(index) => end(&mut out, "tool-call-end", u64::from(index)),
            None => end(&mut out, "content-end", u64::from(*block)),
        }
    }
    let usage = usage.unwrap_or_default();
    message_end(&mut out, options.id_or(id), finish::WITHHELD, usage);
    out.freeze()
}
