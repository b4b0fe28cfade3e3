//! Tries targets until one answers.
//!
//! Nothing of an answer reaches the caller before it is committed: a whole answer when
//! it has been read and understood, a stream when its first content has come. Until
//! then any failure moves on to the next target, re-translated where it must be.

mod context;
mod counted;
mod error;
mod exchange;
mod hold;
mod outbound;
mod parameters;
mod retry_budget;
mod turns;

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;
use tollgate_catalogue::Known;
use tollgate_config::{Failover, Timeouts};
use tollgate_formats::view::AnswerView;
use tollgate_formats::{Answer, FormatId};
use tollgate_net::AnswerBody;
use tollgate_plan::{Target, TargetId};
use tollgate_telemetry::{SpanId, random_u64};
use tollgate_tokens::{Estimate, Family, Source};
use tollgate_wire::framing::StreamReader;
use tollgate_wire::sse::Event;

use crate::budget::Share;
use crate::clock::nanoseconds;
use crate::expect::expected;
use crate::gateway::Shared;
use crate::route::Routed;
use crate::settle::Settlement;
use crate::snapshot::Snapshot;

pub(crate) use context::Context;
pub(crate) use error::{AttemptError, causes, not_sent};
pub(crate) use exchange::loss_name;
pub(crate) use outbound::request_headers;
pub(crate) use retry_budget::RetryBudget;

use outbound::Bodies;
use retry_budget::Withdrawal;
use turns::Turns;

/// A committed answer.
#[derive(Debug)]
pub(crate) enum Answered {
    /// A whole answer, read to its end.
    Whole(Box<WholeAnswer>),
    /// A stream that has begun.
    Stream(Box<StreamAnswer>),
}

impl Answered {
    /// Where it comes from.
    pub(crate) const fn served(&self) -> &Served {
        match self {
            Self::Whole(answer) => &answer.served,
            Self::Stream(answer) => &answer.served,
        }
    }
}

/// Where an answer comes from.
#[derive(Debug)]
pub(crate) struct Served {
    /// The target.
    pub(crate) target: TargetId,
    /// The wire format of the answer.
    pub(crate) format: FormatId,
    /// Whether the caller's client reads it as it came, where it is in its format.
    pub(crate) is_native: bool,
    /// The provider's status.
    pub(crate) status: u16,
    /// The provider's headers, as they came.
    pub(crate) headers: HeaderMap,
    /// The index of the attempt in the record; `None` where no provider was asked.
    pub(crate) attempt: Option<usize>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct WholeAnswer {
    /// Where it comes from.
    pub(crate) served: Served,
    /// Its bytes.
    pub(crate) body: Bytes,
    /// Its places; texts only where output rules want them.
    pub(crate) view: AnswerView,
    /// The answer decoded, where the caller speaks another format.
    pub(crate) decoded: Option<Answer>,
    /// Its share of the byte budget.
    pub(crate) share: Share,
    /// What a count is worth that was made here; `None` for a provider's answer.
    pub(crate) counted: Option<Source>,
}

/// A stream whose first content has come, or whose hold has ended.
#[derive(Debug)]
pub(crate) struct StreamAnswer {
    /// Where it comes from.
    pub(crate) served: Served,
    /// The rest of the body.
    pub(crate) body: AnswerBody,
    /// Has what was read and is not yet an event.
    pub(crate) reader: StreamReader,
    /// The events held so far, in order.
    pub(crate) held: Vec<Event>,
    /// When the attempt began.
    pub(crate) began: Instant,
    /// How long it may take.
    pub(crate) timeouts: Timeouts,
}

/// The time of one attempt.
#[derive(Clone, Copy, Debug)]
struct When {
    began: Instant,
    /// Of the whole request.
    deadline: Instant,
}

/// The attempts of one request.
pub(crate) struct Attempts<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) routed: &'a Routed<'a>,
    /// The caller's request headers.
    pub(crate) headers: &'a HeaderMap,
}

