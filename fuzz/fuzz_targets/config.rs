//! Configuration as a text, as two layers and as a kept archive:
//! `cargo +nightly fuzz run config`.

#![no_main]

#[path = "../../crates/core/config/tests/it/any_text.rs"]
mod any_text;

libfuzzer_sys::fuzz_target!(|text: &str| any_text::check(text));
