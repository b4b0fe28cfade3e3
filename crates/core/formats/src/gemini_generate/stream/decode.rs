//! Reads a streamed answer.
//!
//! Events have no blocks; they are made here. Text and reasoning each begin a block when
//! they first come or come again, and end it when something else comes. A function call
//! comes whole. Nothing marks the end of a stream but the end of its connection.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::exchange::{BlockKind, Citation, Delta, Part, StreamEvent, Thought, TokenLogprob};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::gemini_generate::parts::{Piece, into_parts, read_content};
use crate::gemini_generate::{citations, finish, ids, kept, logprobs, response, usage};
use crate::loss::{Loss, Losses};
use crate::read;

/// The most candidates of one answer.
const CANDIDATES_MAX: usize = 128;

/// The state of one stream.
#[derive(Default)]
pub(in crate::gemini_generate) struct Decoder {
    /// What makes the ids of its calls, once it has begun.
    stem: Option<String>,
    candidates: Vec<Candidate>,
    usage: Option<Usage>,
    has_finished: bool,
    unread: Losses,
    told: usize,
}

#[derive(Default)]
struct Candidate {
    index: u32,
    blocks: u32,
    open: Option<(u32, BlockKind)>,
    calls: usize,
    has_finished: bool,
}

/// An event as it was met.
#[derive(Default)]
struct Met {
    id: String,
    model: String,
    candidates: Vec<MetCandidate>,
    blocked: Option<String>,
    usage: Option<Usage>,
    is_error: bool,
}

#[derive(Default)]
struct MetCandidate {
    index: u32,
    pieces: Vec<Piece>,
    citations: Vec<Citation>,
    logprobs: Vec<TokenLogprob>,
    finish: Option<String>,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() {
            return Ok(());
        }
        let mut reader = Reader::of_event(data)?;
        let mut met = Met::default();
        reader.object(|r, key| member(r, &key, &mut met, &mut self.unread))?;
        reader.finish()?;
        if met.is_error {
            out.push(StreamEvent::Failure(failure::read_in_stream(data)));
            return Ok(());
        }
        self.event(met, data, out)?;
        let told = self.told;
        let unread = self.unread.iter().skip(told).copied();
        out.extend(unread.map(StreamEvent::Lost));
        self.told = self.unread.iter().count();
        Ok(())
    }
}

impl Decoder {
    fn event(
        &mut self,
        met: Met,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        if self.stem.is_none() {
            self.stem = Some(ids::stem(&met.id, data));
            out.push(StreamEvent::Start {
                id: met.id,
                model: met.model,
                // What it says of the answer grows with each event.
                usage: met.usage.map(|usage| Usage {
                    output: 0,
                    reasoning: 0,
                    ..usage
                }),
            });
        }
        self.usage = met.usage.or(self.usage);
        let (has_news, had_finished) = (met.usage.is_some(), self.has_finished);
        for candidate in met.candidates {
            self.candidate(candidate, out)?;
        }
        if let Some(word) = met.blocked.filter(|_| self.candidates.is_empty()) {
            self.has_finished = true;
            out.push(StreamEvent::Finish {
                choice: 0,
                reason: finish::read_block(&word),
                stop_sequence: None,
            });
        }
        // What is told before the end is not the last word.
        if self.has_finished && (has_news || !had_finished) {
            out.extend(self.usage.map(StreamEvent::Usage));
        }
        Ok(())
    }

    fn candidate(
        &mut self,
        met: MetCandidate,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let known = self
            .candidates
            .iter()
            .position(|candidate| candidate.index == met.index);
        let position = known.unwrap_or(self.candidates.len());
        if known.is_none() {
            if position >= CANDIDATES_MAX {
                return Err(read::shape("candidates", "more candidates than are read"));
            }
            self.candidates.push(Candidate {
                index: met.index,
                ..Candidate::default()
            });
        }
        let stem = self.stem.as_deref().unwrap_or_default();
        let Some(candidate) = self.candidates.get_mut(position) else {
            return Ok(());
        };
        if candidate.has_finished {
            // Nothing is said after the end.
            if !met.pieces.is_empty() || !met.citations.is_empty() {
                out.push(StreamEvent::Lost(Loss::Content("stray_delta")));
            }
            return Ok(());
        }
        for piece in met.pieces {
            for part in into_parts(piece, kept::own) {
                candidate.part(part, stem, out);
            }
        }
        for citation in met.citations {
            candidate.delta(BlockKind::Text, Delta::Citation(citation), out);
        }
        if !met.logprobs.is_empty() {
            out.push(StreamEvent::Logprobs {
                choice: met.index,
                tokens: met.logprobs,
            });
        }
        if let Some(word) = met.finish {
            self.has_finished = true;
            candidate.finish(&word, out);
        }
        Ok(())
    }
}

