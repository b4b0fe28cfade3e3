//! Streamed answers: read, written, and ended.

mod decode;
mod encode;
mod journal;
mod open;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};
pub(super) use journal::Journal;
