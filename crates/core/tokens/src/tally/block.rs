//! One block of bytes, compared class by class.
//!
//! Written as loops over arrays of one length without a branch in them: on x86-64 they
//! become some 16 bytes at a time.

/// Bytes that are counted at once. Every count fits a byte.
pub(super) const BLOCK: usize = 128;
/// Bytes before them that tell where words begin.
pub(super) const HISTORY: usize = 8;
/// How many classes there are.
pub const CLASSES: usize = 24;

/// A block behind its history.
pub(super) type Window = [u8; HISTORY + BLOCK];

/// One where a byte is of a class, else zero.
type Mask = [u8; HISTORY + BLOCK];

/// Adds what a block is made of.
pub(super) fn count(window: &Window, counts: &mut [u32; CLASSES]) {
    let letter = mask(window, |b| is_within(b | 0x20, b'a', 26));
    let upper = mask(window, |b| is_within(b, b'A', 26));
    let digit = mask(window, |b| is_within(b, b'0', 10));
    let blank = mask(window, |b| (b == b' ') | (b == b'\t'));
    let line = mask(window, |b| (b == b'\n') | (b == b'\r'));
    let mark = mask(window, |b| {
        is_within(b, b'!', 94) & !is_within(b | 0x20, b'a', 26) & !is_within(b, b'0', 10)
    });
    let sums = [
        begins(&letter),
        sum(&letter),
        long(&letter),
        humps(&letter, &upper),
        sum(&upper),
        begins(&digit),
        sum(&digit),
        begins(&mark),
        sum(&mark),
        follows(&blank),
        begins(&line),
        sum(&line),
    ];
    add(counts, 0, &sums);
    let is_ascii = window.iter().fold(0, |all, byte| all | byte) < 0x80;
    if is_ascii {
        return;
    }
    let wide = mask(window, |b| b >= 0xC0);
    let sums = [
        // Words that begin with such a character.
        wide_words(&wide, window),
        // Latin with accents.
        sum(&mask(window, |b| is_within(b, 0xC2, 10))),
        // Greek.
        sum(&mask(window, |b| is_within(b, 0xCC, 4))),
        // Cyrillic.
        sum(&mask(window, |b| is_within(b, 0xD0, 5))),
        // Hebrew, Arabic.
        sum(&mask(window, |b| is_within(b, 0xD5, 11))),
        // Scripts of South Asia.
        sum(&mask(window, |b| b == 0xE0)),
        // Georgian, Khmer, Latin with two accents.
        sum(&mask(window, |b| b == 0xE1)),
        // Punctuation and symbols; and forms of characters.
        sum(&mask(window, |b| (b == 0xE2) | is_within(b, 0xEE, 2))),
        // Kana, and marks of East Asia.
        sum(&mask(window, |b| b == 0xE3)),
        // Han.
        sum(&mask(window, |b| is_within(b, 0xE4, 6))),
        // Hangul.
        sum(&mask(window, |b| is_within(b, 0xEA, 4))),
        // Emoji and rare scripts.
        sum(&mask(window, |b| b >= 0xF0)),
    ];
    add(counts, 12, &sums);
}

fn add(counts: &mut [u32; CLASSES], first: usize, sums: &[u32]) {
    for (count, sum) in counts.iter_mut().skip(first).zip(sums) {
        *count = count.saturating_add(*sum);
    }
}

const fn is_within(byte: u8, first: u8, many: u8) -> bool {
    byte.wrapping_sub(first) < many
}

#[inline(always)]
fn mask(window: &Window, class: impl Fn(u8) -> bool) -> Mask {
    let mut mask = [0; HISTORY + BLOCK];
    for (mask, byte) in mask.iter_mut().zip(window) {
        *mask = u8::from(class(*byte));
    }
    mask
}

/// A mask without its history, and the same one byte earlier.
#[inline(always)]
fn pairs(mask: &Mask) -> impl Iterator<Item = (&u8, &u8)> {
    mask[HISTORY..]
        .iter()
        .zip(&mask[HISTORY - 1..HISTORY - 1 + BLOCK])
}

#[inline(always)]
fn sum(mask: &Mask) -> u32 {
    let all = mask[HISTORY..].iter();
    u32::from(all.fold(0_u8, |sum, one| sum.wrapping_add(*one)))
}

/// How often the class begins.
#[inline(always)]
fn begins(mask: &Mask) -> u32 {
    let all = pairs(mask);
    u32::from(all.fold(0_u8, |sum, (one, before)| {
        sum.wrapping_add(one & (before ^ 1))
    }))
}

/// How often the class goes on.
#[inline(always)]
fn follows(mask: &Mask) -> u32 {
    let all = pairs(mask);
    u32::from(all.fold(0_u8, |sum, (one, before)| sum.wrapping_add(one & before)))
}

/// Letters behind seven others.
#[inline(always)]
fn long(letter: &Mask) -> u32 {
    let both = |mask: &Mask, apart: usize| {
        let mut out = [0; HISTORY + BLOCK];
        for ((out, one), other) in out[apart..].iter_mut().zip(&mask[apart..]).zip(mask) {
            *out = one & other;
        }
        out
    };
    sum(&both(&both(&both(letter, 1), 2), 4))
}

/// Capitals behind small letters.
#[inline(always)]
fn humps(letter: &Mask, upper: &Mask) -> u32 {
    let mut sum = 0_u8;
    for ((one, _), (letter, upper)) in pairs(upper).zip(
        letter[HISTORY - 1..HISTORY - 1 + BLOCK]
            .iter()
            .zip(&upper[HISTORY - 1..HISTORY - 1 + BLOCK]),
    ) {
        sum = sum.wrapping_add(one & letter & (upper ^ 1));
    }
    u32::from(sum)
}

/// Characters beyond ASCII behind an ASCII byte.
#[inline(always)]
fn wide_words(wide: &Mask, window: &Window) -> u32 {
    let before = &window[HISTORY - 1..HISTORY - 1 + BLOCK];
    let mut sum = 0_u8;
    for (one, before) in wide[HISTORY..].iter().zip(before) {
        sum = sum.wrapping_add(one & u8::from(*before < 0x80));
    }
    u32::from(sum)
}
