//! The real binary as real processes: its command line, its start and end, and what
//! callers see when things go wrong around it.

#![expect(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    clippy::panic,
    reason = "all of this is a test, also what is not marked as one"
)]

mod admin;
mod caller;
mod cli;
mod conformance;
mod drain;
mod failures;
mod hostile;
mod import;
mod models;
mod policy_tests;
mod process;
mod reload;
mod reveal;
mod scan;
mod schema;
mod start;
mod surroundings;
mod tls;
