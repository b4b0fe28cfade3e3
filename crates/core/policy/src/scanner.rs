//! Runs all matchers over one text and puts their findings in order.
//!
//! It promises: findings come out in order, do not overlap, and are the same for
//! every way to cut the text. Where findings overlap the leftmost wins, then the
//! longest, then the earlier rule; what a loser covers beyond the winner is still
//! a finding of its own, so that no byte of it gets out.
//! It leaves out: where the text comes from and what happens with a finding.

use smallvec::SmallVec;

use crate::detector::{Begin, Cursor, Finding, Window};
use crate::digit::FirstDigit;
use crate::rule::{RuleAction, RuleSet};

/// A finding that nothing can change any more, in offsets of the whole text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Index into the rule set's matchers.
    pub(crate) matcher: usize,
    pub(crate) entity: u16,
    /// Belongs to the finding before it and gets no label.
    pub(crate) continues: bool,
}

/// The state of one text: a place per matcher and what is found but not yet final.
#[derive(Debug, Default)]
pub(crate) struct Scanner {
    cursors: SmallVec<[Cursor; 4]>,
    waiting: Vec<Found>,
    fresh: Vec<Finding>,
    /// End of the last finding that was taken.
    taken: usize,
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
        self.waiting.clear();
        self.taken = 0;
    }

    /// The earliest offset a matcher still needs to see, left context apart.
    pub(crate) fn needed_from(&self) -> usize {
        self.cursors
            .iter()
            .map(|cursor| cursor.at)
            .min()
            .unwrap_or(0)
    }

    /// Reads `text`, which begins at offset `base` of the whole text and holds all
    /// that any matcher still needs. Findings that became final are appended to `out`.
    pub(crate) fn scan(
        &mut self,
        rules: &RuleSet,
        text: &[u8],
        base: usize,
        last: bool,
        out: &mut Vec<Found>,
    ) -> Scanned {
        self.cursors
            .resize(rules.matchers().len(), Cursor::default());
        let end = base.saturating_add(text.len());
        let mut decided = end;
        let mut first_digit = FirstDigit::default();
        for (index, (armed, cursor)) in rules.matchers().iter().zip(&mut self.cursors).enumerate() {
            let mut from = cursor.at.saturating_sub(base).min(text.len());
            if armed.matcher.begin() == Begin::Digit {
                from = first_digit.from(text, from);
                if from == text.len() {
                    cursor.at = end;
                    continue;
                }
            }
            let window = Window { text, from, last };
            let next = armed.matcher.scan(&window, cursor.carry, &mut self.fresh);
            *cursor = Cursor {
                at: base.saturating_add(next.at.clamp(window.from, text.len())),
                ..next
            };
            decided = decided.min(cursor.at);
            for found in self.fresh.drain(..) {
                self.waiting.push(Found {
                    start: base.saturating_add(found.start),
                    end: base.saturating_add(found.end),
                    matcher: index,
                    entity: found.entity,
                    continues: found.continues,
                });
            }
        }
        if last {
            decided = end;
        }
        if self.waiting.is_empty() {
            return Scanned::Until(decided);
        }
        self.settle(rules, decided, last, out)
    }

    /// Takes the findings that no later one can precede: those that start before `decided`.
    fn settle(
        &mut self,
        rules: &RuleSet,
        decided: usize,
        last: bool,
        out: &mut Vec<Found>,
    ) -> Scanned {
        self.waiting.sort_unstable_by_key(|found| {
            (
                found.start,
                !found.continues,
                std::cmp::Reverse(found.end),
                found.matcher,
                found.entity,
            )
        });
        let ready = if last {
            self.waiting.len()
        } else {
            self.waiting.partition_point(|found| found.start < decided)
        };
        for mut found in self.waiting.drain(..ready) {
            let Some((rule, _)) = rules.source(found.matcher, found.entity) else {
                continue;
            };
            if matches!(rule.action, RuleAction::Block { .. }) {
                return Scanned::Blocked(found);
            }
            found.start = found.start.max(self.taken);
            if found.start < found.end {
                self.taken = found.end;
                out.push(found);
            }
        }
        Scanned::Until(decided)
    }
}
