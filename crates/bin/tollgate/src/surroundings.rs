//! What the process finds around itself: its version, its environment, the clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// The product's version.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// A set, non-empty environment variable.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Seconds since the epoch; 0 for a clock before it.
pub(crate) fn now_unix_s() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
