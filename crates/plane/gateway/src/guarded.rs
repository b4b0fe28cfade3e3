//! A future whose panic is an outcome instead of the end of its connection.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

pin_project_lite::pin_project! {
    /// Gives `None` where the future panics. It is not polled after that; what it held was
    /// dropped when it unwound, or is dropped with this.
    pub(crate) struct Guarded<F> {
        #[pin]
        future: F,
    }
}

impl<F> Guarded<F> {
    pub(crate) const fn new(future: F) -> Self {
        Self { future }
    }
}

impl<F: Future> Future for Guarded<F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.project().future;
        // A request shares nothing but counters, queues and immutable plans with others:
        // there is no half-made state that its end could leave to them.
        match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_reported_by_the_hook) => Poll::Ready(None),
        }
    }
}
