//! Reads a streamed answer.
//!
//! Most texts come twice, in pieces and whole when they are complete, and all of them once
//! more with the end. The pieces count; what is whole counts where no piece came. Servers
//! count their items in their own ways, so what comes with the end counts only where nothing
//! of its kind came before.

mod whole;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{BuildHasher as _, RandomState};

use tollgate_types::{Tier, Usage};
use tollgate_wire::Span;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::exchange::{BlockKind, Citation, Delta, Finish, Seal, StreamEvent, TokenLogprob};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::halves::{Piece, Seam};
use crate::loss::{Loss, Losses};
use crate::openai::read_logprobs;
use crate::openai::usage;
use crate::openai_responses::items::annotation;
use crate::openai_responses::{finish, response};
use crate::read;

/// The most blocks that are open at a time.
const OPEN_MAX: usize = 256;

/// The most blocks of one answer.
const BLOCKS_MAX: usize = 16_384;

/// Where a part stands: the index of its item, and its own; 0 for items that are one block.
type Place = (u64, u64);

/// What was told of a part.
#[derive(Clone, Copy, Default)]
struct Told {
    /// Some of its text.
    text: bool,
    /// A citation.
    citation: bool,
}

/// The state of one stream.
#[derive(Default)]
pub(in crate::openai_responses) struct Decoder {
    started: bool,
    over: bool,
    has_calls: bool,
    open: Vec<Open>,
    blocks: u32,
    /// What was told so far, at most [`BLOCKS_MAX`].
    told: BTreeMap<Place, Told>,
    /// Items that have begun and are no blocks.
    begun: BTreeSet<u64>,
    /// Items with arguments of a call that has not begun.
    stray: BTreeSet<u64>,
    /// Hashes of the ids of calls.
    calls: HashSet<u64>,
    hasher: RandomState,
    said_text: bool,
    said_thoughts: bool,
}

/// A block that is open.
struct Open {
    /// Index of its item.
    item: u64,
    /// Index of its part; 0 for items that are one block.
    part: u64,
    /// Ours.
    block: u32,
    kind: BlockKind,
    /// Half a character.
    seam: Seam,
    /// The summary that the last piece was of.
    summary: u64,
}

/// The members of an event as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    item_index: u64,
    part_index: u64,
    summary_index: Option<u64>,
    delta: Option<Piece>,
    /// A whole text, refusal or list of arguments.
    whole: Option<Piece>,
    logprobs: Vec<TokenLogprob>,
    citation: Option<Citation>,
    part: Option<String>,
    part_span: Option<Span>,
    item: Item,
    answer: Answer,
    unread: Losses,
}

#[derive(Default)]
struct Item {
    kind: String,
    id: Option<String>,
    call_id: Option<String>,
    name: String,
    arguments: Option<Piece>,
    encrypted: Option<String>,
    content: Option<Span>,
    summary: Option<Span>,
}

#[derive(Default)]
struct Answer {
    id: String,
    model: String,
    status: Option<String>,
    reason: Option<String>,
    usage: Option<Usage>,
    tier: Tier,
    error: Option<Box<[u8]>>,
    output: Option<Span>,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() || self.over {
            return Ok(());
        }
        if data.trim_ascii().starts_with(b"[DONE]") {
            self.end_all(out);
            self.over = true;
            self.lose_stray(out);
            out.push(StreamEvent::End);
            return Ok(());
        }
        let mut reader = Reader::of_event(data)?;
        let mut met = Met::default();
        reader.object(|r, key| member(r, &key, &mut met))?;
        reader.finish()?;
        let kind = met.kind.take();
        let kind = kind.or_else(|| event.name().map(str::to_owned));
        out.extend(met.unread.iter().copied().map(StreamEvent::Lost));
        self.event(kind.as_deref().unwrap_or_default(), met, data, out)
    }
}

