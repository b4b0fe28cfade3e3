//! Writes a streamed answer.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tollgate_types::Usage;

use super::whole::Whole;
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, Seal, StreamEvent, TokenLogprob};
use crate::failure::Failure;
use crate::format::{AnswerOptions, Client, StreamEncoder};
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::openai_chat::{error, finish, reasoning, response};
use crate::view::merge_usage;
use crate::write::{self, Object};

/// Reasoning that is kept until its signature comes, in bytes; the signature of a
/// longer one is lost.
const THOUGHT_BYTES_MAX: usize = 1024 * 1024;

/// The state of one stream.
pub(in crate::openai_chat) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    /// Choices that were announced with their role.
    announced: Vec<u32>,
    blocks: Vec<Block>,
    usage: Option<Usage>,
    /// An error went out: nothing may follow it.
    failed: bool,
    /// What waits for the rest of it, for clients that take nothing in pieces.
    whole: Option<Whole>,
}

struct Block {
    choice: u32,
    block: u32,
    kind: Kind,
}

enum Kind {
    Text,
    Refusal,
    /// The text so far, which a signature is sent along with.
    Reasoning(String),
    /// Where the call stands, and whether it has arguments.
    Call {
        index: u64,
        filled: bool,
    },
}

impl StreamEncoder for Encoder {
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses) {
        if self.failed {
            return;
        }
        if let Some(mut whole) = self.whole.take() {
            let is_taken = whole.take(self, event, out, losses);
            self.whole = Some(whole);
            if is_taken || self.failed {
                return;
            }
        }
        match event {
            StreamEvent::Start { id, model, usage } => {
                self.id.clone_from(id);
                self.model.clone_from(model);
                usage.iter().for_each(|usage| self.count(usage));
                self.announce(0, out);
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
            } => self.delta(*choice, *block, delta, out, losses),
            StreamEvent::BlockEnd { choice, block } => self.end(*choice, *block, out),
            StreamEvent::Finish {
                choice,
                reason,
                stop_sequence,
            } => {
                self.announce(*choice, out);
                let mut carry = Carry::new(false, &Losses::default(), losses);
                let word = finish::write(reason, stop_sequence.as_deref(), &mut carry);
                self.chunk(out, *choice, Some(word), |_delta| {});
            }
            StreamEvent::Logprobs { choice, tokens } => self.logprobs(*choice, tokens, out),
            StreamEvent::Usage(usage) => self.count(usage),
            StreamEvent::Lost(loss) => losses.add(*loss),
            StreamEvent::Failure(failure) => self.fail(failure, out),
            StreamEvent::End => {
                self.usage_chunk(out);
                out.extend_from_slice(b"data: [DONE]\n\n");
            }
        }
    }
}

impl Encoder {
    pub(in crate::openai_chat) fn new(options: AnswerOptions) -> Self {
        let whole = (options.client == Client::Mistral).then(Whole::default);
        Self {
            options,
            whole,
            id: String::new(),
            model: String::new(),
            announced: Vec::new(),
            blocks: Vec::new(),
            usage: None,
            failed: false,
        }
    }

    /// What was counted so far.
    pub(super) const fn usage(&self) -> Option<&Usage> {
        self.usage.as_ref()
    }

    pub(super) fn fail(&mut self, failure: &Failure, out: &mut BytesMut) {
        self.failed = true;
        out.extend_from_slice(&error::encode_event(&failure.to_answer(None)));
    }

    fn count(&mut self, usage: &Usage) {
        merge_usage(self.usage.get_or_insert_default(), usage);
    }

    /// The first chunk of a choice says who speaks.
    pub(super) fn announce(&mut self, choice: u32, out: &mut BytesMut) {
        if self.announced.contains(&choice) {
            return;
        }
        self.announced.push(choice);
        self.chunk(out, choice, None, |delta| {
            delta.string("role", "assistant");
            delta.string("content", "");
        });
    }

