//! A credential for a while, and when to ask for the next one.

use std::time::Duration;

use super::Proof;

/// The longest time before its end at which a credential is renewed. Metadata servers
/// give out the same one until about then.
const LEAD_MAX: Duration = Duration::from_secs(5 * 60);
/// The shortest time between two questions.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// How often a file is looked at that says nothing of an end.
const FILE_PERIOD: Duration = Duration::from_secs(60);
/// Never: as long as a process may live.
const NEVER: Duration = Duration::from_secs(10 * 365 * 24 * 3600);
/// The longest pause after failures.
const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// A credential and how long it is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lease {
    pub(crate) proof: Proof,
    /// Where it is from, for `/status`.
    pub(crate) source: &'static str,
    pub(crate) until: Until,
}

/// How long a credential is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// For ever: somebody else replaces it, with a restart.
    Restart,
    /// Until a file has another.
    FileChanges,
    /// Seconds since the epoch.
    Unix(u64),
}

impl Lease {
    /// Seconds since the epoch at which it ends.
    pub(crate) const fn expires_unix_s(&self) -> Option<u64> {
        match self.until {
            Until::Unix(at) => Some(at),
            Until::Restart | Until::FileChanges => None,
        }
    }

    pub(crate) fn is_good(&self, now_unix_s: u64) -> bool {
        self.expires_unix_s().is_none_or(|end| now_unix_s < end)
    }

    /// How long to wait until the next one is asked for: a quarter of what is left is kept
    /// for failures, five minutes at most. `jitter` is any number: processes that started
    /// together do not ask together.
    pub(crate) fn pause(&self, now_unix_s: u64, jitter: u8) -> Duration {
        let end = match self.until {
            Until::Restart => return NEVER,
            Until::FileChanges => return FILE_PERIOD,
            Until::Unix(end) => end,
        };
        let left = Duration::from_secs(end.saturating_sub(now_unix_s));
        let lead = (left / 4).min(LEAD_MAX);
        let early = lead / 4 * u32::from(jitter) / 255;
        left.saturating_sub(lead + early).clamp(PAUSE_MIN, NEVER)
    }
}

/// How long to wait after so many failures in a row, the first being 1.
pub(crate) fn backoff(failures: u32) -> Duration {
    let doubled = PAUSE_MIN.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
    doubled.min(BACKOFF_MAX)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tollgate_types::Secret;

    use super::{Lease, Proof, Until, backoff};

    fn lease(until: Until) -> Lease {
        Lease {
            proof: Proof::Bearer(Secret::new("t".to_owned())),
            source: "test",
            until,
        }
    }

    #[test]
    fn a_credential_is_renewed_ahead_of_its_end() {
        let hour = lease(Until::Unix(10_000 + 3600));
        assert_eq!(hour.pause(10_000, 0), Duration::from_secs(3300));
        assert_eq!(hour.pause(10_000, 255), Duration::from_secs(3225));
        let short = lease(Until::Unix(10_000 + 8));
        assert_eq!(short.pause(10_000, 0), Duration::from_secs(6));
        for jitter in [0, 100, 255] {
            for left in [60, 600, 3600, 86_400] {
                let pause = lease(Until::Unix(left)).pause(0, jitter);
                assert!(pause < Duration::from_secs(left), "{left}");
                assert!(pause >= Duration::from_secs(left) / 2, "{left}");
            }
        }
    }

    #[test]
    fn what_has_ended_or_is_about_to_is_asked_for_at_once_but_not_without_pause() {
        for until in [0, 9_999, 10_000, 10_001] {
            let pause = lease(Until::Unix(until)).pause(10_000, 255);
            assert_eq!(pause, Duration::from_secs(1));
        }
        assert!(lease(Until::Restart).pause(10_000, 0) > Duration::from_secs(1 << 28));
        assert_eq!(
            lease(Until::FileChanges).pause(0, 9),
            Duration::from_secs(60)
        );
    }

    #[test]
    fn a_lease_is_good_until_its_end() {
        let lease = lease(Until::Unix(100));
        assert!(lease.is_good(99) && !lease.is_good(100));
    }

    #[test]
    fn failures_are_repeated_at_a_growing_pause_with_an_end() {
        let pauses: Vec<_> = [1, 2, 3, 6, 40, u32::MAX].map(backoff).into();
        let expected = [1, 2, 4, 30, 30, 30].map(Duration::from_secs);
        assert_eq!(pauses, expected);
    }
}
