//! A plain answer on its way to the caller.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::Instant;
use tollgate_config::Timeouts;
use tollgate_net::{AnswerBody, BodyError};
use tollgate_telemetry::Source;
use tollgate_types::ErrorClass;

use super::PlainError;
use super::events::{Events, Stopped};
use super::idle::{IdleClock, Late};
use super::meter::Meter;
use super::upload::Stalled;
use crate::attempt::{AttemptError, causes};
use crate::headers::{findings, own};
use crate::inspect::{self, Direction};
use crate::reply::{Aborted, ReplyBody};
use crate::rescue::Cause;
use crate::settle::Settlement;

/// An answer on its way.
#[derive(Debug)]
pub(crate) struct PlainAnswer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Passing,
    pub(super) timeouts: Timeouts,
    pub(super) began: Instant,
    /// Where usage may be reported.
    pub(super) meter: Option<Meter>,
}

/// How the body of an answer goes on.
#[derive(Debug)]
pub(super) enum Passing {
    /// Unread.
    AsItComes(AnswerBody),
    /// Event by event, through the output rules.
    Events(AnswerBody, Box<Events>),
    /// In memory, as the output rules left it.
    Whole(Bytes),
}

impl PlainAnswer {
    /// The answer, streamed on, or in one piece.
    pub(crate) fn respond(self, mut settlement: Settlement) -> Response<ReplyBody> {
        let mut headers = self.headers;
        if let Some(findings) = findings(settlement.record()) {
            headers.insert(own::POLICY, findings);
        }
        let (source, events) = match self.body {
            Passing::AsItComes(source) => (source, None),
            Passing::Events(source, events) => (source, Some(events)),
            Passing::Whole(bytes) => {
                settlement.first_token();
                let body = ReplyBody::whole(bytes, settlement);
                return response(self.status, headers, body);
            }
        };
        let body = ReplyBody::plain(PlainReply {
            body: Some(source),
            clock: IdleClock::new(self.began, self.timeouts),
            settlement,
            bytes_out: 0,
            meter: self.meter,
            inspected: events.map(|events| Inspected {
                events,
                out: VecDeque::new(),
            }),
        });
        response(self.status, headers, body)
    }
}

fn response(status: StatusCode, headers: HeaderMap, body: ReplyBody) -> Response<ReplyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

/// The body of a plain answer.
#[derive(Debug)]
pub(crate) struct PlainReply {
    /// `None` once it is given up.
    body: Option<AnswerBody>,
    clock: IdleClock,
    settlement: Settlement,
    bytes_out: u64,
    meter: Option<Meter>,
    inspected: Option<Inspected>,
}

/// Events that pass the output rules.
#[derive(Debug)]
struct Inspected {
    events: Box<Events>,
    /// What may be sent.
    out: VecDeque<Bytes>,
}

impl PlainReply {
    /// The next bytes. A body that breaks off or stalls aborts the answer: its content
    /// type is unknown, so there is no other way to say that it is not whole.
    pub(crate) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        loop {
            if let Some(bytes) = self.inspected.as_mut().and_then(|it| it.out.pop_front()) {
                return Poll::Ready(Some(Ok(self.sent(Frame::data(bytes)))));
            }
            let Some(frame) = ready!(self.poll_source(cx)) else {
                if self.finish() {
                    continue;
                }
                self.settlement.completed();
                return Poll::Ready(None);
            };
            match frame {
                Ok(frame) if self.inspected.is_some() => self.feed(frame),
                frame => return Poll::Ready(Some(frame.map(|frame| self.sent(frame)))),
            }
        }
    }

    /// The service's next bytes.
    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        match Pin::new(body).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.clock.note();
                match self.clock.overdue() {
                    Some(late) => self.too_late(late),
                    None => Poll::Ready(Some(Ok(frame))),
                }
            }
            Poll::Ready(Some(Err(error))) => self.broke_off(&error),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => match self.clock.poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(late) => self.too_late(late),
            },
        }
    }

    /// Notes what goes to the caller.
    fn sent(&mut self, frame: Frame<Bytes>) -> Frame<Bytes> {
        self.bytes_out += frame.data_ref().map_or(0, Bytes::len) as u64;
        if let (Some(meter), Some(data)) = (&mut self.meter, frame.data_ref()) {
            meter.see(data);
        }
        self.settlement.first_token();
        // A server that knows the length does not ask again after the last byte.
        if self.is_end() {
            self.settlement.completed();
        }
        frame
    }

    /// Takes a frame of the service's events.
    fn feed(&mut self, frame: Frame<Bytes>) {
        if let (Some(Inspected { events, out }), Ok(data)) =
            (&mut self.inspected, frame.into_data())
            && let Err(stopped) = events.feed(data, out)
        {
            self.stop(stopped);
        }
    }

    /// The service's events are over. True when there may be something left to send.
    fn finish(&mut self) -> bool {
        let is_open = self.body.take().is_some();
        let Some(Inspected { events, out }) = self.inspected.as_mut().filter(|_| is_open) else {
            return false;
        };
        if let Err(stopped) = events.finish(out) {
            self.stop(stopped);
        }
        true
    }

    /// Ends a stream of events that cannot go on.
    fn stop(&mut self, stopped: Stopped) {
        self.body = None;
        let cause = match stopped {
            Stopped::Withheld(withheld) => Cause::Plain(PlainError::Withheld(*withheld)),
            Stopped::Protocol => {
                let what = "an event over limits.event_bytes_max";
                let error = AttemptError::protocol(&self.provider(), what);
                if let Some(attempt) = self.settlement.record().attempts.first_mut() {
                    attempt.error.clone_from(&error.cause);
                }
                Cause::Attempt(Box::new(error))
            }
        };
        self.settlement.failed(cause.class());
        let request_id = self.settlement.record().request_id.to_string();
        if let Some(Inspected { events, out }) = &mut self.inspected {
            out.push_back(events.failure(&cause, request_id));
        }
    }

    /// Whether nothing more will come.
    pub(crate) fn is_end(&self) -> bool {
        let body = self.body.as_ref();
        self.inspected.is_none() && body.is_none_or(AnswerBody::is_end_stream)
    }

    /// What is known of the length.
    pub(crate) fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) if self.inspected.is_none() => body.size_hint(),
            _ => SizeHint::default(),
        }
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
        if let Some(Inspected { events, .. }) = &self.inspected {
            inspect::record(events.machine(), Direction::Output, &mut self.settlement);
        }
        let usage = self.meter.as_ref().and_then(Meter::usage);
        let record = self.settlement.record();
        record.bytes_out = self.bytes_out;
        if usage.is_some() {
            record.usage = usage;
            record.usage_source = Source::Reported;
        }
        let (class, ttft_ns) = (record.class, record.ttft_ns);
        if let Some(attempt) = record.attempts.first_mut() {
            attempt.class = class.filter(|class| !matches!(class, ErrorClass::PolicyBlocked));
            attempt.ttft_ns = ttft_ns;
        }
    }
}
