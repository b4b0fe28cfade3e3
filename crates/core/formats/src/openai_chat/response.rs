//! Answers.
use bytes::Bytes;
use tollgate_types::Usage;

use crate::exchange::ChatAnswer;
use crate::format::{DecodeError, StreamOptions};
use crate::loss::Losses;

pub(super) fn decode(_body: &[u8]) -> Result<ChatAnswer, DecodeError> {
    Err(crate::read::shape("answer", "not read yet"))
}

pub(super) fn encode(
    _answer: &ChatAnswer,
    _options: &StreamOptions,
    _losses: &mut Losses,
) -> Bytes {
    Bytes::new()
}

pub(super) fn filtered(_options: &StreamOptions, _usage: Usage) -> Bytes {
    Bytes::new()
}

pub(super) fn models(_models: &[&str], _created_unix_s: u64) -> Bytes {
    Bytes::new()
}
