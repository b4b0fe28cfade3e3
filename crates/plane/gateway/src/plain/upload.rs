//! The caller's body on its way to a provider: counted, and given up when it stalls.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::reply::Timer;

/// What has been seen of an upload, for whoever settles the request.
#[derive(Debug, Default)]
pub(crate) struct Uploaded {
    bytes: AtomicU64,
}

impl Uploaded {
    /// Bytes that came so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// The caller sent nothing for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request body stalled")]
pub(super) struct Stalled;

/// A body that fails when its next piece takes longer than the limit. The time in which a
/// provider takes nothing does not count: nobody asks for a piece then.
#[derive(Debug)]
pub(super) struct Following<B> {
    body: B,
    limit: Duration,
    waits_since: Option<Instant>,
    timer: Timer,
    uploaded: Arc<Uploaded>,
}

impl<B> Following<B> {
    /// Follows a body; each piece may take up to `limit`.
    pub(super) fn new(body: B, limit: Duration) -> (Self, Arc<Uploaded>) {
        let uploaded = Arc::<Uploaded>::default();
        let following = Self {
            body,
            limit,
            waits_since: None,
            timer: Timer::default(),
            uploaded: Arc::clone(&uploaded),
        };
        (following, uploaded)
    }
}

impl<B> Body for Following<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.waits_since = None;
            if let Some(Ok(frame)) = &frame {
                let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                this.uploaded.bytes.fetch_add(bytes, Ordering::Relaxed);
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let since = *this.waits_since.get_or_insert_with(Instant::now);
        if this.timer.poll(cx, since + this.limit).is_pending() {
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(Stalled.into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
