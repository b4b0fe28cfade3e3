//! Streams: read and written.

mod decode;
mod encode;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, event, filtered_end};

/// Where the blocks of calls begin in the gateway's count: contents and calls are counted
/// apart on the wire.
pub(super) const CALLS: u32 = 1 << 16;
