//! Writes a streamed answer.
//!
//! The SDKs build the answer from the events and check it by the last one, which holds all
//! of it: every item begins before its parts, every part before its pieces, what is whole
//! is told whole, and all items stand at the end in the order in which they began. So the
//! whole answer is kept while it goes out; one that is too long ends with an error.

use bytes::{Bytes, BytesMut};
use tollgate_types::Usage;

use super::journal::Journal;
use super::open::{Kind, Message, Open};
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, StreamEvent, TokenLogprob};
use crate::failure::{Failure, FailureAnswer};
use crate::format::{AnswerOptions, StreamEncoder};
use crate::loss::{Carry, Losses};
use crate::openai::write_logprobs;
use crate::openai_responses::items::citation;
use crate::openai_responses::response::{Envelope, named, status};
use crate::openai_responses::{error, finish};
use crate::view::merge_usage;
use crate::write::{self, Object};

/// The most bytes of an answer that are kept.
pub(super) const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The state of one stream.
pub(in crate::openai_responses) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    started: bool,
    /// How many events went out.
    sequence: u64,
    /// The items; one that is not whole is empty.
    items: Vec<Vec<u8>>,
    open: Vec<Open>,
    message: Option<Message>,
    bytes: usize,
    finish: Option<(Finish, Option<String>)>,
    usage: Option<Usage>,
    /// An error went out: nothing may follow it.
    failed: bool,
    /// The status of an item that ends.
    ended: &'static str,
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
                usage.iter().for_each(|usage| self.count(usage));
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
            StreamEvent::BlockStart { block, kind, .. } => self.begin(*block, kind, out),
            StreamEvent::Delta { block, delta, .. } => self.delta(*block, delta, out, &mut carry),
            StreamEvent::BlockEnd { block, .. } => self.end(*block, out),
            StreamEvent::Finish {
                reason,
                stop_sequence,
                ..
            } => self.finish = Some((reason.clone(), stop_sequence.clone())),
            StreamEvent::Logprobs { tokens, .. } => self.logprobs(tokens, out, &mut carry),
            StreamEvent::Usage(usage) => self.count(usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => self.fail(&failure.to_answer(None), out),
            StreamEvent::End => self.stop(out, &mut carry),
        }
        if self.bytes > ANSWER_BYTES_MAX {
            self.fail(&too_long().to_answer(None), out);
        }
    }
}

