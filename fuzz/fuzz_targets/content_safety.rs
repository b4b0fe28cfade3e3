//! Windows of a text as a whole and in pieces: `cargo +nightly fuzz run content_safety`.
//!
//! The first byte of an input is the length of the pieces, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

use std::sync::{Arc, LazyLock};

use tollgate_policy::{Detector, ContentSafetyOptions, DetectorOptions, SafetyHold, SafetyLimit, Score};

static DETECTOR: LazyLock<Arc<dyn Detector>> = LazyLock::new(|| {
    let options = ContentSafetyOptions {
        limit: SafetyLimit::Probability(Score::percent(30)),
        hold: SafetyHold::Window(256),
        ..ContentSafetyOptions::default()
    };
    DetectorOptions::ContentSafety(options).build().unwrap()
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((length, text)) = input.split_first() {
        matcher_reference::check(&**DETECTOR, text, usize::from(*length));
    }
});
