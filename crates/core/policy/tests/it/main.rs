//! The machine over the real formats: whole bodies and streams, redacted and blocked.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something is not as it says"
)]

mod bodies;
mod coverage;
mod cut_reference;
mod ends;
mod hidden;
mod keyed;
mod limits;
mod list_reference;
mod lists;
mod matcher_reference;
mod spread;
mod streams;
mod styles;
mod support;
mod unchecked;
