//! What a text is made of, counted in one pass over its bytes.
//!
//! Tokens follow words, digits, punctuation and scripts. Each class of bytes is counted by
//! comparing whole blocks, which the compiler turns into vector instructions; nothing
//! branches on a byte. A text that is longer than [`WHOLE_BYTES_MAX`] is sampled: evenly
//! spaced windows, each at a random place of its stretch, so that nobody can write what
//! is expensive where nobody looks.

mod block;
mod escapes;

use block::{BLOCK, HISTORY, Window};

pub use block::CLASSES;

/// How much is counted whole; beyond it so much is sampled.
pub(crate) const WHOLE_BYTES_MAX: u64 = 8 * 1024;

/// What is looked at of each stretch of a sampled text.
const SAMPLE: u64 = 2 * BLOCK as u64;

/// How often each class of bytes occurs in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    counts: [u32; CLASSES],
    /// Bytes as they are written, escapes included.
    bytes: u64,
}

impl Tally {
    /// Counts pieces of text: JSON strings without their quotes, and whether they have
    /// escapes. `bytes` is the length of all of them; `seed` is any number that a caller
    /// does not choose.
    pub fn of<'t>(pieces: impl Iterator<Item = (&'t [u8], bool)>, bytes: u64, seed: u64) -> Self {
        let mut counter = Counter::default();
        if bytes <= WHOLE_BYTES_MAX {
            for (piece, escaped) in pieces {
                counter.piece(piece, escaped);
            }
        } else {
            counter.sample(pieces, bytes, seed);
        }
        counter.finish(bytes)
    }

    /// Counts a text that has no escapes.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let piece = (text.as_bytes(), false);
        Self::of(std::iter::once(piece), text.len() as u64, 0)
    }

    /// The counts, in the order of the weights.
    #[must_use]
    pub const fn counts(&self) -> &[u32; CLASSES] {
        &self.counts
    }

    /// How long the text is, in bytes as it is written.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Puts pieces together to whole blocks.
struct Counter {
    window: Window,
    filled: usize,
    counts: [u32; CLASSES],
    seen: u64,
}

impl Default for Counter {
    fn default() -> Self {
        Self {
            window: [0; HISTORY + BLOCK],
            filled: 0,
            counts: [0; CLASSES],
            seen: 0,
        }
    }
}

impl Counter {
    /// Counts a piece of its own: no word goes on from the piece before it.
    fn piece(&mut self, piece: &[u8], escaped: bool) {
        self.text(piece, escaped);
        self.push(&[0]);
    }

    fn text(&mut self, text: &[u8], escaped: bool) {
        self.seen += text.len() as u64;
        if escaped {
            escapes::plain(text, |bytes| self.push(bytes));
        } else {
            self.push(text);
        }
    }

    fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.window.get_mut(HISTORY + self.filled..);
            let room = room.unwrap_or_default();
            let taken = bytes.len().min(room.len());
            let (now, later) = bytes.split_at(taken);
            if let Some(room) = room.get_mut(..taken) {
                room.copy_from_slice(now);
            }
            self.filled += taken;
            bytes = later;
            if self.filled == BLOCK {
                block::count(&self.window, &mut self.counts);
                self.window.copy_within(BLOCK.., 0);
                self.filled = 0;
            }
        }
    }

    /// Ends the block that is begun; what comes has `before` before it.
    fn cut(&mut self, before: &[u8]) {
        if self.filled > 0 {
            if let Some(rest) = self.window.get_mut(HISTORY + self.filled..) {
                rest.fill(0);
            }
            block::count(&self.window, &mut self.counts);
            self.filled = 0;
        }
        let mut history = [0; HISTORY];
        let before = before
            .get(before.len().saturating_sub(HISTORY)..)
            .unwrap_or_default();
        if let Some(place) = history.get_mut(HISTORY - before.len()..) {
            place.copy_from_slice(before);
        }
        if let Some(place) = self.window.get_mut(..HISTORY) {
            place.copy_from_slice(&history);
        }
    }

    /// Counts one window of each stretch of all pieces put together.
    fn sample<'t>(
        &mut self,
        pieces: impl Iterator<Item = (&'t [u8], bool)>,
        bytes: u64,
        seed: u64,
    ) {
        let stretch = bytes.div_ceil(WHOLE_BYTES_MAX / SAMPLE).max(SAMPLE);
        let mut random = seed | 1;
        let mut stretch_start = 0;
        let mut start = place(&mut random, stretch);
        let mut piece_start = 0;
        for (piece, escaped) in pieces {
            let piece_end = piece_start + piece.len() as u64;
            while start < piece_end {
                // A window that began in a piece before goes on at the start of this one.
                let from = start.max(piece_start) - piece_start;
                let to = (start + SAMPLE).min(piece_end) - piece_start;
                let (before, rest) = piece.split_at(within(from, piece));
                let window = rest.get(..within(to - from, rest)).unwrap_or_default();
                self.cut(before);
                self.text(window, escaped);
                if start + SAMPLE > piece_end {
                    break;
                }
                stretch_start += stretch;
                start = stretch_start + place(&mut random, stretch);
            }
            piece_start = piece_end;
        }
    }

    fn finish(mut self, bytes: u64) -> Tally {
        self.cut(&[]);
        let seen = self.seen.max(1);
        let mut counts = self.counts;
        if seen < bytes {
            for count in &mut counts {
                let scaled = u64::from(*count).saturating_mul(bytes) / seen;
                *count = u32::try_from(scaled).unwrap_or(u32::MAX);
            }
        }
        Tally { counts, bytes }
    }
}

/// A place for a window in a stretch.
const fn place(random: &mut u64, stretch: u64) -> u64 {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    let free = stretch.saturating_sub(SAMPLE) + 1;
    (*random >> 16) % free
}

fn within(offset: u64, piece: &[u8]) -> usize {
    usize::try_from(offset).map_or(piece.len(), |offset| offset.min(piece.len()))
}

#[cfg(test)]
mod tests;
