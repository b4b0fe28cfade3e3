//! What the pass over numbers makes of forms, checks and words.

use super::super::{PiiDetector, PiiOptions};
use crate::detector::{Detector, Finding, Window};

/// What one entity finds in a text, and how sure.
pub(in crate::detectors::pii) fn scored(entity: &str, text: &str) -> Vec<(String, u8)> {
    let detector = PiiDetector::new(&PiiOptions::of([entity])).unwrap();
    let mut found: Vec<Finding> = Vec::new();
    let window = Window {
        text: text.as_bytes(),
        from: 0,
        last: true,
    };
    for matcher in detector.matchers() {
        matcher.scan(&window, 0, &mut found);
    }
    found
        .iter()
        .map(|found| {
            (
                text[found.start..found.end].to_owned(),
                found.score.hundredths(),
            )
        })
        .collect()
}
