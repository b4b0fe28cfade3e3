//! Runs all matchers over one text and puts their findings in order.
//!
//! It promises: findings come out in order, do not overlap, and are the same for
//! every way to cut the text. Where findings overlap the leftmost wins, then the
//! longest, then the surest, then the earlier rule; what a loser covers beyond the
//! winner is still a finding of its own, so that no byte of it gets out. Rules that only
//! take note keep nobody waiting and compete with nobody: all they find is noted.
//! It leaves out: where the text comes from and what happens with a finding.

mod queue;

use smallvec::SmallVec;

use crate::detector::{Begin, Cursor, Extent, Finding, Matcher, Score, Window};
use crate::digit::FirstDigit;
use crate::place::Place;
use crate::rule::{ACTING, RuleAction, RuleSet};
use crate::session::Meter;
use queue::Queue;

/// From so many held bytes on a matcher does not look at every piece.
const LONG_HOLD_BYTES: usize = 512;

/// From so many on it looks at every piece again, in bytes: a lane holds 8 KiB.
const WAITING_BYTES_MAX: usize = 6 * 1024;

/// A finding that nothing can change any more, in offsets of the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Index into the rule set's matchers.
    pub(crate) matcher: usize,
    /// The rules that its own competes with.
    pub(crate) group: usize,
    pub(crate) entity: u16,
    pub(crate) score: Score,
    pub(crate) extent: Extent,
}

impl Found {
    /// Whether `next` is the next piece of the finding of which this is a piece: what is
    /// done with the two is the same as with one.
    fn goes_on_with(&self, next: &Self) -> bool {
        next.extent == Extent::Continues
            && self.extent != Extent::Whole
            && (self.end, self.matcher, self.entity) == (next.start, next.matcher, next.entity)
    }
}

/// The state of one text: a place per matcher and what is found but not yet final.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    places: SmallVec<[Reached; 4]>,
    /// For each group of rules, the offset before which everything is decided.
    decided: SmallVec<[usize; 2]>,
    /// Findings of rules that act.
    competing: Queue,
    /// End of the last of them that was taken.
    taken: usize,
    /// Findings of rules that take note.
    noting: Vec<Found>,
    fresh: Vec<Finding>,
}

/// How far a matcher has come.
#[derive(Clone, Copy, Debug, Default)]
struct Reached {
    cursor: Cursor,
    /// The end of the text when it last looked.
    looked: usize,
}

impl Reached {
    /// Whether what came since is too little to look once more at all that is held: where
    /// that is much, every piece would cost as much. So an eighth more is held at most.
    fn may_wait(&self, matcher: &dyn Matcher, end: usize) -> bool {
        let held = self.looked.saturating_sub(self.cursor.at);
        let most = match matcher.held_bytes_max() {
            0 => WAITING_BYTES_MAX,
            most => most,
        };
        held >= LONG_HOLD_BYTES
            && end.saturating_sub(self.looked) < held / 8
            && end.saturating_sub(self.cursor.at) < most
    }
}

/// Findings that became final.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Those that change the text, in order.
    pub(crate) acting: Vec<Found>,
    /// Those that are noted only, in order for each rule.
    pub(crate) noted: Vec<Found>,
}

impl Settled {
    /// Forgets all, keeps the buffers.
    pub(crate) fn clear(&mut self) {
        self.acting.clear();
        self.noted.clear();
    }
}

/// A part of one text, as long as any matcher still needs it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'t> {
    /// Its bytes.
    pub(crate) text: &'t [u8],
    /// At which offset of the whole text they begin.
    pub(crate) base: usize,
    /// Whether the text ends with them.
    pub(crate) last: bool,
    /// Where the text stands.
    pub(crate) place: Place,
}

/// How a scan ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scanned {
    /// Everything before this offset is decided.
    Until(usize),
    /// A rule blocks; the leftmost such finding.
    Blocked(Found),
}

impl Scanner {
    /// Forgets the text, keeps the buffers.
    pub(crate) fn reset(&mut self) {
        self.places.clear();
        self.decided.clear();
        self.competing.clear();
        self.taken = 0;
        self.noting.clear();
    }

    /// The earliest offset a matcher still needs to see, left context apart.
    pub(crate) fn needed_from(&self) -> usize {
        let places = self.places.iter();
        places.map(|place| place.cursor.at).min().unwrap_or(0)
    }

