//! Output policies over a plain answer that is a stream of events.
//!
//! Each place that the route names is one text, which goes on from event to event. The
//! shape of such a stream is known to its two ends only: an event that says nothing may be
//! the one that ends it for the caller, so it does not overtake text that is held.

use std::collections::VecDeque;

use bytes::Bytes;
use tollgate_config::RouteConfig;
use tollgate_formats::view::{EventKind, EventView};
use tollgate_formats::{FailureAnswer, FormatId, TextPaths};
use tollgate_policy::{Machine, Verdict};
use tollgate_types::ErrorClass;
use tollgate_wire::sse::{Event, EventReader};

use super::error::Withheld;
use super::{Exchange, Unread};
use crate::inspect::AnswerGuard;
use crate::operation::spoken;
use crate::rescue::Cause;

/// How many events that say nothing wait for held text; with one more they go on.
const QUIET_MAX: usize = 16;

/// How large they may be together, in bytes; with more they go on.
const QUIET_BYTES_MAX: usize = 64 * 1024;

/// The events of one answer.
#[derive(Debug)]
pub(super) struct Events {
    reader: EventReader,
    machine: Machine,
    texts: TextPaths,
    unscannable_allowed: bool,
    view: EventView,
    /// Events without text that wait until what is held can go before them.
    quiet: Vec<Event>,
    has_ended: bool,
    passed: Vec<Bytes>,
    /// The format in which the caller reads errors.
    format: FormatId,
}

/// Why the stream cannot go on.
#[derive(Debug)]
pub(super) enum Stopped {
    /// The rules do not let it.
    Withheld(Box<Withheld>),
    /// It is no stream of events within the limits.
    Protocol,
}

impl Events {
    pub(super) fn new(exchange: &Exchange<'_>, route: &RouteConfig, guard: &AnswerGuard) -> Self {
        let limits = &exchange.snapshot.plan.base.gateway.limits;
        Self {
            reader: EventReader::new(limits.event_bytes_max),
            machine: guard.machine(),
            texts: route.response_texts.clone(),
            unscannable_allowed: route.unscannable_allowed,
            view: EventView::default(),
            quiet: Vec::new(),
            has_ended: false,
            passed: Vec::new(),
            format: spoken(exchange.head),
        }
    }

    /// What the rules did so far.
    pub(super) const fn machine(&self) -> &Machine {
        &self.machine
    }

    /// Takes a frame of the service's bytes.
    pub(super) fn feed(&mut self, frame: Bytes, out: &mut VecDeque<Bytes>) -> Result<(), Stopped> {
        self.reader.push(frame);
        loop {
            match self.reader.next_event() {
                Ok(Some(event)) => self.event(&event, out)?,
                Ok(None) => return Ok(()),
                Err(_too_long) => return Err(Stopped::Protocol),
            }
        }
    }

    /// The service's stream is over. Half an event is none: clients drop it.
    pub(super) fn finish(&mut self, out: &mut VecDeque<Bytes>) -> Result<(), Stopped> {
        let verdict = self.machine.finish(&mut self.passed);
        self.pass(verdict, None, out)?;
        self.quiet(out)
    }

    /// The event that ends a stream which cannot go on.
    pub(super) fn failure(&self, cause: &Cause, request_id: String) -> Bytes {
        let class = cause.class();
        let is_policy = class == ErrorClass::PolicyBlocked;
        self.format.format().encode_failure_event(&FailureAnswer {
            class,
            status: class.status(),
            message: cause.to_string().into(),
            code: is_policy.then_some("policy_violation".into()),
            param: None,
            request_id: Some(request_id),
        })
    }

    fn event(&mut self, event: &Event, out: &mut VecDeque<Bytes>) -> Result<(), Stopped> {
        let viewed = self.texts.view_event(event, &mut self.view);
        // What comes behind the end mark is joined to what came before by nobody who
        // knows it, and by all who do not.
        let goes_on = self.has_ended && !self.view.pieces.is_empty();
        if viewed.is_err() || goes_on {
            self.view.clear();
            self.view.kind = EventKind::Other;
            let verdict = self.machine.unscannable(self.unscannable_allowed);
            let why = viewed.err().map_or(Unread::Ended, Unread::Json);
            self.pass(verdict, Some(why), out)?;
        }
        if self.view.kind == EventKind::End {
            self.has_ended = true;
            self.finish(out)?;
        } else if self.waits(event) {
            self.quiet.push(event.clone());
            return Ok(());
        } else {
            self.quiet(out)?;
        }
        let verdict = self.machine.event(event, &self.view, &mut self.passed);
        self.pass(verdict, None, out)
    }

    /// Whether an event has to wait for text that is held.
    fn waits(&self, event: &Event) -> bool {
        self.view.pieces.is_empty()
            && !event.is_comment()
            && self.quiet.len() < QUIET_MAX
            && self.machine.is_holding()
            && self.quiet_bytes() + event.raw().len() <= QUIET_BYTES_MAX
    }

    fn quiet_bytes(&self) -> usize {
        self.quiet.iter().map(|event| event.raw().len()).sum()
    }

    /// Passes the events that waited.
    fn quiet(&mut self, out: &mut VecDeque<Bytes>) -> Result<(), Stopped> {
        let view = EventView {
            kind: EventKind::Other,
            ..EventView::default()
        };
        for event in std::mem::take(&mut self.quiet) {
            let verdict = self.machine.event(&event, &view, &mut self.passed);
            self.pass(verdict, None, out)?;
        }
        Ok(())
    }

    fn pass(
        &mut self,
        verdict: Verdict,
        why: Option<Unread>,
        out: &mut VecDeque<Bytes>,
    ) -> Result<(), Stopped> {
        out.extend(self.passed.drain(..));
        match verdict {
            Verdict::Pass => Ok(()),
            Verdict::Block(blocked) => Err(Stopped::Withheld(Box::new(Withheld {
                blocked,
                why,
                status: None,
            }))),
        }
    }
}
