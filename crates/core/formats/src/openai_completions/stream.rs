//! Writes a streamed answer.

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tollgate_types::Usage;

use super::{finish, logprobs};
use crate::delivered::Delivered;
use crate::exchange::{BlockKind, Delta, Finish, StreamEvent, TokenLogprob};
use crate::format::{AnswerOptions, Format, StreamEncoder};
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::openai_chat::OpenaiChat;
use crate::view::merge_usage;
use crate::write::{self, Object};

/// The state of one stream.
pub(super) struct Encoder {
    options: AnswerOptions,
    id: String,
    model: String,
    /// The blocks that are open: choice, index, and whether they are texts.
    blocks: Vec<(u32, u32, bool)>,
    /// How many characters of a choice had their probabilities told.
    told: SmallVec<[(u32, u64); 2]>,
    usage: Option<Usage>,
    /// An error went out: nothing may follow it.
    failed: bool,
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
            }
            StreamEvent::BlockStart {
                choice,
                block,
                kind,
            } => self.begin((*choice, *block), kind, &mut carry),
            StreamEvent::Delta {
                choice,
                block,
                delta,
            } => self.delta((*choice, *block), delta, out, &mut carry),
            StreamEvent::BlockEnd { choice, block } => self
                .blocks
                .retain(|(of, index, _)| (of, index) != (choice, block)),
            StreamEvent::Finish {
                choice,
                reason,
                stop_sequence,
            } => {
                let word = finish::write(reason, stop_sequence.as_deref(), &mut carry);
                self.chunk(out, (*choice, ""), |o| o.null("logprobs"), Some(word));
            }
            StreamEvent::Logprobs { choice, tokens } => self.logprobs(*choice, tokens, out),
            StreamEvent::Usage(usage) => self.count(usage),
            StreamEvent::Lost(loss) => carry.lose(*loss),
            StreamEvent::Failure(failure) => {
                self.failed = true;
                let answer = failure.to_answer(None);
                out.extend_from_slice(&OpenaiChat.encode_failure_event(&answer));
            }
            StreamEvent::End => {
                if let Some(usage) = &self.usage {
                    self.data(out, |o| {
                        o.array("choices", |_a| {});
                        usage::write_chat(o, usage);
                    });
                }
                out.extend_from_slice(b"data: [DONE]\n\n");
            }
        }
    }
}

impl Encoder {
    pub(super) fn new(options: AnswerOptions) -> Self {
        Self {
            options,
            id: String::new(),
            model: String::new(),
            blocks: Vec::new(),
            told: SmallVec::new(),
            usage: None,
            failed: false,
        }
    }

    fn count(&mut self, usage: &Usage) {
        merge_usage(self.usage.get_or_insert_default(), usage);
    }

    fn begin(&mut self, (choice, block): (u32, u32), kind: &BlockKind, carry: &mut Carry<'_>) {
        match kind {
            BlockKind::Text | BlockKind::Refusal => {}
            BlockKind::Reasoning => carry.lose_content("reasoning"),
            BlockKind::ToolCall { .. } => carry.lose_content("tool_call"),
        }
        let is_text = matches!(kind, BlockKind::Text | BlockKind::Refusal);
        self.blocks.push((choice, block, is_text));
    }

    fn delta(
        &self,
        (choice, block): (u32, u32),
        delta: &Delta,
        out: &mut BytesMut,
        carry: &mut Carry<'_>,
    ) {
        let mut blocks = self.blocks.iter();
        let open = blocks.rfind(|(of, index, _)| (*of, *index) == (choice, block));
        match (open, delta) {
            (Some((_, _, true)), Delta::Text(text)) => {
                self.chunk(out, (choice, text), |o| o.null("logprobs"), None);
            }
            (_, Delta::Citation(_)) => carry.lose_content("citation"),
            // Lost as a whole when it began.
            (Some((_, _, false)), _) => {}
            _ => carry.lose_content("stray_delta"),
        }
    }

    /// The tokens of what went out last.
    fn logprobs(&mut self, choice: u32, tokens: &[TokenLogprob], out: &mut BytesMut) {
        let known = self.told.iter().position(|(of, _)| *of == choice);
        let at = known.unwrap_or_else(|| {
            self.told.push((choice, 0));
            self.told.len() - 1
        });
        let mut offset = self.told.get(at).map_or(0, |(_, told)| *told);
        let write = |o: &mut Object<'_>| logprobs::write(o, tokens, &mut offset);
        self.chunk(out, (choice, ""), write, None);
        if let Some((_, told)) = self.told.get_mut(at) {
            *told = offset;
        }
    }

    fn chunk(
        &self,
        out: &mut BytesMut,
        (choice, text): (u32, &str),
        logprobs: impl FnOnce(&mut Object<'_>),
        finish: Option<&str>,
    ) {
        self.data(out, |o| {
            o.array("choices", |a| {
                a.object(|o| {
                    o.string("text", text);
                    o.whole("index", u64::from(choice));
                    logprobs(o);
                    o.string_or_null("finish_reason", finish);
                });
            });
        });
    }

    fn data(&self, out: &mut BytesMut, fill: impl FnOnce(&mut Object<'_>)) {
        let text = write::object(|o| {
            o.string("id", self.options.id_or(&self.id));
            o.string("object", "text_completion");
            o.whole("created", self.options.created_unix_s);
            o.string("model", self.options.model_or(&self.model));
            fill(o);
        });
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&text);
        out.extend_from_slice(b"\n\n");
    }
}

/// Ends a stream as OpenAI's own filter ends one: `content_filter` for every choice that is
/// open, the usage, the end mark.
pub(super) fn filtered_end(
    delivered: &Delivered,
    usage: Option<Usage>,
    options: &AnswerOptions,
) -> Bytes {
    let mut encoder = Encoder::new(options.clone());
    encoder.id = delivered.id.as_deref().unwrap_or_default().to_owned();
    encoder.usage = usage;
    let (mut out, mut losses) = (BytesMut::new(), Losses::default());
    let mut choices: SmallVec<[u32; 4]> = delivered.open.iter().map(|part| part.choice).collect();
    if !delivered.started {
        choices.push(0);
    }
    choices.dedup();
    for choice in choices {
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
