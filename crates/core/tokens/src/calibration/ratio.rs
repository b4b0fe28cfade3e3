//! Ratios of reported to estimated tokens, and how they move.

/// A ratio of one: ratios are whole numbers of 4096ths.
pub(super) const ONE: u64 = 4_096;
/// No ratio is believed beyond these: an eighth, and eight.
pub(super) const LEAST: u16 = 512;
pub(super) const MOST: u16 = 32_768;

/// Estimates of fewer tokens teach less: what stands around a prompt is most of them.
const WHOLE_TOKENS: u64 = 256;
/// The weight of a report of a whole prompt.
const WHOLE: u64 = 256;
/// What earlier reports weigh together at most, in whole reports.
const MEMORY: u64 = 32;
/// One prompt in so many lies outside a bound.
const ONE_IN: u64 = 100;

/// What was learned of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Learned {
    /// The mean of late.
    pub(super) mean: u16,
    /// One prompt in a hundred lies below.
    pub(super) low: u16,
    /// One prompt in a hundred lies above.
    pub(super) high: u16,
}

impl Learned {
    /// Before anything is known: the estimate itself, half of it, and twice.
    pub(super) const NOTHING: Self = Self {
        mean: 4_096,
        low: 2_048,
        high: 8_192,
    };

    pub(super) const fn packed(self) -> u64 {
        self.mean as u64 | (self.low as u64) << 16 | (self.high as u64) << 32
    }

    pub(super) fn unpacked(packed: u64) -> Self {
        let [m0, m1, l0, l1, h0, h1, ..] = packed.to_le_bytes();
        Self {
            mean: u16::from_le_bytes([m0, m1]),
            low: u16::from_le_bytes([l0, l1]),
            high: u16::from_le_bytes([h0, h1]),
        }
    }

    /// What is known after a report, and what all reports weigh then.
    pub(super) fn with(self, weight: u64, raw: u64, reported: u64) -> (Self, u64) {
        let ratio = ratio(reported, raw);
        let own = WHOLE * raw.min(WHOLE_TOKENS) / WHOLE_TOKENS;
        let own = own.max(1);
        let before = weight.min(MEMORY * WHOLE);
        // Once there is a mean, a report moves it as if it were twice as much at most: a
        // provider that searches the web reads more than the caller sent.
        let believed = if before < 4 * WHOLE {
            ratio
        } else {
            ratio.clamp(self.mean / 2, self.mean.saturating_mul(2))
        };
        let mean =
            (u64::from(self.mean) * before + u64::from(believed) * own + own / 2) / (before + own);
        let step = u64::from(self.mean) * own / WHOLE;
        let learned = Self {
            mean: within(mean),
            low: quantile(self.low, ratio, step, false),
            high: quantile(self.high, ratio, step, true),
        };
        (learned, before + own)
    }
}

/// Moves a bound: far towards a report that lies outside of it, and back by a hundredth of
/// that for every other, so that it rests where one in a hundred lies outside.
fn quantile(bound: u16, ratio: u16, step: u64, is_upper: bool) -> u16 {
    let is_outside = if is_upper {
        ratio > bound
    } else {
        ratio < bound
    };
    // A quarter of the mean, and so a 400th of it back.
    let away = step / 4;
    let moved = if is_outside {
        away * (ONE_IN - 1) / ONE_IN
    } else {
        // Less than one 4096th would never move it.
        (away / ONE_IN).max(1)
    };
    let outwards = is_outside == is_upper;
    let bound = u64::from(bound);
    within(if outwards {
        bound + moved
    } else {
        bound.saturating_sub(moved)
    })
}

fn ratio(reported: u64, raw: u64) -> u16 {
    let ratio = u128::from(reported) * u128::from(ONE) / u128::from(raw.max(1));
    within(u64::try_from(ratio).unwrap_or(u64::MAX))
}

fn within(ratio: u64) -> u16 {
    u16::try_from(ratio).unwrap_or(MOST).clamp(LEAST, MOST)
}