impl Decoder {
    fn event(
        &mut self,
        kind: &str,
        met: Met,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        match kind {
            "response.created" | "response.queued" | "response.in_progress" => {
                self.start(&met.answer, out);
            }
            "response.output_item.added" => self.item_begins(met, out)?,
            "response.output_item.done" => {
                let index = met.item_index;
                self.item_ends(index, met.item, data, out)?;
            }
            "response.content_part.added" => self.part_begins(&met, out)?,
            "response.content_part.done" => self.part_ends(&met, data, out)?,
            "response.output_text.delta" | "response.output_text.done" => {
                self.piece(BlockKind::Text, met, out)?;
            }
            "response.refusal.delta" | "response.refusal.done" => {
                self.piece(BlockKind::Refusal, met, out)?;
            }
            "response.reasoning_summary_text.delta"
            | "response.reasoning_summary_text.done"
            | "response.reasoning_text.delta"
            | "response.reasoning_text.done" => self.thought(met, out)?,
            "response.function_call_arguments.delta" | "response.function_call_arguments.done" => {
                self.arguments(met, out)?;
            }
            "response.output_text.annotation.added" => self.cite(met, out),
            "response.reasoning_summary_part.added" | "response.reasoning_summary_part.done" => {}
            "response.completed" | "response.incomplete" | "response.cancelled" => {
                self.finish(met.answer, data, out)?;
            }
            "response.failed" => {
                let failed = met.answer.error.as_deref().unwrap_or(data);
                self.fail(failed, out);
            }
            "error" => self.fail(data, out),
            "keepalive" => {}
            // How far a tool of the provider's has come; its item says what is lost.
            other if other.contains("_call") => {}
            _ => out.push(StreamEvent::Lost(Loss::Unknown("event.type"))),
        }
        Ok(())
    }

    fn fail(&mut self, data: &[u8], out: &mut Vec<StreamEvent>) {
        self.over = true;
        out.push(StreamEvent::Failure(failure::read_in_stream(data)));
    }

    fn start(&mut self, answer: &Answer, out: &mut Vec<StreamEvent>) {
        if std::mem::replace(&mut self.started, true) {
            return;
        }
        out.push(StreamEvent::Start {
            id: answer.id.clone(),
            model: answer.model.clone(),
            usage: None,
        });
    }

    fn finish(
        &mut self,
        answer: Answer,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        self.start(&answer, out);
        self.end_all(out);
        if let Some(output) = answer.output {
            self.output(output.of(data), out)?;
        }
        self.lose_stray(out);
        let usage = read::with_tier(answer.usage, answer.tier);
        out.extend(usage.map(StreamEvent::Usage));
        let status = answer.status.as_deref();
        let reason = finish::of(status, answer.reason.as_deref(), self.has_calls);
        out.push(StreamEvent::Finish {
            choice: 0,
            reason: reason.unwrap_or(Finish::Stop),
            stop_sequence: None,
        });
        self.over = true;
        out.push(StreamEvent::End);
        Ok(())
    }

    /// Arguments without a call were told to nobody.
    fn lose_stray(&mut self, out: &mut Vec<StreamEvent>) {
        if !std::mem::take(&mut self.stray).is_empty() {
            out.push(StreamEvent::Lost(Loss::Content("stray_delta")));
        }
    }

    fn item_begins(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let place = (met.item_index, 0);
        match met.item.kind.as_str() {
            "function_call" => {
                self.call_begins(place, met.item, out)?;
            }
            "reasoning" => {
                self.begin(place, BlockKind::Reasoning, out)?;
            }
            "message" => {}
            other => {
                self.begun.insert(met.item_index);
                self.bounded()?;
                out.push(StreamEvent::Lost(Loss::content(other)));
            }
        }
        Ok(())
    }

    /// Begins a call with what there is of it.
    fn call_begins(
        &mut self,
        place: Place,
        item: Item,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let written = item.call_id.or(item.id).unwrap_or_default();
        self.has_calls = true;
        self.calls.insert(self.hasher.hash_one(&written));
        self.stray.remove(&place.0);
        let (id, signature) = Seal::out_of_id(written);
        let kind = BlockKind::ToolCall {
            id,
            name: item.name,
            signature,
        };
        let at = self.begin(place, kind, out)?;
        self.say(at, item.arguments, out);
        Ok(())
    }

    fn part_begins(&mut self, met: &Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let kind = match met.part.as_deref() {
            Some("output_text") => BlockKind::Text,
            Some("refusal") => BlockKind::Refusal,
            // A part of an item that is a block as a whole.
            Some("reasoning_text" | "summary_text") | None => return Ok(()),
            Some(other) => {
                out.push(StreamEvent::Lost(Loss::content(other)));
                return Ok(());
            }
        };
        self.begin((met.item_index, met.part_index), kind, out)?;
        Ok(())
    }

