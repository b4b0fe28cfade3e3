//! A histogram with fixed bounds: of durations, or of ratios.

/// Upper bounds in billionths, and as Prometheus writes them.
type Bounds = [(u64, &'static str); 16];

/// Upper bounds in nanoseconds, and as Prometheus writes them in seconds.
static DURATIONS: Bounds = [
    (1_000_000, "0.001"),
    (5_000_000, "0.005"),
    (10_000_000, "0.01"),
    (25_000_000, "0.025"),
    (50_000_000, "0.05"),
    (100_000_000, "0.1"),
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (1_000_000_000, "1.0"),
    (2_500_000_000, "2.5"),
    (5_000_000_000, "5.0"),
    (10_000_000_000, "10.0"),
    (30_000_000_000, "30.0"),
    (60_000_000_000, "60.0"),
    (120_000_000_000, "120.0"),
    (300_000_000_000, "300.0"),
];

/// Ratios, close together around one.
static RATIOS: Bounds = [
    (250_000_000, "0.25"),
    (500_000_000, "0.5"),
    (700_000_000, "0.7"),
    (800_000_000, "0.8"),
    (900_000_000, "0.9"),
    (950_000_000, "0.95"),
    (980_000_000, "0.98"),
    (1_000_000_000, "1.0"),
    (1_020_000_000, "1.02"),
    (1_050_000_000, "1.05"),
    (1_100_000_000, "1.1"),
    (1_250_000_000, "1.25"),
    (1_500_000_000, "1.5"),
    (2_000_000_000, "2.0"),
    (4_000_000_000, "4.0"),
    (8_000_000_000, "8.0"),
];

/// Counts by bucket, not cumulative; the last bucket has no bound.
#[derive(Clone, Copy, Debug)]
pub(super) struct Histogram {
    bounds: &'static Bounds,
    counts: [u64; 17],
    sum: u64,
}

impl Default for Histogram {
    /// One of durations.
    fn default() -> Self {
        Self {
            bounds: &DURATIONS,
            counts: [0; 17],
            sum: 0,
        }
    }
}

impl Histogram {
    /// One of ratios.
    pub(super) fn of_ratios() -> Self {
        Self {
            bounds: &RATIOS,
            ..Self::default()
        }
    }

    /// Adds a value in billionths: nanoseconds of seconds.
    pub(super) fn observe(&mut self, value: u64) {
        let bucket = self.bounds.partition_point(|(bound, _)| *bound < value);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum = self.sum.saturating_add(value);
    }

    /// Cumulative counts with their bounds, `+Inf` last.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let bounds = self.bounds.iter().map(|(_, text)| *text).chain(["+Inf"]);
        bounds.zip(self.counts).scan(0, |sum, (bound, count)| {
            *sum += count;
            Some((bound, *sum))
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The sum of all values, in billionths.
    pub(super) const fn sum(&self) -> u64 {
        self.sum
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;

    #[test]
    fn a_value_on_a_bound_belongs_to_its_bucket() {
        let mut histogram = Histogram::default();
        for nanoseconds in [
            0,
            1_000_000,
            1_000_001,
            300_000_000_000,
            300_000_000_001,
            u64::MAX,
        ] {
            histogram.observe(nanoseconds);
        }
        let buckets: Vec<_> = histogram.buckets().collect();
        assert_eq!(buckets[..3], [("0.001", 2), ("0.005", 3), ("0.01", 3)]);
        assert_eq!(buckets[15..], [("300.0", 4), ("+Inf", 6)]);
        assert_eq!((histogram.count(), histogram.sum()), (6, u64::MAX));
    }
}
