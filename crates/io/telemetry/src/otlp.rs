//! Traces: settled records as spans, sent over OTLP (HTTP, protobuf).
//!
//! A sampled record becomes one `SERVER` span and a `CLIENT` span for each attempt,
//! encoded directly from the record (`docs/decisions/0003-otlp-encoded-directly.md`).
//! Encoding is the settler's; sending is a task of its own and never holds it up:
//! what does not fit its bounds is dropped and counted.

mod attributes;
mod batch;
mod export;
mod protobuf;
mod span;

pub(crate) use batch::SpanBuffer;
pub use export::{
    BoxError, Delivery, SpanExporter, SpanTransport, TRACES_CONTENT_TYPE, traces_url,
};

#[cfg(test)]
mod tests;
