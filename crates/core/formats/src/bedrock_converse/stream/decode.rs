//! Reads a streamed answer.
//!
//! Blocks of text and reasoning begin with their first piece; only those of other kinds are
//! announced.

use tollgate_types::{Tier, Usage};
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use super::is_failure;
use crate::bedrock_converse::blocks::{read_citation, read_redacted};
use crate::bedrock_converse::{OWN, finish, response, usage};
use crate::exchange::{BlockKind, Citation, Delta, Seal, StreamEvent};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::halves::{Piece, Seam};
use crate::loss::{Loss, Losses};
use crate::read;

/// The most blocks that are open at a time; the provider opens one.
const OPEN_MAX: usize = 256;

/// The state of one stream.
#[derive(Default)]
pub(in crate::bedrock_converse) struct Decoder {
    open: Vec<Open>,
    /// Blocks that have no canonical kind: their pieces are passed.
    lost: Vec<u64>,
    blocks: u32,
}

struct Open {
    /// Its index on the wire.
    index: u64,
    /// Ours.
    block: u32,
    /// Half a character of its text or arguments.
    seam: Seam,
    is_call: bool,
}

impl Open {
    fn end(mut self, out: &mut Vec<StreamEvent>) {
        let (choice, block) = (0, self.block);
        let text = if self.is_call {
            Delta::Arguments
        } else {
            Delta::Text
        };
        let half = self.seam.end().map(text);
        out.extend(half.map(|delta| StreamEvent::Delta {
            choice,
            block,
            delta,
        }));
        out.push(StreamEvent::BlockEnd { choice, block });
    }
}

/// A piece of a block as it was met.
enum Said {
    Text(Piece),
    Thought(Piece),
    Arguments(Piece),
    Signature(String),
    Redacted(String),
    Citation(Citation),
}

impl Said {
    /// The kind of block that it begins, if one is to begin.
    const fn kind(&self) -> Option<BlockKind> {
        match self {
            Self::Text(_) | Self::Citation(_) => Some(BlockKind::Text),
            Self::Thought(_) | Self::Signature(_) | Self::Redacted(_) => Some(BlockKind::Reasoning),
            Self::Arguments(_) => None,
        }
    }
}

/// The members of an event as they were met, whatever its type.
#[derive(Default)]
struct Met {
    index: u64,
    call: Option<(String, String)>,
    /// The kind of a block that has no canonical one.
    strange: Option<String>,
    said: Vec<Said>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Option<Usage>,
    tier: Tier,
    unread: Losses,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() {
            return Ok(());
        }
        let name = event.name().unwrap_or_default();
        let mut reader = Reader::of_event(data)?;
        let mut met = Met::default();
        reader.object(|r, key| member(r, &key, &mut met))?;
        reader.finish()?;
        if is_failure(name) {
            let failure = failure::read_named(name, data);
            out.push(StreamEvent::Failure(failure));
            return Ok(());
        }
        out.extend(met.unread.iter().copied().map(StreamEvent::Lost));
        match name {
            "messageStart" => out.push(StreamEvent::Start {
                id: String::new(),
                model: String::new(),
                usage: None,
            }),
            "contentBlockStart" => self.begin(met, out)?,
            "contentBlockDelta" => self.said(met, out)?,
            "contentBlockStop" => self.end(met.index, out),
            "messageStop" => self.stop(met, out),
            "metadata" => {
                self.end_all(out);
                let usage = read::with_tier(met.usage, met.tier);
                out.extend(usage.map(StreamEvent::Usage));
                out.push(StreamEvent::End);
            }
            _ => out.push(StreamEvent::Lost(Loss::Unknown("event.type"))),
        }
        Ok(())
    }
}

impl Decoder {
    fn begin(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        if let Some((written, name)) = met.call {
            let (id, signature) = Seal::out_of_id(written);
            let kind = BlockKind::ToolCall {
                id,
                name,
                signature,
            };
            self.open(met.index, kind, out)?;
        } else if let Some(kind) = met.strange {
            out.push(StreamEvent::Lost(Loss::content(&kind)));
            if self.lost.len() < OPEN_MAX {
                self.lost.push(met.index);
            }
        }
        Ok(())
    }

    fn open(
        &mut self,
        index: u64,
        kind: BlockKind,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        if self.open.len() >= OPEN_MAX {
            let why = "more open blocks than are read";
            return Err(read::shape("contentBlockIndex", why));
        }
        // A block that begins once more ends the one that was.
        self.end(index, out);
        let block = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        self.open.push(Open {
            index,
            block,
            seam: Seam::default(),
            is_call: matches!(kind, BlockKind::ToolCall { .. }),
        });
        out.push(StreamEvent::BlockStart {
            choice: 0,
            block,
            kind,
        });
        Ok(())
    }

