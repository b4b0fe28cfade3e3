//! Reads a streamed answer.
//!
//! Contents and calls are announced and counted, each from 0; the plan that leads to calls
//! is not. What backs a text may come when the text is over, so a text ends when something
//! else comes.

use tollgate_types::Usage;
use tollgate_wire::Span;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::cohere::meta;
use crate::cohere_chat::citation::{self, Cited};
use crate::cohere_chat::{OWN, finish, logprobs};
use crate::exchange::{BlockKind, Delta, Seal, StreamEvent, TokenLogprob};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::halves::{Piece, Seam};
use crate::loss::{Loss, Losses};
use crate::read;

/// The most blocks that are open at a time.
const OPEN_MAX: usize = 256;

/// Where a block is on the wire.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Plan,
    Content(u64),
    Call(u64),
}

struct Open {
    at: At,
    /// Ours.
    block: u32,
    kind: Kinded,
    /// Half a character of its text or arguments.
    seam: Seam,
    /// It is over, but for what may back it.
    is_over: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kinded {
    Text,
    Reasoning,
    Call,
}

impl Open {
    /// What stands for half a character whose other half never came.
    fn rest(&mut self, out: &mut Vec<StreamEvent>) {
        let text = if self.kind == Kinded::Call {
            Delta::Arguments
        } else {
            Delta::Text
        };
        let half = self.seam.end().map(text);
        out.extend(half.map(|delta| self.delta(delta)));
    }

    fn end(mut self, out: &mut Vec<StreamEvent>) {
        self.rest(out);
        out.push(StreamEvent::BlockEnd {
            choice: 0,
            block: self.block,
        });
    }

    const fn delta(&self, delta: Delta) -> StreamEvent {
        StreamEvent::Delta {
            choice: 0,
            block: self.block,
            delta,
        }
    }
}

/// The state of one stream.
#[derive(Default)]
pub(in crate::cohere_chat) struct Decoder {
    open: Vec<Open>,
    /// Contents that have no canonical kind: their pieces are passed.
    lost: Vec<u64>,
    blocks: u32,
}

/// The members of an event as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    id: Option<String>,
    index: u64,
    contents: Vec<Content>,
    plan: Option<Piece>,
    calls: Vec<Call>,
    cited: Vec<Cited>,
    tokens: Vec<TokenLogprob>,
    finish: Option<String>,
    usage: Option<Usage>,
    delta: Option<Span>,
    has_error: bool,
    unread: Losses,
}

/// A content, or a piece of it.
#[derive(Default)]
struct Content {
    kind: Option<String>,
    text: Option<Piece>,
    thinking: Option<Piece>,
    signature: Option<String>,
    encrypted: Option<String>,
}

/// A call, or a piece of it.
#[derive(Default)]
struct Call {
    id: Option<String>,
    name: Option<String>,
    arguments: Option<Piece>,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() || data.trim_ascii().starts_with(b"[DONE]") {
            return Ok(());
        }
        let mut reader = Reader::of_event(data)?;
        let mut met = Met::default();
        reader.object(|r, key| member(r, &key, &mut met))?;
        reader.finish()?;
        out.extend(met.unread.iter().copied().map(StreamEvent::Lost));
        let word = met.kind.take();
        let word = word.as_deref().or_else(|| event.name()).unwrap_or_default();
        if !matches!(word, "citation-start" | "citation-end") {
            self.end_if(|open| open.is_over, out);
        }
        self.event(word, met, data, out)
    }
}

