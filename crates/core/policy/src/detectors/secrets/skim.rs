//! Skips text in which no secret can begin.
//!
//! Every secret that tells by itself stands in a run of at least [`RUN_BYTES`] bytes of
//! printable ASCII; all others stand behind `=`, `:`, `>` or two hyphens. Words of a
//! text are shorter, so one pass with vector instructions leaves little to look at.

use wide::u8x16;

const LANE: usize = 16;
const BLOCK: usize = 4 * LANE;

/// The least length of a secret that tells by itself, in bytes; the tests hold the list
/// of rules to it.
pub(super) const RUN_BYTES: usize = 16;

/// The first place at or after `at` that must be looked at byte by byte; the end of the
/// text when there is none. The last bytes of a text always must.
pub(super) fn next(text: &[u8], at: usize) -> usize {
    let mut at = at;
    // How many printable bytes stand at the end of what was skipped.
    let mut open = 0;
    let mut hyphen = false;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let Masks {
            space,
            signs,
            hyphens,
        } = masks(block);
        let pairs = hyphens & (hyphens << 1 | u64::from(hyphen));
        let lead = space.trailing_zeros() as usize;
        if open + lead >= RUN_BYTES {
            return at - open;
        }
        let stop = (signs | pairs | long_runs(!space)).trailing_zeros() as usize;
        if stop < BLOCK {
            // Both hyphens of a pair are looked at.
            return at + stop - usize::from(pairs >> stop & 1 == 1);
        }
        open = space.leading_zeros() as usize;
        hyphen = hyphens >> (BLOCK - 1) == 1;
        at += BLOCK;
    }
    at - open
}

/// The places where a run of [`RUN_BYTES`] ones begins.
const fn long_runs(ones: u64) -> u64 {
    let two = ones & ones >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    eight & eight >> 8
}

/// What stands in a block, lowest bit first.
struct Masks {
    /// Everything that is not printable ASCII.
    space: u64,
    /// `=`, `:` and `>`.
    signs: u64,
    hyphens: u64,
}

#[inline]
fn masks(block: &[u8; BLOCK]) -> Masks {
    let (lanes, _none) = block.as_chunks::<LANE>();
    let mut masks = Masks {
        space: 0,
        signs: 0,
        hyphens: 0,
    };
    for lane in lanes.iter().rev() {
        let text = u8x16::new(*lane);
        // With the highest bit turned over, what is not ASCII comes before the space.
        let low = text ^ u8x16::splat(0x80);
        let space = low.min(u8x16::splat(0xa0)).simd_eq(low);
        let signs = text.simd_eq(u8x16::splat(b'='))
            | text.simd_eq(u8x16::splat(b':'))
            | text.simd_eq(u8x16::splat(b'>'));
        let hyphens = text.simd_eq(u8x16::splat(b'-'));
        masks.space = masks.space << LANE | u64::from(space.to_bitmask());
        masks.signs = masks.signs << LANE | u64::from(signs.to_bitmask());
        masks.hyphens = masks.hyphens << LANE | u64::from(hyphens.to_bitmask());
    }
    masks
}

#[cfg(test)]
mod tests {
    use super::{RUN_BYTES, next};

    /// The same, byte by byte: the first place with a sign, a pair of hyphens or a run.
    fn slow(text: &[u8], at: usize) -> usize {
        (at..text.len())
            .find(|place| {
                let rest = &text[*place..];
                let run = rest
                    .iter()
                    .take_while(|byte| matches!(byte, 0x21..0x80))
                    .count();
                matches!(rest[0], b'=' | b':' | b'>') || rest.starts_with(b"--") || run >= RUN_BYTES
            })
            .unwrap_or(text.len())
    }

    #[test]
    fn nothing_is_skipped_that_must_be_looked_at() {
        for length in [0, 1, 63, 64, 65, 128, 200] {
            let plain: Vec<u8> = b"word and wo\xc3\xa4rt "
                .iter()
                .copied()
                .cycle()
                .take(length)
                .collect();
            for place in 0..length {
                for sign in [
                    &b"="[..],
                    b":",
                    b">",
                    b"--",
                    b"-",
                    b"abcdefgh0123456",
                    b"abcdefgh01234567",
                    b"x",
                ] {
                    let mut text = plain.clone();
                    let end = length.min(place + sign.len());
                    text[place..end].copy_from_slice(&sign[..end - place]);
                    for at in [0, place / 2, place, length.min(place + 1)] {
                        let found = next(&text, at);
                        assert!(
                            found >= at && found <= slow(&text, at),
                            "{text:?} from {at}: {found}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn prose_is_skipped() {
        let prose = b"Words of a text are short, and so is this one; ".repeat(100);
        assert!(next(&prose, 0) > prose.len() - 80);
    }
}
