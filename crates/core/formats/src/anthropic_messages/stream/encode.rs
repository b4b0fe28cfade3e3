//! Writes a streamed answer.
//!
//! The format has one open block at a time. Blocks of the canonical stream that run
//! side by side (parallel tool calls in pieces) are put in a row: the first goes out
//! as it comes, the others wait until it ends. What waits is bounded; an answer that
//! would need more ends with an error.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use tollgate_types::{ErrorClass, Usage};

use crate::anthropic_messages::blocks;
use crate::anthropic_messages::finish::{self, Said};
use crate::anthropic_messages::{error, usage};
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, StreamEvent};
use crate::failure::{Failure, FailureAnswer};
use crate::format::{AnswerOptions, FormatId, StreamEncoder};
use crate::loss::{Carry, Losses};
use crate::view::{Opened, merge_usage};
use crate::write::{self, Object};

/// The most bytes of blocks that wait for their turn.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The state of one stream.
pub(in crate::anthropic_messages) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    started: bool,
    /// Index of the next block on the wire.
    next: u64,
    open: Option<Open>,
    waiting: VecDeque<Waiting>,
    waiting_bytes: usize,
    said: Said,
    finish: Option<(Finish, Option<String>)>,
    usage: Usage,
    /// An error went out: nothing may follow it.
    failed: bool,
}

/// The block that is open for the canonical stream. It has an index once it is open
/// on the wire, too: whether reasoning is readable shows with its first piece.
struct Open {
    block: u32,
    kind: BlockKind,
    index: Option<u64>,
}

/// A block that waits for its turn.
struct Waiting {
    block: u32,
    kind: BlockKind,
    deltas: Vec<Delta>,
    ended: bool,
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
            StreamEvent::BlockStart { block, kind, .. } => self.begin(*block, kind.clone(), out),
            StreamEvent::Delta { block, delta, .. } => self.delta(*block, delta, out, &mut carry),
            StreamEvent::BlockEnd { block, .. } => self.end(*block, out),
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
    pub(in crate::anthropic_messages) const fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            model: String::new(),
            started: false,
            next: 0,
            open: None,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            said: Said {
                call: false,
                refusal: false,
            },
            finish: None,
            usage: Usage {
                input: 0,
                output: 0,
                cached_input: 0,
                cache_write_input: 0,
                reasoning: 0,
            },
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

    fn begin(&mut self, block: u32, kind: BlockKind, out: &mut BytesMut) {
        self.start(out);
        match kind {
            BlockKind::ToolCall { .. } => self.said.call = true,
            BlockKind::Refusal => self.said.refusal = true,
            BlockKind::Text | BlockKind::Reasoning => {}
        }
        if self.open.is_some() {
            self.waiting.push_back(Waiting {
                block,
                kind,
                deltas: Vec::new(),
                ended: false,
            });
            self.wait_for(size_of::<Waiting>(), out);
        } else {
            self.open(block, kind, out);
        }
    }

    fn open(&mut self, block: u32, kind: BlockKind, out: &mut BytesMut) {
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
        self.open = Some(Open { block, kind, index });
    }

    /// Opens a block on the wire and gives its index.
    fn announce(&mut self, out: &mut BytesMut, fill: impl FnOnce(&mut Object<'_>)) -> u64 {
        let index = self.next;
        self.next += 1;
        event(out, "content_block_start", |o| {
            o.whole("index", index);
            o.object("content_block", fill);
        });
        index
    }

    fn delta(&mut self, block: u32, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        if self.open.as_ref().is_some_and(|open| open.block == block) {
            return self.open_delta(delta, out, carry);
        }
        let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.block == block)
        else {
            return carry.lose_content("stray_delta");
        };
        waiting.deltas.push(delta.clone());
        self.wait_for(bytes_of(delta), out);
    }

    /// Takes note of more that waits, and gives up where it is too much.
    fn wait_for(&mut self, bytes: usize, out: &mut BytesMut) {
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        if self.waiting_bytes > WAITING_BYTES_MAX {
            self.fail(&too_much().to_answer(None), out);
        }
    }

    /// Writes a piece of the open block.
    fn open_delta(&mut self, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
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
            (BlockKind::Reasoning, Delta::Text(_) | Delta::Signature(_)) => {
                let index = open.index.unwrap_or_else(|| {
                    self.announce(out, |o| {
                        o.string("type", "thinking");
                        o.string("thinking", "");
                        o.string("signature", "");
                    })
                });
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

    fn end(&mut self, block: u32, out: &mut BytesMut) {
        if self.open.as_ref().is_some_and(|open| open.block == block) {
            self.close_open(out);
            self.next_waiting(out);
        } else if let Some(waiting) = self
            .waiting
            .iter_mut()
            .find(|waiting| waiting.block == block)
        {
            waiting.ended = true;
        }
    }

    fn close_open(&mut self, out: &mut BytesMut) {
        if let Some(mut open) = self.open.take() {
            close(&mut open, out);
        }
    }

    /// Lets waiting blocks go out, up to the first that is not over.
    fn next_waiting(&mut self, out: &mut BytesMut) {
        // Nothing can be lost here: what waits was checked when it came.
        let mut losses = Losses::default();
        while let Some(waiting) = self.waiting.pop_front() {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(size_of::<Waiting>());
            self.open(waiting.block, waiting.kind, out);
            for delta in &waiting.deltas {
                self.waiting_bytes = self.waiting_bytes.saturating_sub(bytes_of(delta));
                self.open_delta(
                    delta,
                    out,
                    &mut Carry::new(false, &Losses::default(), &mut losses),
                );
            }
            if !waiting.ended {
                return;
            }
            self.close_open(out);
        }
    }

    fn stop(&mut self, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        while self.open.is_some() {
            self.close_open(out);
            self.next_waiting(out);
        }
        let (reason, stop_sequence) = self.finish.take().unwrap_or((Finish::Stop, None));
        let word = finish::write(&reason, self.said, carry);
        end_events(out, word, stop_sequence.as_deref(), &self.usage);
    }

    fn fail(&mut self, failure: &FailureAnswer, out: &mut BytesMut) {
        self.failed = true;
        self.waiting.clear();
        out.extend_from_slice(&error::encode_event(failure));
    }
}

const fn bytes_of(delta: &Delta) -> usize {
    delta.text().len() + size_of::<Delta>()
}

fn too_much() -> Failure {
    Failure {
        class: ErrorClass::ProviderProtocol,
        status: ErrorClass::ProviderProtocol.status(),
        kind: None,
        code: None,
        param: None,
        message: format!(
            "the answer interleaves more than {WAITING_BYTES_MAX} bytes of its blocks"
        ),
    }
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
