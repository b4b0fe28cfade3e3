//! The wall clock and durations, as records and keys count them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since the epoch; zero for a clock before it.
fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// Seconds since the epoch.
pub(crate) fn now_unix_s() -> u64 {
    since_epoch().as_secs()
}

/// Nanoseconds since the epoch.
pub(crate) fn now_unix_ns() -> u64 {
    nanoseconds(since_epoch())
}

/// A duration in nanoseconds; saturating after 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