impl Attempts<'_> {
    /// Tries targets in turn until one answers, or the time of the request is over.
    pub(crate) async fn run(
        &self,
        settlement: &mut Settlement,
    ) -> Result<Answered, Box<AttemptError>> {
        let failover = self.failover();
        let limit = self.snapshot.plan.base.gateway.caller_timeouts.request;
        let deadline = settlement.started() + limit;
        let mut turns = Turns::new(self.routed.candidates(), failover);
        let mut bodies = Bodies::new(
            self.routed.read(),
            &self.shared.buffered,
            self.snapshot.plan.base.gateway.limits.buffered_bytes_max,
        );
        let mut last: Option<(TargetId, Box<AttemptError>)> = None;
        while let Some(turn) = turns.next() {
            let retries = &self.snapshot.target(turn.target).retries;
            let withdrawn = if turn.is_retry {
                let Some(withdrawn) = retries.withdraw(failover, self.shared.since_start()) else {
                    turns.give_up(turn.target);
                    continue;
                };
                Some(withdrawn)
            } else {
                None
            };
            if let Some(ready) = turn.not_before {
                if ready >= deadline {
                    break;
                }
                tokio::time::sleep_until(ready).await;
                settlement.resume();
            }
            let began = Instant::now();
            if began >= deadline {
                last.get_or_insert_with(|| {
                    (turn.target, Box::new(AttemptError::out_of_time(limit)))
                });
                break;
            }
            note_move(
                settlement,
                last.as_ref().map(|(target, _)| *target),
                turn.target,
            );
            let when = When { began, deadline };
            let asked = self.once(turn.target, when, withdrawn, &mut bodies, settlement);
            match asked.await {
                Ok(answered) => return Ok(answered),
                Err(error) => {
                    turns.failed(
                        turn.target,
                        error.class,
                        error.retry_after,
                        Instant::now(),
                        random_u64(),
                    );
                    if error.class.retry() == tollgate_types::Retry::Never {
                        return Err(error);
                    }
                    last = Some((turn.target, error));
                }
            }
        }
        Err(last.map_or_else(|| Box::new(AttemptError::no_target()), |(_, error)| error))
    }

    /// One attempt, noted in the record whatever comes of it. A target that the request
    /// cannot be written for is not asked, and that is no attempt.
    async fn once(
        &self,
        id: TargetId,
        when: When,
        withdrawn: Option<Withdrawal<'_>>,
        bodies: &mut Bodies<'_>,
        settlement: &mut Settlement,
    ) -> Result<Answered, Box<AttemptError>> {
        let model = self.model(self.snapshot.plan.target(id));
        if self.is_counted_here(id, &model) {
            // What is rare is boxed: every request carries the size of the largest future here.
            return Box::pin(self.counted(id, &model, when, bodies)).await;
        }
        let body = self.outbound(id, &model, bodies, settlement)?;
        match withdrawn {
            Some(withdrawn) => withdrawn.spend(),
            None => self.snapshot.target(id).retries.deposit(self.failover()),
        }
        let (index, span) = self.note(id, Arc::clone(&model), when.began, settlement);
        let ctx = self.context((id, &model), index, when);
        let result = self.exchange(&ctx, (body, &model), span, settlement).await;
        settlement.resume();
        ctx.came_to(&result, settlement);
        result
    }

    /// Notes an attempt and what it would cost, should nothing more be known of it.
    fn note(
        &self,
        id: TargetId,
        model: Arc<str>,
        began: Instant,
        settlement: &mut Settlement,
    ) -> (usize, SpanId) {
        let target = self.snapshot.plan.target(id);
        let known = self.known(id, &model);
        let (family, estimate) = self.estimate(id, &model, &known);
        let read = self.routed.read();
        settlement.record().expected = expected(&read.view, &read.prompt, family, &estimate);
        settlement.record().price = known.priced;
        let provider = self.snapshot.provider(target.provider);
        let span_id = SpanId::random();
        let start = nanoseconds(began - settlement.started());
        let attempt = provider.attempt(span_id, &target.name, model, start);
        (settlement.attempt(attempt), span_id)
    }

    /// What is known of a model at a target.
    fn known(&self, id: TargetId, model: &str) -> Known {
        self.snapshot.known(self.routed.plan(), id, model)
    }

    /// How many tokens the request has for a model at a target.
    fn estimate(&self, id: TargetId, model: &str, known: &Known) -> (Family, Estimate) {
        let provider = self.snapshot.plan.target(id).provider;
        let calibration = self.shared.settler.calibration();
        let key = calibration.key(&self.snapshot.provider(provider).name, model);
        let family = Family::of(&known.facts, model);
        let prompt = &self.routed.read().prompt;
        (
            family,
            prompt.estimate(family, &calibration.correction(key)),
        )
    }

    /// The model's name at a target.
    fn model(&self, target: &Target) -> Arc<str> {
        if let Some(model) = &target.model {
            return Arc::clone(model);
        }
        let asked = self.routed.model();
        match asked.get(self.routed.prefix()..) {
            Some(rest) if self.routed.prefix() > 0 => Arc::from(rest),
            _ => Arc::clone(asked),
        }
    }

    fn failover(&self) -> &Failover {
        &self.routed.plan().failover
    }
}

fn note_move(settlement: &mut Settlement, from: Option<TargetId>, to: TargetId) {
    let record = settlement.record();
    match from {
        None => {}
        Some(from) if from == to => record.retries = record.retries.saturating_add(1),
        Some(_) => record.failovers = record.failovers.saturating_add(1),
    }
}