impl Decoder {
    fn event(
        &mut self,
        word: &str,
        mut met: Met,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        match word {
            "message-start" => {
                out.push(StreamEvent::Start {
                    id: met.id.take().unwrap_or_default(),
                    model: String::new(),
                    usage: None,
                });
                self.begun(met, out)?;
            }
            "content-start" => {
                // Nothing announces a text as well.
                if met.contents.is_empty() {
                    met.contents.push(Content::default());
                }
                self.contents(&mut met, out)?;
            }
            "content-delta" => self.pieces(met, out)?,
            "content-end" => self.over(At::Content(met.index), out),
            "tool-plan-delta" => self.plan(met.plan, out)?,
            "tool-call-start" => {
                if met.calls.is_empty() {
                    met.calls.push(Call::default());
                }
                self.calls(met, out)?;
            }
            "tool-call-delta" => self.arguments(met, out),
            "tool-call-end" => self.end_if(|open| open.at == At::Call(met.index), out),
            "citation-start" => self.cite(met.cited, out),
            "citation-end" | "debug" => {}
            "message-end" => self.end(met, data, out),
            _ if met.has_error || word == "error" => {
                out.push(StreamEvent::Failure(failure::read_in_stream(data)));
            }
            _ => out.push(StreamEvent::Lost(Loss::Unknown("event.type"))),
        }
        Ok(())
    }

    /// What stands in the message where it begins: most often nothing.
    fn begun(&mut self, mut met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        self.plan(met.plan.take(), out)?;
        self.contents(&mut met, out)?;
        self.cite(std::mem::take(&mut met.cited), out);
        self.calls(met, out)
    }

    fn plan(
        &mut self,
        piece: Option<Piece>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        match piece {
            Some(piece) => self.piece(At::Plan, Kinded::Text, piece, out),
            None => Ok(()),
        }
    }

    /// Contents begin, the first of them at the index of the event.
    fn contents(&mut self, met: &mut Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let contents = std::mem::take(&mut met.contents);
        for (index, content) in (met.index..).zip(contents) {
            self.content(index, content, out)?;
        }
        likely(std::mem::take(&mut met.tokens), out);
        Ok(())
    }

    fn content(
        &mut self,
        index: u64,
        content: Content,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        self.end_if(|open| open.at == At::Plan, out);
        let at = At::Content(index);
        match content.kind.as_deref() {
            Some("text") | None => self.open(at, Kinded::Text, BlockKind::Text, out)?,
            Some("thinking") => self.open(at, Kinded::Reasoning, BlockKind::Reasoning, out)?,
            Some(strange) => {
                out.push(StreamEvent::Lost(Loss::content(strange)));
                if self.lost.len() < OPEN_MAX {
                    self.lost.push(index);
                }
                return Ok(());
            }
        }
        self.said(index, content, out)
    }

    fn open(
        &mut self,
        at: At,
        kind: Kinded,
        block_kind: BlockKind,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        if self.open.len() >= OPEN_MAX {
            return Err(read::shape("index", "more open blocks than are read"));
        }
        // A block that begins once more ends the one that was.
        self.end_if(|open| open.at == at, out);
        let block = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        self.open.push(Open {
            at,
            block,
            kind,
            seam: Seam::default(),
            is_over: false,
        });
        out.push(StreamEvent::BlockStart {
            choice: 0,
            block,
            kind: block_kind,
        });
        Ok(())
    }

    fn pieces(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        for (index, content) in (met.index..).zip(met.contents) {
            self.said(index, content, out)?;
        }
        likely(met.tokens, out);
        Ok(())
    }

    /// Pieces of a content, which begins where it was not announced.
    fn said(
        &mut self,
        index: u64,
        content: Content,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        if self.lost.contains(&index) {
            return Ok(());
        }
        let at = At::Content(index);
        if let Some(piece) = content.thinking {
            self.piece(at, Kinded::Reasoning, piece, out)?;
        }
        if let Some(piece) = content.text {
            self.piece(at, Kinded::Text, piece, out)?;
        }
        let seal = |text| Seal::new(OWN, text);
        let seals = [
            content.signature.map(seal).map(Delta::Signature),
            content.encrypted.map(seal).map(Delta::Encrypted),
        ];
        for delta in seals.into_iter().flatten() {
            let open = self.open.iter().find(|open| open.at == at);
            out.push(match open {
                Some(open) if open.kind == Kinded::Reasoning => open.delta(delta),
                _ => StreamEvent::Lost(Loss::Content("stray_delta")),
            });
        }
        Ok(())
    }

