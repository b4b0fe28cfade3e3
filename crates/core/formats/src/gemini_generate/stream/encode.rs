//! Writes a streamed answer.
//!
//! Text goes out as it comes. A function call has no pieces here and waits until it is
//! whole; what waits is bounded. The stop reasons wait for the usage, which is told beside
//! them in the last event.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tollgate_types::Usage;

use crate::delivered::Delivered;
use crate::exchange::{
    BlockKind, Citation, Delta, Finish, Part, Seal, StreamEvent, Thought, TokenLogprob, ToolCall,
};
use crate::failure::{Failure, FailureAnswer};
use crate::format::{AnswerOptions, StreamEncoder};
use crate::gemini_generate::parts::{Place, write_parts};
use crate::gemini_generate::{citations, error, finish, logprobs, response, usage};
use crate::loss::{Carry, Losses};
use crate::view::merge_usage;
use crate::write::{self, Object};

/// The most bytes of function calls that wait for their end.
const WAITING_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The state of one stream.
pub(in crate::gemini_generate) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    blocks: Vec<Block>,
    waiting_bytes: usize,
    finishes: Vec<(u32, String)>,
    usage: Option<Usage>,
    /// An error went out: nothing may follow it.
    failed: bool,
}

struct Block {
    choice: u32,
    block: u32,
    kind: Kind,
}

enum Kind {
    Text,
    Reasoning,
    Call(ToolCall),
}

impl StreamEncoder for Encoder {
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses) {
        if self.failed {
            return;
        }
        let mut carry = Carry::new(false, &Losses::default(), losses);
        let carry = &mut carry;
        match event {
            StreamEvent::Start { id, model, usage } => {
                self.id.clone_from(id);
                self.model.clone_from(model);
                usage.iter().for_each(|usage| self.count(usage));
            }
            StreamEvent::BlockStart {
                choice,
                block,
                kind,
            } => self.begin(*choice, *block, kind, out),
            StreamEvent::Delta {
                choice,
                block,
                delta,
            } => self.delta((*choice, *block), delta, out, carry),
            StreamEvent::BlockEnd { choice, block } => self.end(*choice, *block, out, carry),
            StreamEvent::Logprobs { choice, tokens } => self.logprobs(*choice, tokens, out),
            StreamEvent::Finish {
                choice,
                reason,
                stop_sequence,
            } => {
                let word = finish::write(reason, stop_sequence.as_deref(), carry);
                self.finishes.push((*choice, word.to_owned()));
            }
            StreamEvent::Usage(usage) => self.count(usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => self.fail(&failure.to_answer(None), out),
            StreamEvent::End => self.stop(out),
        }
    }
}

