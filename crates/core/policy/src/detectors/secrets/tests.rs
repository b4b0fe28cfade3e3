//! What is found and what is not, rule by rule; and everything cut at every byte.

mod cuts;
mod generate;
mod list;
mod recall;
mod right;
mod wrong;

use std::sync::Arc;

use super::{SecretsDetector, SecretsOptions};
use crate::detector::{Cursor, Detector, Extent, Finding, Matcher, Window};

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

/// All that is found in a text in pieces that end at the given places, and the most that
/// was held.
pub(super) fn in_pieces(matcher: &dyn Matcher, text: &[u8], ends: &[usize]) -> Vec<Seen> {
    let mut cursor = Cursor::default();
    let mut seen: Vec<Seen> = Vec::new();
    for end in ends {
        let base = cursor.at.saturating_sub(crate::LEFT_CONTEXT_BYTES);
        let window = Window {
            text: &text[base..*end],
            from: cursor.at - base,
            last: *end == text.len(),
        };
        if window.from == window.text.len() && !window.last {
            continue;
        }
        let mut found = Vec::new();
        let next = matcher.scan(&window, cursor.carry, &mut found);
        assert!(next.at >= window.from, "the cursor goes on");
        for finding in &found {
            check(finding, &window, next.at);
            add(matcher, &mut seen, finding, base);
        }
        cursor = Cursor {
            at: next.at + base,
            ..next
        };
        if window.last {
            assert_eq!(cursor.at, text.len(), "everything is decided at the end");
        }
    }
    seen
}

fn check(finding: &Finding, window: &Window<'_>, decided: usize) {
    assert!(finding.start >= window.from, "found once");
    assert!(finding.start < finding.end && finding.end <= window.text.len());
    assert!(finding.end <= decided, "what is found is decided");
}

fn add(matcher: &dyn Matcher, seen: &mut Vec<Seen>, finding: &Finding, base: usize) {
    let entity = matcher.entities()[usize::from(finding.entity)]
        .name
        .to_string();
    if finding.extent == Extent::Continues {
        let last = seen.last_mut().expect("a piece continues something");
        assert_eq!((last.end, &last.entity), (finding.start + base, &entity));
        last.end = finding.end + base;
        return;
    }
    seen.push(Seen {
        start: finding.start + base,
        end: finding.end + base,
        entity,
    });
}
