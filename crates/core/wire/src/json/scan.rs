//! Finds the bytes of a string that are not plain text.
//!
//! Those are the quote, the backslash and the control characters below 0x20. One
//! pass looks for all of them, 16 bytes at a time; in long text four such lanes
//! share one test.

use wide::u8x16;

const LANE: usize = 16;
const BLOCK: usize = 4 * LANE;

/// How many bytes [`window`] looks at.
pub(super) const WINDOW: usize = BLOCK;

/// A string that goes on after this many lanes is long.
const NEAR_LANES: usize = 4;

/// The index of the first special byte at or after `from`, else the length of `bytes`.
#[inline]
pub(super) fn special(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    for _ in 0..NEAR_LANES {
        let Some(lane) = chunk(bytes, at) else {
            return tail(bytes, at);
        };
        if let Some(hit) = first_hit(lane) {
            return at + hit;
        }
        at += LANE;
    }
    far(bytes, at)
}

/// The special bytes among the [`WINDOW`] bytes from `from` on, lowest bit first.
#[inline]
pub(super) fn window(bytes: &[u8], from: usize) -> u64 {
    if let Some(block) = chunk(bytes, from) {
        return block_hits(block);
    }
    let rest = bytes.get(from..).unwrap_or_default();
    let mut block = [b' '; BLOCK];
    block
        .iter_mut()
        .zip(rest)
        .for_each(|(to, from)| *to = *from);
    block_hits(&block)
}

#[inline(never)]
fn far(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = chunk::<BLOCK>(bytes, at) {
        if has_hit(block) {
            break;
        }
        at += BLOCK;
    }
    while let Some(lane) = chunk(bytes, at) {
        if let Some(hit) = first_hit(lane) {
            return at + hit;
        }
        at += LANE;
    }
    tail(bytes, at)
}

#[cold]
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

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\') || byte < 0x20
}

#[inline]
fn first_hit(lane: &[u8; LANE]) -> Option<usize> {
    match hits(lane).to_bitmask() {
        0 => None,
        mask => Some(mask.trailing_zeros() as usize),
    }
}

#[inline]
fn has_hit(block: &[u8; BLOCK]) -> bool {
    let (lanes, _none) = block.as_chunks::<LANE>();
    lanes
        .iter()
        .fold(u8x16::ZERO, |all, lane| all | hits(lane))
        .any()
}

#[inline]
fn block_hits(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _none) = block.as_chunks::<LANE>();
    // The last lane first: each one pushes those behind it up.
    lanes.iter().rev().fold(0, |above, lane| {
        above << LANE | u64::from(hits(lane).to_bitmask())
    })
}

/// All bits set in each byte that is special.
#[inline]
fn hits(lane: &[u8; LANE]) -> u8x16 {
    let text = u8x16::new(*lane);
    let quote = text.simd_eq(u8x16::splat(b'"'));
    let slash = text.simd_eq(u8x16::splat(b'\\'));
    let control = text.min(u8x16::splat(0x1f)).simd_eq(text);
    quote | slash | control
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, LANE, first_hit, is_special, special};

    #[test]
    fn every_special_byte_is_found_at_every_place() {
        for length in 1..BLOCK * 3 {
            let plain = vec![b'x'; length];
            assert_eq!(special(&plain, 0), length);
            for place in 0..length {
                for byte in [b'"', b'\\', 0, 0x1f] {
                    let mut bytes = plain.clone();
                    bytes[length - 1] = b'"';
                    bytes[place] = byte;
                    let found = special(&bytes, 0);
                    assert_eq!(found, place, "{byte:#x} at {place} of {length}");
                }
            }
        }
    }

    #[test]
    fn a_lane_agrees_with_the_definition_for_every_byte_and_neighbour() {
        for first in 0..=u8::MAX {
            for second in [
                0, 0x1f, 0x20, 0x21, b'"', b'#', b'[', b'\\', b']', 0x7f, 0x80, 0xff,
            ] {
                for place in 0..LANE - 1 {
                    let mut lane = [b'x'; LANE];
                    lane[place] = first;
                    lane[place + 1] = second;
                    let slow = lane.iter().position(|&byte| is_special(byte));
                    assert_eq!(first_hit(&lane), slow);
                }
            }
        }
    }
}
