//! The SSE reader beside a naive one, and beside itself on other cuts.

use bytes::Bytes;
use tollgate_wire::sse::{Event, EventReader};
use tollgate_wire::{Edit, Span};

/// What a client sees of an event: its name and its data.
type Seen = (Option<String>, Vec<u8>);

/// Compares the reading of `stream` as a whole with the naive one, and with that in
/// frames of the lengths in `frames`, which are used round and round.
///
/// # Panics
/// When they differ.
pub(crate) fn check(stream: &[u8], frames: &[usize]) {
    let (events, rest) = read(stream, &[stream.len()]);
    let visible: Vec<Seen> = events
        .iter()
        .filter(|event| !event.is_comment())
        .map(seen)
        .collect();
    assert_eq!(visible, naive(stream));
    let (cut_events, cut_rest) = read(stream, frames);
    assert_eq!(
        events
            .iter()
            .map(|event| (seen(event), event.is_comment()))
            .collect::<Vec<_>>(),
        cut_events
            .iter()
            .map(|event| (seen(event), event.is_comment()))
            .collect::<Vec<_>>(),
    );
    assert_eq!(rest.as_ref().map(seen), cut_rest.as_ref().map(seen));
    for (index, event) in events.iter().chain(&cut_events).enumerate() {
        let is_first = index == 0 || index == events.len();
        check_edit(event, is_first, stream);
    }
    check_made(stream);
}

/// Reads a stream in frames. A rest that is only the LF of a blank line is none.
fn read(stream: &[u8], frames: &[usize]) -> (Vec<Event>, Option<Event>) {
    let mut reader = EventReader::new(usize::MAX);
    let mut events = Vec::new();
    let mut unread = Bytes::copy_from_slice(stream);
    for length in frames.iter().cycle() {
        if unread.is_empty() {
            break;
        }
        reader.push(unread.split_to((*length).clamp(1, unread.len())));
        while let Some(event) = reader.next_event().unwrap() {
            events.push(event);
        }
    }
    let is_clean = reader.is_clean();
    let rest = reader.take_rest();
    let raw: Vec<u8> = events
        .iter()
        .chain(&rest)
        .flat_map(|event| event.raw().clone())
        .collect();
    assert_eq!(raw, stream, "bytes were lost or moved");
    assert_eq!(is_clean, rest.is_none());
    let rest = rest.filter(|rest| rest.raw().as_ref() != b"\n");
    (events, rest)
}

fn seen(event: &Event) -> Seen {
    (event.name().map(str::to_owned), event.data().to_vec())
}

/// The events of a stream, straight from the text of the standard.
fn naive(stream: &[u8]) -> Vec<Seen> {
    let stream = stream.strip_prefix(b"\xef\xbb\xbf").unwrap_or(stream);
    let stream = unified(stream);
    let mut lines: Vec<&[u8]> = stream.split(|&byte| byte == b'\n').collect();
    lines.pop();
    let mut seen = Vec::new();
    let (mut name, mut data) = (Vec::new(), Vec::new());
    for line in lines {
        if line.is_empty() {
            if data.pop().is_some() {
                let name = String::from_utf8(name).ok().filter(|name| !name.is_empty());
                seen.push((name, data));
            }
            (name, data) = (Vec::new(), Vec::new());
            continue;
        }
        let colon = line.iter().position(|&byte| byte == b':');
        let (field, value) = line.split_at(colon.unwrap_or(line.len()));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"data" => {
                data.extend_from_slice(value);
                data.push(b'\n');
            }
            b"event" => name = value.to_vec(),
            _ => {}
        }
    }
    seen
}

/// The text with every line end as LF.
fn unified(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            b'\n' if index > 0 && text[index - 1] == b'\r' => {}
            b'\r' => out.push(b'\n'),
            _ => out.push(byte),
        }
    }
    out
}

/// An edited event reads back as one event with the edited data and the same name.
fn check_edit(event: &Event, is_first: bool, stream: &[u8]) {
    let half = event.data().len() / 2;
    let with = Bytes::copy_from_slice(&stream[..stream.len().min(9)]);
    let edit = Edit {
        span: Span::new(0, u32::try_from(half).unwrap()),
        with: with.clone(),
    };
    let edited = event.with_data(&[edit]);
    if event.is_comment() {
        assert_eq!(&edited, event.raw());
        return;
    }
    // Out of its stream, the LF of the event before would be a blank line, and
    // bytes like a mark would become one.
    let alone = edited.strip_prefix(b"\n").unwrap_or(&edited);
    let before: &[u8] = if is_first { b"" } else { b":\n\n" };
    let (events, rest) = read(&[before, alone].concat(), &[usize::MAX]);
    assert_eq!((events.len(), rest), (if is_first { 1 } else { 2 }, None));
    let data = unified(&[&with, &event.data()[half..]].concat());
    assert_eq!(
        events.last().map(seen),
        Some((event.name().map(str::to_owned), data))
    );
}

/// Made events read back as what they were made of.
fn check_made(data: &[u8]) {
    let event = Event::from_parts(Some("made"), data);
    assert_eq!(seen(&event), (Some("made".to_owned()), unified(data)));
    let (events, rest) = read(event.raw(), &[7]);
    assert_eq!((events.as_slice(), rest), ([event].as_slice(), None));
}
