//! A plain answer on its way to the caller.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::Instant;
use tollgate_config::Timeouts;
use tollgate_net::{AnswerBody, BodyError};
use tollgate_types::ErrorClass;

use super::idle::{IdleClock, Late};
use super::upload::Stalled;
use crate::attempt::{AttemptError, causes};
use crate::reply::{Aborted, ReplyBody};
use crate::settle::Settlement;

/// An answer that is passed on as it comes.
#[derive(Debug)]
pub(crate) struct PlainAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: AnswerBody,
    pub(super) timeouts: Timeouts,
    pub(super) began: Instant,
}

impl PlainAnswer {
    /// The answer, streamed on.
    pub(crate) fn respond(self, settlement: Settlement) -> Response<ReplyBody> {
        let reply = PlainReply {
            body: self.body,
            clock: IdleClock::new(self.began, self.timeouts),
            settlement,
            bytes_out: 0,
        };
        let mut response = Response::new(ReplyBody::plain(reply));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The body of a plain answer.
#[derive(Debug)]
pub(crate) struct PlainReply {
    body: AnswerBody,
    clock: IdleClock,
    settlement: Settlement,
    bytes_out: u64,
}

impl PlainReply {
    /// The next bytes. A body that breaks off or stalls aborts the answer: its content
    /// type is unknown, so there is no other way to say that it is not whole.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.bytes_out += frame.data_ref().map_or(0, Bytes::len) as u64;
                self.clock.note();
                self.settlement.first_token();
                if let Some(late) = self.clock.overdue() {
                    return self.too_late(late);
                }
                // A server that knows the length does not ask again after the last byte.
                if self.is_end() {
                    self.settlement.completed();
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => self.broke_off(&error),
            Poll::Ready(None) => {
                self.settlement.completed();
                Poll::Ready(None)
            }
            Poll::Pending => match self.clock.poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(late) => self.too_late(late),
            },
        }
    }

    /// Whether nothing more will come.
    pub(crate) fn is_end(&self) -> bool {
        self.body.is_end_stream()
    }

    /// What is known of the length.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    /// Ends an answer of which the caller gets the head alone.
    pub(crate) fn end(mut self) {
        self.settlement.completed();
    }

    /// Whoever broke it off: a caller that leaves or stalls within its own body takes the
    /// provider's answer along.
    fn broke_off(&mut self, error: &BodyError) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let class = match error {
            BodyError::Caller(source) if source.is::<Stalled>() => ErrorClass::BodyTimeout,
            BodyError::Caller(_) => ErrorClass::CallerGone,
            _ => {
                let error = AttemptError::broken(&self.provider(), Some(error));
                return self.abort(error.class, error.cause);
            }
        };
        self.abort(class, Some(causes(error).into()))
    }

    fn too_late(
        &mut self,
        (waited_for, limit): Late,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let error = AttemptError::timed_out(&self.provider(), waited_for, limit);
        self.abort(error.class, error.cause)
    }

    /// Who was asked.
    fn provider(&mut self) -> Arc<str> {
        let attempts = &self.settlement.record().attempts;
        attempts
            .first()
            .map(|attempt| Arc::clone(&attempt.provider))
            .unwrap_or_default()
    }

    fn abort(
        &mut self,
        class: ErrorClass,
        cause: Option<Box<str>>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        self.settlement.failed(class);
        let record = self.settlement.record();
        record.is_caller_gone |= class == ErrorClass::CallerGone;
        if let Some(attempt) = record.attempts.first_mut() {
            attempt.error = cause;
        }
        self.settlement.completed();
        Poll::Ready(Some(Err(Aborted)))
    }
}

impl Drop for PlainReply {
    fn drop(&mut self) {
        let record = self.settlement.record();
        record.bytes_out = self.bytes_out;
        let (class, ttft_ns) = (record.class, record.ttft_ns);
        if let Some(attempt) = record.attempts.first_mut() {
            attempt.class = class;
            attempt.ttft_ns = ttft_ns;
        }
    }
}
