//! The patterns of the rules: what a token looks like, byte by byte, without choices
//! on the way, so that one step per byte decides.

use super::reader::{ByteSet, Reader};

/// The upper bound of a run that has none.
const OPEN: u16 = u16::MAX;

/// One part of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These bytes.
    Text(Vec<u8>),
    /// So many bytes of a set, as many as there are.
    Run {
        set: ByteSet,
        min: u16,
        /// [`OPEN`]: as many as follow; only at the end.
        max: u16,
    },
}

/// What a token looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    parts: Vec<Part>,
}

/// What a pattern says of a place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// No match begins here.
    No,
    /// The text must go on before that can be said.
    Undecided,
    /// A match ends here.
    Ends(usize),
    /// A match that goes on as long as bytes of the set follow.
    Open {
        /// The end of what made it a match.
        head: usize,
        set: ByteSet,
    },
}

/// A pattern that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum PatternError {
    #[error("`[`, `(` or `{{` is not closed")]
    NotClosed,
    #[error("a count is not a number")]
    Count,
    #[error("only the last run may be without a bound")]
    OpenInside,
    #[error("a run of changing length goes over into what follows it")]
    Ambiguous,
    #[error("it is empty")]
    Empty,
}

impl Pattern {
    /// All patterns that `source` stands for: one per combination of its alternatives.
    pub(super) fn parse(source: &str) -> Result<Vec<Self>, PatternError> {
        let mut found = vec![Vec::new()];
        let mut rest = source.as_bytes();
        while let Some((byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'(' => {
                    let end = position(rest, b')')?;
                    found = with_alternatives(&found, rest.get(..end).unwrap_or_default());
                    rest = rest.get(end + 1..).unwrap_or_default();
                }
                b'[' => {
                    let end = position(rest, b']')?;
                    let set = set(rest.get(..end).unwrap_or_default());
                    rest = rest.get(end + 1..).unwrap_or_default();
                    let (min, max, after) = counts(rest)?;
                    rest = after;
                    let run = Part::Run { set, min, max };
                    found.iter_mut().for_each(|parts| parts.push(run.clone()));
                }
                other => found.iter_mut().for_each(|parts| add(parts, &[*other])),
            }
        }
        found.into_iter().map(Self::checked).collect()
    }

    fn checked(parts: Vec<Part>) -> Result<Self, PatternError> {
        for pair in parts.windows(2) {
            let [Part::Run { set, min, max }, next] = pair else {
                continue;
            };
            if *max == OPEN {
                return Err(PatternError::OpenInside);
            }
            let goes_over = match next {
                Part::Text(text) => text.first().is_some_and(|byte| set.contains(*byte)),
                Part::Run { set: other, .. } => other.bytes().any(|byte| set.contains(byte)),
            };
            if goes_over && min != max {
                return Err(PatternError::Ambiguous);
            }
        }
        if parts.is_empty() {
            return Err(PatternError::Empty);
        }
        Ok(Self { parts })
    }

    /// The text that every match begins with.
    pub(super) fn prefix(&self) -> &[u8] {
        match self.parts.first() {
            Some(Part::Text(text)) => text,
            _ => &[],
        }
    }

    /// The set and the least length of the run that every match begins with; an empty one
    /// where it begins with text.
    pub(super) fn first_run(&self) -> (ByteSet, usize) {
        match self.parts.first() {
            Some(Part::Run { set, min, .. }) => (*set, usize::from(*min)),
            Some(Part::Text(_)) | None => (ByteSet::default(), 0),
        }
    }

    /// The set of its last run.
    pub(super) fn last_set(&self) -> ByteSet {
        match self.parts.last() {
            Some(Part::Run { set, .. }) => *set,
            _ => ByteSet::default(),
        }
    }

