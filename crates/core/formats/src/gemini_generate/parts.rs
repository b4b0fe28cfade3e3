//! Contents and their parts: read and written, of a request or of an answer.

mod read;
mod write;

pub(super) use read::{Content, Piece, into_parts, read_content};
pub(super) use write::{Place, write_parts};