impl Candidate {
    fn part(&mut self, part: Part, stem: &str, out: &mut Vec<StreamEvent>) {
        match part {
            Part::Text(text) => self.delta(BlockKind::Text, Delta::Text(text), out),
            Part::Reasoning(thought) => self.thought(thought, out),
            Part::ToolCall(mut call) => {
                self.end_open(out);
                if call.id.is_empty() {
                    call.id = ids::made(stem, self.index, self.calls);
                }
                self.calls += 1;
                let kind = BlockKind::ToolCall {
                    id: call.id,
                    name: call.name,
                    signature: call.signature,
                };
                self.delta(kind, Delta::Arguments(call.arguments), out);
                self.end_open(out);
            }
            Part::Image(_) => out.push(StreamEvent::Lost(Loss::Content("image"))),
            Part::Audio { .. } => out.push(StreamEvent::Lost(Loss::Content("audio"))),
            Part::Video(_) => out.push(StreamEvent::Lost(Loss::Content("video"))),
            Part::Document(_) => out.push(StreamEvent::Lost(Loss::Content("document"))),
            Part::Other { kind, .. } => out.push(StreamEvent::Lost(Loss::content(&kind))),
            _ => out.push(StreamEvent::Lost(Loss::Unknown("content.type"))),
        }
    }

    /// A signature ends the thought that it follows; alone it is one.
    fn thought(&mut self, thought: Thought, out: &mut Vec<StreamEvent>) {
        if !thought.text.is_empty() {
            self.delta(BlockKind::Reasoning, Delta::Text(thought.text), out);
        }
        if let Some(signature) = thought.signature {
            self.delta(BlockKind::Reasoning, Delta::Signature(signature), out);
            self.end_open(out);
        }
    }

    /// Sends a piece in a block of this kind, which begins where none is open.
    fn delta(&mut self, kind: BlockKind, delta: Delta, out: &mut Vec<StreamEvent>) {
        let choice = self.index;
        let open = self.open.as_ref().filter(|(_block, open)| *open == kind);
        let block = if let Some((block, _kind)) = open {
            *block
        } else {
            self.end_open(out);
            let block = self.blocks;
            self.blocks = self.blocks.saturating_add(1);
            self.open = Some((block, kind.clone()));
            out.push(StreamEvent::BlockStart {
                choice,
                block,
                kind,
            });
            block
        };
        out.push(StreamEvent::Delta {
            choice,
            block,
            delta,
        });
    }

    fn end_open(&mut self, out: &mut Vec<StreamEvent>) {
        if let Some((block, _kind)) = self.open.take() {
            out.push(StreamEvent::BlockEnd {
                choice: self.index,
                block,
            });
        }
    }

    fn finish(&mut self, word: &str, out: &mut Vec<StreamEvent>) {
        self.end_open(out);
        self.has_finished = true;
        out.push(StreamEvent::Finish {
            choice: self.index,
            reason: finish::read_after(word, self.calls > 0),
            stop_sequence: None,
        });
    }
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    met: &mut Met,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    match (key, r.kind()?) {
        ("candidates", Kind::Array) => {
            r.array(|r, position| {
                met.candidates.push(candidate(r, position, unread)?);
                Ok::<_, DecodeError>(())
            })?;
        }
        ("promptFeedback", Kind::Object) => met.blocked = response::read_feedback(r, unread)?,
        ("usageMetadata", _) => met.usage = usage::read(r)?,
        ("responseId", _) => met.id = read::string(r)?.unwrap_or_default(),
        ("modelVersion", _) => met.model = read::string(r)?.unwrap_or_default(),
        ("error", kind) => met.is_error |= kind != Kind::Null,
        ("createTime", _) => {}
        (other, _) => read::unread(r, other, unread)?,
    }
    Ok(())
}

fn candidate(
    r: &mut Reader<'_>,
    position: u32,
    unread: &mut Losses,
) -> Result<MetCandidate, DecodeError> {
    let mut met = MetCandidate {
        index: position,
        ..MetCandidate::default()
    };
    let mut cited = citations::Met::default();
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("index", _) => met.index = read::index(r, false)?.unwrap_or(position),
            ("content", Kind::Object) => met.pieces = read_content(r, unread)?.pieces,
            ("finishReason", _) => met.finish = read::string(r)?.filter(|word| !word.is_empty()),
            ("citationMetadata", _) => cited.read(r, unread)?,
            ("groundingMetadata", _) => cited.read_grounding(r, unread)?,
            ("logprobsResult", _) => met.logprobs = logprobs::read(r)?,
            ("tokenCount" | "avgLogprobs", _) => {}
            (other, _) => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    met.citations = cited.finish(None);
    Ok(met)
}