    fn said(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        if self.lost.contains(&met.index) {
            return Ok(());
        }
        for said in met.said {
            if !self.open.iter().any(|open| open.index == met.index) {
                let Some(kind) = said.kind() else {
                    out.push(StreamEvent::Lost(Loss::Content("stray_delta")));
                    continue;
                };
                self.open(met.index, kind, out)?;
            }
            let mut open = self.open.iter_mut();
            let Some(open) = open.find(|open| open.index == met.index) else {
                continue;
            };
            let delta = match said {
                Said::Text(piece) | Said::Thought(piece) => Delta::Text(open.seam.join(piece)),
                Said::Arguments(piece) => Delta::Arguments(open.seam.join(piece)),
                Said::Signature(text) => Delta::Signature(Seal::read(OWN, text)),
                Said::Redacted(data) => Delta::Encrypted(read_redacted(data)),
                Said::Citation(citation) => Delta::Citation(citation),
            };
            if !delta.text().is_empty() || matches!(delta, Delta::Citation(_)) {
                out.push(StreamEvent::Delta {
                    choice: 0,
                    block: open.block,
                    delta,
                });
            }
        }
        Ok(())
    }

    fn end(&mut self, index: u64, out: &mut Vec<StreamEvent>) {
        self.lost.retain(|lost| *lost != index);
        if let Some(at) = self.open.iter().position(|open| open.index == index) {
            self.open.remove(at).end(out);
        }
    }

    fn end_all(&mut self, out: &mut Vec<StreamEvent>) {
        for open in self.open.drain(..) {
            open.end(out);
        }
    }

    fn stop(&mut self, met: Met, out: &mut Vec<StreamEvent>) {
        self.end_all(out);
        if let Some(word) = met.stop_reason {
            out.push(StreamEvent::Finish {
                choice: 0,
                reason: finish::read(&word),
                stop_sequence: met.stop_sequence,
            });
        }
    }
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    let is_object = r.kind()? == Kind::Object;
    match key {
        "contentBlockIndex" => met.index = read::whole_if(r)?.unwrap_or_default(),
        "start" if is_object => {
            r.object(|r, key| start(r, &key, met))?;
        }
        "delta" if is_object => {
            r.object(|r, key| delta(r, &key, met))?;
        }
        "stopReason" => met.stop_reason = read::string(r)?,
        "additionalModelResponseFields" if is_object => {
            met.stop_sequence = response::more_fields(r, &mut met.unread)?;
        }
        "usage" => met.usage = usage::read(r)?,
        // What it is to the connection, and how the provider did; `p` only fills up.
        "serviceTier" => met.tier = read::typed_tier(r)?,
        "role" | "p" | "metrics" | "performanceConfig" | "message" | "originalStatusCode"
        | "originalMessage" | "code" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn start(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    if key != "toolUse" || r.kind()? != Kind::Object {
        met.strange = Some(key.to_owned());
        return Ok(());
    }
    let (mut id, mut name, mut kind) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "toolUseId" => id = read::string(r)?,
            "name" => name = read::string(r)?,
            "type" => kind = read::string(r)?,
            other => read::unread(r, other, &mut met.unread)?,
        }
        Ok(())
    })?;
    if kind.is_some() {
        met.strange = kind;
    } else {
        met.call = Some((id.unwrap_or_default(), name.unwrap_or_default()));
    }
    Ok(())
}

fn delta(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    let is_object = r.kind()? == Kind::Object;
    match key {
        "text" => met.said.extend(Piece::read(r)?.map(Said::Text)),
        "toolUse" if is_object => {
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "input" => met.said.extend(Piece::read(r)?.map(Said::Arguments)),
                    other => read::unread(r, other, &mut met.unread)?,
                }
                Ok(())
            })?;
        }
        "reasoningContent" if is_object => {
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "text" => met.said.extend(Piece::read(r)?.map(Said::Thought)),
                    "signature" => met.said.extend(read::string(r)?.map(Said::Signature)),
                    "redactedContent" => met.said.extend(read::string(r)?.map(Said::Redacted)),
                    other => read::unread(r, other, &mut met.unread)?,
                }
                Ok(())
            })?;
        }
        "citation" if is_object => {
            let citation = read_citation(r, &mut met.unread)?;
            met.said.push(Said::Citation(citation));
        }
        // Pieces of blocks that are lost as a whole.
        "toolResult" | "image" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}
