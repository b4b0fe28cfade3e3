//! Behaviour of the SSE codec on chosen streams.

use bytes::Bytes;

use super::{Error, Event, EventReader};
use crate::document::Edit;
use crate::span::Span;

fn read(frames: &[&'static str]) -> (Vec<Event>, Option<Event>) {
    let mut reader = EventReader::new(1 << 10);
    let mut events = Vec::new();
    for frame in frames {
        reader.push(Bytes::from_static(frame.as_bytes()));
        while let Some(event) = reader.next_event().unwrap() {
            events.push(event);
        }
    }
    (events, reader.take_rest())
}

fn one(stream: &'static str) -> Event {
    let (mut events, rest) = read(&[stream]);
    assert_eq!((events.len(), rest), (1, None), "{stream:?}");
    events.remove(0)
}

fn edit(start: u32, end: u32, with: &'static str) -> Edit {
    Edit {
        span: Span::new(start, end),
        with: Bytes::from_static(with.as_bytes()),
    }
}

#[test]
fn an_event_in_one_frame_shares_its_bytes() {
    let frame = Bytes::from_static(b"event: delta\ndata: {\"a\":1}\n\n");
    let mut reader = EventReader::new(1 << 10);
    reader.push(frame.clone());
    let event = reader.next_event().unwrap().unwrap();
    assert_eq!(event.raw().as_ptr(), frame.as_ptr());
    assert_eq!(event.raw(), &frame);
    assert_eq!(event.data(), b"{\"a\":1}");
    assert_eq!(event.data_bytes().as_ptr(), frame[19..].as_ptr());
    assert_eq!(event.name(), Some("delta"));
    assert!(reader.is_clean());
    assert_eq!(reader.next_event(), Ok(None));
}

#[test]
fn fields_are_read_by_the_rules() {
    let cases = [
        ("data:x\n\n", None, "x"),
        ("data:  x\n\n", None, " x"),
        ("data\n\n", None, ""),
        ("data:\ndata:\n\n", None, "\n"),
        ("data: a\r\ndata: b\rid: 7\ndata:c\n\r", None, "a\nb\nc"),
        (
            "database: 1\ndata: x: y\nevent:ping\n\n",
            Some("ping"),
            "x: y",
        ),
        ("event: a\nevent: b\ndata: x\n\n", Some("b"), "x"),
        ("event:\ndata: x\n\n", None, "x"),
        (" data: no\ndata: yes\nData: no\n\n", None, "yes"),
        ("\u{feff}data: x\n\n", None, "x"),
    ];
    for (stream, name, data) in cases {
        let event = one(stream);
        assert_eq!(
            (event.name(), event.data()),
            (name, data.as_bytes()),
            "{stream:?}"
        );
        assert!(!event.is_comment());
    }
}

#[test]
fn events_without_data_are_comments() {
    for stream in [
        ": keep-alive\n\n",
        "\n",
        "\r",
        "retry: 10\r\n\r\n",
        "event: x\n\n",
    ] {
        assert!(one(stream).is_comment(), "{stream:?}");
        assert_eq!(one(stream).data(), b"");
    }
    assert!(one("\n").raw() == "\n");
}

#[test]
fn a_mark_counts_only_at_the_start_of_the_stream() {
    let (events, _rest) = read(&["\u{feff}data: a\n\n\u{feff}data: b\n\n"]);
    assert_eq!(events[0].data(), b"a");
    assert!(events[1].is_comment());
}

#[test]
fn a_blank_line_ends_an_event_at_its_carriage_return_already() {
    let (events, rest) = read(&["data: a\r\n\r", "\ndata: b\r\n\r\n"]);
    assert_eq!(events[0].raw(), "data: a\r\n\r");
    assert_eq!(events[1].raw(), "\ndata: b\r\n\r\n");
    assert_eq!(events[1].data(), b"b");
    assert_eq!(rest, None);

    let mut reader = EventReader::new(64);
    reader.push(Bytes::from_static(b"data: a\r\r"));
    assert!(reader.next_event().unwrap().is_some());
    reader.push(Bytes::from_static(b"\n"));
    assert_eq!(reader.next_event(), Ok(None));
    assert!(!reader.is_clean(), "the line feed is held");
    assert_eq!(reader.take_rest().unwrap().raw(), "\n");
}

#[test]
fn what_is_not_terminated_is_given_at_the_end() {
    let (events, rest) = read(&["data: a\n\nda", "ta: [DONE]\n"]);
    assert_eq!(events.len(), 1);
    let rest = rest.unwrap();
    assert_eq!(
        (rest.raw().as_ref(), rest.data()),
        (&b"data: [DONE]\n"[..], &b"[DONE]"[..])
    );
    let (_events, rest) = read(&["event: x\ndata: half"]);
    assert_eq!(rest.unwrap().data(), b"half");
}

#[test]
fn an_event_over_the_limit_is_refused_however_it_is_cut() {
    let stream = b"data: 345678\r\n\r\n";
    for (max, fits) in [(14, false), (15, true)] {
        for cut in 0..=stream.len() {
            let mut reader = EventReader::new(max);
            let mut read = Ok(0);
            for frame in [&stream[..cut], &stream[cut..]] {
                reader.push(Bytes::from_static(frame));
                while let (Ok(count), Some(next)) = (&mut read, reader.next_event().transpose()) {
                    match next {
                        Ok(_event) => *count += 1,
                        Err(error) => read = Err(error),
                    }
                }
            }
            let expected = if fits {
                Ok(1)
            } else {
                Err(Error::EventTooLong { max })
            };
            assert_eq!(read, expected, "cut at {cut}");
            if !fits {
                assert_eq!(reader.next_event(), Err(Error::EventTooLong { max }));
                assert_eq!(reader.take_rest().unwrap().raw().as_ref(), stream);
            }
        }
    }
}

#[test]
fn a_frame_pushed_before_the_last_was_read_is_kept() {
    let mut reader = EventReader::new(64);
    reader.push(Bytes::from_static(b"data: a\n\ndata"));
    reader.push(Bytes::from_static(b": b\n\n"));
    assert_eq!(reader.next_event().unwrap().unwrap().data(), b"a");
    assert_eq!(reader.next_event().unwrap().unwrap().data(), b"b");
    assert!(reader.is_clean());
}

#[test]
fn edits_change_the_data_and_nothing_else() {
    let event = one(": note\nevent: x\ndata: hello world\nid: 7\r\n\r\n");
    let edits = [edit(6, 11, "you"), edit(0, 1, "J")];
    assert_eq!(
        event.with_data(&edits),
        ": note\nevent: x\ndata: Jello you\nid: 7\r\n\r\n"
    );
    assert_eq!(event.with_data(&[]).as_ptr(), event.raw().as_ptr());
    let comment = one(": note\n\n");
    assert_eq!(comment.with_data(&edits), ": note\n\n");
}

#[test]
fn edits_that_change_the_lines_write_them_anew() {
    let cases = [
        (
            "id: 1\ndata: a\nevent: x\ndata: b\n\n",
            edit(1, 2, ""),
            "id: 1\ndata: ab\nevent: x\n\n",
        ),
        (
            "data: ab\r\n\r\n",
            edit(1, 1, "\r\n"),
            "data: a\ndata: b\n\r\n",
        ),
        ("data:ab\n\n", edit(0, 0, " "), "data:  ab\n\n"),
        ("data\n\n", edit(0, 0, "x"), "data: x\n\n"),
        (
            "\u{feff}data:a\ndata:b\n\n",
            edit(0, 1, "c"),
            "\u{feff}data: c\ndata: b\n\n",
        ),
        (
            "data:a\nid\rdata:b\n\n",
            edit(1, 3, ""),
            "data: a\nid\r\n\n",
        ),
    ];
    for (stream, edit, expected) in cases {
        assert_eq!(one(stream).with_data(&[edit]), expected, "{stream:?}");
    }
}

#[test]
fn a_plain_event_has_nothing_that_a_view_does_not_show() {
    for plain in [
        "data: x\n\n",
        "data:x\r\n\r\n",
        "event: a\ndata: x\n\n",
        "\n",
        "event:a\r\ndata:x\r\n\r\n",
    ] {
        assert!(one(plain).is_plain(), "{plain:?}");
    }
    for more in [
        ": note\ndata: x\n\n",
        "data: x\n: note\n\n",
        "id: 7\ndata: x\n\n",
        "data: x\nretry: 7\n\n",
        "event: a\nid: 7\ndata: x\n\n",
        "event: a\nevent: b\ndata: x\n\n",
        "data: x\nevent: a\n\n",
        "data: x\ndata: y\n\n",
        "unknown\ndata: x\n\n",
        ": keep-alive\n\n",
        "event: a\n\n",
    ] {
        assert!(!one(more).is_plain(), "{more:?}");
        let event = one(more);
        let made = Event::from_parts(event.name(), event.data());
        assert!(made.is_plain() || made.data().contains(&b'\n'), "{more:?}");
    }
}

#[test]
fn made_events_read_back() {
    let event = Event::from_parts(Some("delta"), b"{}");
    assert_eq!(event.raw(), "event: delta\ndata: {}\n\n");
    assert_eq!((event.name(), event.data()), (Some("delta"), &b"{}"[..]));
    let lines = Event::from_parts(None, b" a\r\nb\r");
    assert_eq!(lines.raw(), "data:  a\ndata: b\ndata: \n\n");
    assert_eq!(lines.data(), b" a\nb\n");
    let cut = Event::from_parts(Some("x\ndata: injected"), b"1");
    assert_eq!(cut.raw(), "event: x\ndata: 1\n\n");
}

#[test]
fn debug_output_shows_no_data() {
    let shown = format!("{:?}", one("event: x\ndata: secret\n\n"));
    assert!(shown.contains('x') && !shown.contains("secret"));
}
