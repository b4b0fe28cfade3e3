//! The deadlines of a running stream.

use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Instant;
use tollgate_config::Timeouts;

use super::super::Watch;
use super::super::timer::Timer;
use crate::settle::nanoseconds;

/// What the provider was too slow with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expired {
    /// Its first content.
    FirstToken,
    /// The next event.
    BetweenTokens,
    /// The whole answer.
    Whole,
    /// The end mark of an answer that is whole.
    End,
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
    pub(super) fn note(&mut self, watch: &Watch) {
        self.last_event = Instant::now();
        if watch.has_content() {
            self.first_content.get_or_insert(self.last_event);
        }
    }

    /// Time since the attempt began.
    pub(super) fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    /// From the begin of the attempt to its first content.
    pub(super) fn first_content_ns(&self) -> Option<u64> {
        self.first_content
            .map(|first| nanoseconds(first - self.began))
    }

    /// Ready when the provider is too late.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, watch: &Watch) -> Poll<Expired> {
        let (deadline, expired) = self.deadline(watch);
        self.timer.poll(cx, deadline).map(|()| expired)
    }

    fn deadline(&self, watch: &Watch) -> (Instant, Expired) {
        let whole = (self.began + self.timeouts.whole, Expired::Whole);
        let next = if watch.is_whole() {
            // Usage and the end mark may still come; without them the answer is whole too.
            (self.last_event + self.timeouts.between_tokens, Expired::End)
        } else if self.first_content.is_none() {
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
