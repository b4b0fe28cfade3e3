//! From texts to values: where a value begins and ends, and when it is judged.
//!
//! In most places the text is the value. Tool arguments are JSON text: there each string
//! is one, keys included, and what stands between strings is none.
//! It promises: a value is judged as a whole, from its start on, when it shows a sign of
//! an attack within its first [`LOOKBACK_BYTES`]; else from so many bytes before the sign.
//! A stretch has [`Reading::stretch_bytes`] at most, and the next one overlaps it, so that
//! what is shorter than the overlap is never missed for where it stands.
//! It holds nothing while a value shows no sign, but for the first [`LOOKBACK_BYTES`] of
//! it, and nothing of prose; from a sign on it holds the stretch.

use std::sync::Arc;

use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::place::Places;

use super::judge::Scene;
use super::{WafEntity, first, prose, value};

/// How far before a sign a stretch begins. Within what a matcher may look back.
const LOOKBACK_BYTES: usize = 64;

/// How many blanks may stand between a quote and the sign that makes it JSON's own.
const BLANKS_MAX: usize = 16;

/// How a matcher reads the texts of its places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The text is a value.
    Value(Scene),
    /// The strings of JSON text are values.
    Strings,
    /// The text is prose, and may hold values anywhere.
    Prose,
}

impl Reading {
    const fn scene(self) -> Scene {
        match self {
            Self::Value(scene) => scene,
            Self::Strings => Scene::Body,
            Self::Prose => Scene::Text,
        }
    }

    /// The most that is judged at once.
    const fn stretch_bytes(self) -> usize {
        match self {
            Self::Value(_) | Self::Strings => 4096,
            Self::Prose => 1024,
        }
    }

    /// How much of a stretch is judged again with the next.
    const fn overlap_bytes(self) -> usize {
        self.stretch_bytes() / 8
    }
}

/// Reads the texts of some places.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) reading: Reading,
    pub(super) places: Places,
    pub(super) wanted: Arc<[WafEntity]>,
    pub(super) entities: Arc<[Entity]>,
    pub(super) threshold: Score,
    pub(super) allow: Arc<[String]>,
}

/// Where a value ends.
enum End {
    /// Here. The next one begins behind the quote, if there is one.
    At(usize),
    /// Not within the stretch.
    Beyond,
    /// That cannot be said yet.
    Open,
}

impl Matcher for Values {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn places(&self) -> Places {
        self.places
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        // Whether the value began so far before `at` that its start does not matter.
        let mut far = carry == FAR || self.reading == Reading::Prose;
        loop {
            let Some(stop) = self.stop(text, at, !far, last) else {
                let begun = !far && text.len() - at < LOOKBACK_BYTES;
                return match (last, begun) {
                    (true, _) => cursor(text.len(), false),
                    (false, true) => cursor(at, false),
                    (false, false) => cursor(text.len(), true),
                };
            };
            let near = !far && stop.at - at < LOOKBACK_BYTES;
            let hold = if near { at } else { stop.at };
            if stop.open {
                return cursor(hold, !near);
            }
            if stop.quote {
                at = stop.at + 1;
                far = false;
                continue;
            }
            let start = if near {
                at
            } else {
                stop.at.saturating_sub(LOOKBACK_BYTES)
            };
            let bound = start + self.reading.stretch_bytes();
            (at, far) = match self.end(text, stop.at, bound, last) {
                End::At(end) => {
                    self.judge(text, start..end, hold, found);
                    (text.len().min(end + 1), false)
                }
                End::Beyond => {
                    let next = (bound - self.reading.overlap_bytes()).max(stop.at + 1);
                    // What is found is not judged again.
                    let judged = self.judge(text, start..bound, hold, found);
                    (judged.map_or(next, |end| end.max(next)), true)
                }
                End::Open => return cursor(hold, !near),
            };
        }
    }
}

/// The carry of a cursor that stands far behind the start of its value.
const FAR: u64 = 1;

fn cursor(at: usize, far: bool) -> Cursor {
    Cursor {
        at,
        carry: if far { FAR } else { 0 },
    }
}

/// Where reading stops.
#[derive(Debug)]
struct Stop {
    at: usize,
    /// At a quote of JSON.
    quote: bool,
    /// What stands there cannot be said yet.
    open: bool,
}

