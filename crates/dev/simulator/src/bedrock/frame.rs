//! Messages of `application/vnd.amazon.eventstream`, as AWS documents the encoding: total
//! length, length of the headers, CRC-32 of both, headers, payload, CRC-32 of all before it.

use bytes::{BufMut, Bytes, BytesMut};

/// The type of a header's value: a string.
const STRING: u8 = 7;

/// An event of this name.
pub(super) fn event(name: &str, payload: &str) -> Bytes {
    message("event", ":event-type", name, payload)
}

/// An exception of this name.
pub(super) fn exception(name: &str, payload: &str) -> Bytes {
    message("exception", ":exception-type", name, payload)
}

fn message(kind: &str, label: &str, name: &str, payload: &str) -> Bytes {
    let mut headers = BytesMut::new();
    for (label, value) in [
        (label, name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ] {
        headers.put_u8(u8::try_from(label.len()).unwrap_or(u8::MAX));
        headers.put_slice(label.as_bytes());
        headers.put_u8(STRING);
        headers.put_u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        headers.put_slice(value.as_bytes());
    }
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
    let mut out = BytesMut::with_capacity(16 + headers.len() + payload.len());
    out.put_u32(size(16 + headers.len() + payload.len()));
    out.put_u32(size(headers.len()));
    out.put_u32(crc32fast::hash(&out));
    out.put_slice(&headers);
    out.put_slice(payload.as_bytes());
    out.put_u32(crc32fast::hash(&out));
    out.freeze()
}
