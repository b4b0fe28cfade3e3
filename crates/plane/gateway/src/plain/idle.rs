//! The deadlines of a body that nobody reads: idle time and the whole.

use std::task::{Context, Poll};

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

    /// Ready when the other side is too late.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let deadline =
            (self.last + self.timeouts.between_tokens).min(self.began + self.timeouts.whole);
        self.timer.poll(cx, deadline)
    }
}
