//! The deadlines of a running stream.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tollgate_config::Timeouts;

use super::super::Observed;
use super::super::timer::Timer;
use crate::clock::nanoseconds;

/// What the provider was too slow with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// Its first content.
    FirstToken,
    /// The next event.
    BetweenTokens,
    /// The whole answer.
    Whole,
}

#[derive(Debug)]
pub(super) struct Clock {
    timeouts: Timeouts,
    began: Instant,
    last_event: Instant,
    first_content: Option<Instant>,
    timer: Timer,
}

impl Clock {
    pub(super) fn new(timeouts: Timeouts, began: Instant) -> Self {
        Self {
            timeouts,
            began,
            last_event: Instant::now(),
            first_content: None,
            timer: Timer::default(),
        }
    }

    /// Something came.
    pub(super) fn note(&mut self, observed: &Observed) {
        self.last_event = Instant::now();
        if observed.has_content() {
            self.first_content.get_or_insert(self.last_event);
        }
    }

    /// From the begin of the attempt to its first content.
    pub(super) fn first_content_ns(&self) -> Option<u64> {
        self.first_content
            .map(|first| nanoseconds(first - self.began))
    }

    /// Ready when the provider is too late.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, observed: &Observed) -> Poll<Expired> {
        let (deadline, expired) = self.deadline(observed);
        self.timer.poll(cx, deadline).map(|()| expired)
    }

    /// What is overdue although something came just now: a provider that never pauses.
    pub(super) fn overdue(&self, observed: &Observed) -> Option<Expired> {
        let (deadline, expired) = self.deadline(observed);
        (self.last_event >= deadline).then_some(expired)
    }

    /// What was waited for, and how long.
    pub(super) const fn limit(&self, expired: Expired) -> (&'static str, Duration) {
        match expired {
            Expired::FirstToken => ("content", self.timeouts.first_token),
            Expired::BetweenTokens => ("next event", self.timeouts.between_tokens),
            Expired::Whole => ("end of its answer", self.timeouts.whole),
        }
    }

    fn deadline(&self, observed: &Observed) -> (Instant, Expired) {
        let whole = (self.began + self.timeouts.whole, Expired::Whole);
        // An answer may be whole without content; usage and the end mark may still come.
        let next = if self.first_content.is_none() && !observed.is_whole() {
            (self.began + self.timeouts.first_token, Expired::FirstToken)
        } else {
            (
                self.last_event + self.timeouts.between_tokens,
                Expired::BetweenTokens,
            )
        };
        if next.0 <= whole.0 { next } else { whole }
    }
}
