//! Requests: read and written.

mod decode;
mod encode;
mod fields;

pub(super) use decode::decode;
pub(super) use encode::encode;
