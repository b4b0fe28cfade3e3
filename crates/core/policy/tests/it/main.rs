//! The machine over the real formats: whole bodies and streams, redacted and blocked.

mod bodies;
mod streams;
mod support;
