//! One HTTP/2 request in its task, and how long its caller may let the answer stand.
//!
//! The socket of an HTTP/2 connection flows even when one of its streams does not. hyper
//! holds a frame for which the caller grants no window and does not poll the body it came
//! from, so no deadline inside that body can pass. Therefore the body notes every frame that
//! it hands over, and the task of the stream ends when one stands for too long; what the
//! caller reads of it is `RST_STREAM`. Large frames are cut, so that what stands is small.

use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::TaskTracker;

use crate::due::poll_due;

/// The largest frame that is handed over at once: what fits into one frame of HTTP/2, where
/// nobody asks for larger ones (RFC 9113, 4.2).
const FRAME_BYTES_MAX: usize = 16 * 1024;

tokio::task_local! {
    /// The frame that this task's body handed over last.
    static HANDED_OVER: Cell<HandedOver>;
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HandedOver {
    /// It was taken: the body was asked for another one.
    Taken,
    /// It stands since the task is running.
    Now,
    /// It stood when the task ran last.
    Before,
}

/// Runs HTTP/2 requests, each in a task of its own.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    tasks: TaskTracker,
    send_timeout: Duration,
}

impl Streams {
    pub(crate) const fn new(tasks: TaskTracker, send_timeout: Duration) -> Self {
        Self {
            tasks,
            send_timeout,
        }
    }
}

impl<F> hyper::rt::Executor<F> for Streams
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, stream: F) {
        let timed = Timed {
            stream,
            send_timeout: self.send_timeout,
            since: Instant::now(),
            timer: None,
        };
        let nothing = Cell::new(HandedOver::Taken);
        self.tasks.spawn(HANDED_OVER.scope(nothing, timed));
    }
}

pin_project! {
    /// A stream that ends when its caller takes nothing of it.
    struct Timed<F> {
        #[pin]
        stream: F,
        send_timeout: Duration,
        // Since when the frame stands that was handed over last.
        since: Instant,
        // Made when a frame stands for the first time. It is left where it is until it fires.
        timer: Option<Pin<Box<Sleep>>>,
    }
}

impl<F: Future<Output = ()>> Future for Timed<F> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.project();
        if this.stream.poll(cx).is_ready() {
            return Poll::Ready(());
        }
        match HANDED_OVER.with(Cell::get) {
            HandedOver::Taken => return Poll::Pending,
            HandedOver::Now => {
                *this.since = Instant::now();
                note(HandedOver::Before);
            }
            HandedOver::Before => {}
        }
        let due = *this.since + *this.send_timeout;
        let timer = this.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        loop {
            ready!(poll_due(timer.as_mut(), cx));
            if Instant::now() >= due {
                tracing::debug!("stream of a caller that takes nothing ended");
                return Poll::Ready(());
            }
            timer.as_mut().reset(due);
        }
    }
}

/// Hands the frames of a body over, cut to size, and notes that.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// What is left of the last frame.
    rest: Bytes,
}

impl Pace {
    pub(crate) fn poll_frame<B: Body<Data = Bytes>>(
        &mut self,
        body: Pin<&mut B>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        note(HandedOver::Taken);
        if self.rest.is_empty() {
            match ready!(body.poll_frame(cx)).transpose()? {
                None => return Poll::Ready(None),
                Some(frame) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
            }
        }
        note(HandedOver::Now);
        let piece = self.rest.split_to(self.rest.len().min(FRAME_BYTES_MAX));
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    pub(crate) fn is_end_stream(&self, body: &impl Body) -> bool {
        self.rest.is_empty() && body.is_end_stream()
    }

    pub(crate) fn size_hint(&self, body: &impl Body) -> SizeHint {
        let hint = body.size_hint();
        if self.rest.is_empty() {
            return hint;
        }
        let rest = self.rest.len() as u64;
        hint.exact()
            .map_or_else(SizeHint::default, |left| SizeHint::with_exact(left + rest))
    }
}

fn note(frame: HandedOver) {
    // Every body of HTTP/2 is polled in a task of `Streams`.
    let _ = HANDED_OVER.try_with(|handed_over| handed_over.set(frame));
}

#[cfg(test)]
mod tests;
