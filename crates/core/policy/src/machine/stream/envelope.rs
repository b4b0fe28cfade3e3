//! What is kept of an event so that it can carry text of a lane once more.
//!
//! A copy with every text of the event empty, so that neither its texts nor the buffer
//! it came in are kept; and without what clients would join a second time. It leaves out
//! how many are kept.

use bytes::Bytes;
use tollgate_formats::Passage;
use tollgate_formats::view::{EventView, TextPiece};
use tollgate_wire::sse::Event;
use tollgate_wire::{Document, Edit, Span};

use crate::machine::is_bare;

/// An event that can carry text of a lane once more.
#[derive(Debug)]
pub(super) struct Envelope {
    event: Event,
    /// Where the lane's text goes in the event's data.
    place: Span,
    /// Whether it says nothing but text.
    pub(super) only_text: bool,
    /// What it says of the parts of the answer.
    pub(super) passage: Passage,
}

impl Envelope {
    /// The event without its texts, for the text of `piece`; none when it would be
    /// longer than `bytes_max`.
    pub(super) fn of(
        event: &Event,
        view: &EventView,
        piece: &TextPiece,
        bytes_max: usize,
    ) -> Option<Self> {
        let mut document = Document::new(event.data_bytes());
        let texts = view.pieces.iter().enumerate();
        let texts = texts.map(|(index, other)| Edit {
            span: other.text.span,
            with: nothing(event.data(), other.text.span, index),
        });
        let others = view.logprobs.iter().chain(&view.said_once);
        let logprobs = others.copied().map(null);
        let mut gone = 0;
        for edit in texts.chain(logprobs) {
            let before = edit.span.end <= piece.text.span.start;
            let (removed, added) = (edit.span.len(), edit.with.len());
            if document.push(edit).is_ok() && before {
                gone += isize::try_from(removed).ok()? - isize::try_from(added).ok()?;
            }
        }
        if document.len() > bytes_max {
            return None;
        }
        let start = (piece.text.span.start as usize).checked_add_signed(-gone)?;
        Some(Self {
            event: Event::from_parts(event.name(), &document.to_bytes()),
            place: Span::at(u32::try_from(start).ok()?),
            only_text: view.only_text,
            passage: Passage::of(event, view),
        })
    }

    /// How much is kept, in bytes.
    pub(super) fn len(&self) -> usize {
        self.event.raw().len()
    }

    /// The event with a text.
    pub(super) fn with(&self, text: Bytes) -> Bytes {
        let span = self.place;
        self.event.with_data(&[Edit { span, with: text }])
    }
}

/// What stands instead of a text, so that the event stays JSON: nothing in a string, an
/// empty member instead of one that is a text with its name, `null` instead of a value.
fn nothing(data: &[u8], span: Span, index: usize) -> Bytes {
    match span.of(data).first() {
        _ if !is_bare(data, span) => Bytes::new(),
        Some(b'"') => format!("\"{index}\":null").into(),
        _ => Bytes::from_static(b"null"),
    }
}

/// Removes log-probabilities.
pub(super) fn null(span: Span) -> Edit {
    Edit {
        span,
        with: Bytes::from_static(b"null"),
    }
}
