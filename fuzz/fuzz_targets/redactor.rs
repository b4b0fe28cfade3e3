//! Redaction of a text as a whole and in pieces: `cargo +nightly fuzz run redactor`.
//!
//! The first four bytes of an input are the lengths of the pieces, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/cut_reference.rs"]
mod cut_reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((lengths, text)) = input.split_first_chunk::<4>() {
        cut_reference::check(&String::from_utf8_lossy(text), *lengths);
    }
});
