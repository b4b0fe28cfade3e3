//! Streams in each framing, whole and cut at every byte.

use bytes::{Bytes, BytesMut};
use proptest::prelude::*;

use super::message::{self, MessageReader};
use super::{Framing, StreamReader, StreamWriter};
use crate::document::Edit;
use crate::span::Span;
use crate::sse::{Error, Event};

fn read(framing: Framing, stream: &[u8], cut: usize) -> Result<Vec<Event>, Error> {
    let mut reader = StreamReader::new(framing, 1 << 16);
    let mut events = Vec::new();
    for frame in [&stream[..cut], &stream[cut..]] {
        reader.push(Bytes::copy_from_slice(frame));
        while let Some(event) = reader.next_event()? {
            events.push(event);
        }
    }
    Ok(events)
}

fn message(name: &str, data: &str) -> Bytes {
    let mut out = BytesMut::new();
    message::write(&Event::from_parts(Some(name), data.as_bytes()), &mut out);
    out.freeze()
}

/// What the AWS SDKs send for a message without headers and payload.
const EMPTY: &[u8] = &[
    0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, 0x00, 0x05, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff,
];

#[test]
fn a_message_without_anything_is_an_event_without_anything() {
    let events = read(Framing::EventStream, EMPTY, 0).unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].name(), events[0].data()), (None, &b""[..]));
    assert_eq!(events[0].received(), EMPTY);
}

#[test]
fn messages_are_read_alike_however_they_are_cut() {
    let stream = [
        message("messageStart", r#"{"role":"assistant"}"#),
        message("contentBlockDelta", r#"{"delta":{"text":"é\n"}}"#),
        message("throttlingException", r#"{"message":"slow down"}"#),
    ]
    .concat();
    for cut in 0..=stream.len() {
        let events = read(Framing::EventStream, &stream, cut).unwrap();
        let names: Vec<_> = events.iter().filter_map(Event::name).collect();
        assert_eq!(
            names,
            ["messageStart", "contentBlockDelta", "throttlingException"]
        );
        let received: Vec<_> = events
            .iter()
            .map(|event| event.received().clone())
            .collect();
        assert_eq!(received.concat(), stream);
    }
}

#[test]
fn a_flipped_bit_anywhere_is_seen() {
    let stream = message("messageStop", r#"{"stopReason":"end_turn"}"#);
    for place in 0..stream.len() {
        let mut damaged = stream.to_vec();
        damaged[place] ^= 1;
        let read = read(Framing::EventStream, &damaged, 0);
        assert!(read.is_err() || read.unwrap().is_empty(), "byte {place}");
    }
}

#[test]
fn a_message_over_the_limit_is_refused_by_its_head() {
    let stream = message("a", &"x".repeat(100));
    let mut reader = MessageReader::new(64);
    reader.push(&stream[..12]);
    assert_eq!(reader.next_event(), Err(Error::EventTooLong { max: 64 }));
    assert_eq!(reader.next_event(), Err(Error::EventTooLong { max: 64 }));
}

#[test]
fn elements_of_an_array_are_events_however_they_are_cut() {
    let stream = b"[{\"a\":\"}]\\\"{\"}\n,\r\n{\"b\":{\"c\":[{}]}}]";
    for cut in 0..=stream.len() {
        let events = read(Framing::JsonArray, stream, cut).unwrap();
        let data: Vec<_> = events.iter().map(Event::data).collect();
        assert_eq!(
            data,
            [&b"{\"a\":\"}]\\\"{\"}"[..], &b"{\"b\":{\"c\":[{}]}}"[..]],
            "cut at {cut}"
        );
    }
}

#[test]
fn an_array_is_one_json_text_however_many_events_it_has() {
    for count in 0..4 {
        let mut writer = StreamWriter::new(Framing::JsonArray);
        let mut out = Vec::new();
        for _ in 0..count {
            out.extend(writer.write(Bytes::from_static(b": ping\n\ndata: {\"a\":1}\n\n")));
        }
        out.extend(writer.end());
        let value: Vec<serde_json::Value> = serde_json::from_slice(&out).unwrap();
        assert_eq!(value.len(), count);
    }
}

#[test]
fn what_nobody_changed_goes_out_as_it_came() {
    let stream = message("messageStart", r#"{"role":"assistant"}"#);
    let events = read(Framing::EventStream, &stream, 0).unwrap();
    let mut same = StreamWriter::new(Framing::EventStream);
    assert_eq!(same.pass(&events[0], Framing::EventStream), stream);
    let mut other = StreamWriter::new(Framing::ServerSentEvents);
    assert_eq!(
        other.pass(&events[0], Framing::EventStream),
        "event: messageStart\ndata: {\"role\":\"assistant\"}\n\n"
    );
}

#[test]
fn an_edited_message_is_framed_anew() {
    let stream = message("contentBlockDelta", r#"{"text":"secret"}"#);
    let event = read(Framing::EventStream, &stream, 0).unwrap().remove(0);
    let edited = event.with_data(&[Edit {
        span: Span::new(9, 15),
        with: Bytes::from_static(b"[X]"),
    }]);
    let mut writer = StreamWriter::new(Framing::EventStream);
    let framed = writer.write(edited);
    assert_eq!(framed, message("contentBlockDelta", r#"{"text":"[X]"}"#));
}

proptest! {
    #[test]
    fn any_event_survives_any_framing(
        name in "[a-zA-Z]{1,40}",
        data in r#"\{"[a-z"]{0,20}":"[^"\\\r\n\p{C}]{0,80}"\}"#,
    ) {
        let event = Event::from_parts(Some(&name), data.as_bytes());
        let mut writer = StreamWriter::new(Framing::EventStream);
        let framed = writer.write(event.raw().clone());
        let events = read(Framing::EventStream, &framed, framed.len() / 2).unwrap();
        prop_assert_eq!(events.len(), 1);
        prop_assert_eq!(events[0].name(), Some(name.as_str()));
        prop_assert_eq!(events[0].data(), data.as_bytes());
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for framing in [Framing::EventStream, Framing::JsonArray, Framing::ServerSentEvents] {
            let _ = read(framing, &bytes, bytes.len() / 2);
        }
    }
}
