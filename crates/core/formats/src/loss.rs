//! What a translation could not carry.

use smallvec::SmallVec;

/// Something a target's format cannot carry.
///
/// Names are stable: they appear in `x-tollgate-loss`, in the `loss` label of the
/// metric and in `translation: strict` refusals.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Loss {
    /// A parameter that the target's format does not have (`seed`, `logit_bias` …).
    Parameter(&'static str),
    /// A field nobody here knows; the name is the caller's, bounded and sanitised.
    Unknown(Box<str>),
    /// A kind of content part (`audio`, `document` …).
    Content(&'static str),
}

/// The losses of one translation, without repeats, in the order met; at most
/// [`Losses::MAX`] are kept and the rest is counted.
#[derive(Clone, Debug, Default)]
pub struct Losses {
    items: SmallVec<[Loss; 4]>,
    more: u32,
}

impl Losses {
    /// How many distinct losses are named; a caller's hostile body cannot grow a header.
    pub const MAX: usize = 16;

    /// Records a loss once.
    pub fn add(&mut self, loss: Loss) {
        if self.items.contains(&loss) {
            return;
        }
        if self.items.len() < Self::MAX {
            self.items.push(loss);
        } else {
            self.more = self.more.saturating_add(1);
        }
    }

    /// True when everything was carried.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The named losses.
    pub fn iter(&self) -> impl Iterator<Item = &Loss> {
        self.items.iter()
    }

    /// How many were not named for want of room.
    #[must_use]
    pub const fn more(&self) -> u32 {
        self.more
    }
}
