//! From findings to replacements of raw bytes.
//!
//! A plain finding is replaced as its rule says. In JSON text a finding inside a string
//! is replaced there; a number or word outside of strings is replaced as a whole, in
//! quotes, or by `null` where the replacement stands further ahead; of a number that is
//! too long for that the digits become ones. So the JSON stays JSON: what gives it its
//! structure is never touched.

use bytes::Bytes;

use crate::detector::Extent;
use crate::replace::{Level, Site, replacement};
use crate::scanner::Found;

use super::decode::Decoder;
use super::{SCALAR_BYTES_MAX, TextLane};
use crate::session::Session;

/// A replacement of raw bytes, counted from the first that was not passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Splice {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// What stands there instead.
    pub(crate) with: Bytes,
}

/// Appends `raw` up to `end` with the splices applied.
pub(super) fn apply(raw: &[u8], end: usize, splices: &[Splice], out: &mut Vec<u8>) {
    let mut at = 0;
    for splice in splices {
        out.extend_from_slice(raw.get(at..splice.start).unwrap_or_default());
        out.extend_from_slice(&splice.with);
        at = splice.end;
    }
    out.extend_from_slice(raw.get(at..end).unwrap_or_default());
}

/// A part of a finding that is replaced as one.
struct Part {
    start: usize,
    end: usize,
    /// A whole number or word outside of strings.
    is_value: bool,
}

impl TextLane {
    /// Splices for one finding. Gives the offset it reaches to; `None` when it stays as it
    /// is.
    ///
    /// The first part gets the replacement. Of further parts nothing is left in strings,
    /// and `null` outside of them.
    pub(super) fn splice_one(&mut self, session: &mut Session, found: &Found) -> Option<usize> {
        let mut start = self.whole(found.start);
        let end = self.whole_after(found.end);
        let mut reached = end;
        let mut part_of = *found;
        while start < end {
            let part = self.part(start, end);
            reached = reached.max(part.end);
            start = part.end;
            if part.is_value || !self.is_structure(part.start) {
                self.add(session, &part_of, &part)?;
                part_of.extent = Extent::Continues;
            }
        }
        Some(reached)
    }

    fn add(&mut self, session: &mut Session, found: &Found, part: &Part) -> Option<()> {
        let start = self.raw_len(part.start);
        let start = self
            .splices
            .last()
            .map_or(start, |before| before.end.max(start));
        let end = self.raw_len(part.end);
        if start < end {
            if session.rules.gives_back() {
                self.read_quotes(part.start);
            }
            let level = match &self.decoder {
                Decoder::Plain => Level::String,
                Decoder::Json(json) => match (json.is_nested(), part.is_value) {
                    (false, false) => Level::String,
                    (false, true) => Level::Bare,
                    (true, false) => Level::Nested,
                    (true, true) => Level::NestedBare,
                },
            };
            let site = Site {
                level,
                quoted: self.quotes.place(),
            };
            let text = self.text(found.start, found.end);
            let Session { rules, vault, .. } = session;
            let mut with = replacement(rules, vault, found, text, site)?;
            if !part.is_value && self.is_bare(part.start) {
                with = self.within_long(part, with);
            }
            self.splices.push(Splice { start, end, with });
        }
        Some(())
    }

    /// What stands instead of a part of a long number or word: `with`, but for a number
    /// as many ones as it has digits. Each byte is judged by what stands next to it, so
    /// that it does not matter where the part begins.
    fn within_long(&self, part: &Part, with: Bytes) -> Bytes {
        let digits: Vec<u8> = self
            .text(part.start, part.end)
            .iter()
            .zip(part.start..)
            .filter(|(byte, at)| is_of_number(**byte) && self.is_in_long_number(*at))
            .map(|(byte, _)| if byte.is_ascii_digit() { b'1' } else { *byte })
            .collect();
        if digits.is_empty() {
            with
        } else if self.is_in_long_number(part.start) {
            digits.into()
        } else {
            [with.as_ref(), digits.as_slice()].concat().into()
        }
    }

