//! Writes a streamed answer.
//!
//! The format has one open block at a time; [`Row`] puts the blocks of the canonical stream
//! in a row. A block of text or reasoning begins with its first piece, and one without a
//! piece is none.

use bytes::{Bytes, BytesMut};
use tollgate_types::Usage;

use crate::bedrock_converse::blocks::{write_citation, write_redacted, written_id};
use crate::bedrock_converse::{OWN, error, finish, response, usage};
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, StreamEvent};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, StreamEncoder};
use crate::in_row::{Row, Step};
use crate::loss::{Carry, Losses};
use crate::view::{Opened, merge_usage};
use crate::write::{self, Object};

/// The state of one stream.
pub(in crate::bedrock_converse) struct Encoder {
    options: AnswerOptions,
    started: bool,
    row: Row,
    blocks: Blocks,
    calls: bool,
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
}

/// The block that is open for the canonical stream. It has an index once something of it is
/// on the wire.
struct Open {
    is_call: bool,
    is_reasoning: bool,
    /// Arguments of a call have come.
    has_arguments: bool,
    index: Option<u64>,
}

impl StreamEncoder for Encoder {
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses) {
        if self.failed {
            return;
        }
        let mut carry = Carry::new(false, &Losses::default(), losses);
        match event {
            StreamEvent::Start { usage, .. } => {
                let usage = usage.iter();
                usage.for_each(|usage| merge_usage(&mut self.usage, usage));
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
            } => self.finish = Some((reason.clone(), stop_sequence.clone())),
            StreamEvent::Logprobs { .. } => carry.lose_parameter("logprobs"),
            StreamEvent::Usage(usage) => merge_usage(&mut self.usage, usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => self.fail(&failure.to_answer(None), out),
            StreamEvent::End => self.stop(out, &mut carry),
        }
    }
}

impl Encoder {
    pub(in crate::bedrock_converse) fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            started: false,
            row: Row::default(),
            blocks: Blocks::default(),
            calls: false,
            finish: None,
            usage: Usage::default(),
            failed: false,
        }
    }

    fn start(&mut self, out: &mut BytesMut) {
        if !self.started {
            self.started = true;
            event(out, "messageStart", |o| o.string("role", "assistant"));
        }
    }

    fn begin(&mut self, block: u32, kind: &BlockKind, out: &mut BytesMut, carry: &mut Carry<'_>) {
        self.start(out);
        self.calls |= matches!(kind, BlockKind::ToolCall { .. });
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
        let word = finish::write(&reason, self.calls, carry);
        end_events(
            out,
            word,
            stop_sequence.as_deref(),
            (&self.usage, &self.options),
        );
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
            Step::Begin(kind) => self.open(kind, out),
            Step::Piece(delta) => self.piece(delta, out, carry),
            Step::End => self.end(out, carry),
        }
    }

    fn open(&mut self, kind: &BlockKind, out: &mut BytesMut) {
        let mut open = Open {
            is_call: false,
            is_reasoning: *kind == BlockKind::Reasoning,
            has_arguments: false,
            index: None,
        };
        if let BlockKind::ToolCall {
            id,
            name,
            signature,
        } = kind
        {
            open.is_call = true;
            let index = self.count();
            open.index = Some(index);
            event(out, "contentBlockStart", |o| {
                o.object("start", |o| {
                    o.object("toolUse", |o| {
                        o.string("toolUseId", &written_id(id, signature.as_ref()));
                        o.string("name", name);
                    });
                });
                o.whole("contentBlockIndex", index);
            });
        }
        self.open = Some(open);
    }

    /// Ends the open block. A call without arguments is one with an empty object: clients
    /// read what the pieces join to as JSON.
    fn end(&mut self, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let open = self.open.as_ref();
        if open.is_some_and(|open| open.is_call && !open.has_arguments) {
            self.piece(&Delta::Arguments("{}".to_owned()), out, carry);
        }
        if let Some(index) = self.open.take().and_then(|open| open.index) {
            close(index, out);
        }
    }

    const fn count(&mut self) -> u64 {
        let index = self.next;
        self.next += 1;
        index
    }

    /// Writes a piece of the open block.
    fn piece(&mut self, delta: &Delta, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let fits = match delta {
            Delta::Text(_) => !open.is_call,
            Delta::Citation(_) => !open.is_call && !open.is_reasoning,
            Delta::Arguments(_) => open.is_call,
            Delta::Signature(_) | Delta::Encrypted(_) => open.is_reasoning,
            // Only its maker's format has a place for it.
            Delta::Id(_) => {
                self.open = Some(open);
                return;
            }
        };
        if !fits {
            carry.lose_content("stray_delta");
            self.open = Some(open);
            return;
        }
        // What is readable and what is not are blocks of their own.
        if matches!(delta, Delta::Encrypted(_))
            && let Some(index) = open.index.take()
        {
            close(index, out);
        }
        open.has_arguments |= matches!(delta, Delta::Arguments(text) if !text.is_empty());
        let begins = open.index.is_none();
        let index = open.index.unwrap_or_else(|| self.count());
        open.index = Some(index);
        let mut write = |delta: &Delta| {
            event(out, "contentBlockDelta", |o| {
                o.object("delta", |o| write_delta(o, delta, open.is_reasoning));
                o.whole("contentBlockIndex", index);
            });
        };
        // The SDKs send no signature back without a text.
        if begins && matches!(delta, Delta::Signature(_)) {
            write(&Delta::Text(String::new()));
        }
        write(delta);
        self.open = Some(open);
    }
}

