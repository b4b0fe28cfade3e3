//! Findings that compete, in the order in which they are judged.
//!
//! Matchers report nearly in order, and a text may be nothing but findings: they are put
//! in order once, and taken one after the other.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Found;
use crate::detector::Extent;

#[derive(Debug, Default)]
pub(super) struct Queue {
    /// In order; those before `taken` were taken.
    findings: Vec<Competing>,
    taken: usize,
    /// What is left of findings that lost.
    rests: BinaryHeap<Reverse<Competing>>,
}

/// A finding among others: the least is the next one.
#[derive(Debug, PartialEq, Eq)]
struct Competing(Found);

impl Competing {
    /// Leftmost first, then what goes on with a finding that was taken, then the longest.
    fn rank(&self) -> impl Ord + use<> {
        let Found {
            start,
            end,
            matcher,
            entity,
            score,
            extent,
            ..
        } = self.0;
        let goes_on = extent == Extent::Continues;
        (
            start,
            !goes_on,
            Reverse(end),
            Reverse(score),
            matcher,
            entity,
        )
    }
}

impl Ord for Competing {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl PartialOrd for Competing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Queue {
    /// Forgets all, keeps the buffers.
    pub(super) fn clear(&mut self) {
        self.findings.clear();
        self.taken = 0;
        self.rests.clear();
    }

    /// Adds a finding; [`Queue::order`] comes before the next is taken.
    pub(super) fn push(&mut self, found: Found) {
        self.findings.push(Competing(found));
    }

    /// Adds what is left of a finding that was taken.
    pub(super) fn push_rest(&mut self, found: Found) {
        self.rests.push(Reverse(Competing(found)));
    }

    /// Puts in order what was added.
    pub(super) fn order(&mut self) {
        self.findings.drain(..self.taken);
        self.taken = 0;
        if !self.findings.is_sorted() {
            self.findings.sort();
        }
    }

    /// Takes the next finding, if it starts before `until`.
    pub(super) fn next_before(&mut self, until: usize) -> Option<Found> {
        let before = |next: &&Competing| next.0.start < until;
        let finding = self.findings.get(self.taken).filter(before);
        let rest = self.rests.peek().map(|Reverse(rest)| rest).filter(before);
        let rest_is_next = match (finding, rest) {
            (None, None) => return None,
            (Some(finding), Some(rest)) => rest < finding,
            (finding, _) => finding.is_none(),
        };
        if rest_is_next {
            return self.rests.pop().map(|Reverse(Competing(rest))| rest);
        }
        self.taken += 1;
        finding.map(|Competing(found)| *found)
    }
}
