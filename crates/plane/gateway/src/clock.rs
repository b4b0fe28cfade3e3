//! The wall clock and durations, as records and keys count them.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

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

/// Nanoseconds since the process first asked: for durations.
pub(crate) fn monotonic_ns() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    nanoseconds(START.elapsed())
}

/// A duration in nanoseconds; saturating after 584 years.
pub(crate) fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
