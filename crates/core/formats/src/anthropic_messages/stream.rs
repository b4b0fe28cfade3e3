//! Streams.
use bytes::{Bytes, BytesMut};
use tollgate_wire::sse::Event;

use crate::exchange::StreamEvent;
use crate::format::{DecodeError, Delivered, StreamDecoder, StreamEncoder, StreamOptions};
use crate::loss::Losses;

#[derive(Default)]
pub(super) struct Decoder;

impl StreamDecoder for Decoder {
    fn push(&mut self, _event: &Event, _out: &mut Vec<StreamEvent>) -> Result<(), DecodeError> {
        Ok(())
    }
}

pub(super) struct Encoder;

impl Encoder {
    pub(super) fn new(_options: StreamOptions) -> Self {
        Self
    }
}

impl StreamEncoder for Encoder {
    fn push(&mut self, _event: &StreamEvent, _out: &mut BytesMut, _losses: &mut Losses) {}
}

pub(super) fn filtered_end(_delivered: &Delivered, _options: &StreamOptions) -> Bytes {
    Bytes::new()
}
