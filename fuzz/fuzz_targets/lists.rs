//! Patterns, words and schemas over texts, whole and in pieces: `cargo +nightly fuzz run
//! lists`.
//!
//! The first byte of an input is the length of the pieces, what stands before the first line
//! end is what the configuration writes, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/list_reference.rs"]
mod list_reference;
#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((length, input)) = input.split_first() else {
        return;
    };
    let written = input
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    let text = input.get(written.len() + 1..).unwrap_or_default();
    list_reference::check(
        &String::from_utf8_lossy(written),
        text,
        usize::from(*length),
    );
});
