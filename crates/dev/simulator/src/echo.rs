//! A response body that is the request's: sent back as it arrives.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::books::{Ending, Ticket};
use crate::play::{Broken, Play};

/// What a response can carry.
#[derive(Debug)]
pub(crate) enum Reply {
    /// A script.
    Play(Box<Play>),
    /// The request's own body.
    Echo(Incoming, Ticket),
    /// Bytes that are on no record.
    Plain(http_body_util::Full<Bytes>),
}

impl Body for Reply {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        match self.get_mut() {
            Self::Play(play) => Pin::new(play.as_mut()).poll_frame(cx),
            Self::Echo(body, ticket) => {
                let frame = std::task::ready!(Pin::new(body).poll_frame(cx));
                match &frame {
                    Some(Ok(frame)) => {
                        let bytes = frame.data_ref().map_or(0, Bytes::len) as u64;
                        ticket.note(|record| record.body_bytes += bytes);
                    }
                    Some(Err(_)) => ticket.close(Ending::HungUp),
                    None => ticket.close(Ending::Finished),
                }
                Poll::Ready(frame.map(|frame| frame.map_err(|_gone| Broken)))
            }
            Self::Plain(body) => Pin::new(body)
                .poll_frame(cx)
                .map_err(|never| match never {}),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Play(play) => play.is_end_stream(),
            // Only its end closes the record, so the end must be asked for.
            Self::Echo(..) => false,
            Self::Plain(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Play(play) => play.size_hint(),
            Self::Echo(..) => SizeHint::default(),
            Self::Plain(body) => body.size_hint(),
        }
    }
}
