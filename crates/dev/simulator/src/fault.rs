//! What can go wrong on demand, how it is written, and which request it strikes.
//!
//! A fault is written `NAME[@TOKENS][:DURATION]`: `429`, `429:2s`, `cut@10`, `stall@5:200ms`.
//! The page `docs/reference/simulator.md` holds the table of names.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::words::BadWord;

/// The longest script, in requests.
const SCRIPT_LENGTH_MAX: usize = 100_000;
/// The longest duration in a fault.
const DURATION_MAX: Duration = Duration::from_secs(3600);
/// After how many tokens a fault in mid-stream strikes unless it says so.
const AFTER_DEFAULT: u64 = 5;

/// When a caller that met 429 may come again.
const RETRY_AFTER_DEFAULT: Option<Duration> = Some(Duration::from_secs(1));

const WHAT: &str = "a fault";
const FORMS: &str = "a status from 400 to 599, `slow`, `hang`, `reset`, `empty`, `wrong-type`, \
     `truncated`, `cut`, `stall`, `malformed` or `error`, then `@TOKENS` and `:DURATION` \
     (`200ms`, `2s`) where they apply";

/// One thing that goes wrong with one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// `429`, `503:2s`: an error in the format's own shape.
    Status {
        /// From 400 to 599.
        code: u16,
        /// Sent as `Retry-After`, in whole seconds rounded up, and as `retry-after-ms`.
        /// Default: one second for 429, none otherwise.
        retry_after: Option<Duration>,
    },
    /// `slow:5s`: the first token is late by this much. Default: five seconds.
    Slow {
        /// Added to the time to first token.
        delay: Duration,
    },
    /// `hang`: the request is taken and never answered.
    Hang,
    /// `reset`: the connection is reset before the answer.
    Reset,
    /// `empty`: status 200 and no body.
    Empty,
    /// `wrong-type`: the right body under `text/html`.
    WrongType,
    /// `truncated@5`: the body ends in the middle of a value, but the message is whole for HTTP.
    Truncated {
        /// Tokens before it, in a stream.
        after: u64,
    },
    /// `cut@5`: the connection is closed in mid-answer.
    Cut {
        /// Tokens before it, in a stream.
        after: u64,
    },
    /// `stall@5`, `stall@5:200ms`: nothing comes for a while, or ever again.
    Stall {
        /// Tokens before it, in a stream.
        after: u64,
        /// How long; without end when it is not said.
        pause: Option<Duration>,
    },
    /// `malformed@5`: one event (or the unary body) is not JSON; then the stream goes on.
    Malformed {
        /// Tokens before it, in a stream.
        after: u64,
    },
    /// `error`, `error@5`: an error event inside a 200 stream, which then ends. Without `@` it
    /// comes before the first token. An answer that is no stream gets status 500 (529 for
    /// Messages) instead.
    Error {
        /// Tokens before it.
        after: u64,
    },
}

impl Fault {
    /// Does it strike before there is a status line?
    pub(crate) fn strikes_before_the_head(self) -> bool {
        matches!(self, Self::Status { .. } | Self::Hang | Self::Reset)
    }

    /// Does a stream that it strikes have no proper end?
    pub(crate) fn breaks_a_stream(self) -> bool {
        matches!(
            self,
            Self::Cut { .. }
                | Self::Truncated { .. }
                | Self::Stall { pause: None, .. }
                | Self::Empty
        )
    }
}