    fn piece(
        &mut self,
        at: At,
        kind: Kinded,
        piece: Piece,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        if !self
            .open
            .iter()
            .any(|open| open.at == at && open.kind == kind)
        {
            let block_kind = match kind {
                Kinded::Reasoning => BlockKind::Reasoning,
                _ => BlockKind::Text,
            };
            self.open(at, kind, block_kind, out)?;
        }
        let open = self.open.iter_mut().find(|open| open.at == at);
        let Some(open) = open else { return Ok(()) };
        let text = open.seam.join(piece);
        if !text.is_empty() {
            out.push(open.delta(Delta::Text(text)));
        }
        Ok(())
    }

    /// Calls begin, the first of them at the index of the event.
    fn calls(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        for (index, call) in (met.index..).zip(met.calls) {
            self.call(index, call, out)?;
        }
        Ok(())
    }

    fn call(
        &mut self,
        index: u64,
        call: Call,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        self.end_if(|open| open.at == At::Plan, out);
        let (id, signature) = Seal::out_of_id(call.id.unwrap_or_default());
        let kind = BlockKind::ToolCall {
            id,
            name: call.name.unwrap_or_default(),
            signature,
        };
        let at = At::Call(index);
        self.open(at, Kinded::Call, kind, out)?;
        if let Some(open) = self.open.iter_mut().find(|open| open.at == at) {
            let text = call.arguments.map(|piece| open.seam.join(piece));
            let text = text.filter(|text| !text.is_empty());
            out.extend(text.map(|text| open.delta(Delta::Arguments(text))));
        }
        Ok(())
    }

    fn arguments(&mut self, met: Met, out: &mut Vec<StreamEvent>) {
        for (index, call) in (met.index..).zip(met.calls) {
            let at = At::Call(index);
            let open = self.open.iter_mut().find(|open| open.at == at);
            match (open, call.arguments) {
                (Some(open), Some(piece)) => {
                    let text = open.seam.join(piece);
                    if !text.is_empty() {
                        out.push(open.delta(Delta::Arguments(text)));
                    }
                }
                (None, Some(_)) => out.push(StreamEvent::Lost(Loss::Content("stray_delta"))),
                (_, None) => {}
            }
        }
    }

    /// What backs a text that is open, or was until now.
    fn cite(&self, cited: Vec<Cited>, out: &mut Vec<StreamEvent>) {
        for one in cited {
            let is_text =
                |open: &&Open| open.kind == Kinded::Text && matches!(open.at, At::Content(_));
            let texts = || self.open.iter().filter(is_text);
            let named = one.content.map(At::Content);
            let open = texts()
                .find(|open| Some(open.at) == named)
                .or_else(|| texts().next_back());
            match open.filter(|_| one.in_text) {
                Some(open) => {
                    let found = one.citations.into_iter();
                    out.extend(found.map(|citation| open.delta(Delta::Citation(citation))));
                }
                None => out.push(StreamEvent::Lost(Loss::Content("citation"))),
            }
        }
    }

    /// A content is over; a text may still be backed.
    fn over(&mut self, at: At, out: &mut Vec<StreamEvent>) {
        if let At::Content(index) = at {
            self.lost.retain(|lost| *lost != index);
        }
        self.end_if(|open| open.at == at && open.kind != Kinded::Text, out);
        if let Some(open) = self.open.iter_mut().find(|open| open.at == at) {
            open.rest(out);
            open.is_over = true;
        }
    }

    fn end_if(&mut self, is_done: impl Fn(&Open) -> bool, out: &mut Vec<StreamEvent>) {
        for open in self.open.extract_if(.., |open| is_done(open)) {
            open.end(out);
        }
    }

