//! One JSON array whose elements come one after the other.

use bytes::{Buf, BytesMut};

use crate::sse::{Error, Event};

/// Cuts an array into its elements, which are objects. What stands between them is not
/// checked: whoever reads an element makes sure that it is one.
#[derive(Debug)]
pub(super) struct ArrayReader {
    event_bytes_max: usize,
    held: BytesMut,
    /// How much of `held` was looked at.
    seen: usize,
    depth: u32,
    in_string: bool,
    escaped: bool,
}

impl ArrayReader {
    pub(super) fn new(event_bytes_max: usize) -> Self {
        Self {
            event_bytes_max,
            held: BytesMut::new(),
            seen: 0,
            depth: 0,
            in_string: false,
            escaped: false,
        }
    }

    pub(super) fn push(&mut self, frame: &[u8]) {
        self.held.extend_from_slice(frame);
    }

    pub(super) fn is_clean(&self) -> bool {
        self.held.is_empty()
    }

    pub(super) fn next_event(&mut self) -> Result<Option<Event>, Error> {
        while let Some(byte) = self.held.get(self.seen).copied() {
            self.seen += 1;
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => self.in_string = false,
                    _ => {}
                }
                continue;
            }
            match byte {
                b'{' => self.depth += 1,
                b'"' if self.depth > 0 => self.in_string = true,
                b'}' if self.depth == 1 => {
                    self.depth = 0;
                    self.check(self.seen)?;
                    let element = self.held.split_to(self.seen);
                    self.seen = 0;
                    return Ok(Some(Event::from_parts(None, &element)));
                }
                b'}' => self.depth = self.depth.saturating_sub(1),
                _ if self.depth == 0 => {
                    self.held.advance(self.seen);
                    self.seen = 0;
                }
                _ => {}
            }
        }
        self.check(self.held.len())?;
        Ok(None)
    }

    const fn check(&self, length: usize) -> Result<(), Error> {
        if length > self.event_bytes_max {
            return Err(Error::EventTooLong {
                max: self.event_bytes_max,
            });
        }
        Ok(())
    }
}
