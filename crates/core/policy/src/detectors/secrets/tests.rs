//! What is found and what is not, rule by rule; and everything cut at every byte.

mod cuts;
mod generate;
mod list;
mod recall;
mod right;
mod wrong;

use std::sync::Arc;

use super::{SecretsDetector, SecretsOptions};
use crate::detector::{Detector, Extent, Finding, Matcher};
use crate::pieces::found_and_held;

/// A finding as the tests compare it: pieces are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) entity: String,
}

/// The matcher with everything that is on by default.
pub(super) fn matcher(options: &SecretsOptions) -> Arc<dyn Matcher> {
    Arc::clone(&SecretsDetector::new(options).unwrap().matchers()[0])
}

/// All that is found in a text as a whole.
pub(super) fn find(matcher: &dyn Matcher, text: &[u8]) -> Vec<Seen> {
    in_pieces(matcher, text, &[text.len()])
}

/// All that is found in a text in pieces that end at the given places.
pub(super) fn in_pieces(matcher: &dyn Matcher, text: &[u8], ends: &[usize]) -> Vec<Seen> {
    seen_and_held(matcher, text, ends).0
}

/// The same, and the most bytes that were held back.
pub(super) fn seen_and_held(
    matcher: &dyn Matcher,
    text: &[u8],
    ends: &[usize],
) -> (Vec<Seen>, usize) {
    let (found, held) = found_and_held(matcher, text, ends);
    let mut seen: Vec<Seen> = Vec::new();
    for finding in &found {
        add(matcher, &mut seen, finding);
    }
    (seen, held)
}

fn add(matcher: &dyn Matcher, seen: &mut Vec<Seen>, finding: &Finding) {
    let entity = matcher.entities()[usize::from(finding.entity)]
        .name
        .to_string();
    if finding.extent == Extent::Continues {
        let last = seen.last_mut().expect("a piece continues something");
        assert_eq!((last.end, &last.entity), (finding.start, &entity));
        last.end = finding.end;
        return;
    }
    seen.push(Seen {
        start: finding.start,
        end: finding.end,
        entity,
    });
}
