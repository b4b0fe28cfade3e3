//! A customer's own records, in a text as a whole and in pieces: `cargo +nightly fuzz run fingerprints`.
//!
//! The first byte of an input is the length of the pieces, the rest is the text.

#![no_main]

#[path = "../../crates/core/policy/tests/it/matcher_reference.rs"]
mod matcher_reference;

use std::sync::{Arc, LazyLock};

use tollgate_policy::{Detector, DetectorOptions, FingerprintList, FingerprintsOptions, Keys, fingerprints};

static DETECTOR: LazyLock<Arc<dyn Detector>> = LazyLock::new(|| {
    let records = ["Anna Schmidt", "AB-1234567", "12 34 56 78", "4711", "x@y.example"];
    let options = FingerprintsOptions {
        lists: vec![FingerprintList {
            name: "records".into(),
            hashes: fingerprints(records, b"salt").hashes.into(),
        }],
        ..FingerprintsOptions::default()
    };
    let detector = DetectorOptions::Fingerprints(options).build().unwrap();
    detector.arm(&Keys::new([&b"salt"[..]])).unwrap();
    detector
});

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    if let Some((length, text)) = input.split_first() {
        matcher_reference::check(&**DETECTOR, text, usize::from(*length));
    }
});
