//! Streams: read and written. The type of an event is its name.

mod decode;
mod encode;

pub(super) use decode::Decoder;
pub(super) use encode::{Encoder, filtered_end};

/// Whether an event of this name is an exception: it ends the stream.
pub(super) fn is_failure(name: &str) -> bool {
    name == "error" || name.ends_with("Exception")
}
