//! Bytes stay bytes: JSON spans, splices and the codecs of streams.
//!
//! Nothing here knows a wire format. [`json`] reads a document once and gives the
//! place of each value in the original bytes; [`Document`] keeps those bytes and
//! the edits to them; [`sse`] cuts a stream into events and gives the raw bytes
//! and the parsed view together; [`framing`] does the same where events come in
//! another shape.

pub mod framing;
pub mod json;
pub mod sse;

mod document;
mod span;

pub use document::{Document, Edit, Overlap, Pieces};
pub use span::{Span, StrSpan};
