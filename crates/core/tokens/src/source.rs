//! What a number of tokens is worth.

/// Where a number of tokens comes from, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The provider said it.
    Reported,
    /// Counted with the model's own vocabulary.
    Counted,
    /// Counted with another vocabulary, or estimated.
    Estimated,
    /// Nobody said it, and there was nothing to count.
    Unknown,
}

impl Source {
    /// The word for logs and traces: `reported`, `counted`, `estimated` or `unknown`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Counted => "counted",
            Self::Estimated => "estimated",
            Self::Unknown => "unknown",
        }
    }

    /// The less certain of two sources: what a sum of both is.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        self.max(other)
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn a_sum_is_as_good_as_its_worst_part() {
        assert_eq!(Source::Reported.worse(Source::Estimated), Source::Estimated);
        assert_eq!(Source::Counted.worse(Source::Reported), Source::Counted);
    }
}
