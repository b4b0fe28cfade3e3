//! Collects a body into memory, bounded in size, in time and in sum.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use tollgate_net::poll_due;

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
/// What is charged is the memory that the body takes, as it comes: who announces much
/// and sends nothing takes no room. A body that comes in one frame is taken as it is,
/// without a copy.
pub(crate) async fn collect<B>(body: B, bounds: Bounds<'_>) -> Result<(Bytes, Share), CollectError>
where
    B: Body<Data = Bytes>,
{
    let max = bounds.bytes_max;
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > max {
        return Err(CollectError::TooLarge { max });
    }
    let mut body = pin!(body);
    let mut clock = pin!(Clock {
        timeout: bounds.timeout,
        sleep: None
    });
    let mut collected = Collected {
        first: Bytes::new(),
        joined: Vec::new(),
        share: bounds.room.share(),
    };
    while let Some(frame) = next_frame(body.as_mut(), clock.as_mut()).await? {
        if collected.len() + frame.len() > max {
            return Err(CollectError::TooLarge { max });
        }
        collected.push(frame, announced, &bounds)?;
    }
    let Collected {
        first,
        joined,
        share,
    } = collected;
    let whole = if joined.is_empty() {
        first
    } else {
        Bytes::from(joined)
    };
    Ok((whole, share))
}

/// What came so far, and the room it takes.
struct Collected {
    /// The only frame so far, as it came.
    first: Bytes,
    /// All frames, once there is a second.
    joined: Vec<u8>,
    share: Share,
}

impl Collected {
    /// How much is reserved ahead towards an announced length, for each byte that came.
    const AHEAD: usize = 8;

    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    fn push(
        &mut self,
        frame: Bytes,
        announced: usize,
        bounds: &Bounds<'_>,
    ) -> Result<(), CollectError> {
        let length = self.len() + frame.len();
        if self.len() == 0 {
            self.charge(length, bounds)?;
            self.first = frame;
            return Ok(());
        }
        if length > self.joined.capacity() {
            let towards_end = announced.min(length.saturating_mul(Self::AHEAD));
            let doubled = length.saturating_mul(2).min(bounds.bytes_max);
            let capacity = if length <= announced {
                towards_end
            } else {
                doubled
            };
            self.charge(capacity, bounds)?;
            self.joined.reserve_exact(capacity - self.joined.len());
        }
        self.joined
            .extend_from_slice(&std::mem::take(&mut self.first));
        self.joined.extend_from_slice(&frame);
        Ok(())
    }

    /// Raises the charge to `bytes`.
    fn charge(&mut self, bytes: usize, bounds: &Bounds<'_>) -> Result<(), CollectError> {
        let more = bytes.saturating_sub(self.share.amount());
        if more == 0 || self.share.grow(more, bounds.room_bytes_max) {
            Ok(())
        } else {
            Err(CollectError::NoRoom)
        }
    }
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
                        .is_some_and(|sleep| poll_due(sleep, cx).is_ready());
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

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};
    use std::time::Duration;

    use bytes::Bytes;
    use http_body::{Body, Frame, SizeHint};

    use super::{Bounds, CollectError, collect};
    use crate::budget::Budget;

    /// Comes in pieces; notes what is charged whenever the next one is asked for.
    struct Pieces<'b> {
        pieces: VecDeque<usize>,
        announced: u64,
        room: &'b Budget,
        /// What others had taken before.
        others: usize,
        came: usize,
    }

    impl Body for Pieces<'_> {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let charged = self.room.taken() - self.others;
            let fair = self.came..=self.came * 8;
            assert!(fair.contains(&charged), "{charged} for {}", self.came);
            let Some(length) = self.pieces.pop_front() else {
                return Poll::Ready(None);
            };
            self.came += length;
            Poll::Ready(Some(Ok(Frame::data(vec![7; length].into()))))
        }

        fn size_hint(&self) -> SizeHint {
            match self.announced {
                0 => SizeHint::default(),
                announced => SizeHint::with_exact(announced),
            }
        }
    }

    async fn take(pieces: &[usize], announced: u64, room: &Budget) -> Result<usize, CollectError> {
        let body = Pieces {
            pieces: pieces.iter().copied().collect(),
            announced,
            room,
            others: room.taken(),
            came: 0,
        };
        let bounds = Bounds {
            bytes_max: 10_000,
            room,
            room_bytes_max: 12_000,
            timeout: Duration::from_secs(60),
        };
        let (bytes, share) = collect(body, bounds).await?;
        assert!(share.amount() >= bytes.len());
        Ok(bytes.len())
    }

    #[tokio::test]
    async fn what_comes_is_charged_and_no_more_than_eight_times_of_it() {
        let room = Budget::default();
        let shapes: [&[usize]; 4] = [&[], &[5000], &[1, 4999], &[1000; 5]];
        for pieces in shapes {
            let length = pieces.iter().sum();
            for announced in [0, length] {
                let taken = take(pieces, announced as u64, &room).await;
                assert_eq!(taken, Ok(length), "{pieces:?} {announced}");
                assert_eq!(room.taken(), 0);
            }
        }
    }

    #[tokio::test]
    async fn a_body_without_a_length_is_refused_at_its_limit_and_at_that_of_all() {
        let room = Budget::default();
        let too_large = take(&[9000, 1001], 0, &room).await;
        assert_eq!(too_large, Err(CollectError::TooLarge { max: 10_000 }));
        let _others = room.take(9000, 12_000);
        assert_eq!(take(&[4000], 0, &room).await, Err(CollectError::NoRoom));
        assert_eq!(room.taken(), 9000);
    }
}
