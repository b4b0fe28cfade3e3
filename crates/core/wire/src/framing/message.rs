//! Messages of `application/vnd.amazon.eventstream`.
//!
//! A message is: its length and that of its headers (four bytes each, big-endian), a
//! CRC-32 of these eight, the headers, the payload, a CRC-32 of all before it. Source: the
//! event stream encoding that AWS documents for Transcribe and for Smithy protocols.
//!
//! A message of type `event` becomes an event with the name in `:event-type`; an
//! `exception` one with that in `:exception-type`, which ends in `Exception`; an `error`
//! one named `error` with its code and message as JSON.

use bytes::{Buf, Bytes, BytesMut};

use crate::json::escape_into;
use crate::sse::{Error, Event};

/// Lengths, their check sum, and the check sum of all.
const FRAME_BYTES: usize = 16;
const PRELUDE_BYTES: usize = 12;

/// What a written message is longer than its payload, about.
pub(super) const OVERHEAD_BYTES: usize = 128;

/// Cuts a stream into messages.
#[derive(Debug)]
pub(super) struct MessageReader {
    event_bytes_max: usize,
    held: BytesMut,
    failed: Option<Error>,
}

impl MessageReader {
    pub(super) fn new(event_bytes_max: usize) -> Self {
        Self {
            event_bytes_max,
            held: BytesMut::new(),
            failed: None,
        }
    }

    pub(super) fn push(&mut self, frame: &[u8]) {
        self.held.extend_from_slice(frame);
    }

    pub(super) fn is_clean(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn next_event(&mut self) -> Result<Option<Event>, Error> {
        if let Some(failed) = self.failed {
            return Err(failed);
        }
        let next = self.cut();
        self.failed = next.as_ref().err().copied();
        next
    }

    fn cut(&mut self) -> Result<Option<Event>, Error> {
        let Some(prelude) = self.held.first_chunk::<PRELUDE_BYTES>() else {
            return Ok(None);
        };
        let mut fields = prelude.as_slice();
        let length = usize::try_from(fields.get_u32()).unwrap_or(usize::MAX);
        let headers = usize::try_from(fields.get_u32()).unwrap_or(usize::MAX);
        if fields.get_u32() != crc32fast::hash(prelude.get(..8).unwrap_or_default()) {
            return Err(Error::Damaged);
        }
        if length > self.event_bytes_max {
            return Err(Error::EventTooLong {
                max: self.event_bytes_max,
            });
        }
        if length < FRAME_BYTES || headers > length - FRAME_BYTES {
            return Err(Error::Damaged);
        }
        if self.held.len() < length {
            return Ok(None);
        }
        let message = self.held.split_to(length).freeze();
        event(message, headers).map(Some)
    }
}

/// Reads a message whose lengths are known to be right.
fn event(message: Bytes, headers: usize) -> Result<Event, Error> {
    let (body, sum) = message.split_last_chunk::<4>().ok_or(Error::Damaged)?;
    if u32::from_be_bytes(*sum) != crc32fast::hash(body) {
        return Err(Error::Damaged);
    }
    let rest = body.get(PRELUDE_BYTES..).unwrap_or_default();
    let (headers, payload) = rest.split_at_checked(headers).ok_or(Error::Damaged)?;
    let headers = Headers::read(headers)?;
    let event = match headers.kind {
        b"error" => Event::from_parts(Some("error"), &headers.error()),
        _ => Event::from_parts(str::from_utf8(headers.name).ok(), payload),
    };
    Ok(event.received_as(message))
}

/// The headers that say what a message is.
#[derive(Default)]
struct Headers<'m> {
    kind: &'m [u8],
    name: &'m [u8],
    code: &'m [u8],
    message: &'m [u8],
}

impl<'m> Headers<'m> {
    fn read(mut bytes: &'m [u8]) -> Result<Self, Error> {
        let mut headers = Self::default();
        while !bytes.is_empty() {
            let length = usize::from(bytes.get_u8());
            let name = take(&mut bytes, length)?;
            let value = value(&mut bytes)?;
            match name {
                b":message-type" => headers.kind = value,
                b":event-type" | b":exception-type" => headers.name = value,
                b":error-code" => headers.code = value,
                b":error-message" => headers.message = value,
                _ => {}
            }
        }
        Ok(headers)
    }

    /// A message of type `error` as an exception would say it.
    fn error(&self) -> Vec<u8> {
        let mut json = br#"{"code":""#.to_vec();
        escape_into(&String::from_utf8_lossy(self.code), &mut json);
        json.extend_from_slice(br#"","message":""#);
        escape_into(&String::from_utf8_lossy(self.message), &mut json);
        json.extend_from_slice(br#""}"#);
        json
    }
}

/// The value of one header; empty for those that are neither text nor bytes.
fn value<'m>(bytes: &mut &'m [u8]) -> Result<&'m [u8], Error> {
    let kind = take(bytes, 1)?;
    let length = match kind {
        [0 | 1] => 0,
        [2] => 1,
        [3] => 2,
        [4] => 4,
        [5 | 8] => 8,
        [9] => 16,
        [6 | 7] => {
            let length = take(bytes, 2)?;
            let length = length.first_chunk().ok_or(Error::Damaged)?;
            return take(bytes, usize::from(u16::from_be_bytes(*length)));
        }
        _ => return Err(Error::Damaged),
    };
    take(bytes, length).map(|_number| [].as_slice())
}

fn take<'m>(bytes: &mut &'m [u8], length: usize) -> Result<&'m [u8], Error> {
    let (taken, rest) = bytes.split_at_checked(length).ok_or(Error::Damaged)?;
    *bytes = rest;
    Ok(taken)
}

/// Writes an event as a message.
pub(super) fn write(event: &Event, out: &mut BytesMut) {
    let name = event.name().unwrap_or_default();
    let (kind, label) = if name.ends_with("Exception") || name == "error" {
        ("exception", ":exception-type")
    } else {
        ("event", ":event-type")
    };
    let start = out.len();
    out.extend_from_slice(&[0; PRELUDE_BYTES]);
    for (label, value) in [
        (label, name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ] {
        header(label, value, out);
    }
    let headers = out.len() - start - PRELUDE_BYTES;
    out.extend_from_slice(event.data());
    let length = out.len() - start + 4;
    let number = |length: usize| u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
    let prelude = [number(length), number(headers)].concat();
    let sum = crc32fast::hash(&prelude).to_be_bytes();
    if let Some(place) = out.get_mut(start..start + PRELUDE_BYTES) {
        place.copy_from_slice(&[prelude.as_slice(), &sum].concat());
    }
    let sum = crc32fast::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(&sum.to_be_bytes());
}

/// Writes a header; names and types of events are short.
fn header(name: &str, value: &str, out: &mut BytesMut) {
    let value = value.get(..value.len().min(255)).unwrap_or_default();
    let length = |text: &str| u8::try_from(text.len()).unwrap_or(u8::MAX);
    out.extend_from_slice(&[length(name)]);
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(&[7, 0, length(value)]);
    out.extend_from_slice(value.as_bytes());
}
