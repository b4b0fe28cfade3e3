//! Reads a streamed answer.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::anthropic_messages::{finish, usage};
use crate::exchange::{BlockKind, Delta, Seal, StreamEvent};
use crate::failure;
use crate::format::{DecodeError, FormatId, StreamDecoder};
use crate::halves::{Piece, Seam};
use crate::loss::{Loss, Losses};
use crate::read;
use crate::view::merge_usage;

/// The most blocks that are open at a time; the format says one.
const OPEN_MAX: usize = 256;

/// The state of one stream.
#[derive(Default)]
pub(in crate::anthropic_messages) struct Decoder {
    /// The open blocks. Those without a canonical kind are not among them, and their
    /// deltas are passed.
    open: Vec<Open>,
    blocks: u32,
    usage: Usage,
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
    Arguments(Piece),
    Signature(String),
}

/// The members of an event as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    index: u64,
    id: String,
    model: String,
    block: Block,
    deltas: Vec<Said>,
    stop_reason: Option<String>,
    stop_sequence: Option<String>,
    usage: Option<Usage>,
    unread: Losses,
}

#[derive(Default)]
struct Block {
    kind: String,
    id: String,
    name: String,
    text: String,
    signature: String,
    data: String,
    input: String,
}

impl StreamDecoder for Decoder {
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let data = event.data();
        if data.is_empty() {
            return Ok(());
        }
        let mut reader = Reader::of_event(data)?;
        let mut met = Met::default();
        reader.object(|r, key| member(r, &key, &mut met))?;
        reader.finish()?;
        let kind = met
            .kind
            .take()
            .or_else(|| event.name().map(str::to_owned))
            .unwrap_or_default();
        out.extend(met.unread.iter().copied().map(StreamEvent::Lost));
        match kind.as_str() {
            "message_start" => self.start(met, out),
            "content_block_start" => self.begin(met, out)?,
            "content_block_delta" => self.deltas(met, out),
            "content_block_stop" => self.end(met.index, out),
            "message_delta" => self.stop(met, out),
            "message_stop" => {
                self.end_all(out);
                out.push(StreamEvent::End);
            }
            "error" => out.push(StreamEvent::Failure(failure::read_in_stream(data))),
            "ping" => {}
            _ => out.push(StreamEvent::Lost(Loss::Unknown("event.type"))),
        }
        Ok(())
    }
}

impl Decoder {
    fn start(&mut self, met: Met, out: &mut Vec<StreamEvent>) {
        self.count(met.usage);
        out.push(StreamEvent::Start {
            id: met.id,
            model: met.model,
            usage: met.usage,
        });
    }

    fn begin(&mut self, met: Met, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        let block = met.block;
        let kind = match block.kind.as_str() {
            "text" => BlockKind::Text,
            "thinking" | "redacted_thinking" => BlockKind::Reasoning,
            "tool_use" => {
                let (id, signature) = Seal::out_of_id(block.id);
                BlockKind::ToolCall {
                    id,
                    name: block.name,
                    signature,
                }
            }
            other => {
                out.push(StreamEvent::Lost(Loss::content(other)));
                return Ok(());
            }
        };
        if self.open.len() >= OPEN_MAX {
            return Err(read::shape(
                "content_block",
                "more open blocks than are read",
            ));
        }
        let number = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        self.open.push(Open {
            index: met.index,
            block: number,
            seam: Seam::default(),
            is_call: matches!(kind, BlockKind::ToolCall { .. }),
        });
        out.push(StreamEvent::BlockStart {
            choice: 0,
            block: number,
            kind,
        });
        let first = [
            (block.text, Delta::Text as fn(String) -> Delta),
            (block.signature, |text| Delta::Signature(sealed(text))),
            (block.data, |text| Delta::Encrypted(sealed(text))),
            // Complete input in the start, as some servers send it; most send `{}`.
            (
                if block.input == "{}" {
                    String::new()
                } else {
                    block.input
                },
                Delta::Arguments,
            ),
        ];
        for (text, delta) in first.into_iter().filter(|(text, _delta)| !text.is_empty()) {
            out.push(StreamEvent::Delta {
                choice: 0,
                block: number,
                delta: delta(text),
            });
        }
        Ok(())
    }

    fn deltas(&mut self, met: Met, out: &mut Vec<StreamEvent>) {
        let mut open = self.open.iter_mut();
        let Some(open) = open.find(|open| open.index == met.index) else {
            return;
        };
        for said in met.deltas {
            let delta = match said {
                Said::Text(piece) => Delta::Text(open.seam.join(piece)),
                Said::Arguments(piece) => Delta::Arguments(open.seam.join(piece)),
                Said::Signature(signature) => Delta::Signature(sealed(signature)),
            };
            if !delta.text().is_empty() {
                out.push(StreamEvent::Delta {
                    choice: 0,
                    block: open.block,
                    delta,
                });
            }
        }
    }

    fn end(&mut self, index: u64, out: &mut Vec<StreamEvent>) {
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
        if self.count(met.usage) {
            out.push(StreamEvent::Usage(self.usage));
        }
        if let Some(word) = met.stop_reason {
            self.end_all(out);
            let reason = finish::read(&word);
            out.push(StreamEvent::Finish {
                choice: 0,
                reason,
                stop_sequence: met.stop_sequence,
            });
        }
    }

    fn count(&mut self, usage: Option<Usage>) -> bool {
        usage
            .iter()
            .for_each(|usage| merge_usage(&mut self.usage, usage));
        usage.is_some()
    }
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "index" => met.index = read::whole_if(r)?.unwrap_or_default(),
        "message" if r.kind()? == Kind::Object => {
            r.object(|r, key| message(r, &key, met))?;
        }
        "content_block" if r.kind()? == Kind::Object => {
            r.object(|r, key| block(r, &key, met))?;
        }
        "delta" if r.kind()? == Kind::Object => {
            r.object(|r, key| delta(r, &key, met))?;
        }
        "usage" => met.usage = usage::read_later(r)?,
        "error" | "request_id" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn message(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "id" => met.id = read::string(r)?.unwrap_or_default(),
        "model" => met.model = read::string(r)?.unwrap_or_default(),
        "usage" => met.usage = usage::read(r)?,
        "type" | "role" | "stop_reason" | "stop_sequence" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn block(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    let block = &mut met.block;
    match key {
        "type" => block.kind = read::string(r)?.unwrap_or_default(),
        "id" => block.id = read::string(r)?.unwrap_or_default(),
        "name" => block.name = read::string(r)?.unwrap_or_default(),
        "text" | "thinking" => block.text = read::string(r)?.unwrap_or_default(),
        "signature" => block.signature = read::string(r)?.unwrap_or_default(),
        "data" => block.data = read::string(r)?.unwrap_or_default(),
        "input" => {
            block.input = read::raw(r)?
                .map(|input| input.get().to_owned())
                .unwrap_or_default();
        }
        // Parts of blocks that are lost as a whole, and who called a tool.
        "content" | "tool_use_id" | "caller" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn delta(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "text" | "thinking" => met.deltas.extend(Piece::read(r)?.map(Said::Text)),
        "partial_json" => met.deltas.extend(Piece::read(r)?.map(Said::Arguments)),
        "signature" => met.deltas.extend(read::string(r)?.map(Said::Signature)),
        "stop_reason" => met.stop_reason = read::string(r)?,
        "stop_sequence" => met.stop_sequence = read::string(r)?,
        "type" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn sealed(text: String) -> Seal {
    Seal::read(FormatId::AnthropicMessages, text)
}
