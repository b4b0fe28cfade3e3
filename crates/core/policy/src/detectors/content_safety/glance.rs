//! The first glance: whether a window may hold anything at all.
//!
//! Most text is harmless, and a sum over its words shows it at a tenth of the model's
//! cost: the first six letters of each word are looked up, and a stretch of 512 bytes
//! without enough that is of interest is done with. What tries to look like something
//! else (other scripts, letters spelled out, digits and marks within words) and what is
//! short is always looked at closely. `training/content_safety/glance.py` learns the sums.

use super::model::Glances;

/// Text up to this size is always looked at closely.
const SHORT_BYTES: usize = 128;

/// How much text a sum runs over, in blocks.
const STRETCH_BLOCKS: usize = 8;

/// How many bytes are read at once; as many as bits in a mask.
const BLOCK_BYTES: usize = 64;

/// What a digit or mark between two letters counts.
const JOINT_UNITS: i32 = 12;

/// So many bytes of text for each letter with an accent, at least.
const ACCENT_BYTES: usize = 256;

/// The letters of a word that count.
const LETTERS: u32 = 6;

/// Whether a window is to be looked at closely.
pub(super) fn may_matter(glances: &Glances, text: &[u8]) -> bool {
    if text.len() <= SHORT_BYTES {
        return true;
    }
    let mut reader = Glance {
        glances,
        sum: 0,
        accents: 0,
    };
    let mut blocks = text.chunks(BLOCK_BYTES).map(Block::new).peekable();
    let mut before = 0;
    let mut index = 0;
    while let Some(block) = blocks.next() {
        let after = blocks.peek().map_or(0, |next| next.letters);
        if block.is_foreign && reader.is_foreign(text, index * BLOCK_BYTES) {
            return true;
        }
        if reader.block(text, index * BLOCK_BYTES, [before, block.letters, after]) {
            return true;
        }
        before = block.letters;
        index += 1;
        if index % STRETCH_BLOCKS == 0 || after == 0 && blocks.peek().is_none() {
            if reader.sum >= glances.limit {
                return true;
            }
            reader.sum = 0;
        }
    }
    reader.accents * ACCENT_BYTES > text.len()
}

/// What is in 64 bytes.
struct Block {
    /// One bit per byte: whether it is an ASCII letter.
    letters: u64,
    /// Whether any byte is not ASCII.
    is_foreign: bool,
}

impl Block {
    fn new(bytes: &[u8]) -> Self {
        let mut letters = 0;
        let mut high = 0;
        let (words, rest) = bytes.as_chunks::<8>();
        for (index, word) in (0..).zip(words) {
            let word = u64::from_le_bytes(*word);
            high |= word & HIGH;
            letters |= letter_bits(word) << (8 * index);
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            for (place, byte) in last.iter_mut().zip(rest) {
                *place = *byte;
            }
            let word = u64::from_le_bytes(last);
            high |= word & HIGH;
            letters |= letter_bits(word) << (8 * words.len());
        }
        Self {
            letters,
            is_foreign: high != 0,
        }
    }
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x80 * ONES;

/// One bit for each of eight bytes: whether it is an ASCII letter.
const fn letter_bits(word: u64) -> u64 {
    let low = (word | (0x20 * ONES)) & !HIGH;
    // The high bit of a byte is set from `a` on, and from `{` on.
    let from_a = low + (0x80 - 0x61) * ONES;
    let beyond_z = low + (0x80 - 0x7b) * ONES;
    let letters = from_a & !beyond_z & !word & HIGH;
    (letters >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

struct Glance<'g> {
    glances: &'g Glances,
    sum: i32,
    /// Letters with accents in the window.
    accents: usize,
}

impl Glance<'_> {
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
            self.sum -= 1;
            let place = at + index(start);
            let mut word = [0; 8];
            match text.get(place..place + 8) {
                Some(bytes) => word.copy_from_slice(bytes),
                None => {
                    let rest = text.get(place..).unwrap_or_default();
                    word.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
                }
            }
            let word = u64::from_le_bytes(word);
            let kept = u64::MAX >> (u64::BITS - 8 * len.min(LETTERS));
            self.sum += self.glances.units((word | (0x20 * ONES)) & kept);
            let is_joint = text.get(place + index(len)).is_some_and(is_joint);
            if is_joint
                && text
                    .get(place + index(len) + 1)
                    .is_some_and(u8::is_ascii_alphabetic)
            {
                self.sum += JOINT_UNITS;
            }
        }
        false
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

/// Whether a byte stands for a letter within a word, at times.
const fn is_joint(byte: &u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'@' | b'$' | b'!' | b'*')
}

fn index(bits: u32) -> usize {
    usize::try_from(bits).unwrap_or_default()
}
