//! Writes a streamed answer.
//!
//! The format has one open block at a time; [`Row`] puts the blocks of the canonical
//! stream in a row.

use bytes::{Bytes, BytesMut};
use tollgate_types::Usage;

use crate::anthropic_messages::blocks;
use crate::anthropic_messages::finish::{self, Said};
use crate::anthropic_messages::{error, usage};
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, StreamEvent};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, FormatId, StreamEncoder};
use crate::in_row::{Row, Step};
use crate::loss::{Carry, Losses};
use crate::view::{Opened, merge_usage};
use crate::write::{self, Object};

/// The state of one stream.
pub(in crate::anthropic_messages) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    started: bool,
    row: Row,
    blocks: Blocks,
    said: Said,
    finish: Option<(Finish, Option<String>)>,
    usage: Usage,
    /// An error went out: nothing may follow it.
    failed: bool,
}

/// The blocks on the wire.
#[derive(Default)]
struct Blocks {
    /// Index of the next one.
    next: u64,
    open: Option<Open>,
    /// A signature without words behind other blocks. It waits for a block behind it: where
    /// it ends the answer it would be what clients take for all that was said.
    waiting: Option<String>,
}

/// The block that is open for the canonical stream. It has an index once it is open
/// on the wire, too: whether reasoning is readable shows with its first piece.
struct Open {
    kind: BlockKind,
    index: Option<u64>,
}

impl StreamEncoder for Encoder {
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses) {
        if self.failed {
            return;
        }
        let mut carry = Carry::new(false, &Losses::default(), losses);
        match event {
            StreamEvent::Start { id, model, usage } => {
                self.id.clone_from(id);
                self.model.clone_from(model);
                usage
                    .iter()
                    .for_each(|usage| merge_usage(&mut self.usage, usage));
                self.start(out);
            }
            StreamEvent::BlockStart { choice, .. }
            | StreamEvent::Delta { choice, .. }
            | StreamEvent::BlockEnd { choice, .. }
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
            } => {
                self.finish = Some((reason.clone(), stop_sequence.clone()));
            }
            StreamEvent::Logprobs { .. } => carry.lose_parameter("logprobs"),
            StreamEvent::Usage(usage) => merge_usage(&mut self.usage, usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => self.fail(&failure.to_answer(None), out),
            StreamEvent::End => self.stop(out, &mut carry),
        }
    }
}

impl Encoder {
    pub(in crate::anthropic_messages) fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            model: String::new(),
            started: false,
            row: Row::default(),
            blocks: Blocks::default(),
            said: Said::default(),
            finish: None,
            usage: Usage::default(),
            failed: false,
        }
    }

    fn start(&mut self, out: &mut BytesMut) {
        if self.started {
            return;
        }
        self.started = true;
        event(out, "message_start", |o| {
            o.object("message", |o| {
                o.string(
                    "id",
                    if self.id.is_empty() {
                        &self.options.fallback_id
                    } else {
                        &self.id
                    },
                );
                o.string("type", "message");
                o.string("role", "assistant");
                let model = &self.options.model;
                o.string("model", if model.is_empty() { &self.model } else { model });
                o.array("content", |_a| {});
                o.null("stop_reason");
                o.null("stop_sequence");
                usage::write(o, &self.usage);
            });
        });
    }

    fn begin(&mut self, block: u32, kind: &BlockKind, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        match kind {
            BlockKind::ToolCall { .. } => self.said.call = true,
            BlockKind::Refusal => self.said.refusal = true,
            BlockKind::Text | BlockKind::Reasoning => {}
        }
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
        if blocks.waiting.take().is_some() {
            carry.lose_content("reasoning_signature");
        }
        let (reason, stop_sequence) = self.finish.take().unwrap_or((Finish::Stop, None));
        let word = finish::write(&reason, self.said, carry);
        end_events(out, word, stop_sequence.as_deref(), &self.usage);
    }

    fn fail(&mut self, failure: &FailureAnswer, out: &mut BytesMut) {
        self.failed = true;
        self.row.clear();
        out.extend_from_slice(&error::encode_event(failure));
    }
}

impl Blocks {
    fn step(&mut self, step: Step<'_>, out: &mut BytesMut, carry: &mut Carry<'_>) {
        match step {
            Step::Begin(kind) => self.open(kind.clone(), out),
            Step::Piece(delta) => self.piece(delta, out, carry),
            Step::End => {
                if let Some(mut open) = self.open.take() {
                    close(&mut open, out);
                }
            }
        }
    }