impl FromStr for Fault {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let bad = || BadWord::new(text, WHAT, FORMS);
        let (head, duration) = match text.trim().split_once(':') {
            Some((head, duration)) => (head, Some(parse_duration(duration).ok_or_else(bad)?)),
            None => (text.trim(), None),
        };
        let (name, after) = match head.split_once('@') {
            Some((name, after)) => (name, Some(after.parse().map_err(|_unread| bad())?)),
            None => (head, None),
        };
        let middle = after.unwrap_or(AFTER_DEFAULT);
        match (name, after, duration) {
            ("slow", None, delay) => Ok(Self::Slow {
                delay: delay.unwrap_or(Duration::from_secs(5)),
            }),
            ("hang", None, None) => Ok(Self::Hang),
            ("reset", None, None) => Ok(Self::Reset),
            ("empty", None, None) => Ok(Self::Empty),
            ("wrong-type", None, None) => Ok(Self::WrongType),
            ("truncated", _, None) => Ok(Self::Truncated { after: middle }),
            ("cut", _, None) => Ok(Self::Cut { after: middle }),
            ("stall", _, pause) => Ok(Self::Stall {
                after: middle,
                pause,
            }),
            ("malformed", _, None) => Ok(Self::Malformed { after: middle }),
            ("error", _, None) => Ok(Self::Error {
                after: after.unwrap_or(0),
            }),
            (code, None, retry_after) => match code.parse() {
                Ok(code @ 400..=599) => Ok(Self::Status {
                    code,
                    retry_after: retry_after.or(if code == 429 {
                        RETRY_AFTER_DEFAULT
                    } else {
                        None
                    }),
                }),
                _ => Err(bad()),
            },
            _ => Err(bad()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |duration: &Duration| duration.as_millis();
        match self {
            Self::Status {
                code,
                retry_after: Some(wait),
            } => write!(f, "{code}:{}ms", millis(wait)),
            Self::Status { code, .. } => write!(f, "{code}"),
            Self::Slow { delay } => write!(f, "slow:{}ms", millis(delay)),
            Self::Hang => f.write_str("hang"),
            Self::Reset => f.write_str("reset"),
            Self::Empty => f.write_str("empty"),
            Self::WrongType => f.write_str("wrong-type"),
            Self::Truncated { after } => write!(f, "truncated@{after}"),
            Self::Cut { after } => write!(f, "cut@{after}"),
            Self::Stall {
                after,
                pause: Some(pause),
            } => write!(f, "stall@{after}:{}ms", millis(pause)),
            Self::Stall { after, pause: None } => write!(f, "stall@{after}"),
            Self::Malformed { after } => write!(f, "malformed@{after}"),
            Self::Error { after } => write!(f, "error@{after}"),
        }
    }
}

impl TryFrom<String> for Fault {
    type Error = BadWord;

    fn try_from(text: String) -> Result<Self, BadWord> {
        text.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> Self {
        fault.to_string()
    }
}

/// A fault that strikes a share of the requests. Written `429=0.1`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FaultRate {
    /// What goes wrong.
    pub fault: Fault,
    /// For which share of the requests, from 0 to 1.
    pub rate: f64,
}

impl FromStr for FaultRate {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        let bad = || {
            BadWord::new(
                text,
                "a fault with its rate",
                "`FAULT=RATE` with a rate from 0 to 1, for example `429=0.1`",
            )
        };
        let (fault, rate) = text.split_once('=').ok_or_else(bad)?;
        let rate: f64 = rate.trim().parse().map_err(|_unread| bad())?;
        if !(0.0..=1.0).contains(&rate) {
            return Err(bad());
        }
        Ok(Self {
            fault: fault.parse()?,
            rate,
        })
    }
}

impl TryFrom<String> for FaultRate {
    type Error = BadWord;

    fn try_from(text: String) -> Result<Self, BadWord> {
        text.parse()
    }
}

impl From<FaultRate> for String {
    fn from(rate: FaultRate) -> Self {
        format!("{}={}", rate.fault, rate.rate)
    }
}

/// Reads a fault with its rate, as the command line writes it: `429=0.1`, `cut@10=0.02`.
///
/// # Errors
/// When the fault is not known or the rate is not between 0 and 1.
pub fn parse_fault(text: &str) -> Result<FaultRate, BadWord> {
    text.parse()
}

