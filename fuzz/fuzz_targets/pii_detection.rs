//! Personal data of every kind, in a text as a whole and in pieces: `cargo +nightly fuzz run pii_detection`.
//!
//! The first byte of an input is the length of the pieces, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

use std::sync::{Arc, LazyLock};

use tollgate_policy::{Detector, DetectorOptions, PiiOptions};

static DETECTOR: LazyLock<Arc<dyn Detector>> = LazyLock::new(|| {
    let options = PiiOptions::of(["all"]);
    DetectorOptions::PiiDetection(options).build().unwrap()
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((length, text)) = input.split_first() {
        matcher_reference::check(&**DETECTOR, text, usize::from(*length));
    }
});
