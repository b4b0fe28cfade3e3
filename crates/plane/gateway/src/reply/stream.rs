//! A streamed answer: events pass as they arrive, at the pace of the caller.
//!
//! Bytes are read from the provider only when the caller's connection asks for more:
//! back-pressure goes end to end. A frame whose events all pass unchanged is handed on
//! as it came. Dropping the reply drops the provider's answer with it.

mod clock;
mod events;
mod outbox;

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use tollgate_formats::{FailureAnswer, FormatId};
use tollgate_net::{AnswerBody, BodyError, TaskTracker};
use tollgate_plan::TargetId;
use tollgate_types::ErrorClass;
use tollgate_wire::framing::StreamReader;

use super::{Asked, Observed, answer_options};
use crate::attempt::{AttemptError, StreamAnswer};
use crate::inspect::{self, Direction};
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

use clock::{Clock, Expired};
use events::{Events, Stopped};
use outbox::Outbox;

/// A stream on its way to the caller.
#[derive(Debug)]
pub(crate) struct StreamReply {
    /// `None` once the provider's answer is over or given up.
    source: Option<AnswerBody>,
    reader: StreamReader,
    events: Events,
    /// What may be sent.
    out: Outbox,
    clock: Clock,
    observed: Observed,
    asked: Asked,
    /// The index of the attempt in the record.
    attempt: usize,
    target: TargetId,
    /// Keeps what the request was planned with alive as long as it runs.
    snapshot: Arc<Snapshot>,
    settlement: Settlement,
    bytes_out: u64,
}

impl StreamReply {
    pub(super) fn new(
        answer: StreamAnswer,
        asked: Asked,
        snapshot: &Arc<Snapshot>,
        mut settlement: Settlement,
    ) -> Self {
        let StreamAnswer {
            served,
            body,
            reader,
            held,
            began,
            timeouts,
        } = answer;
        let options = answer_options(&asked, &mut settlement);
        let mut reply = Self {
            source: Some(body),
            reader,
            events: Events::new((served.format, served.is_native), &asked, options),
            out: Outbox::new(served.format.format().framing(), asked.framing),
            clock: Clock::new(timeouts, began),
            observed: Observed::default(),
            asked,
            // Whatever streams, a provider was asked for it.
            attempt: served.attempt.unwrap_or_default(),
            target: served.target,
            snapshot: Arc::clone(snapshot),
            settlement,
            bytes_out: 0,
        };
        for event in held {
            if let Err(stopped) = reply
                .events
                .push(&event, &mut reply.observed, &mut reply.out)
            {
                reply.stop(stopped);
                break;
            }
        }
        reply.clock.note(&reply.observed);
        reply
    }

