//! Streams: read and written.

mod chunk;
mod decode;
mod encode;
mod tool;
mod whole;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};
