//! Finds the bytes of a string that are not plain text.
//!
//! Those are the quote, the backslash and the control characters below 0x20. One
//! pass looks for all of them: 16 bytes by words, because most strings are short;
//! then blocks of 64, written so that the compiler turns a block into a dozen
//! vector instructions; then words again inside the block that has a hit.

const BLOCK: usize = 64;
const NEAR_WORDS: usize = 2;

const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
const HIGHS: u64 = u64::from_ne_bytes([0x80; 8]);
const SPACES: u64 = u64::from_ne_bytes([0x20; 8]);
const QUOTES: u64 = u64::from_ne_bytes([b'"'; 8]);
const SLASHES: u64 = u64::from_ne_bytes([b'\\'; 8]);

/// The index of the first special byte at or after `from`, else the length of `bytes`.
#[inline]
pub(super) fn special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    for _ in 0..NEAR_WORDS {
        let Some(word) = chunk(bytes, at) else {
            return tail(bytes, at);
        };
        if let Some(hit) = in_word(word) {
            return at + hit;
        }
        at += word.len();
    }
    far(bytes, at)
}

fn far(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = chunk::<BLOCK>(bytes, at) {
        if in_block(block) {
            break;
        }
        at += BLOCK;
    }
    while let Some(word) = chunk(bytes, at) {
        if let Some(hit) = in_word(word) {
            return at + hit;
        }
        at += word.len();
    }
    tail(bytes, at)
}

fn tail(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.iter()
        .position(|&byte| is_special(byte))
        .map_or(bytes.len(), |hit| from + hit)
}

#[inline]
fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}

#[inline]
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\') || byte < 0x20
}

/// No early exit inside a block: that is what lets it become vector code.
#[inline]
fn in_block(block: &[u8; BLOCK]) -> bool {
    block.iter().fold(0, |hits, &byte| {
        hits | u8::from(byte == b'"') | u8::from(byte == b'\\') | u8::from(byte < 0x20)
    }) != 0
}

/// Subtracting borrows into the byte above only after a true hit below it, so the
/// lowest marked byte is always exact.
#[inline]
const fn in_word(word: &[u8; 8]) -> Option<usize> {
    let word = u64::from_le_bytes(*word);
    let quote = zero_bytes(word ^ QUOTES);
    let slash = zero_bytes(word ^ SLASHES);
    let control = word.wrapping_sub(SPACES) & !word;
    match (quote | slash | control) & HIGHS {
        0 => None,
        hits => Some(hits.trailing_zeros() as usize / 8),
    }
}

#[inline]
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word
}
