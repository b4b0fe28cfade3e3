//! Requests: read and written.

mod config;
mod contents;
mod decode;
mod encode;
mod generation;
mod tools;
mod turns;

pub(super) use decode::decode;
pub(super) use encode::encode;
