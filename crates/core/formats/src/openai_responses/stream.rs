//! Streamed answers: read, written, and ended.

mod decode;
mod encode;
mod open;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};
