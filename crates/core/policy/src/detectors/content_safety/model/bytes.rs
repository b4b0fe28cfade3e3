//! A model's bytes, read from the front.

use super::{HEADS, LANES};

#[derive(Debug)]
pub(super) struct Bytes<'b> {
    rest: &'b [u8],
}

impl<'b> Bytes<'b> {
    pub(super) const fn new(rest: &'b [u8]) -> Self {
        Self { rest }
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn f32(&mut self) -> Option<f32> {
        self.array().map(f32::from_le_bytes)
    }

    /// A row of one byte per head, and one more.
    pub(super) fn row(&mut self) -> Option<[i8; LANES]> {
        let mut row = [0; LANES];
        for (lane, byte) in row.iter_mut().zip(self.take(HEADS + 1)?) {
            *lane = byte.cast_signed();
        }
        Some(row)
    }

    /// A row of so many numbers of two bytes.
    pub(super) fn wide_row(&mut self, count: usize) -> Option<[i16; LANES]> {
        let mut row = [0; LANES];
        for lane in row.iter_mut().take(count) {
            *lane = self.array().map(i16::from_le_bytes)?;
        }
        Some(row)
    }
}
