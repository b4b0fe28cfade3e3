//! Reads a streamed answer.
//!
//! Chunks have no blocks; they are made here. Text, reasoning and refusal each begin
//! a block when they first come or come again, and end it when something else comes.
//! A tool call is a block from its name on; it ends with its choice, or when another
//! call begins and its own arguments are complete.

use tollgate_wire::sse::Event;

use super::chunk::{CallPiece, Chunk, ChunkChoice, Step, read_chunk};
use super::tool::Tool;
use crate::exchange::{BlockKind, Delta, Seal, StreamEvent};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::halves::{Piece, Seam};
use crate::loss::{Loss, Losses};
use crate::openai_chat::finish;
use crate::read;

/// The most choices of one answer, and the most tool calls of one choice.
const CHOICES_MAX: usize = 128;
const CALLS_MAX: usize = 256;

/// The most bytes of arguments that are kept until their call has a name.
const EARLY_BYTES_MAX: usize = 4096;

/// The state of one stream.
#[derive(Default)]
pub(in crate::openai_chat) struct Decoder {
    id: Option<String>,
    choices: Vec<Choice>,
    unread: Losses,
    told: usize,
}

struct Choice {
    index: u32,
    blocks: u32,
    /// The open block that is not a tool call.
    open: Option<(u32, BlockKind)>,
    /// Half a character of it.
    seam: Seam,
    /// Length of the open reasoning so far, in bytes.
    thought_bytes: usize,
    tools: Vec<Tool>,
    finished: bool,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() {
            return Ok(());
        }
        if data.trim_ascii().starts_with(b"[DONE]") {
            for choice in &mut self.choices {
                choice.end_all(out);
            }
            out.push(StreamEvent::End);
            return Ok(());
        }
        let chunk = read_chunk(data, &mut self.unread)?;
        if chunk.is_error || event.name() == Some("error") {
            out.push(StreamEvent::Failure(failure::read_in_stream(data)));
            return Ok(());
        }
        self.chunk(chunk, out)?;
        let told = self.told;
        out.extend(
            self.unread
                .iter()
                .skip(told)
                .copied()
                .map(StreamEvent::Lost),
        );
        self.told = self.unread.iter().count();
        Ok(())
    }
}

impl Decoder {
    fn chunk(&mut self, chunk: Chunk, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        if self.id.is_none() {
            let id = chunk.id.unwrap_or_default();
            self.id = Some(id.clone());
            out.push(StreamEvent::Start {
                id,
                model: chunk.model.unwrap_or_default(),
                usage: None,
            });
        }
        for choice in chunk.choices {
            self.choice(choice, out)?;
        }
        out.extend(chunk.usage.map(StreamEvent::Usage));
        Ok(())
    }

    fn choice(
        &mut self,
        piece: ChunkChoice,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let id = self.id.as_deref().unwrap_or_default();
        let known = self
            .choices
            .iter()
            .position(|choice| choice.index == piece.index);
        let position = known.unwrap_or(self.choices.len());
        if known.is_none() {
            if position >= CHOICES_MAX {
                return Err(read::shape("choices", "more choices than are read"));
            }
            self.choices.push(Choice::new(piece.index));
        }
        let Some(choice) = self.choices.get_mut(position) else {
            return Ok(());
        };
        for step in piece.steps {
            match step {
                Step::Text(text) => choice.text(BlockKind::Text, text, out),
                Step::Reasoning(text) => choice.text(BlockKind::Reasoning, text, out),
                Step::Refusal(text) => choice.text(BlockKind::Refusal, text, out),
                Step::Signed { text, signature } => choice.sign(text, signature, out),
                Step::Encrypted(data) => {
                    choice.end_open(out);
                    choice.delta(BlockKind::Reasoning, Delta::Encrypted(data), out);
                    choice.end_open(out);
                }
                Step::Call(call) => choice.call(call, id, out)?,
            }
        }
        if !piece.logprobs.is_empty() {
            out.push(StreamEvent::Logprobs {
                choice: piece.index,
                tokens: piece.logprobs,
            });
        }
        if let Some(word) = piece.finish {
            choice.finish(&word, out);
        }
        Ok(())
    }
}

impl Choice {
    fn new(index: u32) -> Self {
        Self {
            index,
            blocks: 0,
            open: None,
            seam: Seam::default(),
            thought_bytes: 0,
            tools: Vec::new(),
            finished: false,
        }
    }

    fn text(&mut self, kind: BlockKind, piece: Piece, out: &mut Vec<StreamEvent>) {
        if self.open.as_ref().is_none_or(|(_, open)| *open != kind) {
            self.end_open(out);
        }
        let text = self.seam.join(piece);
        if !text.is_empty() || self.open.is_none() {
            self.delta(kind, Delta::Text(text), out);
        }
    }

    /// Sends a piece in a block of this kind, which begins where none is open.
    fn delta(&mut self, kind: BlockKind, delta: Delta, out: &mut Vec<StreamEvent>) {
        let block = match &self.open {
            Some((block, open)) if *open == kind => *block,
            _ => {
                self.end_open(out);
                self.end_complete(out);
                let block = self.begin(kind.clone(), out);
                self.open = Some((block, kind));
                self.thought_bytes = 0;
                block
            }
        };
        self.thought_bytes += delta.text().len();
        out.push(StreamEvent::Delta {
            choice: self.index,
            block,
            delta,
        });
    }