    fn begin(&mut self, choice: u32, block: u32, kind: &BlockKind, out: &mut BytesMut) {
        self.announce(choice, out);
        let kind = match kind {
            BlockKind::Text => Kind::Text,
            BlockKind::Refusal => Kind::Refusal,
            BlockKind::Reasoning => Kind::Reasoning(String::new()),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                let kept = signature.as_ref().map(|seal| seal.in_id(id));
                let id = kept.as_deref().unwrap_or(id);
                let is_call = |block: &&Block| {
                    block.choice == choice && matches!(block.kind, Kind::Call { .. })
                };
                let index = self.blocks.iter().filter(is_call).count() as u64;
                self.chunk(out, choice, None, |delta| {
                    call(delta, index, |o| {
                        o.string("id", id);
                        o.string("type", "function");
                        o.object("function", |o| {
                            o.string("name", name);
                            o.string("arguments", "");
                        });
                    });
                });
                Kind::Call {
                    index,
                    filled: false,
                }
            }
        };
        self.blocks.push(Block {
            choice,
            block,
            kind,
        });
    }

    fn delta(
        &mut self,
        choice: u32,
        block: u32,
        delta: &Delta,
        out: &mut BytesMut,
        losses: &mut Losses,
    ) {
        let mut blocks = std::mem::take(&mut self.blocks);
        let mut carry = Carry::new(false, &Losses::default(), losses);
        let found = blocks
            .iter_mut()
            .rfind(|open| open.choice == choice && open.block == block);
        match (found.map(|block| &mut block.kind), delta) {
            (Some(Kind::Text), Delta::Text(text)) => {
                self.chunk(out, choice, None, |delta| delta.string("content", text));
            }
            (Some(Kind::Refusal), Delta::Text(text)) => {
                self.chunk(out, choice, None, |delta| delta.string("refusal", text));
            }
            (Some(Kind::Reasoning(thought)), Delta::Text(text)) => {
                if thought.len() <= THOUGHT_BYTES_MAX {
                    thought.push_str(text);
                }
                self.chunk(out, choice, None, |delta| {
                    delta.string("reasoning_content", text);
                });
            }
            (Some(Kind::Reasoning(thought)), Delta::Signature(_))
                if thought.len() > THOUGHT_BYTES_MAX =>
            {
                carry.lose_content("reasoning_signature");
            }
            (Some(Kind::Reasoning(thought)), Delta::Signature(signature)) => {
                self.detail(out, choice, block, (thought, Some(signature), None));
            }
            (Some(Kind::Reasoning(_)), Delta::Encrypted(data)) => {
                self.detail(out, choice, block, ("", None, Some(data)));
            }
            (Some(Kind::Call { index, filled }), Delta::Arguments(text)) => {
                *filled |= !text.is_empty();
                self.arguments(out, choice, *index, text);
            }
            (_, Delta::Citation(_)) => carry.lose_content("citation"),
            // Only its maker's format has a place for it.
            (_, Delta::Id(_)) => {}
            _ => carry.lose_content("stray_delta"),
        }
        self.blocks = blocks;
    }

    /// Clients read arguments as JSON when the call is over; a call without any has `{}`.
    fn end(&mut self, choice: u32, block: u32, out: &mut BytesMut) {
        let found = self
            .blocks
            .iter_mut()
            .rfind(|open| open.choice == choice && open.block == block);
        match found.map(|block| &mut block.kind) {
            Some(Kind::Call {
                index,
                filled: filled @ false,
            }) => {
                *filled = true;
                let index = *index;
                self.arguments(out, choice, index, "{}");
            }
            // Calls are kept: the next one is counted after them.
            Some(Kind::Call { .. }) | None => {}
            Some(_) => self
                .blocks
                .retain(|open| (open.choice, open.block) != (choice, block)),
        }
    }

    fn arguments(&self, out: &mut BytesMut, choice: u32, index: u64, text: &str) {
        self.chunk(out, choice, None, |delta| {
            call(delta, index, |o| {
                o.object("function", |o| o.string("arguments", text));
            });
        });
    }

    fn detail(
        &self,
        out: &mut BytesMut,
        choice: u32,
        block: u32,
        detail: (&str, Option<&Seal>, Option<&Seal>),
    ) {
        let (text, signature, encrypted) = detail;
        self.chunk(out, choice, None, |delta| {
            delta.array("reasoning_details", |a| {
                reasoning::write_detail(a, u64::from(block), text, signature, encrypted);
            });
        });
    }

    pub(super) fn chunk(
        &self,
        out: &mut BytesMut,
        choice: u32,
        finish: Option<&str>,
        delta: impl FnOnce(&mut Object<'_>),
    ) {
        self.data(out, |o| {
            o.array("choices", |a| {
                a.object(|o| {
                    o.whole("index", u64::from(choice));
                    o.object("delta", delta);
                    o.null("logprobs");
                    o.string_or_null("finish_reason", finish);
                });
            });
        });
    }

    /// The tokens of what went out last.
    fn logprobs(&mut self, choice: u32, tokens: &[TokenLogprob], out: &mut BytesMut) {
        self.announce(choice, out);
        self.data(out, |o| {
            o.array("choices", |a| {
                a.object(|o| {
                    o.whole("index", u64::from(choice));
                    o.object("delta", |_delta| {});
                    o.object("logprobs", |o| response::write_choice_logprobs(o, tokens));
                    o.null("finish_reason");
                });
            });
        });
    }

    fn usage_chunk(&self, out: &mut BytesMut) {
        if let Some(usage) = &self.usage {
            self.data(out, |o| {
                o.array("choices", |_a| {});
                usage::write_chat(o, usage);
            });
        }
    }

    pub(super) fn data(&self, out: &mut BytesMut, fill: impl FnOnce(&mut Object<'_>)) {
        let text = write::object(|o| {
            o.string(
                "id",
                if self.id.is_empty() {
                    &self.options.fallback_id
                } else {
                    &self.id
                },
            );
            o.string("object", "chat.completion.chunk");
            o.whole("created", self.options.created_unix_s);
            o.string(
                "model",
                if self.options.model.is_empty() {
                    &self.model
                } else {
                    &self.options.model
                },
            );
            fill(o);
        });
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&text);
        out.extend_from_slice(b"\n\n");
    }
}

fn call(delta: &mut Object<'_>, index: u64, fill: impl FnOnce(&mut Object<'_>)) {
    delta.array("tool_calls", |a| {
        a.object(|o| {
            o.whole("index", index);
            fill(o);
        });
    });
}

/// Ends a stream as OpenAI's own filter ends one: `content_filter` for every choice
/// that is open, the usage, the end mark.
pub(in crate::openai_chat) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut encoder = Encoder::new(options.clone());
    encoder.id = delivered.id.as_deref().unwrap_or_default().to_owned();
    encoder.usage = usage;
    let mut out = BytesMut::new();
    let mut losses = Losses::default();
    let mut choices: SmallVec<[u32; 4]> = delivered.open.iter().map(|part| part.choice).collect();
    if !delivered.started {
        choices.push(0);
    }
    choices.dedup();
    for choice in choices {
        if delivered.started {
            encoder.announced.push(choice);
        }
        let finish = StreamEvent::Finish {
            choice,
            reason: Finish::ContentFilter,
            stop_sequence: None,
        };
        encoder.push(&finish, &mut out, &mut losses);
    }
    encoder.push(&StreamEvent::End, &mut out, &mut losses);
    out.freeze()
}