    /// A piece of a text, or all of it where no piece came.
    fn piece(
        &mut self,
        kind: BlockKind,
        met: Met,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let place = (met.item_index, met.part_index);
        let is_empty = !self.has_text(place);
        let is_more = met.delta.is_some() || is_empty;
        if !is_more {
            return Ok(());
        }
        let at = self.at(place, kind, out)?;
        self.say(at, met.delta.or(met.whole), out);
        if !met.logprobs.is_empty() {
            out.push(StreamEvent::Logprobs {
                choice: 0,
                tokens: met.logprobs,
            });
        }
        Ok(())
    }

    /// A piece of a summary, or of reasoning itself. Summaries follow each other as
    /// paragraphs.
    fn thought(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let place = (met.item_index, 0);
        let summary = met.summary_index.unwrap_or(met.part_index);
        let is_filled = self.has_text(place);
        let open = self.find(place).and_then(|at| self.open.get(at));
        let is_next = is_filled && open.is_some_and(|open| open.summary != summary);
        let is_new = !is_filled || is_next;
        let Some(piece) = met.delta.or_else(|| met.whole.filter(|_| is_new)) else {
            return Ok(());
        };
        let at = self.at(place, BlockKind::Reasoning, out)?;
        if let Some(open) = self.open.get_mut(at) {
            open.summary = summary;
        }
        if is_next {
            self.delta(at, Delta::Text("\n\n".to_owned()), out);
        }
        self.say(at, Some(piece), out);
        Ok(())
    }

    /// A piece of arguments, or all of them where no piece came.
    fn arguments(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let place = (met.item_index, 0);
        let is_filled = self.has_text(place);
        let piece = met.delta.or_else(|| met.whole.filter(|_| !is_filled));
        match self.find(place) {
            Some(at) => self.say(at, piece, out),
            None if piece.is_none() => {}
            None if is_filled => out.push(StreamEvent::Lost(Loss::Content("stray_delta"))),
            // The call may come as a whole.
            None => {
                self.stray.insert(met.item_index);
                self.bounded()?;
            }
        }
        Ok(())
    }

    fn cite(&mut self, met: Met, out: &mut Vec<StreamEvent>) {
        let Some(citation) = met.citation else {
            return;
        };
        let place = (met.item_index, met.part_index);
        self.cited(place, citation, out);
    }

    /// Adds a citation to a part, which has to be open.
    fn cited(&mut self, place: Place, citation: Citation, out: &mut Vec<StreamEvent>) {
        match self.find(place) {
            Some(at) => {
                self.told.entry(place).or_default().citation = true;
                self.delta(at, Delta::Citation(citation), out);
            }
            None => out.push(StreamEvent::Lost(Loss::Content("stray_delta"))),
        }
    }

    /// Whether some of the text of a part was told.
    fn has_text(&self, place: Place) -> bool {
        self.told.get(&place).is_some_and(|told| told.text)
    }

    /// The block of a part, which begins where it is not open.
    fn at(
        &mut self,
        place: Place,
        kind: BlockKind,
        out: &mut Vec<StreamEvent>,
    ) -> Result<usize, DecodeError> {
        match self.find(place) {
            Some(at) => Ok(at),
            None => self.begin(place, kind, out),
        }
    }

    /// Refuses more than is kept in mind.
    fn bounded(&self) -> Result<(), DecodeError> {
        let kept = [self.told.len(), self.begun.len(), self.stray.len()];
        if kept.into_iter().max() > Some(BLOCKS_MAX) {
            return Err(read::shape("output", "more parts than are read"));
        }
        Ok(())
    }

    fn find(&self, place: Place) -> Option<usize> {
        let mut open = self.open.iter();
        open.position(|open| (open.item, open.part) == place)
    }

    fn begin(
        &mut self,
        (item, part): Place,
        kind: BlockKind,
        out: &mut Vec<StreamEvent>,
    ) -> Result<usize, DecodeError> {
        if self.open.len() >= OPEN_MAX {
            return Err(read::shape("output", "more open parts than are read"));
        }
        self.end(item, Some(part), out);
        self.told.insert((item, part), Told::default());
        self.said_thoughts |= kind == BlockKind::Reasoning;
        self.bounded()?;
        let block = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        out.push(StreamEvent::BlockStart {
            choice: 0,
            block,
            kind: kind.clone(),
        });
        self.open.push(Open {
            item,
            part,
            block,
            kind,
            seam: Seam::default(),
            summary: 0,
        });
        Ok(self.open.len() - 1)
    }

