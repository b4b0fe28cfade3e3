//! What went out of a stream that rules read, as far as its last event must say it again.
//!
//! Rules join events and send some later than they came, so their numbers are put in order
//! here; and where rules end the stream, the answer that ends it holds what was delivered.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind as JsonKind, Reader};
use tollgate_wire::sse::{Event, EventReader};
use tollgate_wire::{Edit, Span, StrSpan, json};

use super::encode::{ANSWER_BYTES_MAX, Encoder};
use super::open::{Kind, Message, Open};
use crate::delivered::Delivered;
use crate::format::{AnswerOptions, DecodeError, StreamJournal};
use crate::read;

/// The most items of an answer that are kept.
const ITEMS_MAX: usize = 4096;

/// What is known of the answer.
#[derive(Debug, Default)]
pub(in crate::openai_responses) struct Journal {
    /// The number of the next event.
    next: u64,
    /// The items; one that is not whole is empty.
    pub(super) items: Vec<Vec<u8>>,
    pub(super) open: Vec<Open>,
    pub(super) message: Option<Message>,
    bytes: usize,
    /// The answer became too long to be kept.
    is_lost: bool,
}

/// What an event says.
#[derive(Default)]
struct Met {
    kind: Option<StrSpan>,
    number: Option<(Span, u64)>,
    output: usize,
    part_index: usize,
    delta: Option<StrSpan>,
    part: Option<Span>,
    item: Option<Span>,
}

