//! Which provider holds an answer: a mark in the ids that callers are given.
//!
//! Where several providers of a caller's plan hold answers, an id says which of them made
//! it; so any replica finds it again, and nothing is kept. It leaves out who may ask.

use std::borrow::Cow;

use bytes::Bytes;
use tollgate_formats::view::{AnswerView, EventView};
use tollgate_wire::sse::Event;
use tollgate_wire::{Document, Edit, StrSpan, json};

/// Stands between an id and the mark.
const SEAM: &str = "_at_";
/// Hex digits of a mark.
const DIGITS: usize = 16;

/// What stands for a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark(u64);

impl Mark {
    /// The mark of a provider: its name is the same in every replica.
    pub(crate) fn of(provider: &str) -> Self {
        // FNV-1a: nothing hangs on it but who is asked.
        let hash = provider.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }

    /// An id as its provider knows it, and the mark that was in it.
    pub(crate) fn split(id: &str) -> (&str, Option<Self>) {
        let Some((own, mark)) = id.rsplit_once(SEAM) else {
            return (id, None);
        };
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if own.is_empty() || mark.len() != DIGITS || !mark.bytes().all(is_hex) {
            return (id, None);
        }
        match u64::from_str_radix(mark, 16) {
            Ok(mark) => (own, Some(Self(mark))),
            Err(_) => (id, None),
        }
    }

    /// The edit that puts it behind an id; none where there is no id to mark.
    fn behind(self, data: &[u8], id: StrSpan) -> Option<Edit> {
        let is_some = !id.span.is_empty() && (id.span.end as usize) < data.len();
        is_some.then(|| Edit {
            span: tollgate_wire::Span::at(id.span.end),
            with: format!("{SEAM}{:0DIGITS$x}", self.0).into(),
        })
    }

    fn all(self, data: &Bytes, ids: [Option<StrSpan>; 2]) -> Option<Bytes> {
        let edits = ids.into_iter().flatten();
        let edits: Vec<Edit> = edits.filter_map(|id| self.behind(data, id)).collect();
        if edits.is_empty() {
            return None;
        }
        let mut document = Document::new(data.clone());
        let done = edits.into_iter().all(|edit| document.push(edit).is_ok());
        done.then(|| document.to_bytes())
    }

    /// A whole answer with its ids marked; `None` where it names none.
    pub(crate) fn answer(self, body: &Bytes, view: &AnswerView) -> Option<Bytes> {
        self.all(body, [view.id, view.earlier])
    }

    /// An event with its ids marked; `None` where it names none.
    pub(crate) fn event(self, event: &Event, view: &EventView) -> Option<Event> {
        let data = self.all(&event.data_bytes(), [view.id, view.earlier])?;
        Some(Event::from_parts(event.name(), &data))
    }
}

/// The edit that takes the mark off an id, the id, and the mark.
pub(crate) fn taken_off(body: &[u8], id: StrSpan) -> Option<(Edit, Mark)> {
    let written: Cow<'_, str> = json::decode(id.span.of(body), id.escaped).ok()?;
    let (own, mark) = Mark::split(&written);
    let edit = Edit {
        span: id.span,
        with: own.to_owned().into(),
    };
    Some((edit, mark?))
}

#[cfg(test)]
mod tests {
    use super::Mark;

    #[test]
    fn a_mark_comes_off_as_it_went_on() {
        let mark = Mark::of("openai");
        let id = format!("resp_1_at_{:016x}", mark.0);
        assert_eq!(Mark::split(&id), ("resp_1", Some(mark)));
        assert_ne!(mark, Mark::of("openai-2"));
        for id in [
            "resp_1",
            "resp_1_at_",
            "_at_0123456789abcdef",
            "resp_at_0123456789ABCDEF",
        ] {
            assert_eq!(Mark::split(id), (id, None));
        }
    }
}
