//! One pattern over a text that arrives in pieces.

use std::ops::Range;

use regex_automata::meta::{self, Regex};
use regex_automata::{Anchored, Input};
use regex_syntax::hir::Hir;

use super::search::Lazy;
use super::{PROGRAM_BYTES_MAX, Parsed, PatternOptions, group, parse, prefixes, too_large};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::detectors::DetectorError;

/// The most bytes of states that one search keeps.
const CACHE_BYTES_MAX: usize = 1024 * 1024;

/// How much a search looks at in one go where matches may be longer than findings.
const STRETCH_BYTES_MIN: usize = 512;

#[derive(Debug)]
pub(super) struct PatternMatcher {
    entities: [Entity; 1],
    score: Score,
    regex: Regex,
    group: Option<usize>,
    /// The pattern without assertions, where it has Unicode word boundaries: with those a
    /// search is fast in ASCII text only.
    bare: Option<Regex>,
    /// What the text ends in where a match may have begun, read backwards.
    undecided: Lazy,
    /// The most bytes of a finding.
    bytes_max: usize,
    /// Finds the ends of matches, where those may be longer than a finding.
    ends: Option<Lazy>,
}

impl PatternMatcher {
    pub(super) fn new(options: &PatternOptions) -> Result<Self, DetectorError> {
        let Parsed {
            hir,
            bytes_max,
            is_longer,
        } = parse(options)?;
        let too_large = || too_large(&options.name);
        let regex = compile(&hir).ok_or_else(too_large)?;
        let bare = prefixes::bare(&hir);
        let has_boundary = hir.properties().look_set().contains_word_unicode();
        let lazy = |hir: &Hir, backwards| Lazy::new(hir, backwards).ok_or_else(too_large);
        Ok(Self {
            entities: [Entity::new(&options.name)],
            score: Score::percent(options.score),
            group: group(options, &regex)?,
            undecided: lazy(&prefixes::undecided(&hir), true)?,
            ends: is_longer.then(|| lazy(&bare, false)).transpose()?,
            bare: has_boundary
                .then(|| compile(&bare).ok_or_else(too_large))
                .transpose()?,
            regex,
            bytes_max,
        })
    }

    /// The first match from `at` on.
    fn next(&self, text: &Text<'_>, at: usize) -> Option<Range<usize>> {
        let Some(ends) = &self.ends else {
            return self.find(text, at..text.bytes.len());
        };
        // A match may be longer than a finding: look at stretches, in which those that
        // begin in the front part show themselves.
        let end = text.bytes.len();
        let stretch = (self.bytes_max * 4).max(STRETCH_BYTES_MIN);
        let mut at = at;
        while at < end {
            let stop = end.min(at + stretch);
            let front = if stop == end {
                end
            } else {
                stop - self.bytes_max
            };
            match self.find(text, at..stop) {
                None => at = front,
                Some(found) if found.start >= front => at = found.start,
                Some(found) if found.len() <= self.bytes_max => return Some(found),
                Some(found) => {
                    let near = found.start..end.min(found.start + self.bytes_max);
                    if let Some(shorter) = self.at(text, near) {
                        return Some(shorter);
                    }
                    // No match ends before this, so none that begins far before it is
                    // short enough.
                    let first_end = ends.first_end(text.bytes, found.start, stop);
                    at = (found.start + 1).max(first_end.saturating_sub(self.bytes_max));
                }
            }
        }
        None
    }

    /// The first match in a span; those that begin in the last [`Self::bytes_max`] bytes
    /// may be missed when the span is not the rest of the text.
    fn find(&self, text: &Text<'_>, span: Range<usize>) -> Option<Range<usize>> {
        let search = |span| {
            Some(
                self.regex
                    .search(&Input::new(text.bytes).span(span))?
                    .range(),
            )
        };
        let Some(bare) = self.bare.as_ref().filter(|_| !text.is_ascii) else {
            return search(span);
        };
        let mut at = span.start;
        while at < span.end {
            let input = Input::new(text.bytes).span(at..span.end);
            let start = bare.search(&input)?.start();
            let front = start + self.bytes_max;
            let near = start..span.end.min(front + self.bytes_max);
            if let Some(found) = search(near).filter(|found| found.start < front) {
                return Some(found);
            }
            at = front;
        }
        None
    }

    /// The match that begins with a span and stays in it.
    fn at(&self, text: &Text<'_>, span: Range<usize>) -> Option<Range<usize>> {
        let input = Input::new(text.bytes).span(span).anchored(Anchored::Yes);
        Some(self.regex.search(&input)?.range())
    }

    /// Where the earliest match from `at` on may have begun that what follows decides.
    fn live(&self, text: &Text<'_>, at: usize) -> usize {
        let end = text.bytes.len();
        let first = at.max(end.saturating_sub(self.bytes_max));
        self.undecided.longest_at_end(text.bytes, first, end)
    }

    /// The finding that a match is.
    fn finding(&self, text: &Text<'_>, found: Range<usize>) -> Finding {
        let span = self.group.and_then(|group| {
            let mut captures = self.regex.create_captures();
            let input = Input::new(text.bytes).span(found.clone());
            self.regex
                .search_captures(&input.anchored(Anchored::Yes), &mut captures);
            captures.get_group(group).filter(|span| !span.is_empty())
        });
        let span = span.map_or(found, |span| span.range());
        Finding {
            start: span.start,
            end: span.end,
            entity: 0,
            score: self.score,
            extent: Extent::Whole,
        }
    }
}

/// The whole characters of a window.
struct Text<'t> {
    bytes: &'t [u8],
    /// Whether all that is searched is ASCII.
    is_ascii: bool,
}

impl Matcher for PatternMatcher {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { from, last, .. } = *window;
        let bytes = window.whole();
        let end = bytes.len();
        let near = bytes.get(from.saturating_sub(4)..).unwrap_or_default();
        let text = Text {
            bytes,
            is_ascii: self.bare.is_none() || near.is_ascii(),
        };
        let decided = end.saturating_sub(self.bytes_max);
        let mut at = from;
        let mut live = None;
        let undecided = loop {
            let next = self.next(&text, at);
            if last {
                let Some(next) = next else { break end };
                at = next.end;
                found.push(self.finding(&text, next));
                continue;
            }
            let next = match next {
                Some(next) if next.start < decided => next,
                next => {
                    let live = match live {
                        Some(live) if live >= at => live,
                        _ => *live.insert(self.live(&text, at)),
                    };
                    match next {
                        Some(next) if next.start < live => next,
                        _ => break live,
                    }
                }
            };
            at = next.end;
            found.push(self.finding(&text, next));
        };
        Cursor {
            at: undecided,
            carry: 0,
        }
    }
}

fn compile(hir: &Hir) -> Option<Regex> {
    let config = meta::Config::new()
        .utf8_empty(false)
        .nfa_size_limit(Some(PROGRAM_BYTES_MAX))
        .hybrid_cache_capacity(CACHE_BYTES_MAX);
    Regex::builder().configure(config).build_from_hir(hir).ok()
}
