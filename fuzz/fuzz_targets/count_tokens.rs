//! Requests whose tokens are counted, and the counts, in every role: `cargo +nightly fuzz run count_tokens`.
//!
//! The first byte of an input is the length of a stream's frames, the rest is what
//! arrives.

#![no_main]

#[path = "../../crates/core/formats/tests/it/any_bytes.rs"]
mod any_bytes;

use tollgate_formats::FormatId;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((cut, bytes)) = input.split_first() {
        for format in [
            FormatId::AnthropicCount,
            FormatId::GeminiCount,
            FormatId::VertexCount,
            FormatId::OpenaiCount,
            FormatId::BedrockCount,
        ] {
            any_bytes::check(format, bytes, usize::from(*cut));
        }
    }
});
