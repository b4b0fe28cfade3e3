//! Where words and characters begin in a text, 64 bytes at a time.

use wide::u8x16;

const LANE: usize = 16;

/// How many bytes a [`Block`] has: one for each bit of what it says.
pub(crate) const BLOCK_BYTES: usize = 64;

/// Bytes of a text, and whether a word goes on at their start.
pub(crate) struct Block<'t> {
    text: &'t [u8],
    at: usize,
    bytes: [u8; BLOCK_BYTES],
}

/// Whether `_` belongs to words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joiner {
    /// It does.
    Underscore,
    /// Words are letters and digits.
    None,
}

impl<'t> Block<'t> {
    /// The bytes from `at` on. Behind the end of the text nothing begins.
    #[inline]
    pub(crate) fn new(text: &'t [u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
            let mut bytes = [0x80; BLOCK_BYTES];
            bytes
                .iter_mut()
                .zip(rest)
                .for_each(|(to, from)| *to = *from);
            bytes
        });
        Self { text, at, bytes }
    }

    /// A bit for each byte that begins a character.
    #[inline]
    pub(crate) fn characters(&self) -> u64 {
        !self.bits(continues_character)
    }

    /// A bit for each byte that begins an ASCII word, or any character outside of ASCII.
    #[inline]
    pub(crate) fn word_starts(&self, joiner: Joiner) -> u64 {
        let before = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        let joins = joiner == Joiner::Underscore;
        let inside =
            before.is_some_and(|byte| byte.is_ascii_alphanumeric() || joins && *byte == b'_');
        let words = self.words(joins);
        words & !(words << 1 | u64::from(inside)) | self.bits(begins_character)
    }

    /// A bit for each ASCII byte that belongs to no word.
    #[inline]
    pub(crate) fn symbols(&self) -> u64 {
        !self.words(true) & !self.bits(is_not_ascii)
    }

    #[inline]
    fn words(&self, joins: bool) -> u64 {
        let words = self.bits(is_letter_or_digit);
        if joins {
            words | self.bits(|bytes| bytes.simd_eq(u8x16::splat(b'_')))
        } else {
            words
        }
    }

    #[inline]
    fn bits(&self, test: impl Fn(u8x16) -> u8x16) -> u64 {
        bits(&self.bytes, test)
    }
}

/// A bit for each byte that passes the test.
#[inline]
pub(crate) fn bits(bytes: &[u8; BLOCK_BYTES], test: impl Fn(u8x16) -> u8x16) -> u64 {
    let (lanes, _none) = bytes.as_chunks::<LANE>();
    lanes.iter().rev().fold(0, |bits, lane| {
        bits << LANE | u64::from(test(u8x16::new(*lane)).to_bitmask())
    })
}

/// Bytes of no more than `most`.
#[inline]
pub(crate) fn at_most(bytes: u8x16, most: u8) -> u8x16 {
    bytes.min(u8x16::splat(most)).simd_eq(bytes)
}

/// Bytes of no less than `least`.
#[inline]
pub(crate) fn at_least(bytes: u8x16, least: u8) -> u8x16 {
    bytes.max(u8x16::splat(least)).simd_eq(bytes)
}

#[inline]
fn is_letter_or_digit(bytes: u8x16) -> u8x16 {
    let letter = at_most((bytes | u8x16::splat(0x20)) - u8x16::splat(b'a'), 25);
    letter | at_most(bytes - u8x16::splat(b'0'), 9)
}

#[inline]
fn is_not_ascii(bytes: u8x16) -> u8x16 {
    at_least(bytes, 0x80)
}

/// The first bytes of characters outside of ASCII.
#[inline]
fn begins_character(bytes: u8x16) -> u8x16 {
    at_least(bytes, 0xc0)
}

/// The further bytes of characters outside of ASCII.
#[inline]
fn continues_character(bytes: u8x16) -> u8x16 {
    is_not_ascii(bytes) & at_most(bytes, 0xbf)
}