impl Encoder {
    pub(in crate::openai_responses) const fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            model: String::new(),
            started: false,
            sequence: 0,
            items: Vec::new(),
            open: Vec::new(),
            message: None,
            bytes: 0,
            finish: None,
            usage: None,
            failed: false,
            ended: "completed",
        }
    }

    /// The end of a stream that a filter broke off after what a journal holds. `next` is the
    /// number of the next event.
    pub(super) fn after(
        journal: Journal,
        next: u64,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes {
        let mut encoder = Self::new(options.clone());
        encoder.id = delivered.id.as_deref().unwrap_or_default().to_owned();
        // What nobody has counted yet is not told as nothing.
        encoder.usage = usage.filter(|usage| usage.input > 0 || usage.output > 0);
        encoder.started = delivered.started;
        encoder.sequence = next;
        encoder.items = journal.items;
        encoder.open = journal.open;
        encoder.message = journal.message;
        encoder.ended = "incomplete";
        encoder.finish = Some((Finish::ContentFilter, None));
        let mut out = BytesMut::new();
        encoder.push(&StreamEvent::End, &mut out, &mut Losses::default());
        out.freeze()
    }

    fn count(&mut self, usage: &Usage) {
        merge_usage(self.usage.get_or_insert_default(), usage);
    }

    fn event(&mut self, out: &mut BytesMut, kind: &str, fill: impl FnOnce(&mut Object<'_>)) {
        let sequence = self.sequence;
        self.sequence += 1;
        let data = write::object(|o| {
            o.string("type", kind);
            o.whole("sequence_number", sequence);
            fill(o);
        });
        out.extend_from_slice(b"event: ");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\ndata: ");
        out.extend_from_slice(&data);
        out.extend_from_slice(b"\n\n");
    }

    /// An event of the answer as a whole.
    fn answer(&mut self, out: &mut BytesMut, kind: &str, envelope: Envelope<'_>) {
        let id = named(&self.id, &self.options.fallback_id).to_owned();
        let model = named(&self.options.model, &self.model).to_owned();
        let items = std::mem::take(&mut self.items);
        let envelope = Envelope {
            id: &id,
            model: &model,
            created_unix_s: self.options.created_unix_s,
            ..envelope
        };
        self.event(out, kind, |o| {
            o.object("response", |o| {
                envelope.write(o, |o| {
                    o.array("output", |a| {
                        let whole = items.iter().filter(|item| !item.is_empty());
                        whole.for_each(|item| a.bytes(item));
                    });
                });
            });
        });
        self.items = items;
    }

    fn start(&mut self, out: &mut BytesMut) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        for kind in ["response.created", "response.in_progress"] {
            let status = "in_progress";
            self.answer(
                out,
                kind,
                Envelope {
                    status,
                    ..Envelope::default()
                },
            );
        }
    }

    /// A place among the items, and its id.
    fn item(&mut self, prefix: &str) -> (usize, String) {
        let output = self.items.len();
        self.items.push(Vec::new());
        self.bytes += size_of::<Vec<u8>>();
        let answer = named(&self.id, &self.options.fallback_id);
        (output, format!("{prefix}_{answer}_{output}"))
    }

    fn begin(&mut self, block: u32, kind: &BlockKind, out: &mut BytesMut) {
        self.start(out);
        let (kind, call) = match kind {
            BlockKind::Text => (Kind::Text, None),
            BlockKind::Refusal => (Kind::Refusal, None),
            BlockKind::Reasoning => (Kind::Reasoning, None),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                let kept = signature.as_ref().map(|seal| seal.in_id(id));
                let id = kept.unwrap_or_else(|| id.clone());
                (Kind::Call, Some((id, name.clone())))
            }
        };
        let (output, item, part) = match kind {
            Kind::Text | Kind::Refusal => self.part(out),
            Kind::Reasoning | Kind::Call => {
                self.close_idle_message(out);
                let prefix = if kind == Kind::Call { "fc" } else { "rs" };
                let (output, item) = self.item(prefix);
                (output, item, 0)
            }
        };
        let mut open = Open::new(block, kind, (output, part), item);
        open.call = call.unwrap_or_default();
        let named = open.named_bytes();
        self.keep(&mut open, named);
        match kind {
            Kind::Text | Kind::Refusal => self.event(out, "response.content_part.added", |o| {
                open.place(o);
                o.bytes("part", &open.part());
            }),
            Kind::Reasoning | Kind::Call => {
                self.event(out, "response.output_item.added", |o| {
                    o.whole("output_index", output as u64);
                    o.bytes("item", &open.item("in_progress"));
                });
            }
        }
        self.open.push(open);
    }

    /// Counts what a block keeps from now on.
    const fn keep(&mut self, open: &mut Open, bytes: usize) {
        open.kept = open.kept.saturating_add(bytes);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// A place in the message under way, which begins where there is none.
    fn part(&mut self, out: &mut BytesMut) -> (usize, String, usize) {
        let mut message = match self.message.take() {
            Some(message) => message,
            None => {
                let (output, item) = self.item("msg");
                let message = Message {
                    output,
                    item,
                    parts: Vec::new(),
                };
                self.event(out, "response.output_item.added", |o| {
                    o.whole("output_index", output as u64);
                    o.bytes("item", &message.item("in_progress"));
                });
                message
            }
        };
        let part = message.parts.len();
        message.parts.push(Vec::new());
        let place = (message.output, message.item.clone(), part);
        self.message = Some(message);
        place
    }

    fn delta(&mut self, block: u32, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let Some(at) = self.open.iter().position(|open| open.block == block) else {
            return carry.lose_content("stray_delta");
        };
        let mut open = self.open.swap_remove(at);
        match (open.kind, delta) {
            (Kind::Text, Delta::Text(text)) => {
                self.say(&mut open, text);
                self.event(out, "response.output_text.delta", |o| {
                    open.place(o);
                    o.string("delta", text);
                    o.array("logprobs", |_a| {});
                });
            }
            (Kind::Refusal, Delta::Text(text)) => {
                self.piece(&mut open, "response.refusal.delta", text, out);
            }
            (Kind::Reasoning, Delta::Text(text)) => {
                self.summary(&mut open, out);
                self.piece(
                    &mut open,
                    "response.reasoning_summary_text.delta",
                    text,
                    out,
                );
            }
            (Kind::Call, Delta::Arguments(text)) => {
                self.piece(
                    &mut open,
                    "response.function_call_arguments.delta",
                    text,
                    out,
                );
            }
            (Kind::Text, Delta::Citation(found)) if found.url.is_some() => {
                let index = open.citations.len() as u64;
                self.event(out, "response.output_text.annotation.added", |o| {
                    open.place(o);
                    o.whole("annotation_index", index);
                    let chars = || open.chars;
                    o.element("annotation", |a| citation(a, found, chars, carry));
                });
                let bytes = size_of_val(found) + found.owned_bytes();
                self.keep(&mut open, bytes);
                open.citations.push(found.clone());
            }
            (_, Delta::Citation(_)) => carry.lose_content("citation"),
            (Kind::Reasoning, Delta::Signature(seal)) => {
                self.keep(&mut open, delta.owned_bytes());
                open.signature = Some(seal.clone());
            }
            (Kind::Reasoning, Delta::Encrypted(seal)) => {
                self.keep(&mut open, delta.owned_bytes());
                open.encrypted = Some(seal.clone());
            }
            // It was named when it began.
            (_, Delta::Id(_)) => {}
            _ => carry.lose_content("stray_delta"),
        }
        self.open.push(open);
    }

    fn say(&mut self, open: &mut Open, text: &str) {
        self.keep(open, text.len());
        open.chars += text.chars().count() as u64;
        open.text.push_str(text);
    }

    fn piece(&mut self, open: &mut Open, kind: &str, text: &str, out: &mut BytesMut) {
        self.say(open, text);
        self.event(out, kind, |o| {
            open.place(o);
            o.string("delta", text);
        });
    }

    /// Announces the summary of reasoning, once there is one.
    fn summary(&mut self, open: &mut Open, out: &mut BytesMut) {
        if std::mem::replace(&mut open.has_summary, true) {
            return;
        }
        self.event(out, "response.reasoning_summary_part.added", |o| {
            open.place(o);
            o.bytes("part", &open.part());
        });
    }

    /// The tokens of the text that is under way.
    fn logprobs(&mut self, tokens: &[TokenLogprob], out: &mut BytesMut, carry: &mut Carry<'_>) {
        let is_text = |open: &Open| open.kind == Kind::Text;
        let Some(at) = self.open.iter().rposition(is_text) else {
            return carry.lose_parameter("logprobs");
        };
        let mut open = self.open.swap_remove(at);
        let owned: usize = tokens.iter().map(TokenLogprob::owned_bytes).sum();
        self.keep(&mut open, size_of_val(tokens) + owned);
        open.logprobs.extend_from_slice(tokens);
        self.event(out, "response.output_text.delta", |o| {
            open.place(o);
            o.string("delta", "");
            o.array("logprobs", |a| write_logprobs(a, tokens));
        });
        self.open.push(open);
    }

    fn end(&mut self, block: u32, out: &mut BytesMut) {
        let Some(at) = self.open.iter().position(|open| open.block == block) else {
            return;
        };
        let mut open = self.open.swap_remove(at);
        match open.kind {
            Kind::Text | Kind::Refusal => self.end_part(&open, out),
            Kind::Reasoning => {
                if open.has_summary {
                    self.event(out, "response.reasoning_summary_text.done", |o| {
                        open.place(o);
                        o.string("text", &open.text);
                    });
                    self.event(out, "response.reasoning_summary_part.done", |o| {
                        open.place(o);
                        o.bytes("part", &open.part());
                    });
                }
                self.end_item(open.output, open.item(self.ended), out);
            }
            Kind::Call => {
                if open.text.is_empty() && self.ended == "completed" {
                    // Clients read arguments as JSON; a call without any has `{}`.
                    let kind = "response.function_call_arguments.delta";
                    self.piece(&mut open, kind, "{}", out);
                }
                self.event(out, "response.function_call_arguments.done", |o| {
                    open.place(o);
                    o.string("name", &open.call.1);
                    o.string("arguments", &open.text);
                });
                self.end_item(open.output, open.item(self.ended), out);
            }
        }
        self.bytes = self.bytes.saturating_sub(open.kept);
    }

    fn end_part(&mut self, open: &Open, out: &mut BytesMut) {
        let part = open.part();
        if open.kind == Kind::Refusal {
            self.event(out, "response.refusal.done", |o| {
                open.place(o);
                o.string("refusal", &open.text);
            });
        } else {
            self.event(out, "response.output_text.done", |o| {
                open.place(o);
                o.string("text", &open.text);
                o.array("logprobs", |a| write_logprobs(a, &open.logprobs));
            });
        }
        self.event(out, "response.content_part.done", |o| {
            open.place(o);
            o.bytes("part", &part);
        });
        self.bytes += part.len();
        let slot = self.message.as_mut();
        if let Some(slot) = slot.and_then(|message| message.parts.get_mut(open.part)) {
            *slot = part;
        }
    }

    fn end_item(&mut self, output: usize, item: Vec<u8>, out: &mut BytesMut) {
        self.event(out, "response.output_item.done", |o| {
            o.whole("output_index", output as u64);
            o.bytes("item", &item);
        });
        self.bytes += item.len();
        if let Some(slot) = self.items.get_mut(output) {
            *slot = item;
        }
    }

    /// Ends the message, unless a part of it goes on.
    fn close_idle_message(&mut self, out: &mut BytesMut) {
        let in_message = |open: &Open| matches!(open.kind, Kind::Text | Kind::Refusal);
        if self.open.iter().any(in_message) {
            return;
        }
        if let Some(message) = self.message.take() {
            let parts = message.parts.iter().map(Vec::len).sum();
            self.bytes = self.bytes.saturating_sub(parts);
            let item = message.item(self.ended);
            self.end_item(message.output, item, out);
        }
    }

    fn stop(&mut self, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        while let Some(open) = self.open.first() {
            self.end(open.block, out);
        }
        self.close_idle_message(out);
        let (reason, stop_sequence) = self.finish.take().unwrap_or((Finish::Stop, None));
        let reason = finish::incomplete(&reason, stop_sequence.as_deref(), carry);
        let kind = match reason {
            Some(_) => "response.incomplete",
            None => "response.completed",
        };
        let envelope = Envelope {
            status: status(reason),
            reason,
            usage: self.usage,
            ..Envelope::default()
        };
        self.answer(out, kind, envelope);
    }

    /// An error: as the SDKs raise it, then as what is left of the answer.
    fn fail(&mut self, failure: &FailureAnswer, out: &mut BytesMut) {
        self.failed = true;
        let mut event = Vec::new();
        error::event(&mut event, failure, self.sequence);
        self.sequence += 1;
        out.extend_from_slice(&event);
        let envelope = Envelope {
            status: "failed",
            error: Some((
                failure.code.as_deref().unwrap_or("server_error"),
                &failure.message,
            )),
            usage: self.usage,
            ..Envelope::default()
        };
        self.answer(out, "response.failed", envelope);
    }
}

fn too_long() -> Failure {
    Failure::of_provider(format!(
        "the answer is longer than {ANSWER_BYTES_MAX} bytes"
    ))
}

/// Ends a stream as OpenAI's own filter ends one: an incomplete answer, the usage with it.
/// What was delivered, and how many events, is what [`Journal`] knows.
pub(in crate::openai_responses) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    Encoder::after(Journal::default(), 0, delivered, usage, options)
}
