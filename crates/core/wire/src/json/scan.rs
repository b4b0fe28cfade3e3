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

/// The index of the first special byte at or after `from`, else the length of `bytes`.
#[inline]
pub(super) fn special(bytes: &[u8], from: usize) -> usize {
    let Some(lane) = chunk(bytes, from) else {
        return tail(bytes, from);
    };
    // Keys and words end here.
    match lane_hits(lane) {
        0 => far(bytes, from + LANE),
        hits => from + hits.trailing_zeros() as usize,
    }
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
    while let Some(block) = chunk(bytes, at) {
        if !is_plain(block) {
            return at + block_hits(block).trailing_zeros() as usize;
        }
        at += BLOCK;
    }
    while let Some(lane) = chunk(bytes, at) {
        let hits = lane_hits(lane);
        if hits != 0 {
            return at + hits.trailing_zeros() as usize;
        }
        at += LANE;
    }
    tail(bytes, at)
}

/// As [`special`] for less than a lane: looks at the last lane, of which a part lies
/// before `from`.
#[inline(never)]
fn tail(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.len().saturating_sub(from).min(LANE);
    let Some(last) = bytes.last_chunk() else {
        let rest = bytes.get(from..).unwrap_or_default();
        return rest
            .iter()
            .position(|&byte| is_special(byte))
            .map_or(bytes.len(), |hit| from + hit);
    };
    match lane_hits(last) >> (LANE - rest) {
        0 => bytes.len(),
        hits => from + hits.trailing_zeros() as usize,
    }
}

#[inline]
fn chunk<const N: usize>(bytes: &[u8], at: usize) -> Option<&[u8; N]> {
    bytes.get(at..)?.first_chunk()
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\') || byte < 0x20
}

#[inline]
fn lane_hits(lane: &[u8; LANE]) -> u32 {
    hits(lane).to_bitmask()
}

#[inline]
fn block_hits(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _none) = block.as_chunks::<LANE>();
    lanes
        .iter()
        .rev()
        .fold(0, |hits, lane| hits << LANE | u64::from(lane_hits(lane)))
}

/// Whether nothing in a block is special.
///
/// Long text is mostly such blocks, so they share one test. With the bit 0x02 turned
/// over, the quote is 0x20 and only the control characters are below it: the least
/// byte of all lanes tells. The least one is 0 with the bits of a backslash turned over
/// if there is a backslash.
#[inline]
fn is_plain(block: &[u8; BLOCK]) -> bool {
    let (lanes, _none) = block.as_chunks::<LANE>();
    let mut low = u8x16::MAX;
    let mut slash = u8x16::MAX;
    for lane in lanes {
        let text = u8x16::new(*lane);
        low = low.min(text ^ u8x16::splat(0x02));
        slash = slash.min(text ^ u8x16::splat(b'\\'));
    }
    let low = low.min(u8x16::splat(0x20)).simd_eq(low);
    let slash = slash.simd_eq(u8x16::ZERO);
    (low | slash).to_bitmask() == 0
}

/// All bits set in each byte that is special.
#[inline]
fn hits(lane: &[u8; LANE]) -> u8x16 {
    let text = u8x16::new(*lane);
    let slash = text.simd_eq(u8x16::splat(b'\\'));
    let quote = text.simd_eq(u8x16::splat(b'"'));
    let control = text.min(u8x16::splat(0x1f)).simd_eq(text);
    slash | quote | control
}

#[cfg(test)]
mod tests {
    use super::{BLOCK, LANE, is_special, lane_hits, special, window};

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
                    let slow = (0..LANE).filter(|&at| is_special(lane[at]));
                    let slow = slow.fold(0, |hits, at| hits | 1 << at);
                    assert_eq!(lane_hits(&lane), slow);
                }
            }
        }
    }

    #[test]
    fn a_window_has_a_bit_for_every_special_byte() {
        let bytes: Vec<u8> = (0..=u8::MAX).chain(0..=u8::MAX).collect();
        for from in 0..=bytes.len() {
            let slow = bytes[from..].iter().take(BLOCK).enumerate();
            let slow = slow.filter(|(_, byte)| is_special(**byte));
            let slow = slow.fold(0, |hits, (at, _)| hits | 1_u64 << at);
            assert_eq!(window(&bytes, from), slow, "from {from}");
        }
    }
}
