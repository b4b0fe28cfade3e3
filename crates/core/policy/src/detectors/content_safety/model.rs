//! The model: what it knows, and the scores it gives a text.
//!
//! A text's score for a head is a sum over its words, the pairs of neighbouring words,
//! the runs of three to five letters in its words, and the pairs of concepts that meet in
//! a sentence; each sum is divided by a length, and the total becomes a probability.
//! The bytes are written by `training/content_safety/export.py`, which says what is where.

mod bytes;
mod glances;
mod tally;

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
pub(super) use glances::{Glances, KINDS, Kinds};
use tally::Tally;

/// How many numbers a row has: one per head, then the square of the row's own weight.
const LANES: usize = 16;

/// Each head is one question about a text.
pub(super) const HEADS: usize = 10;

/// How many bits of a hash choose a row of the tables of pairs and of runs of letters.
const ROW_BITS: u32 = 16;

/// How many bits of a hash say at once that it is not known.
const BEGUN_BITS: u32 = 16;

/// Spreads a hash over all bits.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// What stands between the hashes of words, of stems and of phrases in one table.
const STEM: u64 = 0x5354_454d_5354_454d;
const PHRASE: u64 = 0x5048_5241_5345_5048;

static EMBEDDED: LazyLock<Option<Arc<Model>>> =
    LazyLock::new(|| Model::parse(include_bytes!("model.bin")).map(Arc::new));

/// The probability of each head.
pub(super) type Scores = [f32; HEADS];

/// What the model knows.
#[derive(Debug)]
pub(super) struct Model {
    heads: [Head; HEADS],
    latin: Box<[u8]>,
    /// 16 bits of a word's hash and the number of its row plus one; 0 is empty.
    slots: Box<[u32]>,
    words: Box<[WordRow]>,
    pairs: Box<[[i8; LANES]]>,
    grams: Box<[[i8; LANES]]>,
    /// Hashes of words, stems and phrases, and the concepts they stand for.
    known: Box<[(u64, u64)]>,
    /// One bit for the first bits of a hash: whether any that begins so is known. Most are
    /// not, and this is small enough to be near.
    begun: Box<[u64]>,
    /// By the number of a pair of concepts.
    met: Box<[[i16; LANES]]>,
    concepts: usize,
    glances: Glances,
}

/// One head's numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Head {
    /// What one unit of the sums over words and pairs, runs of letters, and concepts is.
    scale: [f32; 3],
    bias: f32,
    slope: f32,
    offset: f32,
    /// The probability from which on a finding is likely: the limit with the best F1.
    pub(super) likely: f32,
    /// The probability from which on a finding is right often enough to act on.
    pub(super) acting: f32,
}

/// A word that the training knew, with all that depends on it alone.
#[derive(Clone, Copy, Debug)]
struct WordRow {
    word: [i16; LANES],
    grams: [i16; LANES],
    concepts: u64,
}

impl Model {
    /// The model in this binary; `None` if its bytes are not a model, which a test rules out.
    pub(super) fn embedded() -> Option<Arc<Self>> {
        EMBEDDED.clone()
    }

