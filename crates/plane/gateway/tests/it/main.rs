//! The gateway over real sockets, between callers and simulated providers.
//!
//! Every test sees three sides of a request: what the caller got, what the provider's
//! books say, and the record that was settled. `bench` puts the parts together as the
//! command line does; `speech` reads and writes both wire formats on its own, so that a
//! mistake of the gateway's codecs shows.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "all of this is a test, also what is not marked as one"
)]

mod ask;
mod bench;
mod sockets;
mod speech;
mod stub;

mod catalogue;
mod chat;
mod clouds;
mod completions;
mod counts;
mod credentials;
mod failover;
mod gemini;
mod hangups;
mod heads;
mod held;
mod limits;
mod observed;
mod operations;
mod outputs;
mod pass_through;
mod plain;
mod policies;
mod preserved;
mod pressure;
mod prompts;
mod refusals;
mod reload;
mod responses;
mod retries;
mod route_policies;
mod routing;
mod streams;
mod tools;
mod wire;
