//! The record of a request, settled exactly once, however the request ends.

use std::sync::Arc;

use bytes::Bytes;
use http::Method;
use tokio::time::Instant;
use tollgate_config::Called;
use tollgate_formats::FormatId;
use tollgate_telemetry::{
    Attempt, LiveRequest, Name, RequestId, Settled, Settler, Step, Text, TraceContext, Uncounted,
};
use tollgate_types::{ErrorClass, Money, Usage};
use tollgate_wire::json;

use crate::budget::Share;
use crate::caller::Authenticated;
use crate::clock::{nanoseconds, now_unix_ns};
use crate::document::Read;
use crate::plain::Uploaded;

/// The record while its request runs. It travels with the request and then with the
/// body of the answer; when it is dropped, at the end or because the caller hung up,
/// the record goes to the settler. Nothing here waits.
#[derive(Debug)]
pub(crate) struct Settlement {
    /// `None` only while it is dropped.
    record: Option<Box<Settled>>,
    settler: Settler,
    started: Instant,
    step_began: Instant,
    every_step: bool,
    /// The answer is complete: dropping is not a hang-up.
    complete: bool,
    /// The body as the caller sent it, once read.
    prompt: Option<(FormatId, Bytes)>,
    /// What a plain route's caller has sent so far.
    uploaded: Option<Arc<Uploaded>>,
    /// The request's place among those in work, once its answer is on the way.
    place: Option<Share>,
    #[expect(dead_code, reason = "held for its drop")]
    live: LiveRequest,
}

impl Settlement {
    /// Begins the record of a request whose head has been read.
    pub(crate) fn begin(
        settler: &Settler,
        request_id: RequestId,
        method: Method,
        trace: TraceContext,
        revision: Option<Arc<str>>,
    ) -> Self {
        let now = Instant::now();
        let record = Settled::begun(request_id, trace, method, now_unix_ns(), revision);
        Self {
            record: Some(Box::new(record)),
            settler: settler.clone(),
            started: now,
            step_began: now,
            every_step: false,
            complete: false,
            prompt: None,
            uploaded: None,
            place: None,
            live: settler.live().enter(),
        }
    }