fn write_delta(o: &mut Object<'_>, delta: &Delta, is_reasoning: bool) {
    let mut thought = |name: &str, text: &str| {
        o.object("reasoningContent", |o| o.string(name, text));
    };
    match delta {
        Delta::Text(text) if is_reasoning => thought("text", text),
        Delta::Signature(seal) => thought("signature", &seal.kept_by(OWN)),
        Delta::Encrypted(seal) => thought("redactedContent", &write_redacted(seal)),
        Delta::Text(text) => o.string("text", text),
        Delta::Arguments(text) => o.object("toolUse", |o| o.string("input", text)),
        Delta::Citation(citation) => o.object("citation", |o| write_citation(o, citation)),
        Delta::Id(_) => {}
    }
}

fn close(index: u64, out: &mut BytesMut) {
    event(out, "contentBlockStop", |o| {
        o.whole("contentBlockIndex", index);
    });
}

fn end_events(
    out: &mut BytesMut,
    stop_reason: &str,
    stop_sequence: Option<&str>,
    (used, options): (&Usage, &AnswerOptions),
) {
    event(out, "messageStop", |o| {
        o.string("stopReason", stop_reason);
        if let Some(text) = stop_sequence {
            o.object("additionalModelResponseFields", |o| {
                o.string("stop_sequence", text);
            });
        }
    });
    event(out, "metadata", |o| {
        usage::write(o, used);
        response::metrics(o, options);
    });
}

fn event(out: &mut BytesMut, name: &str, fill: impl FnOnce(&mut Object<'_>)) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"\ndata: ");
    out.extend_from_slice(&write::object(fill));
    out.extend_from_slice(b"\n\n");
}

/// Ends a stream as Bedrock's own guardrail ends one: open blocks closed, a text in place of
/// the answer where none had begun, the reason, the usage.
pub(in crate::bedrock_converse) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut out = BytesMut::new();
    if !delivered.started {
        event(&mut out, "messageStart", |o| o.string("role", "assistant"));
        event(&mut out, "contentBlockDelta", |o| {
            o.object("delta", |o| o.string("text", response::WITHHELD));
            o.whole("contentBlockIndex", 0);
        });
        close(0, &mut out);
    }
    for &Opened { block, .. } in &delivered.open {
        close(u64::from(block), &mut out);
    }
    let used = (&usage.unwrap_or_default(), options);
    end_events(&mut out, finish::WITHHELD, None, used);
    out.freeze()
}
