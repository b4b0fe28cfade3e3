//! Paths to texts against a slow walk: `cargo +nightly fuzz run text_paths`.
//!
//! The first byte of an input chooses the paths, the rest is the body.

#![no_main]

#[path = "../../crates/core/formats/tests/it/paths_reference.rs"]
mod paths_reference;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((set, body)) = input.split_first() {
        let paths = paths_reference::PATHS[usize::from(*set) % paths_reference::PATHS.len()];
        let _refused = paths_reference::check(paths, body);
    }
});
