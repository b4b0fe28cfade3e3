//! The sums over one text.

use super::{GOLDEN, HEADS, LANES, Model, PHRASE, ROW_BITS, STEM, Scores, WordRow, top};
use crate::detectors::content_safety::reading::{SENTENCE_WORDS_MAX, Sink, WORD_BYTES_MAX};

/// FNV-1a, 64 and 32 bits.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;
const OFFSET_32: u32 = 0x811c_9dc5;
const PRIME_32: u32 = 0x0100_0193;

/// Pairs of up to 64 concepts, as bits.
const MET_WORDS: usize = 33;

/// The lane that sums the squares of the rows' weights.
const SQUARES: usize = HEADS;

/// The sums over one text, word by word.
#[derive(Debug)]
pub(super) struct Tally<'m> {
    model: &'m Model,
    /// Over words and pairs of them.
    first: [i32; LANES],
    /// Over runs of letters.
    second: [i32; LANES],
    /// The hashes of the sentence's words so far, and the rows of those that are known.
    /// They are summed when the sentence ends: then one row is not waited for to find the
    /// next.
    hashes: [u64; SENTENCE_WORDS_MAX],
    rows: [Option<&'m WordRow>; SENTENCE_WORDS_MAX],
    words: usize,
    /// The concepts of the sentence so far.
    concepts: u64,
    /// Which pairs of concepts have met.
    met: [u64; MET_WORDS],
}

impl<'m> Tally<'m> {
    pub(super) const fn new(model: &'m Model) -> Self {
        Self {
            model,
            first: [0; LANES],
            second: [0; LANES],
            hashes: [0; SENTENCE_WORDS_MAX],
            rows: [None; SENTENCE_WORDS_MAX],
            words: 0,
            concepts: 0,
            met: [0; MET_WORDS],
        }
    }

    /// The probability of each head.
    pub(super) fn scores(&self) -> Scores {
        let met: u32 = self.met.iter().map(|bits| bits.count_ones()).sum();
        let mut concepts = [0; LANES];
        for (word, bits) in self.met.iter().enumerate() {
            for bit in ones(*bits) {
                if let Some(row) = self.model.met.get(word * 64 + bit) {
                    add(&mut concepts, row);
                }
            }
        }
        let sums = [self.first, self.second, concepts];
        let lengths = [
            length(&self.first),
            length(&self.second),
            approximate(met.max(1)).sqrt().sqrt(),
        ];
        let mut scores = [0.0; HEADS];
        for (index, score) in scores.iter_mut().enumerate() {
            let head = self.model.head(index);
            let mut total = head.bias;
            for ((sum, length), scale) in sums.iter().zip(lengths).zip(head.scale) {
                let sum = sum.get(index).copied().unwrap_or_default();
                total += signed(sum) * scale / length;
            }
            *score = 1.0 / (1.0 + (-(head.slope * total + head.offset)).exp());
        }
        scores
    }

    /// Runs of three to five bytes of the word between `<` and `>`.
    fn grams(&mut self, word: &[u8]) {
        let mut padded = [b'>'; WORD_BYTES_MAX + 2];
        if let Some(place) = padded.get_mut(1..=word.len()) {
            place.copy_from_slice(word);
        }
        padded[0] = b'<';
        let end = padded.len().min(word.len() + 2);
        for start in 0..word.len() {
            let mut hash = OFFSET_32;
            let run = padded.get(start..end.min(start + 5)).unwrap_or_default();
            for (offset, byte) in run.iter().enumerate() {
                hash = (hash ^ u32::from(*byte)).wrapping_mul(PRIME_32);
                if offset >= 2 {
                    let mixed = (hash ^ (hash >> 15)).wrapping_mul(0x85eb_ca6b);
                    let row = usize::try_from(mixed >> (u32::BITS - ROW_BITS)).unwrap_or_default();
                    if let Some(row) = self.model.grams.get(row) {
                        add(&mut self.second, row);
                    }
                }
            }
        }
    }

    /// Sums the rows of the sentence's words and of its pairs of neighbours.
    fn sum(&mut self) {
        let count = std::mem::take(&mut self.words);
        let model = self.model;
        let (mut first, mut second) = (self.first, self.second);
        for row in self.rows.iter().take(count).flatten() {
            add(&mut first, &row.word);
            add(&mut second, &row.grams);
            self.concepts |= row.concepts;
        }
        let hashes = self.hashes.get(..count).unwrap_or_default();
        for (before, hash) in hashes.iter().zip(hashes.iter().skip(1)) {
            let pair = (before.rotate_left(5) ^ hash).wrapping_mul(GOLDEN);
            let pair = pair ^ (pair >> 29);
            if let Some(row) = model.pairs.get(top(pair, ROW_BITS)) {
                add(&mut first, row);
            }
            self.concepts |= model.concepts(pair ^ PHRASE);
        }
        (self.first, self.second) = (first, second);
    }

    /// The concepts of the stems of a word.
    fn stems(&self, word: &[u8]) -> u64 {
        let mut concepts = 0;
        let mut hash = OFFSET;
        let mut characters = 0;
        for (index, byte) in word.iter().enumerate() {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(PRIME);
            let next = word.get(index + 1).copied().unwrap_or_default();
            if next & 0xc0 != 0x80 {
                characters += 1;
                if characters >= 3 {
                    concepts |= self.model.concepts(mix(hash) ^ STEM);
                }
            }
        }
        concepts
    }
}

impl Sink for Tally<'_> {
    fn word(&mut self, word: &[u8]) {
        let hash = hash(word);
        let row = self.model.word(hash);
        if row.is_none() {
            self.grams(word);
            self.concepts |= self.stems(word) | self.model.concepts(hash);
        }
        let places = (self.hashes.iter_mut().zip(&mut self.rows)).nth(self.words);
        if let Some((hash_place, row_place)) = places {
            (*hash_place, *row_place) = (hash, row);
            self.words += 1;
        }
    }

    fn end_sentence(&mut self) {
        self.sum();
        let concepts = std::mem::take(&mut self.concepts);
        let count = self.model.concepts;
        for one in ones(concepts) {
            // Pairs are numbered row by row; a row begins with the concept itself.
            let row = one * count - one * one.saturating_sub(1) / 2;
            for other in ones(concepts >> one) {
                let pair = row + other;
                if let Some(word) = self.met.get_mut(pair / 64) {
                    *word |= 1 << (pair % 64);
                }
            }
        }
    }
}

fn hash(word: &[u8]) -> u64 {
    let raw = word.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(PRIME)
    });
    mix(raw)
}

const fn mix(hash: u64) -> u64 {
    (hash ^ (hash >> 32)).wrapping_mul(GOLDEN)
}

/// The places of the bits that are set, from the lowest.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = usize::try_from(bits.trailing_zeros()).ok()?;
        bits = bits.checked_sub(1)? & bits;
        Some(place)
    })
}

fn add<T: Copy + Into<i32>>(sums: &mut [i32; LANES], row: &[T; LANES]) {
    for (sum, lane) in sums.iter_mut().zip(row) {
        *sum = sum.wrapping_add((*lane).into());
    }
}

/// What sums are divided by: the root of the summed squares.
fn length(sums: &[i32; LANES]) -> f32 {
    let squares = sums.get(SQUARES).copied().unwrap_or_default();
    signed(squares).sqrt().max(1e-6)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of weights: the first digits count"
)]
const fn signed(sum: i32) -> f32 {
    sum as f32
}

#[expect(clippy::cast_precision_loss, reason = "a count of pairs: below 2^24")]
const fn approximate(count: u32) -> f32 {
    count as f32
}
