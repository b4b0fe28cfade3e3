//! Frames in, events out.

use bytes::{Buf, Bytes, BytesMut};

use super::lines::{End, Fields, Place, until_blank};
use super::{Error, Event};

/// Cuts a stream, which arrives in frames, into events.
///
/// After each [`EventReader::push`], call [`EventReader::next_event`] until it gives
/// none; when the stream ends, [`EventReader::take_rest`].
#[derive(Debug)]
pub struct EventReader {
    event_bytes_max: usize,
    /// What is unread of the frames.
    frame: Bytes,
    /// The event under way, as far as earlier frames had it.
    carry: BytesMut,
    /// Where in its lines the stream stands: at the end of `carry`.
    place: Place,
    /// No event was found yet, so a byte order mark may be in front.
    first: bool,
}

impl EventReader {
    /// A reader at the start of a stream whose events are `event_bytes_max` bytes long
    /// at most, as received. Not more than that is kept between two frames.
    #[must_use]
    pub fn new(event_bytes_max: usize) -> Self {
        Self {
            event_bytes_max,
            frame: Bytes::new(),
            carry: BytesMut::new(),
            place: Place::LineStart,
            first: true,
        }
    }

    /// Adds what came next in the stream. A frame before it that was not read to its
    /// end is kept, at the cost of a copy.
    pub fn push(&mut self, frame: Bytes) {
        if self.frame.is_empty() {
            self.frame = frame;
        } else if !frame.is_empty() {
            self.frame = [self.frame.as_ref(), frame.as_ref()].concat().into();
        }
    }

    /// The next event that is complete; none until more is pushed.
    ///
    /// # Errors
    ///
    /// [`Error::EventTooLong`], and the same again on every later call.
    pub fn next_event(&mut self) -> Result<Option<Event>, Error> {
        if self.frame.is_empty() {
            return Ok(None);
        }
        let frame = &self.frame;
        let mut fields = Fields::none(frame, self.first);
        let scanned = if self.carry.is_empty() {
            until_blank(frame, self.place, |line| fields.add(frame, line))
        } else {
            until_blank(frame, self.place, |_line| ())
        };
        match scanned {
            Ok(end) => self.cut(end, fields).map(Some),
            Err(place) => self.carry_over(place).map(|()| None),
        }
    }

    /// True when no byte is held: the last frame ended exactly where an event ended.
    ///
    /// The LF of a CRLF that came in a frame of its own is held: it goes out with the
    /// next event, or with [`EventReader::take_rest`].
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.frame.is_empty() && self.carry.is_empty()
    }

    /// What is left at the end of the stream, so that no byte is lost: an event without
    /// its blank line. A client drops such an event; whether it counts is for the
    /// caller to say.
    pub fn take_rest(&mut self) -> Option<Event> {
        let frame = std::mem::take(&mut self.frame);
        let raw = if self.carry.is_empty() {
            frame
        } else {
            self.carry.extend_from_slice(&frame);
            self.carry.split().freeze()
        };
        self.place = Place::LineStart;
        let fields = Fields::of(&raw, self.first);
        (!raw.is_empty()).then(|| Event::new(raw, fields))
    }

    /// Takes an event that ends in the frame.
    fn cut(&mut self, end: End, fields: Fields) -> Result<Event, Error> {
        let tail = self.frame.get(..end.at).unwrap_or_default();
        self.check_length(tail)?;
        let event = if self.carry.is_empty() {
            Event::new(self.frame.split_to(end.at), fields)
        } else {
            self.carry.extend_from_slice(tail);
            self.frame.advance(end.at);
            let raw = self.carry.split().freeze();
            let fields = Fields::of(&raw, self.first);
            Event::new(raw, fields)
        };
        self.place = end.then;
        self.first = false;
        Ok(event)
    }

    /// Keeps a frame without an event's end.
    fn carry_over(&mut self, place: Place) -> Result<(), Error> {
        self.check_length(&self.frame)?;
        self.carry.extend_from_slice(&self.frame);
        self.frame.clear();
        self.place = place;
        Ok(())
    }

    /// Whether the event under way may have `tail` too.
    ///
    /// An LF that belongs to the CR of a blank line, its own or the one before, does
    /// not count: which event has it depends on how the stream is cut.
    fn check_length(&self, tail: &[u8]) -> Result<(), Error> {
        let first = self.carry.first().or_else(|| tail.first());
        let spare = usize::from(first == Some(&b'\n')) + usize::from(tail.ends_with(b"\r\n"));
        if self.carry.len() + tail.len() <= self.event_bytes_max.saturating_add(spare) {
            Ok(())
        } else {
            Err(Error::EventTooLong {
                max: self.event_bytes_max,
            })
        }
    }
}