impl Met {
    fn read(data: &[u8]) -> Result<Self, DecodeError> {
        let mut met = Self::default();
        let index = |r: &mut Reader<'_>| -> Result<usize, DecodeError> {
            let index = read::index(r, false)?.unwrap_or_default();
            Ok(usize::try_from(index).unwrap_or(usize::MAX))
        };
        Reader::of_event(data)?.object::<DecodeError>(|r, key| {
            match (key.as_str(), r.kind()?) {
                ("type", _) => met.kind = read::string_if(r)?,
                ("sequence_number", JsonKind::Number) => {
                    let span = r.number()?;
                    let number = str::from_utf8(span.of(data)).unwrap_or_default();
                    met.number = number.parse().ok().map(|number| (span, number));
                }
                ("output_index", _) => met.output = index(r)?,
                ("content_index", _) => met.part_index = index(r)?,
                ("delta", _) => met.delta = read::string_if(r)?,
                ("part", JsonKind::Object) => met.part = Some(r.skip()?),
                ("item", JsonKind::Object) => met.item = Some(r.skip()?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(met)
    }
}

impl StreamJournal for Journal {
    fn note(&mut self, event: &mut Bytes) {
        let mut reader = EventReader::new(usize::MAX);
        reader.push(event.clone());
        let Ok(Some(read)) = reader.next_event() else {
            return;
        };
        let Ok(met) = Met::read(read.data()) else {
            return;
        };
        if let Some((span, number)) = met.number {
            if number < self.next {
                let with = Bytes::from(self.next.to_string());
                *event = read.with_data(&[Edit { span, with }]);
            }
            self.next = number.max(self.next).saturating_add(1);
        }
        if !self.is_lost {
            self.take(&met, &read);
            if self.bytes > ANSWER_BYTES_MAX || self.items.len() > ITEMS_MAX {
                *self = Self {
                    next: self.next,
                    is_lost: true,
                    ..Self::default()
                };
            }
        }
    }

    fn filtered_end(
        &mut self,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes {
        let next = self.next;
        let journal = std::mem::take(self);
        Encoder::after(journal, next, delivered, usage, options)
    }
}

impl Journal {
    fn take(&mut self, met: &Met, event: &Event) {
        let data = event.data();
        let said = |span: StrSpan| json::decode(span.span.of(data), span.escaped);
        let word = met.kind.and_then(|kind| said(kind).ok());
        let word = word.as_deref().or_else(|| event.name()).unwrap_or_default();
        let raw = |span: Option<Span>| span.map(|span| span.of(data));
        match word.strip_prefix("response.").unwrap_or_default() {
            "output_item.added" => self.begin(met.output, raw(met.item).unwrap_or_default()),
            "output_item.done" => self.end(met.output, raw(met.item).unwrap_or_default()),
            "content_part.added" => self.part(met, raw(met.part).unwrap_or_default()),
            "content_part.done" => self.end_part(met, raw(met.part).unwrap_or_default()),
            word => {
                let kind = match word {
                    "output_text.delta" => Kind::Text,
                    "refusal.delta" => Kind::Refusal,
                    "reasoning_summary_text.delta" => Kind::Reasoning,
                    "function_call_arguments.delta" => Kind::Call,
                    _ => return,
                };
                if let Some(Ok(text)) = met.delta.map(said) {
                    self.say(met, kind, &text);
                }
            }
        }
    }

    /// An item begins.
    fn begin(&mut self, output: usize, item: &[u8]) {
        if output >= ITEMS_MAX {
            return;
        }
        if self.items.len() <= output {
            self.items.resize(output + 1, Vec::new());
        }
        let named = |name: &str| member(item, name);
        let id = named("id");
        self.bytes = self.bytes.saturating_add(size_of::<Open>() + item.len());
        let kind = match named("type").as_str() {
            "message" => {
                self.message = Some(Message {
                    output,
                    item: id,
                    parts: Vec::new(),
                });
                return;
            }
            "reasoning" => Kind::Reasoning,
            "function_call" => Kind::Call,
            _ => return,
        };
        let mut open = Open::new(self.block(), kind, (output, 0), id);
        open.call = (named("call_id"), named("name"));
        self.open.push(open);
    }

    /// A number that no open block has.
    fn block(&self) -> u32 {
        let last = self.open.iter().map(|open| open.block).max();
        last.map_or(0, |last| last.saturating_add(1))
    }

    fn part(&mut self, met: &Met, part: &[u8]) {
        let block = self.block();
        let message = self.message.as_mut();
        let Some(message) = message.filter(|message| message.output == met.output) else {
            return;
        };
        if met.part_index >= ITEMS_MAX {
            return;
        }
        let kind = match member(part, "type").as_str() {
            "output_text" => Kind::Text,
            "refusal" => Kind::Refusal,
            _ => return,
        };
        if message.parts.len() <= met.part_index {
            message.parts.resize(met.part_index + 1, Vec::new());
        }
        self.bytes = self.bytes.saturating_add(size_of::<Open>());
        let place = (met.output, met.part_index);
        let open = Open::new(block, kind, place, message.item.clone());
        self.open.push(open);
    }

    fn say(&mut self, met: &Met, kind: Kind, text: &str) {
        let in_part = matches!(kind, Kind::Text | Kind::Refusal);
        let goes_on = |open: &&mut Open| {
            open.kind == kind
                && open.output == met.output
                && (!in_part || open.part == met.part_index)
        };
        if let Some(open) = self.open.iter_mut().find(goes_on) {
            open.has_summary |= kind == Kind::Reasoning;
            open.text.push_str(text);
            self.bytes = self.bytes.saturating_add(text.len());
        }
    }

    fn end_part(&mut self, met: &Met, part: &[u8]) {
        let message = self.message.as_mut();
        let Some(message) = message.filter(|message| message.output == met.output) else {
            return;
        };
        if let Some(slot) = message.parts.get_mut(met.part_index) {
            *slot = part.to_vec();
            self.bytes = self.bytes.saturating_add(part.len());
        }
        let is_it = |open: &Open| open.output == met.output && open.part == met.part_index;
        self.open.retain(|open| !is_it(open));
    }

    fn end(&mut self, output: usize, item: &[u8]) {
        if let Some(slot) = self.items.get_mut(output) {
            *slot = item.to_vec();
            self.bytes = self.bytes.saturating_add(item.len());
        }
        self.open.retain(|open| open.output != output);
        let message = self.message.take();
        self.message = message.filter(|message| message.output != output);
    }
}

/// A string of an object; empty where there is none.
fn member(object: &[u8], name: &str) -> String {
    let text = str::from_utf8(object).unwrap_or_default();
    read::member_text(text, name).unwrap_or_default()
}
