//! The body that goes to the caller. The settlement of the request goes with it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};

use super::stream::StreamReply;
use crate::plain::PlainReply;
use crate::settle::Settlement;

/// The body of an answer.
///
/// Dropping it before its end is how the server says that the caller hung up: the
/// provider's answer is dropped with it, and the request is settled.
#[derive(Debug)]
pub struct ReplyBody(Kind);

#[derive(Debug)]
enum Kind {
    Whole {
        body: Option<Bytes>,
        settlement: Option<Settlement>,
    },
    Stream(Box<StreamReply>),
    Plain(Box<PlainReply>),
}

/// Leaves out the body of an answer that must have none (RFC 9110, section 6.4.1), or that
/// is empty. A server drops such a body without asking for its end, which is what it does
/// when a caller hangs up, so the end is said here.
pub(crate) fn without_needless_body(
    is_head: bool,
    mut response: Response<ReplyBody>,
) -> Response<ReplyBody> {
    let never = is_head
        || response.status().is_informational()
        || matches!(
            response.status(),
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
        );
    if !never && !response.body().is_empty() {
        return response;
    }
    if is_head
        && let Kind::Whole {
            body: Some(body), ..
        } = &response.body().0
    {
        let length = HeaderValue::from(body.len());
        response.headers_mut().insert(CONTENT_LENGTH, length);
    }
    response.map(ReplyBody::ended)
}

/// A body that ends here on purpose: the connection is closed, so that nobody takes the
/// truncated answer for a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider broke off its answer")]
pub struct Aborted;

impl ReplyBody {
    /// A whole answer with its settlement.
    pub(crate) const fn whole(body: Bytes, settlement: Settlement) -> Self {
        Self(Kind::Whole {
            body: Some(body),
            settlement: Some(settlement),
        })
    }

    /// A whole answer of a request that is not recorded: probes.
    pub(crate) const fn unrecorded(body: Bytes) -> Self {
        Self(Kind::Whole {
            body: Some(body),
            settlement: None,
        })
    }

    /// A stream of events.
    pub(crate) fn stream(reply: StreamReply) -> Self {
        Self(Kind::Stream(Box::new(reply)))
    }

    /// Bytes that nobody here reads.
    pub(crate) fn plain(reply: PlainReply) -> Self {
        Self(Kind::Plain(Box::new(reply)))
    }

    fn is_empty(&self) -> bool {
        self.is_end_stream() || self.size_hint().exact() == Some(0)
    }

    /// The same answer without its body, settled as complete.
    fn ended(self) -> Self {
        match self.0 {
            Kind::Whole { settlement, .. } => {
                settlement.into_iter().for_each(|mut s| s.completed());
            }
            Kind::Plain(reply) => reply.end(),
            // Streams answer to POST and with 200: they have a body.
            Kind::Stream(_) => {}
        }
        Self::unrecorded(Bytes::new())
    }
}

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = Aborted;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match &mut self.0 {
            Kind::Whole { body, settlement } => {
                let frame = body.take().filter(|body| !body.is_empty());
                if let Some(mut settlement) = settlement.take() {
                    settlement.record().bytes_out =
                        frame.as_ref().map_or(0, |body| body.len() as u64);
                    settlement.completed();
                }
                Poll::Ready(frame.map(|body| Ok(Frame::data(body))))
            }
            Kind::Stream(reply) => reply
                .poll_bytes(cx)
                .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes)))),
            Kind::Plain(reply) => reply.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole { body, .. } => body.as_ref().is_none_or(Bytes::is_empty),
            Kind::Stream(_) => false,
            Kind::Plain(reply) => reply.is_end(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole { body, .. } => {
                SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64))
            }
            Kind::Stream(_) => SizeHint::default(),
            Kind::Plain(reply) => reply.size_hint(),
        }
    }
}
