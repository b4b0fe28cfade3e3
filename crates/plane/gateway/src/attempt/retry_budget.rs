//! How many retries a target may get: a share of its requests, and some per second in any case.
//!
//! When a provider is down, every request that tries it again makes it worse. The
//! budget bounds that: with the default of 20 %, a failing target gets at most 1.2
//! times its normal traffic. It lives outside the snapshot, so a reload resets nothing.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tollgate_config::Failover;

/// One retry, in the unit of the account.
const RETRY: i64 = 1000;
/// What a quiet second is worth at most: savings do not pile up for ever.
const SAVED_SECONDS_MAX: u64 = 10;

/// The account of one target. Deposits and withdrawals are single atomic operations.
#[derive(Debug, Default)]
pub(crate) struct RetryBudget {
    balance: AtomicI64,
    /// Milliseconds of the process clock at which the time-based share was last paid.
    paid_until_ms: AtomicU64,
}

impl RetryBudget {
    /// A first try was made: pays in the share that a request is worth.
    pub(crate) fn deposit(&self, failover: &Failover) {
        let share = i64::from(failover.retry_budget_percent) * RETRY / 100;
        if self.balance.load(Ordering::Relaxed) < Self::cap(failover) {
            self.balance.fetch_add(share, Ordering::Relaxed);
        }
    }

    /// Takes one retry out; `None` when there is none. `since_start` is the process clock.
    pub(crate) fn withdraw(
        &self,
        failover: &Failover,
        since_start: Duration,
    ) -> Option<Withdrawal<'_>> {
        self.pay_time(failover, since_start);
        let before = self.balance.fetch_sub(RETRY, Ordering::Relaxed);
        let withdrawal = Withdrawal(Some(&self.balance));
        (before >= RETRY).then_some(withdrawal)
    }

    fn pay_time(&self, failover: &Failover, since_start: Duration) {
        // A process that has just started has the share of one second.
        let now = since_start.saturating_add(Duration::from_secs(1));
        let now_ms = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
        let before_ms = self.paid_until_ms.fetch_max(now_ms, Ordering::Relaxed);
        let elapsed_ms = now_ms
            .saturating_sub(before_ms)
            .min(SAVED_SECONDS_MAX * 1000);
        let earned = i64::try_from(elapsed_ms).unwrap_or(0)
            * i64::from(failover.retry_budget_per_second_min)
            * RETRY
            / 1000;
        if earned > 0 && self.balance.load(Ordering::Relaxed) < Self::cap(failover) {
            self.balance.fetch_add(earned, Ordering::Relaxed);
        }
    }

    /// The most that is saved: ten seconds of the guaranteed rate, and at least a hundred retries.
    fn cap(failover: &Failover) -> i64 {
        let saved = i64::from(failover.retry_budget_per_second_min)
            * i64::try_from(SAVED_SECONDS_MAX).unwrap_or(0);
        saved.max(100) * RETRY
    }
}

/// A retry that was taken out. Unless it is spent it goes back: a caller may leave, or
/// its time may end, while the back-off lasts.
#[derive(Debug)]
pub(crate) struct Withdrawal<'b>(Option<&'b AtomicI64>);

impl Withdrawal<'_> {
    /// The retry is made.
    pub(crate) fn spend(mut self) {
        self.0 = None;
    }
}

impl Drop for Withdrawal<'_> {
    fn drop(&mut self) {
        if let Some(balance) = self.0 {
            balance.fetch_add(RETRY, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failover(percent: u32, per_second: u32) -> Failover {
        Failover {
            attempts_max: 3,
            hold: Duration::ZERO,
            hold_bytes_max: 0,
            backoff: Duration::ZERO,
            backoff_max: Duration::ZERO,
            retry_budget_percent: percent,
            retry_budget_per_second_min: per_second,
        }
    }

    fn is_granted(budget: &RetryBudget, failover: &Failover, at: Duration) -> bool {
        let withdrawal = budget.withdraw(failover, at);
        withdrawal.map(Withdrawal::spend).is_some()
    }

    #[test]
    fn a_retry_that_is_not_made_goes_back() {
        let (budget, failover) = (RetryBudget::default(), failover(0, 1));
        for _ in 0..3 {
            assert!(budget.withdraw(&failover, Duration::ZERO).is_some());
        }
        assert!(is_granted(&budget, &failover, Duration::ZERO));
        assert!(!is_granted(&budget, &failover, Duration::ZERO));
    }

    #[test]
    fn retries_are_a_share_of_requests() {
        let (budget, failover) = (RetryBudget::default(), failover(20, 0));
        for _ in 0..50 {
            budget.deposit(&failover);
        }
        let granted = (0..50)
            .filter(|_| is_granted(&budget, &failover, Duration::ZERO))
            .count();
        assert_eq!(granted, 10);
    }

    #[test]
    fn a_quiet_target_still_gets_its_rate_and_no_more() {
        let (budget, failover) = (RetryBudget::default(), failover(0, 10));
        let granted = |at: Duration| {
            (0..100)
                .filter(|_| is_granted(&budget, &failover, at))
                .count()
        };
        assert_eq!(granted(Duration::ZERO), 10);
        assert_eq!(granted(Duration::ZERO), 0);
        assert_eq!(granted(Duration::from_secs(1)), 10);
        assert_eq!(granted(Duration::from_millis(1500)), 5);
        assert_eq!(
            granted(Duration::from_secs(10_000)),
            100,
            "savings are capped"
        );
    }
}
