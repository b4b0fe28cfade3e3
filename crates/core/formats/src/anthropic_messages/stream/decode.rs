//! Reads a streamed answer.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::sse::Event;

use crate::anthropic_messages::{finish, usage};
use crate::exchange::{BlockKind, Delta, StreamEvent};
use crate::failure;
use crate::format::{DecodeError, StreamDecoder};
use crate::loss::{Loss, Losses};
use crate::read;
use crate::view::merge_usage;

/// The most blocks that are open at a time; the format says one.
const OPEN_MAX: usize = 256;

/// The state of one stream.
#[derive(Default)]
pub(in crate::anthropic_messages) struct Decoder {
    /// The open blocks: their index on the wire and ours. Blocks without a canonical
    /// kind have none, and their deltas are passed.
    open: Vec<(u64, u32)>,
    blocks: u32,
    usage: Usage,
}

/// The members of an event as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    index: u64,
    id: String,
    model: String,
    block: Block,
    deltas: Vec<Delta>,
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
        out.extend(met.unread.iter().cloned().map(StreamEvent::Lost));
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
            other => out.push(StreamEvent::Lost(Loss::member(other))),
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
            "tool_use" => BlockKind::ToolCall {
                id: block.id,
                name: block.name,
            },
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
        self.open.push((met.index, number));
        out.push(StreamEvent::BlockStart {
            choice: 0,
            block: number,
            kind,
        });
        let first = [
            (block.text, Delta::Text as fn(String) -> Delta),
            (block.signature, Delta::Signature),
            (block.data, Delta::Encrypted),
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

    fn deltas(&self, met: Met, out: &mut Vec<StreamEvent>) {
        let Some(block) = self.number(met.index) else {
            return;
        };
        for delta in met.deltas {
            out.push(StreamEvent::Delta {
                choice: 0,
                block,
                delta,
            });
        }
    }

    fn end(&mut self, index: u64, out: &mut Vec<StreamEvent>) {
        if let Some(block) = self.number(index) {
            self.open.retain(|(open, _block)| *open != index);
            out.push(StreamEvent::BlockEnd { choice: 0, block });
        }
    }

    fn end_all(&mut self, out: &mut Vec<StreamEvent>) {
        for (_index, block) in self.open.drain(..) {
            out.push(StreamEvent::BlockEnd { choice: 0, block });
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

    fn number(&self, index: u64) -> Option<u32> {
        self.open
            .iter()
            .find(|(open, _block)| *open == index)
            .map(|(_open, block)| *block)
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
    let kind: fn(String) -> Delta = match key {
        "text" | "thinking" => Delta::Text,
        "partial_json" => Delta::Arguments,
        "signature" => Delta::Signature,
        "stop_reason" => {
            return {
                let _: () = met.stop_reason = read::string(r)?;
                Ok(())
            };
        }
        "stop_sequence" => {
            return {
                let _: () = met.stop_sequence = read::string(r)?;
                Ok(())
            };
        }
        "type" => return Ok(()),
        other => return read::unread(r, other, &mut met.unread),
    };
    let text = read::string(r)?.filter(|text| !text.is_empty());
    met.deltas.extend(text.map(kind));
    Ok(())
}