    /// Ends a reasoning block by its signature. Entries that carry one repeat the whole
    /// text for clients that keep them; what is as long as what came is that.
    fn sign(&mut self, text: Option<Piece>, signature: Seal, out: &mut Vec<StreamEvent>) {
        let thinking = matches!(self.open, Some((_, BlockKind::Reasoning)));
        let repeated = |text: &Piece| thinking && self.thought_bytes == text.len();
        if let Some(text) = text.filter(|text| !repeated(text)) {
            self.text(BlockKind::Reasoning, text, out);
        }
        self.delta(BlockKind::Reasoning, Delta::Signature(signature), out);
        self.end_open(out);
    }

    fn begin(&mut self, kind: BlockKind, out: &mut Vec<StreamEvent>) -> u32 {
        let block = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        out.push(StreamEvent::BlockStart {
            choice: self.index,
            block,
            kind,
        });
        block
    }

    fn call(
        &mut self,
        piece: CallPiece,
        answer: &str,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let position = self.position_of(&piece)?;
        let known = self
            .tools
            .get(position)
            .is_some_and(|tool| tool.block.is_some());
        if !known && piece.name.is_some() {
            self.end_open(out);
            self.end_complete(out);
        }
        let begun = match (known, piece.name) {
            (false, Some(name)) => {
                let id = self.tools.get(position).and_then(|tool| tool.id.clone());
                // An id must not come twice in a conversation, so it is made of the answer's.
                let id = id.unwrap_or_else(|| format!("call_{answer}_{}_{position}", self.index));
                let signature = None;
                let kind = BlockKind::ToolCall {
                    id,
                    name,
                    signature,
                };
                Some(self.begin(kind, out))
            }
            _ => None,
        };
        let choice = self.index;
        let Some(tool) = self.tools.get_mut(position) else {
            return Ok(());
        };
        tool.block = tool.block.or(begun);
        let joined = tool.seam.join(piece.arguments);
        tool.follow(&joined);
        let Some(block) = tool.block else {
            tool.early.push_str(&joined);
            let too_long = tool.early.len() > EARLY_BYTES_MAX;
            return if too_long {
                Err(read::shape("tool_calls", "arguments without a name"))
            } else {
                Ok(())
            };
        };
        let mut arguments = std::mem::take(&mut tool.early);
        arguments.push_str(&joined);
        if tool.ended {
            if !arguments.trim_ascii().is_empty() {
                out.push(StreamEvent::Lost(Loss::Content("tool_arguments")));
            }
        } else if !arguments.is_empty() {
            out.push(StreamEvent::Delta {
                choice,
                block,
                delta: Delta::Arguments(arguments),
            });
        }
        Ok(())
    }

    /// The call that a piece belongs to; a new one where need be.
    ///
    /// Servers that leave the index out, or give every call the same, still begin each
    /// call with an id of its own.
    fn position_of(&mut self, piece: &CallPiece) -> Result<usize, DecodeError> {
        let last = self
            .tools
            .iter()
            .rposition(|tool| piece.index.is_none_or(|index| index == tool.index));
        let is_other = |tool: &Tool| match (&tool.id, &piece.id) {
            (Some(old), Some(new)) => old != new && piece.name.is_some(),
            _ => false,
        };
        if let Some(position) =
            last.filter(|&position| !self.tools.get(position).is_some_and(is_other))
        {
            if let Some(tool) = self.tools.get_mut(position) {
                tool.id = tool.id.take().or_else(|| piece.id.clone());
            }
            return Ok(position);
        }
        if self.tools.len() >= CALLS_MAX {
            return Err(read::shape("tool_calls", "more calls than are read"));
        }
        let index = piece
            .index
            .unwrap_or_else(|| u32::try_from(self.tools.len()).unwrap_or(u32::MAX));
        self.tools.push(Tool::new(index, piece.id.clone()));
        Ok(self.tools.len() - 1)
    }

    fn end_open(&mut self, out: &mut Vec<StreamEvent>) {
        if let Some((block, _kind)) = self.open.take() {
            let half = self.seam.end().map(Delta::Text);
            out.extend(half.map(|delta| StreamEvent::Delta {
                choice: self.index,
                block,
                delta,
            }));
            out.push(StreamEvent::BlockEnd {
                choice: self.index,
                block,
            });
        }
    }

    /// Ends the calls that can get no more arguments.
    fn end_complete(&mut self, out: &mut Vec<StreamEvent>) {
        let choice = self.index;
        for tool in self
            .tools
            .iter_mut()
            .filter(|tool| tool.is_complete() && !tool.ended)
        {
            if let Some(block) = tool.block {
                tool.ended = true;
                out.push(StreamEvent::BlockEnd { choice, block });
            }
        }
    }

    fn end_all(&mut self, out: &mut Vec<StreamEvent>) {
        self.end_open(out);
        let choice = self.index;
        for tool in self.tools.iter_mut().filter(|tool| !tool.ended) {
            match tool.block {
                Some(block) => {
                    tool.ended = true;
                    let half = tool.seam.end().map(Delta::Arguments);
                    out.extend(half.map(|delta| StreamEvent::Delta {
                        choice,
                        block,
                        delta,
                    }));
                    out.push(StreamEvent::BlockEnd { choice, block });
                }
                None => out.push(StreamEvent::Lost(Loss::Content("tool_call"))),
            }
        }
    }

    fn finish(&mut self, word: &str, out: &mut Vec<StreamEvent>) {
        if self.finished {
            return;
        }
        self.finished = true;
        self.end_all(out);
        let reason = finish::read(word);
        out.push(StreamEvent::Finish {
            choice: self.index,
            reason,
            stop_sequence: None,
        });
    }
}
