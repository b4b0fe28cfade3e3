//! The deadlines of a body that nobody reads: idle time and the whole.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tollgate_config::Timeouts;

use crate::reply::Timer;

/// What the other side was too late with, and how long it had.
pub(super) type Late = (&'static str, Duration);

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

    /// What is overdue although something came just now: a server that never pauses.
    pub(super) fn overdue(&self) -> Option<Late> {
        let (deadline, late) = self.deadline();
        (self.last >= deadline).then_some(late)
    }

    /// Ready when the other side is too late.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Late> {
        let (deadline, late) = self.deadline();
        self.timer.poll(cx, deadline).map(|()| late)
    }

    fn deadline(&self) -> (Instant, Late) {
        let Timeouts {
            between_tokens,
            whole,
            ..
        } = self.timeouts;
        let next = (self.last + between_tokens, ("next byte", between_tokens));
        let end = (self.began + whole, ("end of its answer", whole));
        if next.0 <= end.0 { next } else { end }
    }
}
