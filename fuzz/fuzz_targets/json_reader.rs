//! The JSON reader against `serde_json`: `cargo +nightly fuzz run json_reader`.

#![no_main]

#[path = "../../crates/core/wire/tests/it/json_reference.rs"]
mod json_reference;

libfuzzer_sys::fuzz_target!(|text: &[u8]| json_reference::check(text));
