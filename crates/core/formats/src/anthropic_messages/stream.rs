//! Streams: read and written.

mod decode;
mod encode;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};
