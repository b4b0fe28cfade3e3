//! Requests: read and written.

mod decode;
mod encode;
mod message;

pub(super) use decode::decode;
pub(crate) use decode::{sampling as read_sampling, stop as read_stop};
pub(super) use encode::encode;
pub(crate) use message::{image as read_image, tool_call as read_call};
pub(super) use message::{read_answer, thinking};
