//! Streams whatever they are framed in: server-sent events, event stream messages, an array.
//!
//! Everything between the two edges of a gateway sees server-sent [`Event`]s. At the one
//! edge [`StreamReader`] makes them of what a provider sends, at the other
//! [`StreamWriter`] makes of them what the caller reads. An event that nobody changed
//! keeps the bytes it came in ([`Event::received`]).

use bytes::{Bytes, BytesMut};

use crate::sse::{Error, Event, EventReader};

mod array;
mod message;

use array::ArrayReader;
use message::MessageReader;

/// How the events of a stream are put one behind the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Framing {
    /// Server-sent events.
    #[default]
    ServerSentEvents,
    /// Messages of `application/vnd.amazon.eventstream`: length, headers, payload and
    /// check sums.
    EventStream,
    /// One JSON array whose elements come one after the other.
    JsonArray,
}

impl Framing {
    /// The media type of such a stream, without parameters.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::ServerSentEvents => "text/event-stream",
            Self::EventStream => "application/vnd.amazon.eventstream",
            Self::JsonArray => "application/json",
        }
    }
}

/// Cuts a stream of any framing into events.
///
/// After each [`StreamReader::push`], call [`StreamReader::next_event`] until it gives
/// none; when the stream ends, [`StreamReader::take_rest`].
#[derive(Debug)]
pub struct StreamReader(Reader);

#[derive(Debug)]
enum Reader {
    Events(EventReader),
    Messages(MessageReader),
    Array(ArrayReader),
}

impl StreamReader {
    /// A reader at the start of a stream whose events are `event_bytes_max` bytes long at
    /// most, as received. Not more than that is kept between two frames.
    #[must_use]
    pub fn new(framing: Framing, event_bytes_max: usize) -> Self {
        Self(match framing {
            Framing::ServerSentEvents => Reader::Events(EventReader::new(event_bytes_max)),
            Framing::EventStream => Reader::Messages(MessageReader::new(event_bytes_max)),
            Framing::JsonArray => Reader::Array(ArrayReader::new(event_bytes_max)),
        })
    }

    /// Adds what came next in the stream.
    pub fn push(&mut self, frame: Bytes) {
        match &mut self.0 {
            Reader::Events(reader) => reader.push(frame),
            Reader::Messages(reader) => reader.push(&frame),
            Reader::Array(reader) => reader.push(&frame),
        }
    }

    /// The next event that is complete; none until more is pushed.
    ///
    /// # Errors
    /// An event that is too long or damaged, and the same again on every later call.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        match &mut self.0 {
            Reader::Events(reader) => reader.next_event(),
            Reader::Messages(reader) => reader.next_event(),
            Reader::Array(reader) => reader.next_event(),
        }
    }

    /// True when no byte is held: the last frame ended exactly where an event ended.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        match &self.0 {
            Reader::Events(reader) => reader.is_clean(),
            Reader::Messages(reader) => reader.is_clean(),
            Reader::Array(reader) => reader.is_clean(),
        }
    }

    /// What is left at the end of the stream, where a part of an event has a meaning.
    pub fn take_rest(&mut self) -> Option<Event> {
        match &mut self.0 {
            Reader::Events(reader) => reader.take_rest(),
            Reader::Messages(_) | Reader::Array(_) => None,
        }
    }
}

/// Writes server-sent events in the framing that a caller reads.
#[derive(Debug)]
pub struct StreamWriter {
    framing: Framing,
    /// Cuts what is written into events, where they are framed anew.
    reader: EventReader,
    has_begun: bool,
}

impl StreamWriter {
    /// A writer at the start of a stream.
    #[must_use]
    pub fn new(framing: Framing) -> Self {
        Self {
            framing,
            reader: EventReader::new(usize::MAX),
            has_begun: false,
        }
    }

    /// How it writes.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        self.framing
    }

    /// An event that nobody changed, which came in `framing`.
    pub fn pass(&mut self, event: &Event, framing: Framing) -> Bytes {
        if framing == self.framing && framing != Framing::JsonArray {
            return event.received().clone();
        }
        self.write(event.raw().clone())
    }

    /// Server-sent events, whole ones. Comments are nothing in other framings.
    pub fn write(&mut self, events: Bytes) -> Bytes {
        if self.framing == Framing::ServerSentEvents {
            return events;
        }
        let mut out = BytesMut::with_capacity(events.len() + message::OVERHEAD_BYTES);
        self.reader.push(events);
        // A length without a limit is never exceeded.
        while let Ok(Some(event)) = self.reader.next_event() {
            if event.is_comment() {
                continue;
            }
            match self.framing {
                Framing::EventStream => message::write(&event, &mut out),
                Framing::ServerSentEvents | Framing::JsonArray => {
                    out.extend_from_slice(if self.has_begun { b",\n" } else { b"[" });
                    out.extend_from_slice(event.data());
                }
            }
            self.has_begun = true;
        }
        out.freeze()
    }

    /// What follows the last event; empty for framings that need no end.
    #[must_use]
    pub const fn end(&self) -> Bytes {
        match (self.framing, self.has_begun) {
            (Framing::JsonArray, true) => Bytes::from_static(b"]"),
            (Framing::JsonArray, false) => Bytes::from_static(b"[]"),
            _ => Bytes::new(),
        }
    }
}

#[cfg(test)]
mod tests;
