//! What providers reported corrects what is estimated next.
//!
//! For each model at a provider one slot of a table of fixed size holds the ratio of
//! reported to estimated tokens: a moving mean, and two ratios that few prompts lie
//! below and above. One thread writes, when requests are settled; requests read. All
//! of it is three atomics in a slot: nobody waits, and who reads while another writes
//! gets numbers that are a request older. It lives as long as the process: a new
//! configuration changes nothing about how a model counts.

use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

mod ratio;

use ratio::{Learned, ONE};

/// Models that are told apart. Where all places of one are taken, that goes of which least is
/// known: callers may name as many models as they like.
const SLOTS: usize = 1_024;
/// Places that are looked at for a model.
const PROBES: usize = 8;

/// A model at a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

/// What is known of all models.
pub struct Calibration {
    slots: Box<[Slot]>,
    hasher: std::hash::RandomState,
}

#[derive(Default)]
struct Slot {
    /// 0 where it is free.
    key: AtomicU64,
    learned: AtomicU64,
    weight: AtomicU64,
}

/// How estimates of a model are corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction(Learned);

impl Default for Correction {
    /// That of a model of which nothing was reported yet.
    fn default() -> Self {
        Self(Learned::NOTHING)
    }
}

impl Correction {
    /// The best guess.
    #[must_use]
    pub fn tokens(&self, raw: u64) -> u64 {
        times(raw, self.0.mean)
    }

    /// One prompt in a hundred has fewer.
    #[must_use]
    pub fn low(&self, raw: u64) -> u64 {
        times(raw, self.0.low.min(self.0.mean))
    }

    /// One prompt in a hundred has more.
    #[must_use]
    pub fn high(&self, raw: u64) -> u64 {
        times(raw, self.0.high.max(self.0.mean))
    }
}

fn times(raw: u64, ratio: u16) -> u64 {
    let ratio = u64::from(ratio);
    match raw.checked_mul(ratio) {
        // What is not nothing stays something.
        Some(product) => (product / ONE).max(u64::from(raw > 0)),
        None => (raw / ONE).saturating_mul(ratio),
    }
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect(),
            hasher: std::hash::RandomState::new(),
        }
    }
}

impl std::fmt::Debug for Calibration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calibration").finish_non_exhaustive()
    }
}

impl Calibration {
    /// The key of a model at a provider, both by name.
    #[must_use]
    pub fn key(&self, provider: &str, model: &str) -> Key {
        let mut hasher = self.hasher.build_hasher();
        hasher.write(provider.as_bytes());
        hasher.write_u8(0xFF);
        hasher.write(model.as_bytes());
        Key(hasher.finish().max(1))
    }

    /// What is known of a model.
    #[must_use]
    pub fn correction(&self, key: Key) -> Correction {
        let known = self
            .places(key)
            .find(|slot| slot.key.load(Relaxed) == key.0);
        known.map_or_else(Correction::default, |slot| {
            Correction(Learned::unpacked(slot.learned.load(Relaxed)))
        })
    }

    /// Learns what a provider reported for a prompt whose uncorrected estimate
    /// ([`Estimate::raw`](crate::Estimate)) was `raw`. Meant for one thread: of two at once
    /// one may be forgotten.
    pub fn learn(&self, key: Key, raw: u64, reported: u64) {
        if raw == 0 || reported == 0 {
            return;
        }
        let slot = self.place(key);
        let Some(slot) = slot.or_else(|| self.vacated(key)) else {
            return;
        };
        let weight = slot.weight.load(Relaxed);
        let before = Learned::unpacked(slot.learned.load(Relaxed));
        let (after, weight) = before.with(weight, raw, reported);
        slot.learned.store(after.packed(), Relaxed);
        slot.weight.store(weight, Relaxed);
    }

    /// The places where a model may be.
    fn places(&self, key: Key) -> impl Iterator<Item = &Slot> {
        let first = usize::try_from(key.0 % SLOTS as u64).unwrap_or_default();
        self.slots.iter().cycle().skip(first).take(PROBES)
    }

    /// The place of a model, a new one where it has none and one is free.
    fn place(&self, key: Key) -> Option<&Slot> {
        for slot in self.places(key) {
            let owner = slot.key.load(Relaxed);
            if owner == key.0 {
                return Some(slot);
            }
            if owner == 0 {
                slot.learned.store(Learned::NOTHING.packed(), Relaxed);
                if slot
                    .key
                    .compare_exchange(0, key.0, Relaxed, Relaxed)
                    .is_ok()
                {
                    return Some(slot);
                }
            }
        }
        None
    }

    /// The place that the model of which least is known gives up for another.
    fn vacated(&self, key: Key) -> Option<&Slot> {
        let slots = self.places(key);
        let slot = slots.min_by_key(|slot| slot.weight.load(Relaxed))?;
        slot.learned.store(Learned::NOTHING.packed(), Relaxed);
        slot.weight.store(0, Relaxed);
        slot.key.store(key.0, Relaxed);
        Some(slot)
    }
}

#[cfg(test)]
mod tests;