    /// Its parts, for those who make up matches.
    #[cfg(test)]
    pub(super) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The least length of a match, in bytes.
    #[cfg(test)]
    pub(super) fn bytes_min(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Run { min, .. } => usize::from(*min),
        };
        self.parts.iter().map(length).sum()
    }

    /// Reads at `start`. A match of fixed bounds ends before a byte that is no letter or
    /// digit and could not have been part of it.
    pub(super) fn read(&self, reader: &mut Reader<'_>, start: usize) -> Reach {
        let mut at = start;
        let mut final_set = ByteSet::ALPHANUMERIC;
        for (index, part) in self.parts.iter().enumerate() {
            match part {
                Part::Text(text) => {
                    let rest = reader.text.get(at..).unwrap_or_default();
                    if !rest.starts_with(text) {
                        let cut = !reader.last && text.starts_with(rest);
                        return if cut { Reach::Undecided } else { Reach::No };
                    }
                    at += text.len();
                    final_set = ByteSet::ALPHANUMERIC;
                }
                Part::Run { set, min, max } => {
                    let (min, max) = (usize::from(*min), usize::from(*max));
                    let end = reader.run_end(*set, at).min(at + max);
                    let length = end - at;
                    let cut = end == reader.text.len() && length < max && !reader.last;
                    if length < min {
                        return if cut { Reach::Undecided } else { Reach::No };
                    }
                    if max == usize::from(OPEN) && index + 1 == self.parts.len() {
                        return Reach::Open {
                            head: at + min,
                            set: *set,
                        };
                    }
                    if cut {
                        return Reach::Undecided;
                    }
                    at = end;
                    final_set = *set;
                }
            }
        }
        match reader.byte(at) {
            None if !reader.last => Reach::Undecided,
            Some(next) if next.is_ascii_alphanumeric() || final_set.contains(next) => Reach::No,
            _ => Reach::Ends(at),
        }
    }
}

fn position(bytes: &[u8], wanted: u8) -> Result<usize, PatternError> {
    memchr::memchr(wanted, bytes).ok_or(PatternError::NotClosed)
}

/// Each of `found` continued by each of the alternatives.
fn with_alternatives(found: &[Vec<Part>], inside: &[u8]) -> Vec<Vec<Part>> {
    found
        .iter()
        .flat_map(|parts| {
            inside.split(|byte| *byte == b'|').map(|alternative| {
                let mut parts = parts.clone();
                add(&mut parts, alternative);
                parts
            })
        })
        .collect()
}

/// Appends text.
fn add(parts: &mut Vec<Part>, bytes: &[u8]) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.extend_from_slice(bytes),
        _ if bytes.is_empty() => {}
        _ => parts.push(Part::Text(bytes.to_vec())),
    }
}

/// The inside of `[…]`.
fn set(inside: &[u8]) -> ByteSet {
    let mut set = ByteSet::default();
    let mut rest = inside;
    loop {
        rest = match rest {
            [b'\\', b'w', others @ ..] => {
                set = set.with(b'a', b'z').with(b'A', b'Z').with(b'0', b'9');
                set = set.with(b'_', b'_');
                others
            }
            [first, b'-', last, others @ ..] => {
                set = set.with(*first, *last);
                others
            }
            [byte, others @ ..] => {
                set = set.with(*byte, *byte);
                others
            }
            [] => return set,
        };
    }
}

/// `{n}`, `{n,m}`, `{n,}` or nothing, and what follows it.
fn counts(source: &[u8]) -> Result<(u16, u16, &[u8]), PatternError> {
    let Some(rest) = source.strip_prefix(b"{") else {
        return Ok((1, 1, source));
    };
    let end = position(rest, b'}')?;
    let after = rest.get(end + 1..).unwrap_or_default();
    let inside = std::str::from_utf8(rest.get(..end).unwrap_or_default())
        .map_err(|_not_text| PatternError::Count)?;
    let number = |text: &str| text.parse::<u16>().map_err(|_other| PatternError::Count);
    match inside.split_once(',') {
        None => number(inside).map(|count| (count, count, after)),
        Some((min, "")) => Ok((number(min)?, OPEN, after)),
        Some((min, max)) => Ok((number(min)?, number(max)?, after)),
    }
}
