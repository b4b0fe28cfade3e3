//! The SSE reader against a naive one, in frames: `cargo +nightly fuzz run sse`.
//!
//! The first four bytes of an input are the lengths of the frames, the rest is the stream.

#![no_main]

#[path = "../../crates/core/wire/tests/it/sse_reference.rs"]
mod sse_reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((lengths, stream)) = input.split_first_chunk::<4>() {
        sse_reference::check(stream, &lengths.map(usize::from));
    }
});