/// Reads a script: what happens to the first request, the second, and so on. `503*2, ok, cut@5`
/// fails the first two with 503, lets the third pass and cuts the fourth; later ones pass.
///
/// # Errors
/// When a fault is not known or the script is longer than 100,000 requests.
pub fn parse_script(text: &str) -> Result<Vec<Option<Fault>>, BadWord> {
    let mut script = Vec::new();
    for word in text
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        let bad = || {
            BadWord::new(
                word,
                "a step of a script",
                "`FAULT`, `ok`, or either with `*TIMES`; 100000 steps at most",
            )
        };
        let (word, times) = match word.split_once('*') {
            Some((word, times)) => (word.trim(), times.trim().parse().map_err(|_unread| bad())?),
            None => (word, 1_usize),
        };
        if times > SCRIPT_LENGTH_MAX.saturating_sub(script.len()) {
            return Err(bad());
        }
        let fault = match word {
            "ok" => None,
            fault => Some(fault.parse()?),
        };
        script.extend(std::iter::repeat_n(fault, times));
    }
    Ok(script)
}

/// Which requests go wrong, and how. Default: none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Faults {
    /// Shares of all requests, drawn from the seed and the request's number. Their sum is at most 1.
    pub rates: Vec<FaultRate>,
    /// What happens to the first request, the second, and so on (`null` passes). While the script
    /// lasts, rates do not apply. A text is read as [`parse_script`] does.
    #[serde(deserialize_with = "script_or_text")]
    pub script: Vec<Option<Fault>>,
}

impl Faults {
    /// The sum of all rates.
    pub(crate) fn rate_sum(&self) -> f64 {
        self.rates.iter().map(|rate| rate.rate).sum()
    }

    /// What happens to the request that is number `place` since these faults were set.
    pub(crate) fn strike(&self, place: u64, random: &mut Random) -> Option<Fault> {
        let scripted = usize::try_from(place)
            .ok()
            .and_then(|place| self.script.get(place));
        if let Some(scripted) = scripted {
            return *scripted;
        }
        let mut left = random.unit();
        for rate in &self.rates {
            if left < rate.rate {
                return Some(rate.fault);
            }
            left -= rate.rate;
        }
        None
    }
}

fn script_or_text<'de, D: serde::Deserializer<'de>>(
    source: D,
) -> Result<Vec<Option<Fault>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Text(String),
        Steps(Vec<Option<String>>),
    }
    let text = match Written::deserialize(source)? {
        Written::Text(text) => text,
        Written::Steps(steps) => {
            let steps: Vec<_> = steps
                .into_iter()
                .map(|step| step.unwrap_or_else(|| "ok".into()))
                .collect();
            steps.join(",")
        }
    };
    parse_script(&text).map_err(serde::de::Error::custom)
}

/// Reads `200ms` or `2s`, an hour at most.
pub(crate) fn parse_duration(text: &str) -> Option<Duration> {
    let text = text.trim();
    let duration = if let Some(millis) = text.strip_suffix("ms") {
        Duration::from_millis(millis.parse().ok()?)
    } else {
        Duration::from_secs(text.strip_suffix('s')?.parse().ok()?)
    };
    (duration <= DURATION_MAX).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        for text in [
            "429:2000ms",
            "503",
            "slow:500ms",
            "hang",
            "reset",
            "empty",
            "wrong-type",
            "truncated@5",
            "cut@10",
            "stall@5:200ms",
            "stall@0",
            "malformed@1",
            "error@0",
        ] {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("429".parse::<Fault>().unwrap().to_string(), "429:1000ms");
        assert_eq!("error".parse::<Fault>().unwrap().to_string(), "error@0");
    }

    #[test]
    fn mistakes_are_refused_with_the_forms_that_are_understood() {
        for text in [
            "",
            "200",
            "429@3",
            "cut@x",
            "cut:1s",
            "slow:9h",
            "slow:7200s",
            "explode",
        ] {
            let error = text.parse::<Fault>().unwrap_err().to_string();
            assert!(
                error.contains("expected a status from 400 to 599"),
                "{error}"
            );
        }
        for text in ["429", "429=2", "429=x", "429=-0.1"] {
            assert!(parse_fault(text).is_err(), "{text}");
        }
        assert!(parse_script("503*100001").is_err());
        assert!(parse_script("503*100000,ok").is_err());
        assert_eq!(parse_script("503*2, ok,").unwrap().len(), 3);
    }
}