    /// Sends a piece of an open block.
    fn say(&mut self, at: usize, piece: Option<Piece>, out: &mut Vec<StreamEvent>) {
        let Some((open, piece)) = self.open.get_mut(at).zip(piece) else {
            return;
        };
        let text = open.seam.join(piece);
        let place = (open.item, open.part);
        self.said_text |= matches!(open.kind, BlockKind::Text | BlockKind::Refusal);
        self.told.entry(place).or_default().text = true;
        if text.is_empty() {
            return;
        }
        let delta = open.text(text);
        self.delta(at, delta, out);
    }

    fn delta(&self, at: usize, delta: Delta, out: &mut Vec<StreamEvent>) {
        out.extend(self.open.get(at).map(|open| StreamEvent::Delta {
            choice: 0,
            block: open.block,
            delta,
        }));
    }

    /// Ends the blocks of an item, or one of them.
    fn end(&mut self, item: u64, part: Option<u64>, out: &mut Vec<StreamEvent>) {
        let ends = |open: &mut Open| open.item == item && part.is_none_or(|part| part == open.part);
        for open in self.open.extract_if(.., ends) {
            open.end(out);
        }
    }

    fn end_all(&mut self, out: &mut Vec<StreamEvent>) {
        for open in self.open.drain(..) {
            open.end(out);
        }
    }
}

impl Open {
    fn text(&self, text: String) -> Delta {
        match self.kind {
            BlockKind::ToolCall { .. } => Delta::Arguments(text),
            _ => Delta::Text(text),
        }
    }

    fn end(mut self, out: &mut Vec<StreamEvent>) {
        let (choice, block) = (0, self.block);
        if let Some(half) = self.seam.end() {
            let delta = self.text(half);
            out.push(StreamEvent::Delta {
                choice,
                block,
                delta,
            });
        }
        out.push(StreamEvent::BlockEnd { choice, block });
    }
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "output_index" => met.item_index = read::whole_if(r)?.unwrap_or_default(),
        "content_index" => met.part_index = read::whole_if(r)?.unwrap_or_default(),
        "summary_index" => met.summary_index = read::whole_if(r)?,
        "delta" if r.kind()? == Kind::String => met.delta = Piece::read(r)?,
        "text" | "refusal" | "arguments" if r.kind()? == Kind::String => {
            met.whole = Piece::read(r)?;
        }
        "logprobs" => met.logprobs = read_logprobs(r)?,
        "annotation" => met.citation = annotation(r, &mut met.unread)?,
        "part" if r.kind()? == Kind::Object => {
            met.part_span = Some(r.object::<DecodeError>(|r, key| {
                if key.as_str() == "type" {
                    met.part = read::string(r)?;
                }
                Ok(())
            })?);
        }
        "item" if r.kind()? == Kind::Object => {
            r.object(|r, key| item(r, &key, &mut met.item))?;
        }
        "response" if r.kind()? == Kind::Object => {
            r.object(|r, key| answer(r, &key, &mut met.answer))?;
        }
        // The rest repeats what is known by its index, counts, pads, or is an error's.
        _ => {}
    }
    Ok(())
}

fn item(r: &mut Reader<'_>, key: &str, item: &mut Item) -> Result<(), DecodeError> {
    match key {
        "type" => item.kind = read::string(r)?.unwrap_or_default(),
        "id" => item.id = read::string(r)?,
        "call_id" => item.call_id = read::string(r)?,
        "name" => item.name = read::string(r)?.unwrap_or_default(),
        "arguments" if r.kind()? == Kind::String => item.arguments = Piece::read(r)?,
        "encrypted_content" => {
            item.encrypted = read::string(r)?.filter(|text| !text.is_empty());
        }
        "content" => item.content = Some(r.skip()?),
        "summary" => item.summary = Some(r.skip()?),
        _ => {}
    }
    Ok(())
}

fn answer(r: &mut Reader<'_>, key: &str, answer: &mut Answer) -> Result<(), DecodeError> {
    match key {
        "id" => answer.id = read::string(r)?.unwrap_or_default(),
        "model" => answer.model = read::string(r)?.unwrap_or_default(),
        "status" => answer.status = read::string(r)?,
        "incomplete_details" => answer.reason = response::incomplete_reason(r)?,
        "usage" => answer.usage = usage::read(r)?,
        "service_tier" => answer.tier = read::tier_ahead(r)?,
        "output" if r.kind()? == Kind::Array => answer.output = Some(r.skip()?),
        "error" if r.kind()? == Kind::Object => {
            answer.error = Some(r.skip()?.of(r.bytes()).into());
        }
        _ => {}
    }
    Ok(())
}
