//! A day, in two bytes.

use std::fmt;

/// Days since the first of January 2020, UTC; enough for 179 years.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u16);

/// From the first of January 1970 to that of 2020.
const EPOCH: i64 = 18_262;
const SECONDS: i64 = 86_400;

impl Day {
    /// Before every other day.
    pub const FIRST: Self = Self(0);

    /// The day with this number, as [`number`](Self::number) gave it.
    #[must_use]
    pub const fn from_number(number: u16) -> Self {
        Self(number)
    }

    /// Days since the first of January 2020.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// The day of a moment, in seconds since 1970; the nearest that can be said.
    #[must_use]
    pub fn of_unix(seconds: i64) -> Self {
        let days = seconds.div_euclid(SECONDS) - EPOCH;
        Self(u16::try_from(days.max(0)).unwrap_or(u16::MAX))
    }

    /// Reads `2026-08-31`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut part = |digits: usize| {
            let text = parts.next().filter(|text| text.len() == digits)?;
            text.parse::<i64>().ok()
        };
        let (year, month, day) = (part(4)?, part(2)?, part(2)?);
        let days = days_from_civil(year, month, day) - EPOCH;
        let found = u16::try_from(days).ok().map(Self)?;
        // A day that does not exist comes out as another one.
        (found.to_string() == text).then_some(found)
    }
}

/// `2026-08-31`.
impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = civil_from_days(i64::from(self.0) + EPOCH);
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days since 1970 of a date of the Gregorian calendar: years begin in March, so that the
/// odd day stands at their end.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let months = (month + 9) % 12;
    let of_year = (153 * months + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let months = (5 * of_year + 2) / 153;
    let day = of_year - (153 * months + 2) / 5 + 1;
    let month = if months < 10 { months + 3 } else { months - 9 };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_is_read_and_written_alike() {
        for text in ["2020-01-01", "2024-02-29", "2026-12-31", "2100-03-01"] {
            assert_eq!(Day::parse(text).unwrap().to_string(), text);
        }
        for number in 0..u16::MAX {
            let day = Day::from_number(number);
            assert_eq!(Day::parse(&day.to_string()), Some(day));
        }
    }

    #[test]
    fn what_is_no_day_is_not_read() {
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2025-02-29",
            "2026-1-01",
            "1999-01-01",
            "x",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_is_on_its_day() {
        assert_eq!(Day::of_unix(1_767_225_599).to_string(), "2025-12-31");
        assert_eq!(Day::of_unix(1_767_225_600).to_string(), "2026-01-01");
        assert_eq!(Day::of_unix(-5), Day::FIRST);
        assert_eq!(Day::of_unix(i64::MAX).number(), u16::MAX);
    }
}
