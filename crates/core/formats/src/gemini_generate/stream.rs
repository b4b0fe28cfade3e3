//! Streams: read and written. Each event is an answer of its own, with what came since.

mod decode;
mod encode;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};