    /// True when the long scalar that holds `at` is a number, by its first bytes or those
    /// right before `at`.
    fn is_in_long_number(&self, at: usize) -> bool {
        let first = self.scalar_before(at);
        let near = self.text(first, first + SCALAR_BYTES_MAX + 1);
        near.iter().all(|byte| is_of_number(*byte))
    }

    /// True when the finding ends in a number or word outside of strings of which more may
    /// come, so that it cannot be replaced as a whole yet.
    pub(super) fn ends_in_open_scalar(&self, found: &Found) -> bool {
        let Some(at) = self.whole_after(found.end).checked_sub(1) else {
            return false;
        };
        let end = self.decoded.end();
        self.decoder.ends_bare()
            && end.saturating_sub(self.scalar_before(at)) <= SCALAR_BYTES_MAX
            && (at..end).all(|at| self.is_bare_scalar(at))
    }

    /// Reads on to where an original may come back. What stands outside of the strings of
    /// JSON text ends the text that they hold.
    pub(super) fn read_quotes(&mut self, until: usize) {
        while self.quotes_read < until {
            let at = self.quotes_read;
            let next = match self.decoded.bare_at(at) {
                Some((from, end)) if from <= at => {
                    self.quotes.reset();
                    end
                }
                Some((from, _)) => from,
                None => until,
            };
            let next = next.min(until);
            if !self.is_bare(at) {
                let within = |offset: usize| offset.saturating_sub(self.decoded.base);
                let text = self.decoded.text.get(within(at)..within(next));
                self.quotes.read(text.unwrap_or_default());
            }
            self.quotes_read = next;
        }
    }

    /// The first part of the finding from `start` to `end`.
    fn part(&self, start: usize, end: usize) -> Part {
        match self.decoded.bare_at(start) {
            Some((from, until)) if from <= start => {
                self.bare_part(start, end.min(until), (from, until))
            }
            Some((from, _)) => Part {
                start,
                end: end.min(from),
                is_value: false,
            },
            None => Part {
                start,
                end,
                is_value: false,
            },
        }
    }

    /// A part that stands outside of strings: structure up to the next scalar, or the
    /// whole scalar, or what the finding covers of one that is too long.
    fn bare_part(&self, start: usize, end: usize, region: (usize, usize)) -> Part {
        let scalar = |at: usize| self.byte(at).is_some_and(is_scalar);
        if !scalar(start) {
            let end = (start..end).find(|at| scalar(*at)).unwrap_or(end);
            return Part {
                start,
                end,
                is_value: false,
            };
        }
        let first = self.scalar_before(start);
        let until = (start..region.1)
            .find(|at| !scalar(*at))
            .unwrap_or(region.1);
        if until - first > SCALAR_BYTES_MAX {
            return Part {
                start,
                end: end.min(until),
                is_value: false,
            };
        }
        Part {
            start: first.max(region.0).max(self.passed),
            end: until,
            is_value: true,
        }
    }

    /// True for a byte of a number or a word outside of strings.
    pub(super) fn is_bare_scalar(&self, at: usize) -> bool {
        self.is_bare(at) && self.byte(at).is_some_and(is_scalar)
    }

    /// True when the last byte may be one of a number or a word.
    pub(super) fn ends_in_scalar(&self) -> bool {
        self.decoded.text.last().copied().is_some_and(is_scalar)
    }

    fn is_bare(&self, at: usize) -> bool {
        self.decoded.bare_at(at).is_some_and(|(from, _)| from <= at)
    }

    /// True when the byte at `at` gives JSON text its structure.
    fn is_structure(&self, at: usize) -> bool {
        self.is_bare(at) && !self.byte(at).is_some_and(is_scalar)
    }

    /// Where the scalar begins that reaches to `at`; not further back than a scalar
    /// that is replaced as a whole can be long, and one more.
    pub(super) fn scalar_before(&self, at: usize) -> usize {
        let first = at.saturating_sub(SCALAR_BYTES_MAX + 1);
        (first..at)
            .rev()
            .find(|place| !self.byte(*place).is_some_and(is_scalar))
            .map_or(first, |place| place + 1)
    }
}

/// True for bytes of numbers and words outside of strings.
const fn is_scalar(byte: u8) -> bool {
    !matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"'
    )
}

/// True for bytes that a number is written with.
const fn is_of_number(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')
}
