//! Distributions of a duration in milliseconds or of a number of tokens.
//!
//! Written `50` (always), `50..200` (uniform) or `lognormal:120,0.5` (median, sigma of the
//! logarithm). Samples are never negative.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::words::BadWord;

/// No sample is larger: an hour in milliseconds.
const SAMPLE_MAX: f64 = 3_600_000.0;

/// How a value is drawn. The unit belongs to the field that holds it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub enum Distribution {
    /// Always the same value.
    Constant(f64),
    /// Every value of the range is as likely.
    Uniform {
        /// The smallest value.
        from: f64,
        /// The largest value.
        to: f64,
    },
    /// Most values near the median, a few far above it: what providers look like.
    LogNormal {
        /// Half of the values are below.
        median: f64,
        /// Standard deviation of the logarithm; 0.5 puts the 95th percentile at 2.3 times the median.
        sigma: f64,
    },
}

impl Distribution {
    /// Always zero.
    pub const ZERO: Self = Self::Constant(0.0);

    /// Draws one value.
    pub(crate) fn sample(&self, random: &mut Random) -> f64 {
        let value = match *self {
            Self::Constant(value) => value,
            Self::Uniform { from, to } => from + (to - from) * random.unit(),
            Self::LogNormal { median, sigma } => median * (sigma * random.normal()).exp(),
        };
        value.clamp(0.0, SAMPLE_MAX)
    }

    /// Draws one value, rounded to a whole number.
    pub(crate) fn sample_whole(&self, random: &mut Random) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sample lies in 0..=SAMPLE_MAX"
        )]
        let whole = self.sample(random).round() as usize;
        whole
    }
}

impl FromStr for Distribution {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let bad = || {
            BadWord::new(
                text,
                "a distribution",
                "`50`, `50..200` or `lognormal:MEDIAN,SIGMA`, from 0 to 3600000",
            )
        };
        let number = |word: &str| -> Result<f64, BadWord> {
            let value: f64 = word.trim().parse().map_err(|_unread| bad())?;
            if (0.0..=SAMPLE_MAX).contains(&value) {
                Ok(value)
            } else {
                Err(bad())
            }
        };
        if let Some(shape) = text.trim().strip_prefix("lognormal:") {
            let (median, sigma) = shape.split_once(',').ok_or_else(bad)?;
            return Ok(Self::LogNormal {
                median: number(median)?,
                sigma: number(sigma)?,
            });
        }
        if let Some((from, to)) = text.split_once("..") {
            let (from, to) = (number(from)?, number(to)?);
            return if from <= to {
                Ok(Self::Uniform { from, to })
            } else {
                Err(bad())
            };
        }
        number(text).map(Self::Constant)
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::Uniform { from, to } => write!(f, "{from}..{to}"),
            Self::LogNormal { median, sigma } => write!(f, "lognormal:{median},{sigma}"),
        }
    }
}

/// In a file a constant may be written as a number.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Text(String),
}

impl TryFrom<Written> for Distribution {
    type Error = BadWord;

    fn try_from(written: Written) -> Result<Self, BadWord> {
        match written {
            Written::Number(number) => number.to_string().parse(),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Distribution> for Written {
    fn from(distribution: Distribution) -> Self {
        Self::Text(distribution.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distributions_are_read_as_written_and_stay_in_range() {
        for (text, median) in [
            ("50", 50.0),
            ("50..200", 125.0),
            ("lognormal:120,0.5", 120.0),
        ] {
            let distribution: Distribution = text.parse().unwrap();
            assert_eq!(distribution.to_string(), text);
            let mut random = Random::new(1, 1);
            let mut samples: Vec<_> = (0..1001)
                .map(|_| distribution.sample(&mut random))
                .collect();
            samples.sort_by(f64::total_cmp);
            assert!(
                (samples[500] - median).abs() < 10.0,
                "{text}: {}",
                samples[500]
            );
        }
        for text in ["", "-1", "9..3", "lognormal:1", "NaN", "1e99"] {
            assert!(text.parse::<Distribution>().is_err(), "{text}");
        }
        assert_eq!(
            serde_json::from_str::<Distribution>("20").unwrap(),
            Distribution::Constant(20.0)
        );
    }
}
