//! Deadlines that hold against a side that never pauses.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::task::coop::unconstrained;
use tokio::time::Sleep;

/// Polls a timer; the task is woken when it fires.
///
/// A task that read as much as it may in one turn is told by every other timer that its
/// time has not come. Who sends faster than it is read would then never be too late.
pub fn poll_due(timer: Pin<&mut Sleep>, cx: &mut Context<'_>) -> Poll<()> {
    Pin::new(&mut unconstrained(timer)).poll(cx)
}

#[cfg(test)]
mod tests {
    use std::future::{Future as _, poll_fn};
    use std::pin::pin;
    use std::task::Poll;

    use tokio::task::coop::{has_budget_remaining, poll_proceed};
    use tokio::time::{Instant, sleep_until};

    use super::poll_due;

    #[tokio::test]
    async fn a_timer_fires_also_in_a_task_whose_turn_is_used_up() {
        let mut timer = pin!(sleep_until(Instant::now()));
        timer.as_mut().await;
        poll_fn(|cx| {
            while has_budget_remaining() {
                if let Poll::Ready(unit) = poll_proceed(cx) {
                    unit.made_progress();
                }
            }
            assert!(timer.as_mut().poll(cx).is_pending());
            assert!(poll_due(timer.as_mut(), cx).is_ready());
            Poll::Ready(())
        })
        .await;
    }
}
