//! Whose turn it is: the order of attempts within one request. Pure; time is an argument.
//!
//! First every candidate gets one try, in order and without a wait: another target
//! is not the one that failed. Then those that may recover are tried again, the
//! earliest ready first, after a back-off or the `Retry-After` they asked for.

use std::time::Duration;

use smallvec::SmallVec;
use tokio::time::Instant;
use tollgate_config::Failover;
use tollgate_plan::{Candidates, TargetId};
use tollgate_types::{ErrorClass, Retry};

/// A turn: whom to try, and from when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// The target.
    pub(super) target: TargetId,
    /// Wait until then; `None` for at once.
    pub(super) not_before: Option<Instant>,
    /// True when this target failed this request before: it costs its retry budget.
    pub(super) is_retry: bool,
}

/// What is known of one candidate.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    target: TargetId,
    tries: u32,
    /// `None` until it failed once.
    ready_at: Option<Instant>,
    /// Further tries are pointless.
    out: bool,
}

/// The turns of one request.
#[derive(Debug)]
pub(super) struct Turns<'f> {
    failover: &'f Failover,
    candidates: SmallVec<[Candidate; 4]>,
    left: u32,
}

impl<'f> Turns<'f> {
    pub(super) fn new(candidates: &Candidates, failover: &'f Failover) -> Self {
        let candidates = candidates.iter().map(|target| Candidate {
            target: *target,
            tries: 0,
            ready_at: None,
            out: false,
        });
        Self {
            failover,
            candidates: candidates.collect(),
            left: failover.attempts_max,
        }
    }

    /// The next turn, if any candidate and any attempt is left.
    pub(super) fn next(&mut self) -> Option<Turn> {
        self.left = self.left.checked_sub(1)?;
        let alive = self
            .candidates
            .iter_mut()
            .filter(|candidate| !candidate.out);
        let candidate = alive.min_by_key(|candidate| (candidate.tries, candidate.ready_at))?;
        candidate.tries += 1;
        Some(Turn {
            target: candidate.target,
            not_before: candidate.ready_at,
            is_retry: candidate.tries > 1,
        })
    }

    /// Records a failure. `random` spreads the back-off over its whole width.
    pub(super) fn failed(
        &mut self,
        target: TargetId,
        class: ErrorClass,
        retry_after: Option<Duration>,
        now: Instant,
        random: u64,
    ) {
        let longest = self.failover.backoff_max;
        let Some(candidate) = self
            .candidates
            .iter_mut()
            .find(|candidate| candidate.target == target)
        else {
            return;
        };
        let doubled = self
            .failover
            .backoff
            .saturating_mul(1 << candidate.tries.saturating_sub(1).min(16))
            .min(longest);
        let jitter = doubled.mul_f64(f64::from((random >> 40) as u32) / f64::from(1_u32 << 24));
        let wait = retry_after.unwrap_or(jitter);
        candidate.out = class.retry() != Retry::Anywhere || wait > longest;
        candidate.ready_at = Some(now + wait.min(longest));
    }

    /// Takes a candidate out: its retry budget is spent.
    pub(super) fn give_up(&mut self, target: TargetId) {
        if let Some(candidate) = self
            .candidates
            .iter_mut()
            .find(|candidate| candidate.target == target)
        {
            candidate.out = true;
        }
        // The turn was not used.
        self.left = self.left.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILED: ErrorClass = ErrorClass::ProviderFailed;

    fn failover(attempts_max: u32) -> Failover {
        Failover {
            attempts_max,
            hold: Duration::from_secs(1),
            hold_bytes_max: 1024,
            backoff: Duration::from_millis(100),
            backoff_max: Duration::from_millis(2000),
            retry_budget_percent: 20,
            retry_budget_per_second_min: 10,
        }
    }

    fn candidates(count: usize) -> Candidates {
        (0..count).map(TargetId).collect()
    }

    #[test]
    fn every_target_gets_a_first_try_before_any_gets_a_second() {
        let failover = failover(5);
        let mut turns = Turns::new(&candidates(2), &failover);
        let now = Instant::now();
        let first = turns.next().expect("first");
        assert_eq!(
            first,
            Turn {
                target: TargetId(0),
                not_before: None,
                is_retry: false
            }
        );
        turns.failed(first.target, FAILED, None, now, u64::MAX);
        let second = turns.next().expect("second");
        assert_eq!(
            second,
            Turn {
                target: TargetId(1),
                not_before: None,
                is_retry: false
            }
        );
        turns.failed(
            second.target,
            FAILED,
            Some(Duration::from_millis(10)),
            now,
            0,
        );
        let third = turns.next().expect("third");
        assert_eq!(third.target, TargetId(1), "it asked for the shorter wait");
        assert!(third.is_retry);
        assert_eq!(third.not_before, Some(now + Duration::from_millis(10)));
    }

    #[test]
    fn back_off_doubles_with_full_jitter_up_to_its_limit() {
        let failover = failover(9);
        let mut turns = Turns::new(&candidates(1), &failover);
        let now = Instant::now();
        for expected in [100_u64, 200, 400, 800, 1600, 2000, 2000] {
            let turn = turns.next().expect("a turn");
            turns.failed(turn.target, FAILED, None, now, u64::MAX);
            let wait = turns.candidates[0].ready_at.expect("failed") - now;
            assert!(
                wait.as_millis().abs_diff(u128::from(expected)) <= 1,
                "{wait:?} for {expected}"
            );
        }
        turns.failed(TargetId(0), FAILED, None, now, 0);
        assert_eq!(
            turns.candidates[0].ready_at,
            Some(now),
            "jitter reaches down to nothing"
        );
    }

    #[test]
    fn a_retry_after_over_the_limit_ends_the_candidate() {
        let failover = failover(3);
        let mut turns = Turns::new(&candidates(1), &failover);
        let turn = turns.next().expect("first");
        turns.failed(
            turn.target,
            ErrorClass::ProviderRateLimited,
            Some(Duration::from_secs(30)),
            Instant::now(),
            0,
        );
        assert_eq!(turns.next(), None);
    }

    #[test]
    fn a_refused_credential_is_not_tried_twice() {
        let failover = failover(3);
        let mut turns = Turns::new(&candidates(2), &failover);
        let turn = turns.next().expect("first");
        turns.failed(
            turn.target,
            ErrorClass::ProviderCredential,
            None,
            Instant::now(),
            0,
        );
        assert_eq!(turns.next().map(|turn| turn.target), Some(TargetId(1)));
        turns.failed(
            TargetId(1),
            ErrorClass::ProviderCredential,
            None,
            Instant::now(),
            0,
        );
        assert_eq!(turns.next(), None);
    }

    #[test]
    fn attempts_are_limited() {
        let failover = failover(1);
        let mut turns = Turns::new(&candidates(3), &failover);
        assert!(turns.next().is_some());
        assert_eq!(turns.next(), None);
    }

    #[test]
    fn a_spent_budget_leaves_the_attempt_to_others() {
        let failover = failover(2);
        let mut turns = Turns::new(&candidates(2), &failover);
        let turn = turns.next().expect("first");
        turns.give_up(turn.target);
        assert!(turns.next().is_some());
        assert_eq!(turns.next().map(|turn| turn.target), Some(TargetId(1)));
    }
}
