//! Providers as data.
//!
//! A kind of provider is one entry of [`PROVIDERS`]: where it is, which wire formats it
//! speaks, how it wants its credential. Nothing else in the program names one.

mod provider;

pub use provider::{Auth, Nature, PROVIDERS, Provider, ProviderKind};
