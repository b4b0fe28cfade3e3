//! The bodies that travel: a request to a provider, a provider's answer.
//!
//! [`Outgoing`] is either whole (in memory, can be sent again) or the caller's own
//! stream passed through. [`AnswerBody`] owns its connection: read to the end it gives
//! the connection back to the pool, dropped early it cancels the call (HTTP/1.1: closes
//! the socket; HTTP/2: resets the stream). Nothing here buffers.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use smallvec::SmallVec;

use crate::upstream::{Http1Answer, Http2Answer};

/// A provider's answer: its head, and a body that owns the connection.
pub type Answer = http::Response<AnswerBody>;

/// The body of a request to a provider.
#[derive(Debug)]
pub enum Outgoing {
    /// In memory, with an exact length; can be sent again.
    Whole(Whole),
    /// The caller's body, pulled as the provider takes it; can be sent once.
    Streamed(Incoming),
}

impl Outgoing {
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Whole::default())
    }

    /// The same body once more, when it is in memory: shared bytes, no copy.
    #[must_use]
    pub fn again(&self) -> Option<Self> {
        match self {
            Self::Whole(whole) => Some(Self::Whole(whole.clone())),
            Self::Streamed(_) => None,
        }
    }
}

impl From<Bytes> for Outgoing {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(std::iter::once(bytes).collect())
    }
}

impl From<SmallVec<[Bytes; 4]>> for Outgoing {
    fn from(pieces: SmallVec<[Bytes; 4]>) -> Self {
        Self::Whole(pieces.into_iter().collect())
    }
}

impl From<Incoming> for Outgoing {
    fn from(body: Incoming) -> Self {
        Self::Streamed(body)
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self.get_mut() {
            Self::Whole(whole) => Poll::Ready(whole.next().map(|piece| Ok(Frame::data(piece)))),
            Self::Streamed(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(whole) => whole.left == 0,
            Self::Streamed(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(whole) => SizeHint::with_exact(whole.left),
            Self::Streamed(body) => body.size_hint(),
        }
    }
}

/// A body in memory: a few shared pieces, sent in order.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    pieces: SmallVec<[Bytes; 4]>,
    /// Index of the first piece not yet taken.
    taken: usize,
    /// Bytes not yet taken.
    left: u64,
}

impl Whole {
    fn next(&mut self) -> Option<Bytes> {
        let piece = self.pieces.get(self.taken)?.clone();
        self.taken += 1;
        self.left = self.left.saturating_sub(piece.len() as u64);
        Some(piece)
    }
}

impl FromIterator<Bytes> for Whole {
    /// Empty pieces are left out.
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let pieces: SmallVec<[Bytes; 4]> = pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .collect();
        let left = pieces.iter().map(|piece| piece.len() as u64).sum();
        Self {
            pieces,
            taken: 0,
            left,
        }
    }
}

/// Why an answer's body ended before its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// The provider closed, reset or garbled the connection in mid-answer; or the request's
    /// own body, still under way, broke off, where the source says `is_user`.
    #[error("the answer was cut off by the provider's side")]
    Cut(#[source] hyper::Error),
}

/// The body of a provider's answer; owns the connection it comes from.
///
/// It is driven by whoever reads it: a body that is not polled reads nothing from the
/// provider. Data, then at most one frame of trailers.
#[derive(Debug)]
pub struct AnswerBody(Source);

#[derive(Debug)]
enum Source {
    Http1(Http1Answer),
    Http2(Http2Answer),
}

impl AnswerBody {
    pub(crate) const fn http1(answer: Http1Answer) -> Self {
        Self(Source::Http1(answer))
    }

    pub(crate) const fn http2(answer: Http2Answer) -> Self {
        Self(Source::Http2(answer))
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = match &mut self.get_mut().0 {
            Source::Http1(answer) => answer.poll_frame(cx),
            Source::Http2(answer) => answer.poll_frame(cx),
        };
        frame.map(|frame| frame.map(|frame| frame.map_err(BodyError::Cut)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Source::Http1(answer) => answer.body().is_end_stream(),
            Source::Http2(answer) => answer.body().is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Http1(answer) => answer.body().size_hint(),
            Source::Http2(answer) => answer.body().size_hint(),
        }
    }
}
