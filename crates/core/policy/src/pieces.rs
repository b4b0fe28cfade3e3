//! Runs detectors over texts in pieces, for tests.

use std::sync::Arc;

use crate::LEFT_CONTEXT_BYTES;
use crate::detector::{Cursor, Detector, Finding, Matcher, Window};

/// What the matchers of a detector find in a text that arrives in pieces with these
/// ends, in offsets of the whole text and in order; as a scanner shows it to them.
pub(crate) fn in_pieces(detector: &dyn Detector, text: &[u8], ends: &[usize]) -> Vec<Finding> {
    let matchers = detector.matchers().iter();
    let found = matchers.flat_map(|matcher| in_pieces_of(&**matcher, text, ends));
    let mut all: Vec<Finding> = found.collect();
    all.sort_by_key(|found| (found.start, found.end, found.entity));
    all
}

/// The same for one matcher, in the order in which it finds.
pub(crate) fn in_pieces_of(matcher: &dyn Matcher, text: &[u8], ends: &[usize]) -> Vec<Finding> {
    found_and_held(matcher, text, ends).0
}

/// The same, and the most bytes that were held back.
pub(crate) fn found_and_held(
    matcher: &dyn Matcher,
    text: &[u8],
    ends: &[usize],
) -> (Vec<Finding>, usize) {
    let mut all: Vec<Finding> = Vec::new();
    let mut cursor = Cursor::default();
    let mut held = 0;
    for end in ends {
        let base = cursor.at.saturating_sub(LEFT_CONTEXT_BYTES);
        let window = Window {
            text: &text[base..*end],
            from: cursor.at - base,
            last: *end == text.len(),
        };
        let mut found = Vec::new();
        let next = matcher.scan(&window, cursor.carry, &mut found);
        for found in &found {
            assert!(found.start >= window.from && found.start < found.end);
            assert!(found.end <= window.text.len());
            assert!(usize::from(found.entity) < matcher.entities().len());
        }
        assert!((window.from..=window.text.len()).contains(&next.at));
        held = held.max(window.text.len() - next.at);
        for found in found {
            let found = Finding {
                start: base + found.start,
                end: base + found.end,
                ..found
            };
            assert!(!all.contains(&found), "found again");
            all.push(found);
        }
        cursor = Cursor {
            at: base + next.at,
            carry: next.carry,
        };
    }
    assert_eq!(cursor.at, text.len(), "everything is decided at the end");
    (all, held)
}

/// The texts of what a detector finds.
pub(crate) fn values(detector: &dyn Detector, text: &[u8]) -> Vec<String> {
    let found = scored(detector, text).into_iter();
    found.map(|(value, _)| value).collect()
}

/// The texts of what a detector finds, and how sure they are in hundredths.
pub(crate) fn scored(detector: &dyn Detector, text: &[u8]) -> Vec<(String, u8)> {
    let found = in_pieces(detector, text, &[text.len()]).into_iter();
    let value = |found: &Finding| String::from_utf8_lossy(&text[found.start..found.end]).into();
    found
        .map(|found| (value(&found), found.score.hundredths()))
        .collect()
}

/// How much of a text is held back when more may follow.
pub(crate) fn held(detector: &dyn Detector, text: &[u8]) -> usize {
    let window = Window {
        text,
        from: 0,
        last: false,
    };
    let matchers: &[Arc<dyn Matcher>] = detector.matchers();
    let places = matchers
        .iter()
        .map(|matcher| matcher.scan(&window, 0, &mut Vec::new()).at);
    text.len() - places.min().unwrap_or(text.len())
}
