//! What is looked at in a streamed answer: how many events, when the first content
//! came, whether the end did.

use memchr::memmem;
use tokio::time::Instant;

use crate::mock::WORD;

const PREFIX: &[u8] = b"data:";
const TAIL_BYTES: usize = 64;

/// A stream so far.
#[derive(Debug)]
pub(super) struct Content {
    events: u64,
    first: Option<Instant>,
    /// How much of [`PREFIX`] the current line began with; `None` once it is settled.
    matched: Option<usize>,
    tail: [u8; TAIL_BYTES],
}

impl Default for Content {
    fn default() -> Self {
        Self {
            events: 0,
            first: None,
            matched: Some(0),
            tail: [0; TAIL_BYTES],
        }
    }
}

impl Content {
    /// Reads a piece that may be cut anywhere.
    pub(super) fn read(&mut self, piece: &[u8]) {
        if self.first.is_none() && memmem::find(piece, WORD.as_bytes()).is_some() {
            self.first = Some(Instant::now());
        }
        self.count(piece);
        self.remember(piece);
    }

    fn count(&mut self, mut piece: &[u8]) {
        while let Some((byte, rest)) = piece.split_first() {
            let Some(matched) = self.matched else {
                let Some(end) = memchr::memchr(b'\n', piece) else {
                    return;
                };
                piece = piece.get(end + 1..).unwrap_or_default();
                self.matched = Some(0);
                continue;
            };
            piece = rest;
            self.matched = match (PREFIX.get(matched) == Some(byte), byte) {
                (true, _) if matched + 1 == PREFIX.len() => {
                    self.events += 1;
                    None
                }
                (true, _) => Some(matched + 1),
                (false, b'\n') => Some(0),
                (false, _) => None,
            };
        }
    }

    fn remember(&mut self, piece: &[u8]) {
        if let Some(last) = piece.last_chunk() {
            self.tail = *last;
            return;
        }
        self.tail.copy_within(piece.len().., 0);
        let kept = TAIL_BYTES - piece.len();
        if let Some(end) = self.tail.get_mut(kept..) {
            end.copy_from_slice(piece);
        }
    }

    pub(super) const fn events(&self) -> u64 {
        self.events
    }

    pub(super) const fn first(&self) -> Option<Instant> {
        self.first
    }

    /// Whether the last bytes carry the end mark of a format.
    pub(super) fn is_ended(&self) -> bool {
        memmem::find(&self.tail, b"[DONE]").is_some()
            || memmem::find(&self.tail, b"message_stop").is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_across_every_cut() {
        let stream = b"event: a\ndata: {\"a\":\"data: quick\"}\n\ndat: x\n\ndata: [DONE]\n\n";
        for first in 0..stream.len() {
            for second in first..stream.len() {
                let mut content = Content::default();
                content.read(&stream[..first]);
                content.read(&stream[first..second]);
                assert!(!content.is_ended() || second > stream.len() - 4);
                content.read(&stream[second..]);
                assert_eq!((content.events(), content.is_ended()), (2, true));
            }
        }
    }
}
