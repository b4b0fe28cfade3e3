//! What the first glance goes by: weights of words, and how much of a kind is enough.

use super::bytes::Bytes;
use super::{GOLDEN, top};

/// The kinds that are summed apart: hate, violence, self-harm, sexual content of any
/// sort, harassment, help with crimes.
pub(in crate::detectors::content_safety) const KINDS: usize = 6;

/// How many bits of a hash choose a bucket of two slots.
const BUCKET_BITS: u32 = 13;

/// How many bits of a slot are its key's; above them is a byte of weight for each kind.
const TAG_BITS: u32 = 16;

/// Where they are in the key's hash: below those of the bucket, above all that depends on
/// the first letters only.
const TAG_SHIFT: u32 = u64::BITS - BUCKET_BITS - TAG_BITS;

/// Every second byte, each with room for a byte of carry above it.
const EVERY_SECOND: u64 = 0x00ff_00ff_00ff;

/// Weights by kind, packed: those of 257 words fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::detectors::content_safety) struct Kinds {
    even: u64,
    odd: u64,
}

impl Kinds {
    const fn of(slot: u64) -> Self {
        Self {
            even: slot >> TAG_BITS & EVERY_SECOND,
            odd: slot >> (TAG_BITS + 8) & EVERY_SECOND,
        }
    }

    pub(in crate::detectors::content_safety) const fn add(&mut self, other: Self) {
        self.even = self.even.wrapping_add(other.even);
        self.odd = self.odd.wrapping_add(other.odd);
    }

    /// The sum of each kind.
    pub(in crate::detectors::content_safety) fn unpacked(self) -> [u32; KINDS] {
        let [even, odd] = [self.even, self.odd].map(|sums| {
            let [a, b, c, d, e, f, ..] = sums.to_le_bytes();
            [[a, b], [c, d], [e, f]].map(|sum| u32::from(u16::from_le_bytes(sum)))
        });
        [even[0], odd[0], even[1], odd[1], even[2], odd[2]]
    }
}

/// How much of a kind is enough to look closely, in units of weight.
#[derive(Clone, Copy, Debug, Default)]
struct Enough {
    /// For each word of the stretch.
    word: f32,
    /// For the stretch.
    stretch: f32,
}

/// What the first glance goes by.
#[derive(Debug)]
pub(in crate::detectors::content_safety) struct Glances {
    enough: [Enough; KINDS],
    /// Two slots a bucket: bits of a key's hash and its weights. An empty one weighs nothing.
    buckets: Box<[[u64; 2]]>,
}

impl Glances {
    pub(super) fn parse(bytes: &mut Bytes<'_>) -> Option<Self> {
        let mut enough = [Enough::default(); KINDS];
        for enough in &mut enough {
            *enough = Enough {
                word: bytes.f32()?,
                stretch: bytes.f32()?,
            };
        }
        Some(Self {
            enough,
            buckets: (0..1 << BUCKET_BITS)
                .map(|_| Some([bytes.u64()?, bytes.u64()?]))
                .collect::<Option<_>>()?,
        })
    }

    /// The weights of a key: a word's first letters.
    pub(in crate::detectors::content_safety) fn units(&self, key: u64) -> Kinds {
        let hash = key.wrapping_mul(GOLDEN);
        let bucket = self.buckets.get(top(hash, BUCKET_BITS));
        let [one, other] = bucket.copied().unwrap_or_default();
        let is_own = |slot: u64| (slot ^ hash >> TAG_SHIFT).trailing_zeros() >= TAG_BITS;
        // Without branches: which words stand in a text cannot be foreseen.
        let slot = if is_own(one) { one } else { 0 } | if is_own(other) { other } else { 0 };
        Kinds::of(slot)
    }

    /// Whether a stretch with so many words has enough of a kind.
    #[expect(
        clippy::cast_precision_loss,
        reason = "at most 2 KiB of words: below 2^24"
    )]
    pub(in crate::detectors::content_safety) fn are_reached(
        &self,
        sums: [u32; KINDS],
        words: u32,
    ) -> bool {
        let mut pairs = sums.iter().zip(&self.enough);
        pairs.any(|(sum, enough)| *sum as f32 >= enough.word * words as f32 + enough.stretch)
    }
}
