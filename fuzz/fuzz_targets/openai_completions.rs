//! OpenAI Completions in every role: `cargo +nightly fuzz run openai_completions`.
//!
//! The first byte of an input is the length of a stream's frames, the rest is what
//! arrives.

#![no_main]

#[path = "../../crates/core/formats/tests/it/any_bytes.rs"]
mod any_bytes;

use tollgate_formats::FormatId;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((cut, bytes)) = input.split_first() {
        any_bytes::check(FormatId::OpenaiCompletions, bytes, usize::from(*cut));
    }
});
