//! Credentials of clouds, against servers that speak their token endpoints.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "all of this is a test, also what is not marked as one"
)]

mod aws;
mod azure;
mod google;
mod renewed;
mod server;