    /// The next bytes for the caller.
    pub(super) fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            if let Some(bytes) = self.out.pop() {
                self.sent(&bytes);
                return Poll::Ready(Some(bytes));
            }
            let Some(source) = &mut self.source else {
                if let Some(end) = self.out.end() {
                    self.sent(&end);
                    return Poll::Ready(Some(end));
                }
                self.settlement.completed();
                return Poll::Ready(None);
            };
            match Pin::new(source).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.feed(data);
                    }
                    if self.source.is_some()
                        && let Some(expired) = self.clock.overdue(&self.observed)
                    {
                        self.timed_out(expired);
                    }
                }
                Poll::Ready(Some(Err(error))) => self.broke_off(&error),
                Poll::Ready(None) => self.source_ended(),
                Poll::Pending if self.has_said_all() => self.leave(),
                Poll::Pending => match self.clock.poll(cx, &self.observed) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(expired) => self.timed_out(expired),
                },
            }
        }
    }

    fn sent(&mut self, bytes: &Bytes) {
        self.bytes_out += bytes.len() as u64;
        if self.observed.has_content() {
            self.settlement.first_token();
        }
    }

    /// Takes a frame of the provider's bytes.
    fn feed(&mut self, frame: Bytes) {
        let was_clean = self.reader.is_clean();
        let before = self.out.len();
        let mut untouched = self.events.may_pass_frames() && self.out.may_pass_frames();
        self.reader.push(frame.clone());
        loop {
            match self.reader.next_event() {
                Ok(Some(event)) => {
                    match self.events.push(&event, &mut self.observed, &mut self.out) {
                        Ok(passed) => untouched &= passed,
                        Err(stopped) => return self.stop(stopped),
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    let what = format!("a stream that cannot be read: {error}");
                    return self.fail(|provider| AttemptError::protocol(provider, &what));
                }
            }
        }
        // Every event of the frame went out as it came: send the frame, not its pieces.
        if untouched && was_clean && self.reader.is_clean() {
            self.out.rejoin(before, frame);
        }
        self.clock.note(&self.observed);
    }

    /// The provider's body is over.
    fn source_ended(&mut self) {
        self.source = None;
        if !self.is_over() {
            // Half an event would swallow the error that follows it.
            return self.fail(|provider| AttemptError::broken(provider, None));
        }
        if let Some(rest) = self.reader.take_rest() {
            self.events.rest(&rest, &mut self.out);
        }
        if let Err(stopped) = self.events.finish(&mut self.observed, &mut self.out) {
            self.stop(stopped);
        }
    }

    /// All was said: the caller does not wait for what its provider's connection does.
    fn leave(&mut self) {
        if let Some(source) = self.source.take().filter(|_| self.observed.has_ended()) {
            drain(source, &self.snapshot.tasks);
        }
        self.source_ended();
    }

    /// The provider's connection broke.
    fn broke_off(&mut self, error: &BodyError) {
        if self.is_over() {
            return self.source_ended();
        }
        self.fail(|provider| AttemptError::broken(provider, Some(error)));
    }

    fn timed_out(&mut self, expired: Expired) {
        if self.is_over() {
            // All was said; only the connection's end is missing.
            return self.source_ended();
        }
        let (waited_for, limit) = self.clock.limit(expired);
        self.fail(|provider| AttemptError::timed_out(provider, waited_for, limit));
    }

    /// Ends the stream at an event that cannot go out.
    fn stop(&mut self, stopped: Stopped) {
        match stopped {
            Stopped::Blocked => self.block(),
            Stopped::Malformed => self.fail(|provider| {
                AttemptError::protocol(provider, "an event that is not of its format")
            }),
            Stopped::Defect => self.fail(AttemptError::defect),
        }
    }

    fn block(&mut self) {
        self.source = None;
        self.settlement.failed(ErrorClass::PolicyBlocked);
        let options = answer_options(&self.asked, &mut self.settlement);
        let usage = self.asked.usage_asked.then(|| self.observed.usage());
        let end = self.events.filtered_end(usage, &options);
        self.out.write(end);
    }

    /// Ends the stream with an error of its provider, in the words of one that came
    /// before the first content.
    fn fail(&mut self, error: impl FnOnce(&str) -> AttemptError) {
        self.source = None;
        let target = self.snapshot.plan.target(self.target);
        let error = error(&self.snapshot.provider(target.provider).name);
        self.settlement.failed(error.class);
        let record = self.settlement.record();
        if let Some(attempt) = record.attempts.get_mut(self.attempt) {
            attempt.error = error.cause;
        }
        let failure = FailureAnswer {
            class: error.class,
            status: error.status,
            message: error.message.into(),
            code: None,
            param: None,
            request_id: Some(record.request_id.to_string()),
        };
        self.out
            .write(self.format().format().encode_failure_event(&failure));
    }

    /// The end mark has come, or an error in its place.
    const fn has_said_all(&self) -> bool {
        self.observed.has_ended() || self.observed.failure().is_some()
    }

    /// The answer is whole, or the provider said that it failed: nothing more is due.
    fn is_over(&self) -> bool {
        self.observed.is_whole() || self.observed.failure().is_some()
    }

    const fn format(&self) -> FormatId {
        self.asked.format
    }
}

/// How long the provider may take to close its body after its end mark, and how many
/// bytes it may still send, for its connection to be used again.
const DRAIN_TIME_MAX: Duration = Duration::from_secs(1);
const DRAIN_BYTES_MAX: usize = 64 * 1024;

/// Reads what is left of a body that nobody waits for.
fn drain(mut body: AnswerBody, tasks: &TaskTracker) {
    let rest = async move {
        let mut bytes = 0;
        while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            bytes += frame.data_ref().map_or(0, Bytes::len);
            if bytes > DRAIN_BYTES_MAX {
                break;
            }
        }
    };
    tasks.spawn(tokio::time::timeout(DRAIN_TIME_MAX, rest));
}

/// Settles: also when the caller hung up, with what had come until then.
impl Drop for StreamReply {
    fn drop(&mut self) {
        if let Some(class) = self.observed.failure() {
            self.settlement.failed(class);
        }
        if let Some(machine) = self.events.machine() {
            inspect::record(machine, Direction::Output, &mut self.settlement);
        }
        let losses = self.events.losses();
        if !self.asked.is_held {
            self.observed.settle(&mut self.settlement);
        }
        let ttft_ns = self.clock.first_content_ns();
        let class = self.settlement.record().class;
        let record = self.settlement.record();
        record.losses.extend(losses);
        record.bytes_out = self.bytes_out;
        if let Some(attempt) = record.attempts.get_mut(self.attempt) {
            attempt.ttft_ns = ttft_ns;
            attempt.class = class.filter(|class| !matches!(class, ErrorClass::PolicyBlocked));
        }
    }
}
