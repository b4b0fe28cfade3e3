//! Places in a byte buffer.

use std::ops::Range;

/// A half-open range of bytes. `u32` is enough: bodies are limited far below 4 GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The span from `start` to `end`.
    #[must_use]
    pub const fn new(start: u32, end: u32) -> Self {
        Self { start, end }
    }

    /// An empty span: a place to insert at.
    #[must_use]
    pub const fn at(offset: u32) -> Self {
        Self {
            start: offset,
            end: offset,
        }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// True when it holds no byte.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// The span as a range for indexing.
    #[must_use]
    pub const fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The bytes of `buffer` at this span; empty when it does not fit.
    #[must_use]
    pub fn of(self, buffer: &[u8]) -> &[u8] {
        buffer.get(self.range()).unwrap_or_default()
    }
}

/// The content of a JSON string: the bytes between its quotes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct StrSpan {
    /// Between the quotes, quotes excluded.
    pub span: Span,
    /// True when the content has at least one `\` escape and must be decoded to be read.
    pub escaped: bool,
}

impl StrSpan {
    /// The span with its quotes.
    #[must_use]
    pub const fn quoted(self) -> Span {
        Span::new(
            self.span.start.saturating_sub(1),
            self.span.end.saturating_add(1),
        )
    }
}
