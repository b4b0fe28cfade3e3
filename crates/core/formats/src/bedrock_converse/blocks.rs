//! Content blocks, as requests and answers share them: objects of one member each.

mod citation;
mod files;
mod read;
mod seal;
mod write;

pub(super) use citation::{read as read_citation, write as write_citation};
pub(super) use read::{read_content, read_mark};
pub(super) use seal::{read_redacted, write_redacted};
pub(super) use write::{Blocks, Place, is_nothing, write_mark, written_id};
