//! Requests: read and written.

mod decode;
mod encode;
mod message;

pub(super) use decode::decode;
pub(super) use encode::encode;
pub(super) use message::read_answer;
