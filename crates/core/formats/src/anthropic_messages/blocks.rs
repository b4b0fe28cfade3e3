//! Content blocks: read and written, of a request or of an answer.

mod read;
mod write;

pub(super) use read::read_content;
pub(super) use write::{Place, id, is_nothing, write_blocks};
