//! What comes as a whole: with the end of a part, of an item and of the answer. It counts
//! where no piece of it came before.

use std::hash::BuildHasher as _;

use tollgate_wire::json::{Kind, Reader};

use super::{Decoder, Item, Met, Place, item};
use crate::exchange::{BlockKind, Delta, Part, Seal, StreamEvent};
use crate::format::{DecodeError, FormatId};
use crate::halves::Piece;
use crate::loss::{Loss, Losses};
use crate::openai_responses::items::{read_content, seal};

/// Items of the end have indices of their own: those of events may be counted otherwise.
const AT_END: u64 = 1 << 32;

impl Decoder {
    pub(super) fn part_ends(
        &mut self,
        met: &Met,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let place = (met.item_index, met.part_index);
        // Reasoning is one block, and its item ends it.
        let is_block = matches!(met.part.as_deref(), Some("output_text" | "refusal"));
        if let Some(part) = met.part_span.filter(|_| is_block) {
            self.content(place, part.of(data), out)?;
        }
        if is_block || met.part.is_none() {
            self.end(met.item_index, Some(met.part_index), out);
        }
        Ok(())
    }

    pub(super) fn item_ends(
        &mut self,
        index: u64,
        item: Item,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        match item.kind.as_str() {
            "message" => {
                if let Some(content) = item.content {
                    self.content((index, 0), content.of(data), out)?;
                }
            }
            "reasoning" => self.thought_ends(index, item, data, out)?,
            "function_call" => self.call_ends(index, item, out)?,
            other if !self.begun.contains(&index) => {
                out.push(StreamEvent::Lost(Loss::content(other)));
            }
            _ => {}
        }
        self.end(index, None, out);
        Ok(())
    }

    /// The items that the end of the answer has.
    pub(super) fn output(
        &mut self,
        output: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let (said_text, said_thoughts) = (self.said_text, self.said_thoughts);
        let mut reader = Reader::of_event(output)?;
        reader.array(|r, index| {
            let index = u64::from(index);
            if r.kind()? != Kind::Object {
                return Ok(());
            }
            let mut whole = Item::default();
            r.object(|r, key| item(r, &key, &mut whole))?;
            let is_told = match whole.kind.as_str() {
                "message" => said_text,
                "reasoning" => said_thoughts,
                "function_call" => {
                    self.stray.remove(&index);
                    false
                }
                _ => self.begun.contains(&index),
            };
            if is_told {
                return Ok(());
            }
            self.item_ends(AT_END | index, whole, output, out)
        })?;
        Ok(())
    }

    /// Whether a part of an item was told of.
    fn has(&self, item: u64) -> bool {
        let parts = (item, 0)..=(item, u64::MAX);
        self.told.range(parts).next().is_some()
    }

    /// Reads content, or one part of it, from a place on.
    fn content(
        &mut self,
        (item, first): Place,
        json: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let (mut unread, mut logprobs) = (Losses::default(), Vec::new());
        let mut reader = Reader::of_event(json)?;
        let parts = read_content(&mut reader, &mut unread, &mut logprobs)?;
        out.extend(unread.iter().copied().map(StreamEvent::Lost));
        let mut next = first;
        let mut place = (item, first);
        let mut was_cited = false;
        let mut is_news = false;
        for part in parts {
            if let Part::Citation(citation) = part {
                if !was_cited {
                    self.cited(place, citation, out);
                }
                continue;
            }
            place = (item, next);
            next += 1;
            was_cited = self.told.get(&place).is_some_and(|told| told.citation);
            let (kind, text) = match part {
                Part::Text(text) => (BlockKind::Text, text),
                Part::Refusal(text) => (BlockKind::Refusal, text),
                Part::Other { kind, .. } => {
                    out.push(StreamEvent::Lost(Loss::content(&kind)));
                    continue;
                }
                _ => continue,
            };
            if !text.is_empty() && !self.has_text(place) {
                let at = self.at(place, kind, out)?;
                self.say(at, Some(Piece::from(text)), out);
                is_news = true;
            }
        }
        if is_news && !logprobs.is_empty() {
            let (choice, tokens) = (0, logprobs);
            out.push(StreamEvent::Logprobs { choice, tokens });
        }
        Ok(())
    }

    fn thought_ends(
        &mut self,
        index: u64,
        item: Item,
        data: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let place = (index, 0);
        if self.find(place).is_none() && self.has(index) {
            return Ok(());
        }
        let at = self.at(place, BlockKind::Reasoning, out)?;
        if !self.has_text(place) {
            for texts in [item.summary, item.content].into_iter().flatten() {
                let text = thoughts(texts.of(data))?;
                if !text.is_empty() {
                    self.say(at, Some(Piece::from(text)), out);
                    break;
                }
            }
        }
        let (signature, encrypted) = item.encrypted.map_or((None, None), seal);
        let own = |id| Delta::Id(Seal::new(FormatId::OpenaiResponses, id));
        let is_sealed = encrypted.is_some();
        let id = item.id.filter(|id| is_sealed && !id.is_empty()).map(own);
        let sealed = [
            id,
            signature.map(Delta::Signature),
            encrypted.map(Delta::Encrypted),
        ];
        for delta in sealed.into_iter().flatten() {
            self.delta(at, delta, out);
        }
        Ok(())
    }

    fn call_ends(
        &mut self,
        index: u64,
        item: Item,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), DecodeError> {
        let place = (index, 0);
        let open = self.find(place);
        if let Some(at) = open
            && self
                .open
                .get(at)
                .is_some_and(|open| matches!(open.kind, BlockKind::ToolCall { .. }))
        {
            if !self.has_text(place) {
                self.say(at, item.arguments, out);
            }
            return Ok(());
        }
        let written = item.call_id.as_ref().or(item.id.as_ref());
        let id = written.map_or("", String::as_str);
        if self.calls.contains(&self.hasher.hash_one(id)) {
            return Ok(());
        }
        self.call_begins(place, item, out)
    }
}

/// The texts of a summary, or of reasoning itself, as paragraphs.
fn thoughts(json: &[u8]) -> Result<String, DecodeError> {
    let (mut unread, mut logprobs) = (Losses::default(), Vec::new());
    let mut reader = Reader::of_event(json)?;
    let mut all = String::new();
    for part in read_content(&mut reader, &mut unread, &mut logprobs)? {
        if let Part::Text(text) = part {
            all.push_str(if all.is_empty() { "" } else { "\n\n" });
            all.push_str(&text);
        }
    }
    Ok(all)
}
