//! Whether a provider answers, as the process log tells it: when that changes, and not
//! for each request.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::time::Instant;
use tollgate_types::ErrorClass;

/// After a warning the next one about the same provider comes this much later, so that
/// one which comes and goes does not fill the log: two lines a minute at most.
const QUIET_MS: u64 = 60_000;

/// What was last said of a provider. A new snapshot begins anew: what it changed may be
/// what was wrong.
#[derive(Debug)]
pub(crate) struct Health {
    born: Instant,
    is_failing: AtomicBool,
    quiet_until_ms: AtomicU64,
}

impl Health {
    /// Nothing has been said.
    pub(super) fn new() -> Self {
        Self {
            born: Instant::now(),
            is_failing: AtomicBool::new(false),
            quiet_until_ms: AtomicU64::new(0),
        }
    }

    /// An attempt failed. `cause` is what operators read.
    pub(crate) fn failed(&self, provider: &str, class: ErrorClass, cause: &str) {
        // Of other failures the provider itself knows, and the metrics tell.
        let is_for_us = matches!(
            class,
            ErrorClass::ProviderUnreachable
                | ErrorClass::ProviderTimeout
                | ErrorClass::ProviderProtocol
                | ErrorClass::ProviderCredential
        );
        let now_ms = || u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX);
        if is_for_us && self.is_news(now_ms) {
            tracing::warn!(
                provider,
                class = class.label(),
                error = cause,
                "a provider fails"
            );
        }
    }

    /// An attempt was answered.
    pub(crate) fn answered(&self, provider: &str) {
        if self.is_failing.load(Ordering::Relaxed) && self.is_failing.swap(false, Ordering::Relaxed)
        {
            tracing::info!(provider, "a provider answers again");
        }
    }

    fn is_news(&self, now_ms: impl Fn() -> u64) -> bool {
        if self.is_failing.load(Ordering::Relaxed) {
            return false;
        }
        let (now_ms, quiet) = (now_ms(), self.quiet_until_ms.load(Ordering::Relaxed));
        let is_first = now_ms >= quiet
            && self
                .quiet_until_ms
                .compare_exchange(
                    quiet,
                    now_ms.saturating_add(QUIET_MS),
                    Ordering::Relaxed,
                    Ordering::Relaxed,
                )
                .is_ok();
        if is_first {
            self.is_failing.store(true, Ordering::Relaxed);
        }
        is_first
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, QUIET_MS};

    #[tokio::test]
    async fn a_failure_is_news_once_until_an_answer_comes() {
        let health = Health::new();
        assert!(health.is_news(|| 5));
        assert!(!health.is_news(|| 5) && !health.is_news(|| 10 * QUIET_MS));
        health.answered("a");
        assert!(health.is_news(|| 10 * QUIET_MS));
    }

    #[tokio::test]
    async fn a_provider_that_comes_and_goes_is_not_news_each_time() {
        let health = Health::new();
        let said = (0..QUIET_MS * 3).step_by(10).filter(|now_ms| {
            health.answered("a");
            health.is_news(|| *now_ms)
        });
        assert_eq!(said.count(), 3);
    }
}
