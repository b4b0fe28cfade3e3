//! The deadlines of a body that nobody reads: idle time and the whole.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tollgate_config::Timeouts;

use crate::reply::Timer;

/// A clock for one exchange.
#[derive(Debug)]
pub(super) struct IdleClock {
    began: Instant,
    last: Instant,
    timeouts: Timeouts,
    timer: Timer,
}

impl IdleClock {
    /// A clock for an exchange that began at `began`.
    pub(super) fn new(began: Instant, timeouts: Timeouts) -> Self {
        Self {
            began,
            last: Instant::now(),
            timeouts,
            timer: Timer::default(),
        }
    }

    /// Something came.
    pub(super) fn note(&mut self) {
        self.last = Instant::now();
    }

    /// Ready when the other side is too late: with what, and how long it had.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(&'static str, Duration)> {
        let Timeouts {
            between_tokens,
            whole,
            ..
        } = self.timeouts;
        let next = (self.last + between_tokens, "next byte", between_tokens);
        let end = (self.began + whole, "end of its answer", whole);
        let (deadline, waited_for, limit) = if next.0 <= end.0 { next } else { end };
        self.timer.poll(cx, deadline).map(|()| (waited_for, limit))
    }
}
