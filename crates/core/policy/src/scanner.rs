//! Runs all matchers over one text and puts their findings in order.
//!
//! It promises: findings come out in order, do not overlap, and are the same for
//! every way to cut the text. Where findings overlap the leftmost wins, then the
//! longest, then the surest, then the earlier rule; what a loser covers beyond the
//! winner is still a finding of its own, so that no byte of it gets out. Rules that only
//! take note keep nobody waiting and compete with nobody: all they find is noted.
//! It leaves out: where the text comes from and what happens with a finding.

use std::cmp::Reverse;

use smallvec::SmallVec;

use crate::detector::{Begin, Cursor, Extent, Finding, Score, Window};
use crate::digit::FirstDigit;
use crate::place::Place;
use crate::rule::{ACTING, RuleAction, RuleSet};
use crate::session::Meter;

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

/// The state of one text: a place per matcher and what is found but not yet final.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    cursors: SmallVec<[Cursor; 4]>,
    groups: SmallVec<[Group; 2]>,
    waiting: Vec<Found>,
    fresh: Vec<Finding>,
}

/// How far the rules have come whose findings compete with each other.
#[derive(Clone, Copy, Debug, Default)]
struct Group {
    /// Everything before this offset is decided.
    decided: usize,
    /// End of the last finding that was taken.
    taken: usize,
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
        self.cursors.clear();
        self.groups.clear();
        self.waiting.clear();
    }

    /// The earliest offset a matcher still needs to see, left context apart.
    pub(crate) fn needed_from(&self) -> usize {
        self.cursors
            .iter()
            .map(|cursor| cursor.at)
            .min()
            .unwrap_or(0)
    }

    /// Reads a part of a text. Findings that became final are appended to `out`, those
    /// that are noted only also where a rule blocks.
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
        self.cursors
            .resize(rules.matchers().len(), Cursor::default());
        self.groups.resize(rules.groups(), Group::default());
        let end = base.saturating_add(text.len());
        for group in &mut self.groups {
            group.decided = end;
        }
        let mut first_digit = FirstDigit::default();
        let mut since = meter.now();
        for (index, (armed, cursor)) in rules.matchers().iter().zip(&mut self.cursors).enumerate() {
            let mut from = cursor.at.saturating_sub(base).min(text.len());
            if armed.matcher.begin() == Begin::Digit {
                from = first_digit.from(text, from);
            }
            if from == text.len() && !last || !armed.places.contains(part.place) {
                cursor.at = end;
                continue;
            }
            let window = Window { text, from, last };
            let next = armed.matcher.scan(&window, cursor.carry, &mut self.fresh);
            *cursor = Cursor {
                at: base.saturating_add(next.at.clamp(window.from, text.len())),
                ..next
            };
            since = meter.lap(armed.rule, since);
            if let Some(group) = self.groups.get_mut(armed.group).filter(|_| !last) {
                group.decided = group.decided.min(cursor.at);
            }
            for found in self.fresh.drain(..) {
                self.waiting.push(Found {
                    start: base.saturating_add(found.start),
                    end: base.saturating_add(found.end),
                    matcher: index,
                    group: armed.group,
                    entity: found.entity,
                    score: found.score,
                    extent: found.extent,
                });
            }
        }
        let decided = self.groups.get(ACTING).map_or(end, |group| group.decided);
        if self.waiting.is_empty() {
            return Scanned::Until(decided);
        }
        match self.settle(rules, last, out) {
            Some(blocking) => Scanned::Blocked(blocking),
            None => Scanned::Until(decided),
        }
    }

    /// Takes the findings that no later one can precede: those that start before what is
    /// decided. Gives the leftmost that blocks.
    fn settle(&mut self, rules: &RuleSet, last: bool, out: &mut Settled) -> Option<Found> {
        self.waiting.sort_unstable_by_key(|found| {
            (
                found.start,
                found.extent != Extent::Continues,
                Reverse(found.end),
                Reverse(found.score),
                found.matcher,
                found.entity,
            )
        });
        let mut blocking = None;
        let groups = &mut self.groups;
        self.waiting.retain(|found| {
            let Some(group) = groups.get_mut(found.group) else {
                return false;
            };
            if !last && found.start >= group.decided {
                return true;
            }
            let Some((rule, _)) = rules.source(found.matcher, found.entity) else {
                return false;
            };
            let acts = found.group == ACTING;
            if acts && matches!(rule.action, RuleAction::Block { .. }) {
                blocking.get_or_insert(*found);
            }
            if !acts {
                out.noted.push(*found);
                return false;
            }
            let rest = Found {
                start: found.start.max(group.taken),
                ..*found
            };
            if rest.start < rest.end {
                group.taken = rest.end;
                out.acting.push(rest);
            }
            false
        });
        blocking
    }
}
