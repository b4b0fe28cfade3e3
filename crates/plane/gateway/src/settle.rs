//! Step 9: the record of a request, settled exactly once, however the request ends.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{Method, StatusCode};
use smallvec::SmallVec;
use tokio::time::Instant;
use tollgate_formats::FormatId;
use tollgate_telemetry::{
    Attempt, InFlight, Name, RequestId, Settled, Settler, Step, Steps, Text, TraceContext,
    Uncounted,
};
use tollgate_tokens::Source;
use tollgate_types::ErrorClass;
use tollgate_wire::json;

use crate::budget::Share;
use crate::caller::Authenticated;
use crate::document::Read;

/// The record while its request runs. It travels with the request and then with the
/// body of the answer; when it is dropped, at the end or because the caller hung up,
/// the record goes to the settler. Nothing here waits.
#[derive(Debug)]
pub(crate) struct Settlement {
    record: Option<Box<Settled>>,
    settler: Settler,
    started: Instant,
    step_began: Instant,
    every_step: bool,
    /// The answer is complete: dropping is not a hang-up.
    complete: bool,
    /// The body as the caller sent it, once read.
    prompt: Option<(FormatId, Bytes)>,
    /// The request's place among those in work, once admitted.
    place: Option<Share>,
    #[expect(dead_code, reason = "held for its drop")]
    in_flight: InFlight,
}

impl Settlement {
    /// Begins the record of a request whose head has been read.
    pub(crate) fn begin(
        settler: &Settler,
        method: Method,
        trace: TraceContext,
        revision: Arc<str>,
    ) -> Self {
        let now = Instant::now();
        let since_epoch = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let record = Settled {
            request_id: RequestId::random(),
            trace,
            start_unix_ns: u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX),
            duration_ns: 0,
            ttft_ns: None,
            service: None,
            team: None,
            key_id: None,
            method,
            path: Name::Static("unknown"),
            operation: "unknown",
            format: "unknown",
            route: None,
            model: None,
            is_stream: false,
            status: StatusCode::OK.as_u16(),
            class: None,
            attempts: SmallVec::new(),
            served_by: None,
            response_model: None,
            response_id: None,
            finish_reason: None,
            usage: None,
            usage_source: Source::Reported,
            uncounted: None,
            price: None,
            cost: None,
            bytes_in: 0,
            bytes_out: 0,
            losses: Vec::new(),
            findings: Vec::new(),
            retries: 0,
            failovers: 0,
            is_caller_gone: false,
            steps: Steps::default(),
            revision,
        };
        Self {
            record: Some(Box::new(record)),
            settler: settler.clone(),
            started: now,
            step_began: now,
            every_step: false,
            complete: false,
            prompt: None,
            place: None,
            in_flight: settler.live().enter(),
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
        record.service = Some(Arc::clone(&caller.service));
        record.team = caller.key.and_then(|key| key.team.clone());
        record.key_id = caller.key.map(|key| Arc::clone(&key.id));
    }

    /// Notes the body, and keeps it in case its tokens must be counted.
    pub(crate) fn body(&mut self, read: &Read) {
        self.prompt = Some((read.format, read.document.original().clone()));
        let record = self.record();
        record.bytes_in = read.document.original().len() as u64;
        record.is_stream = read.view.stream;
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
        text
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
}

impl Drop for Settlement {
    fn drop(&mut self) {
        let duration_ns = nanoseconds(self.started.elapsed());
        // A provider that was asked has read the prompt, whoever hangs up then.
        let unreported =
            !self.complete && self.record().usage.is_none() && self.record().uncounted.is_none();
        let prompt = (unreported && !self.record().attempts.is_empty()).then(|| self.prompt());
        let Some(mut record) = self.record.take() else {
            return;
        };
        record.duration_ns = duration_ns;
        if !self.complete {
            record.is_caller_gone = true;
            if record.served_by.is_none() && record.class.is_none() {
                // No head of an answer was ever written.
                record.status = ErrorClass::CallerGone.status();
            }
            record.class.get_or_insert(ErrorClass::CallerGone);
        }
        if let Some(input) = prompt {
            record.uncounted = Some(Box::new(Uncounted {
                input: Some(input),
                output: None,
            }));
        }
        // An attempt that was cut short ended when the request did.
        if let Some(last) = record
            .attempts
            .last_mut()
            .filter(|last| last.duration_ns == 0)
        {
            last.duration_ns = duration_ns.saturating_sub(last.start_offset_ns);
        }
        self.settler.settle(record);
    }
}

/// A duration in nanoseconds; saturating after 584 years.
pub(crate) fn nanoseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