    /// Lets the matchers that are behind leave out what they have not decided.
    pub(crate) fn skip_to(&mut self, end: usize) {
        for place in &mut self.places {
            if place.cursor.at < end {
                place.cursor = Cursor { at: end, carry: 0 };
            }
        }
    }

    /// Reads a part of a text. Findings that became final are appended to `out`; where a
    /// rule blocks, those before.
    pub(crate) fn scan(
        &mut self,
        rules: &RuleSet,
        part: &Part<'_>,
        meter: &mut Meter,
        out: &mut Settled,
    ) -> Scanned {
        let Part {
            text, base, last, ..
        } = *part;
        self.places
            .resize(rules.matchers().len(), Reached::default());
        let end = base.saturating_add(text.len());
        self.decided.clear();
        self.decided.resize(rules.groups(), end);
        let mut first_digit = FirstDigit::default();
        let mut since = meter.now();
        for (index, (armed, place)) in rules.matchers().iter().zip(&mut self.places).enumerate() {
            let mut from = place.cursor.at.saturating_sub(base).min(text.len());
            if armed.matcher.begin() == Begin::Digit {
                from = first_digit.from(text, from);
            }
            if from == text.len() && !last || !armed.places.contains(part.place) {
                place.cursor.at = end;
                continue;
            }
            if last || !place.may_wait(&*armed.matcher, end) {
                let window = Window { text, from, last };
                let next = armed
                    .matcher
                    .scan(&window, place.cursor.carry, &mut self.fresh);
                place.cursor = Cursor {
                    at: base.saturating_add(next.at.clamp(window.from, text.len())),
                    ..next
                };
                place.looked = end;
                since = meter.lap(armed.rule, since);
            }
            if let Some(decided) = self.decided.get_mut(armed.group).filter(|_| !last) {
                *decided = place.cursor.at.min(*decided);
            }
            for found in self.fresh.drain(..) {
                let found = Found {
                    start: base.saturating_add(found.start),
                    end: base.saturating_add(found.end),
                    matcher: index,
                    group: armed.group,
                    entity: found.entity,
                    score: found.score,
                    extent: found.extent,
                };
                if armed.group == ACTING {
                    self.competing.push(found);
                } else {
                    self.noting.push(found);
                }
            }
        }
        let decided = self.decided.get(ACTING).copied().unwrap_or(end);
        let until = if last { usize::MAX } else { decided };
        let blocking = self.settle(rules, until, &mut out.acting);
        if !self.noting.is_empty() {
            self.note(last, blocking.map(|found| found.start), &mut out.noted);
        }
        blocking.map_or(Scanned::Until(decided), Scanned::Blocked)
    }

    /// Takes the findings that no later one can precede: those that start before `until`,
    /// up to the leftmost that blocks, which it gives.
    fn settle(&mut self, rules: &RuleSet, until: usize, out: &mut Vec<Found>) -> Option<Found> {
        self.competing.order();
        while let Some(mut found) = self.competing.next_before(until) {
            let source = rules.source(found.matcher, found.entity);
            if source.is_some_and(|(rule, _)| matches!(rule.action, RuleAction::Block { .. })) {
                return Some(found);
            }
            if found.start < self.taken {
                // What it covers beyond the winner competes once more.
                found.start = self.taken;
                if found.start < found.end {
                    self.competing.push_rest(found);
                }
            } else if source.is_some() && found.start < found.end {
                self.taken = found.end;
                match out.last_mut().filter(|last| last.goes_on_with(&found)) {
                    Some(last) => last.end = found.end,
                    None => out.push(found),
                }
            }
        }
        None
    }

    /// Takes the findings of rules that compete with nobody, up to where a rule blocks.
    fn note(&mut self, last: bool, blocked: Option<usize>, out: &mut Vec<Found>) {
        self.noting
            .sort_by_key(|found| (found.start, found.matcher, found.entity));
        let decided = &self.decided;
        self.noting.retain(|found| {
            let until = decided.get(found.group).copied().unwrap_or(usize::MAX);
            if !last && found.start >= until {
                return true;
            }
            if blocked.is_none_or(|blocked| found.start <= blocked) {
                out.push(*found);
            }
            false
        });
    }
}
