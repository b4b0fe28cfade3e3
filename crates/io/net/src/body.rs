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

use crate::server::BoxError;
use crate::upload::{Bond, Upload, UploadStopped};
use crate::upstream::{Http1Answer, Http2Answer};

/// A provider's answer: its head, and a body that owns the connection.
pub type Answer = http::Response<AnswerBody>;

/// The body of a request to a provider.
#[derive(Debug)]
pub enum Outgoing {
    /// In memory, with an exact length.
    Whole(Whole),
    /// The caller's body, pulled as the provider takes it.
    Streamed(Upload),
}

impl Outgoing {
    /// No body.
    #[must_use]
    pub fn empty() -> Self {
        Self::Whole(Whole::default())
    }

    /// Ties a caller's body to the answer that is going to be waited for.
    pub(crate) fn bond(&mut self) -> Option<Bond> {
        match self {
            Self::Whole(_) => None,
            Self::Streamed(upload) => Some(upload.bond()),
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
        Self::Streamed(Upload::new(body))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = UploadStopped;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, UploadStopped>>> {
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
#[derive(Debug, Default)]
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
    /// The provider closed, reset or garbled the connection in mid-answer.
    #[error("the answer was cut off by the provider's side")]
    Cut(#[source] hyper::Error),
    /// The caller's own body, still under way, broke off and took the answer along.
    #[error("the caller's body broke off")]
    Caller(#[source] BoxError),
}

/// The body of a provider's answer; owns the connection it comes from.
///
/// It is driven by whoever reads it: a body that is not polled reads nothing from the
/// provider. Data, then at most one frame of trailers.
#[derive(Debug)]
pub struct AnswerBody {
    source: Source,
    bond: Option<Bond>,
}

#[derive(Debug)]
enum Source {
    Http1(Http1Answer),
    Http2(Http2Answer),
}

impl AnswerBody {
    /// `bond` leads to the caller's body, where the request has one.
    pub(crate) const fn http1(answer: Http1Answer, bond: Option<Bond>) -> Self {
        let source = Source::Http1(answer);
        Self { source, bond }
    }

    /// `bond` leads to the caller's body, where the request has one.
    pub(crate) const fn http2(answer: Http2Answer, bond: Option<Bond>) -> Self {
        let source = Source::Http2(answer);
        Self { source, bond }
    }

    /// Whose doing an error is.
    fn cut(bond: Option<&mut Bond>, error: hyper::Error) -> BodyError {
        bond.and_then(Bond::broken)
            .map_or(BodyError::Cut(error), BodyError::Caller)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Self { source, bond } = self.get_mut();
        let frame = match source {
            Source::Http1(answer) => answer.poll_frame(cx),
            Source::Http2(answer) => answer.poll_frame(cx),
        };
        frame.map_err(|error| Self::cut(bond.as_mut(), error))
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Http1(answer) => answer.body().is_end_stream(),
            Source::Http2(answer) => answer.body().is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Http1(answer) => answer.body().size_hint(),
            Source::Http2(answer) => answer.body().size_hint(),
        }
    }
}
