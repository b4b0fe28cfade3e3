//! Collects a body into memory, bounded in size, in time and in sum.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::Body;

use crate::budget::{Budget, Share};

/// What bounds one body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'b> {
    /// The body itself, in bytes.
    pub(crate) bytes_max: usize,
    /// All bodies in memory together.
    pub(crate) room: &'b Budget,
    /// How many bytes they may be.
    pub(crate) room_bytes_max: usize,
    /// From now to the last byte.
    pub(crate) timeout: Duration,
}

/// Why a body could not be collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CollectError {
    /// Over its own limit.
    #[error("the body is over {max} bytes")]
    TooLarge {
        /// The limit.
        max: usize,
    },
    /// All bodies together are over theirs.
    #[error("no room for the body")]
    NoRoom,
    /// Too slow.
    #[error("the body did not arrive in time")]
    TimedOut,
    /// The sender hung up or broke its own framing.
    #[error("the body broke off")]
    Broken,
}

/// Collects a body.
///
/// The announced length is charged before the first byte is read; a body that comes
/// in one frame is taken as it is, without a copy.
pub(crate) async fn collect<B>(body: B, bounds: Bounds<'_>) -> Result<(Bytes, Share), CollectError>
where
    B: Body<Data = Bytes>,
{
    let max = bounds.bytes_max;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(CollectError::TooLarge { max });
    }
    let mut share = bounds
        .room
        .take(announced, bounds.room_bytes_max)
        .ok_or(CollectError::NoRoom)?;
    let mut body = pin!(body);
    let mut clock = pin!(Clock {
        timeout: bounds.timeout,
        sleep: None
    });
    let mut first = Bytes::new();
    let mut joined = BytesMut::new();
    while let Some(frame) = next_frame(body.as_mut(), clock.as_mut()).await? {
        let length = first.len() + joined.len() + frame.len();
        if length > max {
            return Err(CollectError::TooLarge { max });
        }
        if length > announced && !share.grow(frame.len(), bounds.room_bytes_max) {
            return Err(CollectError::NoRoom);
        }
        if first.is_empty() && joined.is_empty() {
            first = frame;
            continue;
        }
        if joined.is_empty() {
            joined.reserve(announced.max(length));
            joined.extend_from_slice(&std::mem::take(&mut first));
        }
        joined.extend_from_slice(&frame);
    }
    let whole = if joined.is_empty() {
        first
    } else {
        joined.freeze()
    };
    Ok((whole, share))
}

pin_project_lite::pin_project! {
    /// A timeout whose timer is only made when there is something to wait for:
    /// most bodies are there already.
    struct Clock {
        timeout: Duration,
        #[pin]
        sleep: Option<tokio::time::Sleep>,
    }
}

async fn next_frame<B>(
    mut body: Pin<&mut B>,
    mut clock: Pin<&mut Clock>,
) -> Result<Option<Bytes>, CollectError>
where
    B: Body<Data = Bytes>,
{
    poll_fn(|cx| {
        loop {
            match body.as_mut().poll_frame(cx) {
                Poll::Ready(None) => return Poll::Ready(Ok(None)),
                Poll::Ready(Some(Err(_))) => return Poll::Ready(Err(CollectError::Broken)),
                Poll::Ready(Some(Ok(frame))) => {
                    // Trailers mean nothing here.
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Ok(Some(data)));
                    }
                }
                Poll::Pending => {
                    let mut clock = clock.as_mut().project();
                    if clock.sleep.is_none() {
                        clock.sleep.set(Some(tokio::time::sleep(*clock.timeout)));
                    }
                    let expired = clock
                        .sleep
                        .as_pin_mut()
                        .is_some_and(|sleep| sleep.poll(cx).is_ready());
                    return if expired {
                        Poll::Ready(Err(CollectError::TimedOut))
                    } else {
                        Poll::Pending
                    };
                }
            }
        }
    })
    .await
}
