//! The words every other crate speaks: secrets and where they travel, money, usage and
//! error classes.
//!
//! Plain data with no I/O and no clock. A type belongs here only when crates on
//! different floors must agree on it.

mod class;
mod header;
mod money;
mod secret;
mod usage;

pub use class::{ErrorClass, Retry};
pub use header::is_credential_header;
pub use money::Money;
pub use secret::Secret;
pub use usage::{Tier, Usage};
