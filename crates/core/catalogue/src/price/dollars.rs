//! Dollars as people write them, without a float.

use std::fmt;

use crate::words::Unit;

/// Pico-dollars for one from dollars for a million: `0.075` is 75 000. `None` where it is
/// no number, is negative, or cannot be said exactly.
#[must_use]
pub fn per_million(text: &str) -> Option<u64> {
    scaled(text, 6)
}

/// Pico-dollars for one from dollars for one.
#[must_use]
pub fn per_one(text: &str) -> Option<u64> {
    scaled(text, 12)
}

/// A decimal number times a power of ten, exactly.
fn scaled(text: &str, places: usize) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) || fraction.len() > places {
        return None;
    }
    if text.ends_with('.') {
        return None;
    }
    format!("{whole}{fraction:0<places$}")
        .parse()
        .ok()
        .filter(|picodollars| *picodollars < u64::MAX)
}

/// A rate as people write it: dollars for a million tokens, or for one of other units.
#[derive(Clone, Copy, Debug)]
pub struct Dollars {
    /// What is charged.
    pub unit: Unit,
    /// In pico-dollars.
    pub picodollars: u64,
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = if self.unit.is_million() { 6 } else { 12 };
        let one = 10_u64.pow(places);
        let fraction = self.picodollars % one;
        let digits = format!("{fraction:0width$}", width = places as usize);
        let digits = digits.trim_end_matches('0');
        write!(f, "{}", self.picodollars / one)?;
        match digits.len() {
            0 => Ok(()),
            1 => write!(f, ".{digits}0"),
            _ => write!(f, ".{digits}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Dollars, Unit, per_million, per_one};

    #[test]
    fn dollars_are_read_exactly_or_not_at_all() {
        assert_eq!(per_million("0.075"), Some(75_000));
        assert_eq!(per_million("15"), Some(15_000_000));
        assert_eq!(per_million("0.000001"), Some(1));
        assert_eq!(per_one("0.01"), Some(10_000_000_000));
        for text in [
            "",
            ".",
            "1.",
            ".5",
            "-1",
            "1e3",
            "0.0000001",
            "1,5",
            "99999999999999999999",
        ] {
            assert_eq!(per_million(text), None, "{text}");
        }
    }

    #[test]
    fn dollars_are_written_as_they_are_read() {
        for (text, shown) in [
            ("0.075", "0.075"),
            ("15", "15"),
            ("2.5", "2.50"),
            ("0.02", "0.02"),
        ] {
            let picodollars = per_million(text).unwrap();
            let dollars = Dollars {
                unit: Unit::Input,
                picodollars,
            };
            assert_eq!(dollars.to_string(), shown);
        }
        let dollars = Dollars {
            unit: Unit::Search,
            picodollars: 10_000_000_000,
        };
        assert_eq!(dollars.to_string(), "0.01");
    }
}