    fn open(&mut self, kind: BlockKind, out: &mut BytesMut) {
        let index = match &kind {
            BlockKind::Reasoning => None,
            kind => Some(self.announce(out, |o| match kind {
                BlockKind::ToolCall {
                    id,
                    name,
                    signature,
                } => {
                    let id = blocks::id(id);
                    let kept = signature.as_ref().map(|seal| seal.in_id(&id));
                    o.string("type", "tool_use");
                    o.string("id", &kept.unwrap_or(id));
                    o.string("name", name);
                    o.json("input", "{}");
                }
                BlockKind::Text | BlockKind::Refusal | BlockKind::Reasoning => {
                    o.string("type", "text");
                    o.string("text", "");
                }
            })),
        };
        self.open = Some(Open { kind, index });
    }

    /// Opens a block on the wire and gives its index.
    fn announce(&mut self, out: &mut BytesMut, fill: impl FnOnce(&mut Object<'_>)) -> u64 {
        if let Some(signature) = self.waiting.take() {
            let index = self.announce(out, thinking);
            piece(out, index, "signature_delta", "signature", &signature);
            event(out, "content_block_stop", |o| o.whole("index", index));
        }
        let index = self.next;
        self.next += 1;
        event(out, "content_block_start", |o| {
            o.whole("index", index);
            o.object("content_block", fill);
        });
        index
    }

    /// Writes a piece of the open block.
    fn piece(&mut self, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        match (&open.kind, delta) {
            (BlockKind::Reasoning, Delta::Encrypted(data)) => {
                close(&mut open, out);
                open.index = Some(self.announce(out, |o| {
                    o.string("type", "redacted_thinking");
                    o.string("data", &data.kept_by(FormatId::AnthropicMessages));
                }));
            }
            (BlockKind::Reasoning, Delta::Signature(seal))
                if open.index.is_none() && self.next > 0 =>
            {
                let kept = seal.kept_by(FormatId::AnthropicMessages);
                self.waiting.get_or_insert_default().push_str(&kept);
            }
            (BlockKind::Reasoning, Delta::Text(_) | Delta::Signature(_)) => {
                let index = open.index.unwrap_or_else(|| self.announce(out, thinking));
                open.index = Some(index);
                match delta {
                    Delta::Signature(seal) => {
                        let kept = seal.kept_by(FormatId::AnthropicMessages);
                        piece(out, index, "signature_delta", "signature", &kept);
                    }
                    other => piece(out, index, "thinking_delta", "thinking", other.text()),
                }
            }
            (BlockKind::Text | BlockKind::Refusal, Delta::Text(text)) => {
                piece(
                    out,
                    open.index.unwrap_or_default(),
                    "text_delta",
                    "text",
                    text,
                );
            }
            (BlockKind::ToolCall { .. }, Delta::Arguments(text)) => {
                piece(
                    out,
                    open.index.unwrap_or_default(),
                    "input_json_delta",
                    "partial_json",
                    text,
                );
            }
            (_, Delta::Citation(_)) => carry.lose_content("citation"),
            // Only its maker's format has a place for it.
            (_, Delta::Id(_)) => {}
            _ => carry.lose_content("stray_delta"),
        }
        self.open = Some(open);
    }
}

fn thinking(block: &mut Object<'_>) {
    block.string("type", "thinking");
    block.string("thinking", "");
    block.string("signature", "");
}

/// Closes a block on the wire, if it is open there.
fn close(open: &mut Open, out: &mut BytesMut) {
    if let Some(index) = open.index.take() {
        event(out, "content_block_stop", |o| o.whole("index", index));
    }
}

fn piece(out: &mut BytesMut, index: u64, kind: &str, member: &str, text: &str) {
    event(out, "content_block_delta", |o| {
        o.whole("index", index);
        o.object("delta", |o| {
            o.string("type", kind);
            o.string(member, text);
        });
    });
}

fn end_events(out: &mut BytesMut, stop_reason: &str, stop_sequence: Option<&str>, usage: &Usage) {
    event(out, "message_delta", |o| {
        o.object("delta", |o| {
            o.string("stop_reason", stop_reason);
            o.string_or_null("stop_sequence", stop_sequence);
        });
        usage::write(o, usage);
    });
    event(out, "message_stop", |_o| {});
}

fn event(out: &mut BytesMut, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    let data = write::object(|o| {
        o.string("type", name);
        fill(o);
    });
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    out.extend_from_slice(&data);
    out.extend_from_slice(b"\n\n");
}

/// Ends a stream as Anthropic's own filter ends one: open blocks closed, `refusal`, the
/// usage, the end mark.
pub(in crate::anthropic_messages) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut encoder = Encoder::new(options.clone());
    encoder.id = delivered.id.as_deref().unwrap_or_default().to_owned();
    encoder.usage = usage.unwrap_or_default();
    let mut out = BytesMut::new();
    if !delivered.started {
        encoder.start(&mut out);
    }
    for &Opened { block, .. } in &delivered.open {
        event(&mut out, "content_block_stop", |o| {
            o.whole("index", u64::from(block));
        });
    }
    end_events(&mut out, "refusal", None, &encoder.usage);
    out.freeze()
}
