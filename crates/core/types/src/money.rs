//! Money as an integer.

use std::fmt;
use std::ops::AddAssign;

/// An amount in nano-dollars (10⁻⁹ USD).
///
/// A token of the cheapest model costs some tens of nano-dollars, so sums of
/// whole tokens are exact. `i64` holds 9.2 billion dollars; arithmetic saturates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// No money.
    pub const ZERO: Self = Self(0);

    /// An amount given in nano-dollars.
    #[must_use]
    pub const fn from_nanodollars(nanodollars: i64) -> Self {
        Self(nanodollars)
    }

    /// The amount in nano-dollars.
    #[must_use]
    pub const fn nanodollars(self) -> i64 {
        self.0
    }

    /// This amount, `count` times; saturating.
    #[must_use]
    pub fn times(self, count: u64) -> Self {
        Self(
            self.0
                .saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)),
        )
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.0 = self.0.saturating_add(other.0);
    }
}

/// Dollars with nine decimals: `0.000012500`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        write!(
            f,
            "{sign}{}.{:09}",
            amount / 1_000_000_000,
            amount % 1_000_000_000
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Money;

    #[test]
    fn displays_nine_decimals_and_the_sign() {
        assert_eq!(Money::from_nanodollars(12_500).to_string(), "0.000012500");
        assert_eq!(
            Money::from_nanodollars(-1_500_000_000).to_string(),
            "-1.500000000"
        );
    }

    #[test]
    fn saturates_instead_of_wrapping() {
        let mut all = Money::from_nanodollars(i64::MAX);
        all += Money::from_nanodollars(1);
        assert_eq!(all.nanodollars(), i64::MAX);
        assert_eq!(
            Money::from_nanodollars(2).times(u64::MAX).nanodollars(),
            i64::MAX
        );
    }
}
