//! Streams for Mistral's clients: each chunk has a choice, a call is one piece, reasoning is
//! a part of the content, and usage comes with the stop reason.

use bytes::BytesMut;

use super::encode::Encoder;
use crate::exchange::{BlockKind, Delta, StreamEvent};
use crate::failure::Failure;
use crate::loss::{Carry, Losses};
use crate::openai::usage;
use crate::openai_chat::{finish, parts};

/// The most bytes of calls that are kept until each is whole.
const CALLS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What waits until it is whole.
#[derive(Default)]
pub(super) struct Whole {
    calls: Vec<Call>,
    calls_bytes: usize,
    thoughts: Vec<(u32, u32)>,
    ends: Vec<(u32, String)>,
}

struct Call {
    choice: u32,
    block: u32,
    index: u64,
    id: String,
    name: String,
    arguments: String,
    is_sent: bool,
}

impl Whole {
    /// Takes an event; false for one that is written as for any client.
    pub(super) fn take(
        &mut self,
        encoder: &mut Encoder,
        event: &StreamEvent,
        out: &mut BytesMut,
        losses: &mut Losses,
    ) -> bool {
        match event {
            StreamEvent::BlockStart {
                choice,
                block,
                kind,
            } => {
                encoder.announce(*choice, out);
                self.begin(encoder, (*choice, *block), kind, out)
            }
            StreamEvent::Delta {
                choice,
                block,
                delta,
            } => self.delta(encoder, (*choice, *block), delta, out),
            StreamEvent::BlockEnd { choice, block } => self.end(encoder, (*choice, *block), out),
            StreamEvent::Finish {
                choice,
                reason,
                stop_sequence,
            } => {
                encoder.announce(*choice, out);
                let mut carry = Carry::new(false, &Losses::default(), losses);
                let word = finish::write(reason, stop_sequence.as_deref(), &mut carry);
                self.ends.push((*choice, word.to_owned()));
                true
            }
            StreamEvent::End => {
                self.finish(encoder, out);
                true
            }
            _ => false,
        }
    }

    fn begin(
        &mut self,
        encoder: &mut Encoder,
        place: (u32, u32),
        kind: &BlockKind,
        out: &mut BytesMut,
    ) -> bool {
        match kind {
            BlockKind::Text | BlockKind::Refusal => return false,
            BlockKind::Reasoning => self.thoughts.push(place),
            BlockKind::ToolCall {
                id,
                name,
                signature,
            } => {
                let (choice, block) = place;
                let kept = signature.as_ref().map(|seal| seal.in_id(id));
                let id = kept.unwrap_or_else(|| id.clone());
                let before = self.calls.iter().filter(|call| call.choice == choice);
                let index = before.count() as u64;
                self.keep(encoder, size_of::<Call>() + id.len() + name.len(), out);
                self.calls.push(Call {
                    choice,
                    block,
                    index,
                    id,
                    name: name.clone(),
                    arguments: String::new(),
                    is_sent: false,
                });
            }
        }
        true
    }

    fn delta(
        &mut self,
        encoder: &mut Encoder,
        place: (u32, u32),
        delta: &Delta,
        out: &mut BytesMut,
    ) -> bool {
        if self.thoughts.contains(&place) {
            let (text, signature, encrypted) = match delta {
                Delta::Text(text) => (text.as_str(), None, None),
                Delta::Signature(seal) => ("", Some(seal), None),
                Delta::Encrypted(seal) => ("", None, Some(seal)),
                _ => return true,
            };
            encoder.chunk(out, place.0, None, |delta| {
                delta.array("content", |a| {
                    parts::write_thought(a, text, signature, encrypted);
                });
            });
            return true;
        }
        let Delta::Arguments(text) = delta else {
            return false;
        };
        self.keep(encoder, text.len(), out);
        match self.open(place) {
            Some(call) => call.arguments.push_str(text),
            None => return false,
        }
        true
    }

    fn end(&mut self, encoder: &Encoder, place: (u32, u32), out: &mut BytesMut) -> bool {
        if self.thoughts.contains(&place) {
            self.thoughts.retain(|open| *open != place);
            return true;
        }
        match self.open(place) {
            Some(call) => call.send(encoder, out),
            None => return false,
        }
        true
    }

    /// The stop reasons, the last with the usage.
    fn finish(&mut self, encoder: &Encoder, out: &mut BytesMut) {
        let waiting = self.calls.iter_mut().filter(|call| !call.is_sent);
        waiting.for_each(|call| call.send(encoder, out));
        let ends = std::mem::take(&mut self.ends);
        let last = ends.len().saturating_sub(1);
        for (position, (choice, word)) in ends.iter().enumerate() {
            encoder.data(out, |o| {
                o.array("choices", |a| {
                    a.object(|o| {
                        o.whole("index", u64::from(*choice));
                        o.object("delta", |delta| delta.string("content", ""));
                        o.string("finish_reason", word);
                    });
                });
                if let Some(usage) = encoder.usage().filter(|_| position == last) {
                    usage::write_chat(o, usage);
                }
            });
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }

    fn open(&mut self, place: (u32, u32)) -> Option<&mut Call> {
        let mut open = self.calls.iter_mut().filter(|call| !call.is_sent);
        open.find(|call| (call.choice, call.block) == place)
    }

    fn keep(&mut self, encoder: &mut Encoder, bytes: usize, out: &mut BytesMut) {
        self.calls_bytes = self.calls_bytes.saturating_add(bytes);
        if self.calls_bytes > CALLS_BYTES_MAX {
            self.calls.clear();
            encoder.fail(
                &Failure::of_provider(format!(
                    "the answer calls tools with more than {CALLS_BYTES_MAX} bytes"
                )),
                out,
            );
        }
    }
}

impl Call {
    fn send(&mut self, encoder: &Encoder, out: &mut BytesMut) {
        self.is_sent = true;
        let arguments = std::mem::take(&mut self.arguments);
        encoder.chunk(out, self.choice, None, |delta| {
            delta.array("tool_calls", |a| {
                a.object(|o| {
                    o.string("id", &self.id);
                    o.string("type", "function");
                    o.whole("index", self.index);
                    o.object("function", |o| {
                        o.string("name", &self.name);
                        let is_empty = arguments.trim_ascii().is_empty();
                        o.string("arguments", if is_empty { "{}" } else { &arguments });
                    });
                });
            });
        });
    }
}
