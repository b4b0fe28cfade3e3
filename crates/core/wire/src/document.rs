//! A body and the edits to it.

use bytes::Bytes;
use smallvec::SmallVec;

use crate::span::Span;

/// A replacement of a span of the original bytes; an empty span inserts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub with: Bytes,
}

/// The parts of an edited body, in order: slices of the original and replacements.
pub type Pieces = SmallVec<[Bytes; 4]>;

/// An original body with the edits that are pending.
///
/// Edits never overlap and are kept in order of their place; the original is
/// shared, never changed. An unedited document is forwarded without a copy.
#[derive(Clone, Debug, Default)]
pub struct Document {
    original: Bytes,
    edits: Vec<Edit>,
}

impl Document {
    /// A document without edits.
    #[must_use]
    pub const fn new(original: Bytes) -> Self {
        Self { original, edits: Vec::new() }
    }

    /// The bytes as they came.
    #[must_use]
    pub const fn original(&self) -> &Bytes {
        &self.original
    }

    /// True when something is to be changed.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        !self.edits.is_empty()
    }
}
