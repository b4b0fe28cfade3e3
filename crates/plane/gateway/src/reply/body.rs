//! The body that goes to the caller. The settlement of the request goes with it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::stream::StreamReply;
use crate::opaque::OpaqueReply;
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
    Opaque(Box<OpaqueReply>),
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
    pub(crate) fn opaque(reply: OpaqueReply) -> Self {
        Self(Kind::Opaque(Box::new(reply)))
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
            Kind::Opaque(reply) => reply.poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole { body, .. } => body.as_ref().is_none_or(Bytes::is_empty),
            Kind::Stream(_) | Kind::Opaque(_) => false,
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole { body, .. } => {
                SizeHint::with_exact(body.as_ref().map_or(0, |body| body.len() as u64))
            }
            Kind::Stream(_) => SizeHint::default(),
            Kind::Opaque(reply) => reply.size_hint(),
        }
    }
}
