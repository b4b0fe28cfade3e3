//! Requests.
use bytes::Bytes;

use crate::exchange::ChatRequest;
use crate::format::DecodeError;
use crate::loss::Losses;

pub(super) fn decode(_body: &[u8]) -> Result<ChatRequest, DecodeError> {
    Err(crate::read::shape("request", "not read yet"))
}

pub(super) fn encode(_request: &ChatRequest, _losses: &mut Losses) -> Bytes {
    Bytes::new()
}
