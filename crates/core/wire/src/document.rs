//! A body and the edits to it.
//!
//! The original is shared and never changed; edits are kept beside it in the order
//! of their place and become slices when the document is finished. No step copies
//! bytes of the body, [`Document::to_bytes`] of an edited document excepted. How
//! many edits there are is bounded by whoever makes them.

use std::borrow::Borrow;
use std::fmt;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::span::Span;

/// A replacement of a span of the original bytes; an empty span inserts.
#[derive(Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub span: Span,
    /// By what.
    pub with: Bytes,
}

/// The parts of an edited body, in order: slices of the original and replacements.
/// None is empty.
pub type Pieces = SmallVec<[Bytes; 4]>;

/// An original body with the edits that are pending.
///
/// Edits never overlap and are kept in order of their place; the original is
/// shared, never changed. An unedited document is forwarded without a copy.
#[derive(Clone, Default)]
pub struct Document {
    original: Bytes,
    edits: Vec<Edit>,
}

/// An edit that cannot be made: its span overlaps another one, ends before it starts,
/// or leaves the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("edit of bytes {}..{} overlaps another or leaves the document", span.start, span.end)]
pub struct Overlap {
    /// The span that was to be replaced.
    pub span: Span,
}

/// Shows places and lengths only: what is edited is often what nobody may see.
impl fmt::Debug for Edit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { span, with } = self;
        write!(
            f,
            "Edit({}..{} by {} bytes)",
            span.start,
            span.end,
            with.len()
        )
    }
}

/// Shows lengths and edits, never the body.
impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Document({} bytes, {:?})",
            self.original.len(),
            self.edits
        )
    }
}

impl Document {
    /// A document without edits.
    #[must_use]
    pub const fn new(original: Bytes) -> Self {
        Self {
            original,
            edits: Vec::new(),
        }
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

    /// The edits, in order of their place.
    #[must_use]
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Adds an edit. It may touch others; inserts at one place stay in the order in
    /// which they were added and come before what replaces the bytes behind it.
    ///
    /// # Errors
    ///
    /// [`Overlap`] when a byte would be replaced twice, an insert lies inside a
    /// replaced span, or the span does not fit the document. Nothing changes then.
    pub fn push(&mut self, edit: Edit) -> Result<(), Overlap> {
        let span = edit.span;
        let slot = slot(&self.edits, span, self.original.len()).ok_or(Overlap { span })?;
        self.edits.insert(slot, edit);
        Ok(())
    }

    /// The edited body: slices of the original and replacements, in order.
    ///
    /// `more` are edits for this one time, in any order. One that [`Document::push`]
    /// would refuse loses against the document's own, and against those before it.
    #[must_use]
    pub fn finish(&self, more: &[Edit]) -> Pieces {
        if more.is_empty() {
            return pieces(&self.original, &self.edits);
        }
        let mut merged: SmallVec<[&Edit; 16]> = self.edits.iter().collect();
        for edit in more {
            if let Some(slot) = slot(&merged, edit.span, self.original.len()) {
                merged.insert(slot, edit);
            }
        }
        pieces(&self.original, &merged)
    }

    /// The edited body in one piece: the original itself when nothing is edited.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        if !self.is_edited() {
            return self.original.clone();
        }
        let mut out = Vec::with_capacity(self.len());
        for piece in self.finish(&[]) {
            out.extend_from_slice(&piece);
        }
        out.into()
    }

    /// Length of the edited body in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        // Edits lie inside the original and do not overlap: no difference is negative.
        self.edits.iter().fold(self.original.len(), |length, edit| {
            (length + edit.with.len()).saturating_sub(edit.span.len())
        })
    }

    /// True when nothing is left of the body, or nothing was there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl From<Bytes> for Document {
    fn from(original: Bytes) -> Self {
        Self::new(original)
    }
}

/// Where in `edits` an edit of `span` belongs; none when it overlaps or does not fit.
fn slot<E: Borrow<Edit>>(edits: &[E], span: Span, body_bytes: usize) -> Option<usize> {
    let key = (span.start, span.end);
    let is_before = |edit: &E| {
        let before = edit.borrow().span;
        (before.start, before.end) <= key
    };
    // Most are made in order.
    let slot = match edits.last() {
        Some(last) if !is_before(last) => edits.partition_point(is_before),
        _ => edits.len(),
    };
    // In order and without overlap, the ends ascend too: the neighbours decide.
    let before = slot
        .checked_sub(1)
        .and_then(|last| edits.get(last))
        .map(|edit| edit.borrow().span);
    let after = edits.get(slot).map(|edit| edit.borrow().span);
    let fits = span.start <= span.end
        && span.end as usize <= body_bytes
        && before.is_none_or(|before| before.end <= span.start)
        && after.is_none_or(|after| span.end <= after.start);
    fits.then_some(slot)
}

fn pieces<E: Borrow<Edit>>(original: &Bytes, edits: &[E]) -> Pieces {
    let mut pieces = Pieces::new();
    let mut add = |piece: Bytes| {
        if !piece.is_empty() {
            pieces.push(piece);
        }
    };
    let mut at = 0;
    for edit in edits {
        let Edit { span, with } = edit.borrow();
        add(original.slice(at..span.start as usize));
        add(with.clone());
        at = span.end as usize;
    }
    add(original.slice(at..));
    pieces
}

#[cfg(test)]
mod tests;
