//! A histogram of durations with fixed bounds.

/// Upper bounds in nanoseconds, and as Prometheus writes them in seconds.
pub(super) const BOUNDS: [(u64, &str); 16] = [
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

/// Counts by bucket, not cumulative; the last bucket has no bound.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Histogram {
    counts: [u64; BOUNDS.len() + 1],
    sum_ns: u64,
}

impl Histogram {
    pub(super) fn observe(&mut self, nanoseconds: u64) {
        let bucket = BOUNDS.partition_point(|(bound, _)| *bound < nanoseconds);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count += 1;
        }
        self.sum_ns = self.sum_ns.saturating_add(nanoseconds);
    }

    /// Cumulative counts with their bounds in seconds, `+Inf` last.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let bounds = BOUNDS.iter().map(|(_, text)| *text).chain(["+Inf"]);
        bounds.zip(self.counts).scan(0, |sum, (bound, count)| {
            *sum += count;
            Some((bound, *sum))
        })
    }

    pub(super) fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    pub(super) const fn sum_ns(&self) -> u64 {
        self.sum_ns
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
        assert_eq!((histogram.count(), histogram.sum_ns()), (6, u64::MAX));
    }
}