impl Encoder {
    pub(in crate::gemini_generate) const fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            model: String::new(),
            blocks: Vec::new(),
            waiting_bytes: 0,
            finishes: Vec::new(),
            usage: None,
            failed: false,
        }
    }

    fn count(&mut self, usage: &Usage) {
        merge_usage(self.usage.get_or_insert_default(), usage);
    }

    fn begin(&mut self, choice: u32, block: u32, kind: &BlockKind, out: &mut BytesMut) {
        let kind = match kind {
            BlockKind::Text | BlockKind::Refusal => Kind::Text,
            BlockKind::Reasoning => Kind::Reasoning,
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => Kind::Call(ToolCall {
                id: id.clone(),
                name: name.clone(),
                arguments: String::new(),
                signature: signature.clone(),
            }),
        };
        self.blocks.push(Block {
            choice,
            block,
            kind,
        });
        self.wait_for(size_of::<Block>(), out);
    }

    fn delta(
        &mut self,
        (choice, block): (u32, u32),
        delta: &Delta,
        out: &mut BytesMut,
        carry: &mut Carry<'_>,
    ) {
        let mut blocks = std::mem::take(&mut self.blocks);
        let found = blocks
            .iter_mut()
            .rfind(|open| open.choice == choice && open.block == block);
        match (found.map(|block| &mut block.kind), delta) {
            (Some(Kind::Text), Delta::Text(text)) => {
                self.part(choice, &Part::Text(text.clone()), out, carry);
            }
            (Some(Kind::Reasoning), Delta::Text(text)) => {
                let thought = Thought::plain(text.clone());
                self.part(choice, &Part::Reasoning(thought), out, carry);
            }
            (Some(Kind::Reasoning), sealed) => {
                if let Some(thought) = thought_of(sealed) {
                    self.part(choice, &Part::Reasoning(thought), out, carry);
                } else {
                    carry.lose_content("stray_delta");
                }
            }
            (Some(Kind::Call(call)), Delta::Arguments(text)) => {
                call.arguments.push_str(text);
                self.wait_for(text.len(), out);
            }
            (Some(Kind::Text), Delta::Citation(citation)) => self.citation(choice, citation, out),
            _ => carry.lose_content("stray_delta"),
        }
        self.blocks = blocks;
    }

    /// Ends a block; a call goes out.
    fn end(&mut self, choice: u32, block: u32, out: &mut BytesMut, carry: &mut Carry<'_>) {
        let is_it = |open: &Block| open.choice == choice && open.block == block;
        let Some(at) = self.blocks.iter().rposition(is_it) else {
            return;
        };
        let ended = self.blocks.remove(at);
        self.waiting_bytes = self.waiting_bytes.saturating_sub(size_of::<Block>());
        if let Kind::Call(call) = ended.kind {
            self.waiting_bytes = self.waiting_bytes.saturating_sub(call.arguments.len());
            self.part(choice, &Part::ToolCall(call), out, carry);
        }
    }

    /// Takes note of more that waits, and gives up where it is too much.
    fn wait_for(&mut self, bytes: usize, out: &mut BytesMut) {
        self.waiting_bytes = self.waiting_bytes.saturating_add(bytes);
        if self.waiting_bytes > WAITING_BYTES_MAX {
            self.fail(&too_much().to_answer(None), out);
        }
    }

    fn part(&self, choice: u32, part: &Part, out: &mut BytesMut, carry: &mut Carry<'_>) {
        if self.failed {
            return;
        }
        self.candidate(out, choice, |o| {
            o.object("content", |o| {
                o.array("parts", |a| write_parts(a, [part], Place::Answer, carry));
                o.string("role", "model");
            });
        });
    }

    /// Places in a text are those of the whole, which is not kept here.
    fn citation(&self, choice: u32, citation: &Citation, out: &mut BytesMut) {
        let citation = Citation {
            range: None,
            ..citation.clone()
        };
        self.candidate(out, choice, |o| {
            citations::write(o, &[Part::Citation(citation)]);
        });
    }

    fn logprobs(&self, choice: u32, tokens: &[TokenLogprob], out: &mut BytesMut) {
        self.candidate(out, choice, |o| logprobs::write(o, tokens));
    }

    fn candidate(&self, out: &mut BytesMut, choice: u32, fill: impl FnOnce(&mut Object<'_>)) {
        self.event(out, |o| {
            o.array("candidates", |a| {
                a.object(|o| {
                    fill(o);
                    o.whole("index", u64::from(choice));
                });
            });
        });
    }

    /// The last event: why each candidate stopped, and what all of it cost.
    fn stop(&self, out: &mut BytesMut) {
        self.event(out, |o| {
            if !self.finishes.is_empty() {
                o.array("candidates", |a| {
                    for (choice, word) in &self.finishes {
                        a.object(|o| write_finish(o, *choice, word));
                    }
                });
            }
            if let Some(usage) = &self.usage {
                usage::write(o, usage);
            }
        });
    }

    fn fail(&mut self, failure: &FailureAnswer, out: &mut BytesMut) {
        self.failed = true;
        self.blocks.clear();
        out.extend_from_slice(&error::encode_event(failure));
    }

    fn event(&self, out: &mut BytesMut, fill: impl FnOnce(&mut Object<'_>)) {
        let data = write::object(|o| {
            fill(o);
            response::envelope(o, &self.model, &self.id, &self.options);
        });
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&data);
        out.extend_from_slice(b"\n\n");
    }
}

/// Clients keep a turn only where each of its events has a part.
fn write_finish(o: &mut Object<'_>, choice: u32, word: &str) {
    if word != FILTERED {
        o.object("content", |o| {
            o.array("parts", |a| a.object(|o| o.string("text", "")));
            o.string("role", "model");
        });
    }
    o.string("finishReason", word);
    o.whole("index", u64::from(choice));
}

/// How the provider's own filter says that it stopped an answer.
const FILTERED: &str = "SAFETY";

/// What a sealed piece of reasoning is as reasoning of its own.
fn thought_of(delta: &Delta) -> Option<Thought> {
    let kept = |seal: &Seal| Some(seal.clone());
    Some(match delta {
        Delta::Signature(seal) => Thought {
            signature: kept(seal),
            ..Thought::default()
        },
        Delta::Encrypted(seal) => Thought {
            encrypted: kept(seal),
            ..Thought::default()
        },
        Delta::Id(seal) => Thought {
            id: kept(seal),
            ..Thought::default()
        },
        Delta::Text(_) | Delta::Arguments(_) | Delta::Citation(_) => return None,
    })
}

fn too_much() -> Failure {
    Failure::of_provider(format!(
        "the answer has function calls over {WAITING_BYTES_MAX} bytes"
    ))
}

/// Ends a stream as Gemini's own filter ends one: `SAFETY` for every candidate that is
/// open, and the usage.
pub(in crate::gemini_generate) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut encoder = Encoder::new(options.clone());
    encoder.id = delivered.id.as_deref().unwrap_or_default().to_owned();
    encoder.usage = usage;
    let mut choices: SmallVec<[u32; 4]> = delivered.open.iter().map(|part| part.choice).collect();
    if !delivered.started {
        choices.push(0);
    }
    choices.dedup();
    let mut losses = Losses::default();
    let mut carry = Carry::new(false, &Losses::default(), &mut losses);
    for choice in choices {
        let word = finish::write(&Finish::ContentFilter, None, &mut carry);
        encoder.finishes.push((choice, word.to_owned()));
    }
    let mut out = BytesMut::new();
    encoder.stop(&mut out);
    out.freeze()
}
