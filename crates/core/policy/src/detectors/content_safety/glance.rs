//! The first glance: whether a window may hold anything at all.
//!
//! Most text is harmless, and sums over its words show it at a tenth of the model's cost:
//! the first six letters of each word are looked up, and a stretch of up to 2 KiB that has
//! not enough of any one kind is done with: what is of interest to different kinds does
//! not add up. What is short, letters of other scripts, letters spelled out or repeated
//! and accents in words that would count are always looked at closely; digits and marks
//! within words count something by themselves. `training/content_safety/glance.py` learns
//! the sums.

use super::model::{Glances, KINDS, Kinds, Model};
use super::reading::folded;

/// Text up to this size is always looked at closely.
const SHORT_BYTES: usize = 128;

/// How much text a sum runs over, in blocks.
const STRETCH_BLOCKS: usize = 32;

/// After so many blocks sums are moved to where there is room for more.
const PACKED_BLOCKS: usize = 8;

/// How many bytes are read at once; as many as bits in a mask.
const BLOCK_BYTES: usize = 64;

/// What a digit or mark between two letters counts, for every kind.
const JOINT_UNITS: u32 = 20;

/// So many bytes of text for each letter with an accent, at least.
const ACCENT_BYTES: usize = 256;

/// The letters of a word that count.
const LETTERS: u32 = 6;

/// How many bytes before and behind an accent are read to know its word.
const WORD_BYTES: usize = 24;

/// Whether a window is to be looked at closely.
pub(super) fn may_matter(model: &Model, text: &[u8]) -> bool {
    if text.len() <= SHORT_BYTES {
        return true;
    }
    let glances = model.glances();
    let mut reader = Glance {
        glances,
        latin: model.latin(),
        packed: Kinds::default(),
        sums: [0; KINDS],
        words: 0,
        joints: 0,
        accents: 0,
    };
    let places = (0..text.len()).step_by(BLOCK_BYTES);
    let mut blocks = places.map(|at| Block::at(text, at)).peekable();
    let mut before = 0;
    let mut index = 0;
    while let Some(block) = blocks.next() {
        let next = blocks.peek();
        let (after, alike) = next.map_or((0, 0), |next| (next.letters, next.alike));
        let is_last = next.is_none();
        let at = index * BLOCK_BYTES;
        if block.is_foreign && reader.is_foreign(text, at) {
            return true;
        }
        let thrice = block.letters & block.alike & (block.alike >> 1 | alike << 63);
        if thrice != 0 && is_stretched(text, at, thrice) {
            return true;
        }
        if reader.block(text, at, [before, block.letters, after]) {
            return true;
        }
        before = block.letters;
        index += 1;
        if index % PACKED_BLOCKS == 0 || is_last {
            reader.unpack();
        }
        if (index % STRETCH_BLOCKS == 0 || is_last) && reader.is_reached() {
            return true;
        }
    }
    reader.accents * ACCENT_BYTES > text.len()
}

/// What is in 64 bytes.
struct Block {
    /// One bit per byte: whether it is an ASCII letter.
    letters: u64,
    /// One bit per byte: whether the next one is the same letter, or would be.
    alike: u64,
    /// Whether any byte is not ASCII.
    is_foreign: bool,
}

impl Block {
    fn at(text: &[u8], at: usize) -> Self {
        let mut block = Self {
            letters: 0,
            alike: 0,
            is_foreign: false,
        };
        let mut high = 0;
        for (place, shift) in (at..text.len()).step_by(8).zip((0..u64::BITS).step_by(8)) {
            let word = word_at(text, place);
            let next = word_at(text, place + 1);
            high |= word & HIGH;
            block.letters |= letter_bits(word) << shift;
            block.alike |= equal_bits(word | (0x20 * ONES), next | (0x20 * ONES)) << shift;
        }
        block.is_foreign = high != 0;
        block
    }
}