    /// Reads a model from its bytes; `None` when they are none.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let mut bytes = Bytes::new(bytes);
        if bytes.take(8)? != b"TGSAFE03" {
            return None;
        }
        let mut counts = [0; 6];
        for count in &mut counts {
            *count = usize::try_from(bytes.u32()?).ok()?;
        }
        let [heads_count, words, slots, concepts, known, met] = counts;
        if heads_count != HEADS || concepts > 64 || !slots.is_power_of_two() {
            return None;
        }
        if !known.is_power_of_two() || slots < 2 || known < 2 {
            return None;
        }
        let mut heads = [Head::default(); HEADS];
        for head in &mut heads {
            *head = Head::parse(&mut bytes)?;
        }
        let latin = bytes.take(0x190 + 0x100)?.into();
        Some(
            Self {
                heads,
                latin,
                slots: (0..slots).map(|_| bytes.u32()).collect::<Option<_>>()?,
                words: (0..words)
                    .map(|_| WordRow::parse(&mut bytes))
                    .collect::<Option<_>>()?,
                pairs: (0..1 << ROW_BITS)
                    .map(|_| bytes.row())
                    .collect::<Option<_>>()?,
                grams: (0..1 << ROW_BITS)
                    .map(|_| bytes.row())
                    .collect::<Option<_>>()?,
                known: (0..known)
                    .map(|_| Some((bytes.u64()?, bytes.u64()?)))
                    .collect::<Option<_>>()?,
                begun: Box::default(),
                met: (0..met)
                    .map(|_| bytes.wide_row(HEADS))
                    .collect::<Option<_>>()?,
                concepts,
                glances: Glances::parse(&mut bytes)?,
            }
            .begun(),
        )
    }

    /// With what is known by its first bits.
    fn begun(mut self) -> Self {
        let mut begun = vec![0; 1 << (BEGUN_BITS - 6)];
        for (hash, _) in self.known.iter().filter(|(_, concepts)| *concepts != 0) {
            let start = top(*hash, BEGUN_BITS);
            if let Some(word) = begun.get_mut(start / 64) {
                *word |= 1 << (start % 64);
            }
        }
        self.begun = begun.into();
        self
    }

    /// What the first glance goes by.
    pub(super) const fn glances(&self) -> &Glances {
        &self.glances
    }

    /// The base letters of the Latin blocks.
    pub(super) const fn latin(&self) -> &[u8] {
        &self.latin
    }

    /// The numbers of a head.
    pub(super) fn head(&self, head: usize) -> Head {
        self.heads.get(head).copied().unwrap_or_default()
    }

    /// The probability of each head for a text.
    pub(super) fn scores(&self, text: &[u8]) -> Scores {
        let mut tally = Tally::new(self);
        super::reading::read(text, &self.latin, &mut tally);
        tally.scores()
    }

    /// The row of a word by its hash.
    fn word(&self, hash: u64) -> Option<&WordRow> {
        let mut slot = top(hash, self.slots.len().trailing_zeros());
        let tag = (hash >> 16) & 0xffff;
        for _ in 0..self.slots.len() {
            let entry = *self.slots.get(slot)?;
            if entry == 0 {
                return None;
            }
            if u64::from(entry >> 16) == tag {
                let index = usize::try_from(entry & 0xffff).ok()?;
                return self.words.get(index.checked_sub(1)?);
            }
            slot = (slot + 1) % self.slots.len();
        }
        None
    }

    /// The concepts behind a hash.
    fn concepts(&self, hash: u64) -> u64 {
        let start = top(hash, BEGUN_BITS);
        let begun = self.begun.get(start / 64).copied().unwrap_or_default();
        if begun >> (start % 64) & 1 == 0 {
            return 0;
        }
        let mut slot = top(hash, self.known.len().trailing_zeros());
        for _ in 0..self.known.len() {
            match self.known.get(slot) {
                Some((key, concepts)) if *key == hash && *concepts != 0 => return *concepts,
                None | Some((_, 0)) => return 0,
                Some(_) => slot = (slot + 1) % self.known.len(),
            }
        }
        0
    }
}

impl Head {
    fn parse(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            scale: [bytes.f32()?, bytes.f32()?, bytes.f32()?],
            bias: bytes.f32()?,
            slope: bytes.f32()?,
            offset: bytes.f32()?,
            likely: bytes.f32()?,
            acting: bytes.f32()?,
        })
    }
}

impl WordRow {
    fn parse(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(Self {
            word: bytes.wide_row(HEADS + 1)?,
            grams: bytes.wide_row(HEADS + 1)?,
            concepts: bytes.u64()?,
        })
    }
}

/// The highest bits of a hash, as an index.
fn top(hash: u64, bits: u32) -> usize {
    usize::try_from(hash >> (u64::BITS - bits)).unwrap_or_default()
}
