//! Windows of a text as a whole and in two pieces: `cargo +nightly fuzz run content_safety`.
//!
//! The first two bytes of an input say where the text is cut, the rest is the text.

#![no_main]

use std::sync::LazyLock;

use tollgate_policy::{
    ContentSafetyDetector, ContentSafetyOptions, Cursor, Detector, Finding, SafetyHold,
    SafetyLimit, Score, Window,
};

static DETECTOR: LazyLock<ContentSafetyDetector> = LazyLock::new(|| {
    let options = ContentSafetyOptions {
        limit: SafetyLimit::Probability(Score::percent(30)),
        hold: SafetyHold::Window(256),
        ..ContentSafetyOptions::default()
    };
    ContentSafetyDetector::new(&options).expect("the model is in the binary")
});

fn scan(text: &[u8], from: usize, last: bool, found: &mut Vec<Finding>) -> Cursor {
    let window = Window { text, from, last };
    DETECTOR.matchers()[0].scan(&window, 0, found)
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((cut, text)) = input.split_first_chunk::<2>() else {
        return;
    };
    let cut = usize::from(u16::from_le_bytes(*cut)).min(text.len());
    let mut whole = Vec::new();
    assert_eq!(scan(text, 0, true, &mut whole).at, text.len());
    let mut pieces = Vec::new();
    let cursor = scan(&text[..cut], 0, false, &mut pieces);
    scan(text, cursor.at, true, &mut pieces);
    assert_eq!(pieces, whole);
});
