//! Rules of a `gitleaks.toml` over texts, whole and in pieces: `cargo +nightly fuzz run
//! gitleaks`.
//!
//! The first byte of an input is the length of the pieces, what stands before the first
//! NUL is the file, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

use tollgate_policy::{DetectorOptions, SecretsOptions};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((length, input)) = input.split_first() else {
        return;
    };
    let file = input.split(|byte| *byte == 0).next().unwrap_or_default();
    let text = input.get(file.len() + 1..).unwrap_or_default();
    let options = SecretsOptions {
        gitleaks: Some(String::from_utf8_lossy(file).into_owned()),
        threshold: 50,
        ..SecretsOptions::default()
    };
    if let Ok(detector) = DetectorOptions::Secrets(options).build() {
        matcher_reference::check(&*detector, text, usize::from(*length));
    }
});
