//! Keys and passwords, in a text as a whole and in pieces: `cargo +nightly fuzz run secrets`.
//!
//! The first byte of an input is the length of the pieces, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

use std::sync::{Arc, LazyLock};

use tollgate_policy::{Detector, DetectorOptions, SecretsOptions};

static DETECTOR: LazyLock<Arc<dyn Detector>> = LazyLock::new(|| {
    let options = SecretsOptions {
        threshold: 50,
        ..SecretsOptions::default()
    };
    DetectorOptions::Secrets(options).build().unwrap()
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((length, text)) = input.split_first() {
        matcher_reference::check(&**DETECTOR, text, usize::from(*length));
    }
});
