//! Events on the wire: server-sent ones, and the messages of AWS's event streams.

use serde_json::{Value, json};

/// The data of server-sent events; `[DONE]` as a string.
pub(super) fn server_sent(body: &[u8]) -> Vec<Value> {
    let text = String::from_utf8(body.to_vec())
        .unwrap()
        .replace("\r\n", "\n");
    let mut read = Vec::new();
    for event in text.split_terminator("\n\n") {
        let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name));
        let Some(data) = line("data: ") else { continue };
        if data == "[DONE]" {
            read.push(json!(data));
            continue;
        }
        let data: Value = serde_json::from_str(data).unwrap_or_else(|_| panic!("{event}"));
        if let Some(name) = line("event: ") {
            // Where there are names they are those in the data, but for errors.
            assert!(name == "error" || data["type"] == name, "{event}");
        }
        read.push(data);
    }
    read
}

/// A server-sent event without a name.
pub(super) fn data(data: &Value) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

/// A server-sent event that is named as its data are.
pub(super) fn named(data: &Value) -> Vec<u8> {
    let name = data["type"].as_str().unwrap();
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// The messages of an event stream: each an object of the event's name and its payload. A
/// message that is cut off at the end is left out.
pub(super) fn messages(mut body: &[u8]) -> Vec<Value> {
    let mut read = Vec::new();
    while body.len() >= PRELUDE + CHECKSUM {
        let number = |at: usize| u32::from_be_bytes(body[at..at + 4].try_into().unwrap());
        let (length, headers) = (number(0) as usize, number(4) as usize);
        assert_eq!(number(8), checksum(&body[..8]), "the prelude's checksum");
        if body.len() < length {
            break;
        }
        let sum = number(length - CHECKSUM);
        assert_eq!(sum, checksum(&body[..length - CHECKSUM]), "the checksum");
        let name = name_of(&body[PRELUDE..PRELUDE + headers]);
        let payload = &body[PRELUDE + headers..length - CHECKSUM];
        let payload: Value = serde_json::from_slice(payload).unwrap();
        read.push(json!({ name: payload }));
        body = &body[length..];
    }
    read
}

/// The name of the event or the exception; exceptions keep the word in front.
fn name_of(mut headers: &[u8]) -> String {
    let mut found = String::new();
    while let Some((&length, rest)) = headers.split_first() {
        let (name, rest) = rest.split_at(usize::from(length));
        assert_eq!(rest[0], 7, "a header that is no string");
        let size = usize::from(u16::from_be_bytes([rest[1], rest[2]]));
        let (value, after) = rest[3..].split_at(size);
        match name {
            b":event-type" | b":exception-type" => {
                found += std::str::from_utf8(value).unwrap();
            }
            b":message-type" if value == b"exception" => found.insert_str(0, "exception "),
            _ => {}
        }
        headers = after;
    }
    found
}

/// A message: `kind` is `event` or `exception`.
pub(super) fn message(kind: &str, name: &str, payload: &Value) -> Vec<u8> {
    let mut headers = Vec::new();
    let named = format!(":{kind}-type");
    for (header, value) in [
        (&*named, name),
        (":content-type", "application/json"),
        (":message-type", kind),
    ] {
        headers.push(u8::try_from(header.len()).unwrap());
        headers.extend(header.as_bytes());
        headers.push(7);
        headers.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        headers.extend(value.as_bytes());
    }
    let payload = payload.to_string();
    let length = PRELUDE + headers.len() + payload.len() + CHECKSUM;
    let mut out = Vec::with_capacity(length);
    out.extend(u32::try_from(length).unwrap().to_be_bytes());
    out.extend(u32::try_from(headers.len()).unwrap().to_be_bytes());
    out.extend(checksum(&out).to_be_bytes());
    out.extend(headers);
    out.extend(payload.as_bytes());
    out.extend(checksum(&out).to_be_bytes());
    out
}

/// CRC-32 as in zlib, bit by bit.
fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = u32::MAX;
    for byte in bytes {
        sum ^= u32::from(*byte);
        for _ in 0..8 {
            sum = (sum >> 1) ^ (0xEDB8_8320 & 0_u32.wrapping_sub(sum & 1));
        }
    }
    !sum
}