    /// The record, to be filled in.
    #[expect(
        clippy::expect_used,
        reason = "the record is taken only in drop, after which nobody can ask"
    )]
    pub(crate) fn record(&mut self) -> &mut Settled {
        self.record.as_mut().expect("present until drop")
    }

    /// When the request began.
    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// Times every step, for a caller that asks; else only those that end at a wait.
    pub(crate) const fn time_every_step(&mut self) {
        self.every_step = true;
    }

    /// Ends a step: its time is what passed since the last one that was timed ended.
    /// Looking at the clock costs as much as a small step does.
    pub(crate) fn step(&mut self, step: Step) {
        let ends_at_a_wait = matches!(step, Step::Document | Step::Attempt | Step::Reply);
        if !ends_at_a_wait && !self.every_step {
            return;
        }
        let now = Instant::now();
        let nanoseconds = nanoseconds(now - self.step_began);
        self.step_began = now;
        self.record().steps.add(step, nanoseconds);
    }

    /// Begins to time a step anew, after a wait that is nobody's work.
    pub(crate) fn resume(&mut self) {
        self.step_began = Instant::now();
    }

    /// Notes who calls.
    pub(crate) fn caller(&mut self, caller: &Authenticated<'_>) {
        let record = self.record();
        record.service = Some(Arc::clone(caller.service()));
        record.team = caller.key().and_then(|key| key.team.clone());
        record.key_id = caller.key().map(|key| Arc::clone(&key.id));
    }

    /// Notes what is asked for; a count uses nothing, however it ends.
    pub(crate) fn called(&mut self, called: Called<'_>) {
        let format = called.format.format();
        let operation = format.codec().operation();
        let record = self.record();
        record.operation = operation.label();
        record.format = format.label();
        record.path = Name::Static(called.path);
        if !operation.is_booked() {
            record.usage = Some(Usage::default());
            record.cost = Some(Money::ZERO);
        }
    }

    /// Notes the body, and keeps it in case its tokens must be counted.
    pub(crate) fn body(&mut self, read: &Read) {
        self.prompt = Some((read.format, read.document.original().clone()));
        let record = self.record();
        record.bytes_in = read.document.original().len() as u64;
        record.is_stream = read.view.stream;
        record.asked_tier = read.view.tier;
    }

    /// Keeps the body as it goes on, whose tokens are those to count.
    pub(crate) fn enriched(&mut self, read: &Read) {
        self.record().asked_tier = read.view.tier;
        self.prompt = Some((read.format, read.document.original().clone()));
    }

    /// All texts of the request, for counting: the exact number is worth its price only
    /// where nobody reported one.
    pub(crate) fn prompt(&self) -> Text {
        let mut text = Text::default();
        let Some((format, body)) = &self.prompt else {
            return text;
        };
        let Ok(view) = format.format().view_request(body, true) else {
            return text;
        };
        for span in &view.texts {
            if let Ok(part) = json::decode(span.text.span.of(body), span.text.escaped) {
                text.push(&part);
            }
        }
        text.push_tokens(view.token_ids);
        text
    }

    /// Follows what the caller sends while its body is passed on.
    pub(crate) fn uploads(&mut self, uploaded: Arc<Uploaded>) {
        self.uploaded = Some(uploaded);
    }

    /// Keeps the request's place among those in work until it is settled.
    pub(crate) fn hold(&mut self, place: Share) {
        self.place = Some(place);
    }

    /// Notes an attempt and returns its index.
    pub(crate) fn attempt(&mut self, attempt: Attempt) -> usize {
        let attempts = &mut self.record().attempts;
        attempts.push(attempt);
        attempts.len() - 1
    }

    /// Notes that the first content went to the caller; later calls change nothing.
    pub(crate) fn first_token(&mut self) {
        let passed = nanoseconds(self.started.elapsed());
        self.record().ttft_ns.get_or_insert(passed);
    }

    /// Notes why the request failed; the first cause stands.
    pub(crate) fn failed(&mut self, class: ErrorClass) {
        self.record().class.get_or_insert(class);
    }

    /// The answer went out whole, or as far as it will ever go.
    pub(crate) const fn completed(&mut self) {
        self.complete = true;
    }

    /// The prompt, where it must be counted: a provider that was asked has read it,
    /// whoever hangs up then.
    fn unreported(&mut self) -> Option<Text> {
        let record = self.record();
        let is_open = record.usage.is_none() && record.uncounted.is_none();
        let was_asked = !record.attempts.is_empty();
        (is_open && was_asked && self.prompt.is_some()).then(|| self.prompt())
    }

    /// Writes into the record that the request ended before its answer did, and why: a
    /// defect of ours unwinds through here, anything else is a caller that hung up.
    fn cut_short(&mut self) {
        let is_defect = std::thread::panicking();
        let class = if is_defect {
            ErrorClass::Internal
        } else {
            ErrorClass::CallerGone
        };
        // What just panicked may be the reading of the prompt.
        let prompt = if is_defect { None } else { self.unreported() };
        let record = self.record();
        record.is_caller_gone = !is_defect;
        if record.served_by.is_none() && record.class.is_none() {
            // No head of an answer was ever written.
            record.status = class.status();
        }
        record.class.get_or_insert(class);
        if let Some(last) = unfinished(record) {
            last.class.get_or_insert(class);
        }
        if let Some(input) = prompt {
            record.uncounted = Some(Box::new(Uncounted {
                input: Some(input),
                output: None,
            }));
        }
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let duration_ns = nanoseconds(self.started.elapsed());
        if !self.complete {
            self.cut_short();
        }
        let Some(mut record) = self.record.take() else {
            return;
        };
        record.duration_ns = duration_ns;
        if let Some(uploaded) = &self.uploaded {
            record.bytes_in = uploaded.bytes();
        }
        // An attempt that goes on with the answer ends when the request does.
        if let Some(last) = unfinished(&mut record) {
            last.duration_ns = duration_ns.saturating_sub(last.start_offset_ns);
        }
        self.settler.settle(record);
    }
}

/// The attempt that was under way when the request ended.
fn unfinished(record: &mut Settled) -> Option<&mut Attempt> {
    record
        .attempts
        .last_mut()
        .filter(|last| last.duration_ns == 0)
}
