//! The deadlines of a body that nobody reads: idle time and the whole.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tollgate_config::Timeouts;

use super::timer::Timer;

/// A clock for one exchange.
#[derive(Debug)]
pub(crate) struct IdleClock {
    began: Instant,
    last: Instant,
    timeouts: Timeouts,
    timer: Timer,
}

impl IdleClock {
    /// A clock for an exchange that began at `began`.
    pub(crate) fn new(began: Instant, timeouts: Timeouts) -> Self {
        Self {
            began,
            last: Instant::now(),
            timeouts,
            timer: Timer::default(),
        }
    }

    /// Something came.
    pub(crate) fn note(&mut self) {
        self.last = Instant::now();
    }

    /// Time since the exchange began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// Ready when the other side is too late.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline =
            (self.last + self.timeouts.between_tokens).min(self.began + self.timeouts.whole);
        self.timer.poll(cx, deadline)
    }
}