/// Eight bytes from `place` on, zeros behind the end.
pub(super) fn word_at(text: &[u8], place: usize) -> u64 {
    let rest = text.get(place..).unwrap_or_default();
    match rest.first_chunk() {
        Some(bytes) => u64::from_le_bytes(*bytes),
        None => {
            let mut bytes = [0; 8];
            bytes
                .iter_mut()
                .zip(rest)
                .for_each(|(to, byte)| *to = *byte);
            u64::from_le_bytes(bytes)
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// One bit for each of eight bytes: whether it is an ASCII letter.
pub(super) const fn letter_bits(word: u64) -> u64 {
    let low = (word | (0x20 * ONES)) & !HIGH;
    // The high bit of a byte is set from `a` on, and from `{` on.
    let from_a = low + (0x80 - 0x61) * ONES;
    let beyond_z = low + (0x80 - 0x7b) * ONES;
    let letters = from_a & !beyond_z & !word & HIGH;
    gathered(letters)
}

/// One bit for each of eight bytes: whether it is the same in both.
pub(super) const fn equal_bits(one: u64, other: u64) -> u64 {
    let differ = one ^ other;
    // The high bit of a byte is set unless it is zero.
    let set = ((differ & !HIGH) + !HIGH) | differ;
    gathered(!set & HIGH)
}

/// The high bits of eight bytes, side by side.
const fn gathered(bits: u64) -> u64 {
    (bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

struct Glance<'g> {
    glances: &'g Glances,
    /// The base letters of the Latin blocks.
    latin: &'g [u8],
    /// Weights of the last words, which are few enough to fit.
    packed: Kinds,
    /// Weights of the stretch's words, by kind.
    sums: [u32; KINDS],
    /// How many words the stretch has, and how many digits or marks between letters.
    words: u32,
    joints: u32,
    /// Letters with accents in the window.
    accents: usize,
}

impl Glance<'_> {
    fn unpack(&mut self) {
        let packed = std::mem::take(&mut self.packed);
        for (sum, units) in self.sums.iter_mut().zip(packed.unpacked()) {
            *sum += units;
        }
    }

    /// Whether the stretch has enough of a kind; begins the next one.
    fn is_reached(&mut self) -> bool {
        let joints = std::mem::take(&mut self.joints) * JOINT_UNITS;
        let words = std::mem::take(&mut self.words);
        let sums = std::mem::take(&mut self.sums).map(|sum| sum + joints);
        self.glances.are_reached(sums, words)
    }

    /// Adds up the words that start in a block, which begins at `at`; `true` when letters
    /// are spelled out one by one.
    fn block(&mut self, text: &[u8], at: usize, letters: [u64; 3]) -> bool {
        let [before, own, after] = letters;
        let follows = own << 1 | before >> 63;
        let precedes = own >> 1 | after << 63;
        let single = own & !follows & !precedes;
        if single & (single << 2) & (single << 4) != 0 {
            return true;
        }
        let mut starts = own & !follows;
        while starts != 0 {
            let start = starts.trailing_zeros();
            starts &= starts - 1;
            let run = own >> start | after.checked_shl(u64::BITS - start).unwrap_or(0);
            let len = run.trailing_ones();
            self.words += 1;
            let place = at + index(start);
            let word = word_at(text, place);
            let kept = u64::MAX >> (u64::BITS - 8 * len.min(LETTERS));
            let units = self.glances.units((word | (0x20 * ONES)) & kept);
            self.packed.add(units);
            let is_joint = text.get(place + index(len)).is_some_and(is_joint);
            if is_joint
                && text
                    .get(place + index(len) + 1)
                    .is_some_and(u8::is_ascii_alphabetic)
            {
                self.joints += 1;
            }
        }
        false
    }

    /// Whether the letter at `place` has an accent in a word that counts without it.
    fn hides(&self, text: &[u8], place: usize) -> bool {
        let part =
            |byte: &&u8| byte.is_ascii_alphabetic() || matches!(byte, 0x80..=0xbf | 0xc3..=0xc9);
        let (before, behind) = text.split_at(place);
        let before = before
            .iter()
            .rev()
            .take(WORD_BYTES)
            .take_while(part)
            .count();
        let behind = behind.iter().take(WORD_BYTES).take_while(part).count();
        let word = text.get(place - before..place + behind).unwrap_or_default();
        let word = folded(word, self.latin);
        let letters = word.as_bytes();
        let key = letters.get(..index(LETTERS)).unwrap_or(letters);
        self.glances.units(word_at(key, 0)) != Kinds::default()
    }

    /// Whether a block has letters of other scripts, or characters that are used to hide;
    /// counts letters with accents.
    fn is_foreign(&mut self, text: &[u8], at: usize) -> bool {
        let block = text
            .get(at..text.len().min(at + BLOCK_BYTES))
            .unwrap_or_default();
        for (place, byte) in (at..).zip(block) {
            let next = |offset: usize| text.get(place + offset).copied().unwrap_or_default();
            match byte {
                0..=0xbf => {}
                0xc2 if next(1) != 0xad => {}
                0xc3..=0xc9 if self.hides(text, place) => return true,
                0xc3..=0xc9 => self.accents += 1,
                // Dashes, quotes, bullets; arrows, signs, lines, shapes; emoji.
                0xe2 if next(1) == 0x80 && matches!(next(2), 0x90..=0xa9 | 0xaf..=0xbf) => {}
                0xe2 if matches!(next(1), 0x82..=0x91 | 0x94..=0xaf) => {}
                0xf0 if next(1) == 0x9f && next(2) >= 0x8c => {}
                0xef if next(1) == 0xb8 && next(2) == 0x8f => {}
                _ => return true,
            }
        }
        false
    }
}

/// Whether a letter stands three times in a row at one of the places of these bits, from
/// `at` on; `www` by itself is none.
fn is_stretched(text: &[u8], at: usize, mut places: u64) -> bool {
    while places != 0 {
        let place = at + index(places.trailing_zeros());
        places &= places - 1;
        let is_letter = |at: Option<usize>| {
            at.and_then(|at| text.get(at))
                .is_some_and(u8::is_ascii_alphabetic)
        };
        let alone = !is_letter(place.checked_sub(1)) && !is_letter(place.checked_add(3));
        if !(alone && matches!(text.get(place), Some(b'w' | b'W'))) {
            return true;
        }
    }
    false
}

/// Whether a byte stands for a letter within a word, at times.
const fn is_joint(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'@' | b'$' | b'!' | b'*')
}

fn index(bits: u32) -> usize {
    usize::try_from(bits).unwrap_or_default()
}