impl Values {
    /// The first place from `at` on that shows a sign or ends the value.
    fn stop(&self, text: &[u8], at: usize, begin: bool, last: bool) -> Option<Stop> {
        let mut from = at;
        loop {
            let found = match self.reading {
                Reading::Prose => prose::first(text, from, last)?,
                Reading::Value(_) | Reading::Strings => {
                    first::first(text, from, begin && from == at, last)?
                }
            };
            let stop = |quote, open| {
                Some(Stop {
                    at: found,
                    quote,
                    open,
                })
            };
            if self.reading != Reading::Strings {
                return stop(false, false);
            }
            if text.get(found) == Some(&b'"') {
                return match delimits(text, found, last) {
                    Some(quote) => stop(quote, false),
                    None => stop(false, true),
                };
            }
            // What stands between strings: brackets, numbers, words of JSON.
            let between = if begin { structure(text, at) } else { at };
            match text.get(between) {
                _ if found >= between => return stop(false, false),
                Some(b'"') => from = between,
                Some(_) => return stop(false, false),
                None if last => return None,
                None => return stop(false, true),
            }
        }
    }

    /// Where the value ends in which `at` stands, if before `bound`.
    fn end(&self, text: &[u8], at: usize, bound: usize, last: bool) -> End {
        if self.reading == Reading::Strings {
            let within = text.get(at..bound.min(text.len())).unwrap_or_default();
            for quote in memchr::memchr_iter(b'"', within) {
                match delimits(text, at + quote, last) {
                    Some(true) => return End::At(at + quote),
                    Some(false) => {}
                    None => return End::Open,
                }
            }
        }
        if text.len() >= bound && !(last && text.len() == bound) {
            End::Beyond
        } else if last {
            End::At(text.len())
        } else {
            End::Open
        }
    }

    /// Judges a stretch; what is found is reported from `hold` on. Where that ends, if there
    /// is any.
    fn judge(
        &self,
        text: &[u8],
        stretch: std::ops::Range<usize>,
        hold: usize,
        found: &mut Vec<Finding>,
    ) -> Option<usize> {
        let value = text.get(stretch.clone()).unwrap_or_default();
        let judged = value::judge(value, self.reading.scene(), &self.wanted)?;
        let score = Score::percent(judged.score);
        if score < self.threshold || self.is_allowed(value) {
            return None;
        }
        let start = character(text, stretch.start + judged.start).max(hold);
        let end = character(text, stretch.start + judged.end);
        let entity = u16::try_from(judged.entity).ok()?;
        (start < end).then(|| {
            found.push(Finding {
                start,
                end,
                entity,
                score,
                extent: Extent::Whole,
            });
            end
        })
    }

    /// Whether a value is one that the rule lets pass: as written, or what it begins with.
    fn is_allowed(&self, value: &[u8]) -> bool {
        let value = value.trim_ascii();
        self.allow
            .iter()
            .any(|allowed| match allowed.strip_suffix('*') {
                Some(begin) => value
                    .get(..begin.len())
                    .is_some_and(|start| start.eq_ignore_ascii_case(begin.as_bytes())),
                None => value.eq_ignore_ascii_case(allowed.as_bytes()),
            })
    }
}

/// The nearest place not behind `at` where a character begins.
fn character(text: &[u8], at: usize) -> usize {
    let continued = |at: usize| text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    let steps = (0..3).take_while(|step| at > *step && continued(at - step));
    at - steps.count()
}

/// Whether the quote at `at` begins or ends a string of JSON, rather than standing in one:
/// the text has its escapes taken off. `None` when what follows must be known.
fn delimits(text: &[u8], at: usize, last: bool) -> Option<bool> {
    let before = text.get(..at).unwrap_or_default();
    let opens = before
        .iter()
        .rev()
        .take(BLANKS_MAX)
        .find(|byte| !byte.is_ascii_whitespace());
    match opens {
        Some(b'{' | b'[' | b',' | b':') => return Some(true),
        None if before.len() < BLANKS_MAX => return Some(true),
        _ => {}
    }
    let behind = text.get(at + 1..).unwrap_or_default();
    let closes = behind
        .iter()
        .take(BLANKS_MAX)
        .find(|byte| !byte.is_ascii_whitespace());
    match closes {
        Some(byte) => Some(matches!(byte, b',' | b'}' | b']' | b':')),
        None if behind.len() >= BLANKS_MAX => Some(false),
        None if last => Some(true),
        None => None,
    }
}

/// The most that stands between two strings and is still taken for no value. Not more
/// than is held of a value that shows no sign.
const STRUCTURE_BYTES_MAX: usize = LOOKBACK_BYTES - 1;

/// Where what may stand between the strings of JSON ends that begins at `at`.
fn structure(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let part = |byte: &&u8| {
        byte.is_ascii_whitespace()
            || byte.is_ascii_digit()
            || matches!(
                byte,
                b'{' | b'}'
                    | b'['
                    | b']'
                    | b','
                    | b':'
                    | b'.'
                    | b'-'
                    | b'+'
                    | b'E'
                    | b't'
                    | b'r'
                    | b'u'
                    | b'e'
                    | b'f'
                    | b'a'
                    | b'l'
                    | b's'
                    | b'n'
            )
    };
    let length = rest
        .iter()
        .take(STRUCTURE_BYTES_MAX)
        .take_while(part)
        .count();
    at + length
}
