//! The crate over real sockets, each on a port that the system chose.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also what is not marked as one"
)]

mod drain;
mod http2;
mod server;
mod streams;
mod support;
mod tls;
mod uploads;
mod upstream;