    fn end(&mut self, met: Met, data: &[u8], out: &mut Vec<StreamEvent>) {
        let word = met.finish.as_deref();
        let failed = word.filter(|word| finish::is_failure(word));
        if met.has_error || failed.is_some() {
            let delta = met.delta.map_or(data, |delta| delta.of(data));
            out.push(StreamEvent::Failure(match failed {
                Some(word) => failure::read_ended(word, delta),
                None => failure::read_in_stream(delta),
            }));
            return;
        }
        self.end_if(|_open| true, out);
        out.extend(met.finish.map(|word| StreamEvent::Finish {
            choice: 0,
            reason: finish::read(&word),
            stop_sequence: None,
        }));
        out.extend(met.usage.map(StreamEvent::Usage));
        out.push(StreamEvent::End);
    }
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "id" => met.id = read::string(r)?,
        "index" => met.index = read::whole_if(r)?.unwrap_or_default(),
        "delta" if r.kind()? == Kind::Object => {
            met.delta = Some(r.object(|r, key| delta(r, &key, met))?);
        }
        "logprobs" => logprobs::read(r, &mut met.tokens)?,
        // A server's error without an event.
        "message" | "error" => met.has_error |= r.kind()? != Kind::Null,
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn delta(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "message" if r.kind()? == Kind::Object => {
            r.object(|r, key| message(r, &key, met))?;
        }
        "finish_reason" => met.finish = read::string(r)?,
        "usage" => met.usage = meta::read(r)?,
        "error" => met.has_error |= r.kind()? != Kind::Null,
        // With an error.
        "status" | "code" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

/// How likely the tokens of a piece were.
fn likely(tokens: Vec<TokenLogprob>, out: &mut Vec<StreamEvent>) {
    if !tokens.is_empty() {
        out.push(StreamEvent::Logprobs { choice: 0, tokens });
    }
}

fn message(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "role" => {}
        "content" => each(r, key, met, |r, met| {
            met.contents.push(Content::default());
            r.object::<DecodeError>(|r, key| content(r, &key, met))
                .map(|_span| ())
        })?,
        "tool_plan" => met.plan = Piece::read(r)?,
        "tool_calls" => each(r, key, met, |r, met| {
            met.calls.push(Call::default());
            r.object::<DecodeError>(|r, key| call(r, &key, met))
                .map(|_span| ())
        })?,
        "citations" => each(r, key, met, |r, met| {
            met.cited.push(citation::read(r, &mut met.unread)?);
            Ok(())
        })?,
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

/// Reads an object, or a list of them.
fn each(
    r: &mut Reader<'_>,
    key: &str,
    met: &mut Met,
    one: impl Fn(&mut Reader<'_>, &mut Met) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Object => one(r, met),
        Kind::Array => {
            r.array::<DecodeError>(|r, _index| match r.kind()? {
                Kind::Object => one(r, met),
                _ => read::unread(r, key, &mut met.unread),
            })?;
            Ok(())
        }
        _ => read::unread(r, key, &mut met.unread),
    }
}

fn content(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let Some(content) = met.contents.last_mut() else {
        return Ok(());
    };
    match key {
        "type" => content.kind = read::string(r)?,
        "text" => content.text = Piece::read(r)?,
        "thinking" => content.thinking = Piece::read(r)?,
        "signature" => content.signature = some(read::string(r)?),
        "data" => content.encrypted = some(read::string(r)?),
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn call(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    let Some(call) = met.calls.last_mut() else {
        return Ok(());
    };
    match key {
        "id" => call.id = read::string(r)?,
        "type" => {}
        "function" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "name" => call.name = read::string(r)?,
                    "arguments" => call.arguments = Piece::read(r)?,
                    other => read::unread(r, other, &mut met.unread)?,
                }
                Ok(())
            })?;
        }
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}
