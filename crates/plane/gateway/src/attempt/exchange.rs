//! One attempt: sends the request, reads the head, classifies what comes.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

use bytes::Bytes;
use http::{Method, Request};
use tokio::time::{Sleep, sleep_until};
use tollgate_catalogue::Word;
use tollgate_config::Parameters;
use tollgate_formats::{DecodeError, FormatId, Loss, Losses};
use tollgate_net::{AnswerBody, Outgoing, poll_due};
use tollgate_plan::{Provider, TargetId};
use tollgate_telemetry::{Name, SpanId, Step};
use tollgate_types::Retry;
use tollgate_wire::Pieces;

use super::context::Context;
use super::error::AttemptError;
use super::outbound::{Bodies, Outbound, Wanted, request_headers};
use super::parameters::{Limits, Room};
use super::{Answered, Attempts, Served, When, WholeAnswer};
use crate::aside::aside;
use crate::headers::is_stream;
use crate::settle::Settlement;
use crate::snapshot::Ready;

impl Attempts<'_> {
    /// What the parts of an attempt share.
    pub(super) fn context(
        &self,
        (id, model): (TargetId, &str),
        attempt: usize,
        when: When,
    ) -> Context<'_> {
        let target = self.snapshot.plan.target(id);
        let provider = self.snapshot.provider(target.provider);
        let mut timeouts = target.timeouts;
        timeouts.whole = timeouts.whole.min(when.deadline - when.began);
        Context {
            shared: self.shared,
            snapshot: self.snapshot,
            asked_in: self.routed.read().format,
            is_native: self.routed.read().client.is_at_home_with(provider.kind),
            provider,
            format: self.spoken(id, model),
            target: id,
            timeouts,
            began: when.began,
            attempt,
            streamed: self.routed.read().view.stream,
        }
    }

    /// Whom a target leads to.
    pub(super) fn planned(&self, id: TargetId) -> &Provider {
        let plan = &self.snapshot.plan;
        plan.provider(plan.target(id).provider)
    }

    /// The format to speak with a target: those without one were not chosen.
    fn spoken(&self, id: TargetId, model: &str) -> FormatId {
        let format = self.routed.read().format;
        self.planned(id).speaks(format, model).unwrap_or(format)
    }

    /// The body as the provider gets it; what it cannot carry is noted, or refused.
    pub(super) fn outbound(
        &self,
        id: TargetId,
        model: &str,
        bodies: &mut Bodies<'_>,
        settlement: &mut Settlement,
    ) -> Result<Pieces, Box<AttemptError>> {
        let planned = self.planned(id);
        let format = self.spoken(id, model);
        let kind = planned.config.kind;
        let wanted = Wanted {
            format,
            model,
            dialect: planned.dialect,
            is_native: self.routed.read().client.is_at_home_with(kind.label),
            quirks: kind.quirks_of(format.format().label(), model).collect(),
        };
        let Outbound { body, mut losses } = bodies.outbound(&wanted)?;
        if !losses.is_empty() && self.routed.plan().strict_translation {
            return Err(Box::new(AttemptError::untranslatable(
                &planned.config.name,
                &losses,
            )));
        }
        let body = self.within_limits((id, &wanted), body, bodies, &mut losses)?;
        let names = &mut settlement.record().losses;
        names.clear();
        names.extend(losses.iter().map(loss_name));
        Ok(body)
    }

    /// The body without what the model is known to refuse, as the configuration wants it.
    fn within_limits(
        &self,
        (id, wanted): (TargetId, &Wanted<'_>),
        body: Pieces,
        bodies: &Bodies<'_>,
        losses: &mut Losses,
    ) -> Result<Pieces, Box<AttemptError>> {
        let plan = self.routed.plan();
        if plan.parameters == Parameters::Pass {
            return Ok(body);
        }
        let model = wanted.model;
        let known = self.known(id, model);
        let (_, estimate) = self.estimate(id, model, &known);
        let room = Room::of(&known.facts, &estimate, plan.parameters);
        let Some(limits) = Limits::of(wanted, &known.facts, room) else {
            return Ok(body);
        };
        let read = self.routed.read();
        if wanted.format == read.format && limits.changes(read.document.original()).is_none() {
            return Ok(body);
        }
        let body = bodies.joined(body)?;
        let changes = limits.changes(&body);
        let is_refused = plan.parameters == Parameters::Refuse || plan.strict_translation;
        if is_refused && !changes.lost.is_empty() {
            return Err(Box::new(AttemptError::refused_parameters(
                (&self.planned(id).config.name, model),
                &changes.lost.labels(),
                plan.strict_translation,
            )));
        }
        for parameter in changes.lost.iter() {
            losses.add(Loss::Parameter(parameter.label()));
        }
        Ok(changes.made(&body))
    }

    /// The request as the provider gets it, signed where it wants that.
    fn request(
        &self,
        (ctx, ready): (&Context<'_>, Ready<'_>),
        (body, model): (Pieces, &str),
        span: SpanId,
        settlement: &mut Settlement,
    ) -> Result<Request<Outgoing>, Box<AttemptError>> {
        let formats = (ctx.format, self.routed.read().format);
        let mut headers = request_headers(self.headers, ctx.provider, formats);
        settlement.record().trace.write(span, &mut headers);
        let uri = ctx.provider.path(ctx.format, model, ctx.streamed);
        if ctx.provider.identity.is_some() {
            let bytes = body.iter().map(Bytes::len).sum();
            let sign = || ready.authorize(&Method::POST, &uri, &body, &mut headers);
            aside(bytes, sign).map_err(|error| {
                Box::new(AttemptError::no_credential(&ctx.provider.name, &error))
            })?;
        }
        let mut request = Request::new(Outgoing::from(body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = uri;
        *request.headers_mut() = headers;
        Ok(request)
    }

    /// Asks one target once: sends, and reads until the answer is committed.
    pub(super) async fn exchange(
        &self,
        ctx: &Context<'_>,
        outbound: (Pieces, &str),
        span: SpanId,
        settlement: &mut Settlement,
    ) -> Result<Answered, Box<AttemptError>> {
        let mut clock = pin!(sleep_until(ctx.deadline()));
        let ready = within(clock.as_mut(), pin!(ctx.provider.ready())).await;
        let ready = ready.ok_or_else(|| ctx.timed_out())?;
        let request = self.request((ctx, ready), outbound, span, settlement)?;
        settlement.step(Step::Attempt);
        let sent = {
            let sending = pin!(ctx.provider.upstream.send(request));
            within(clock.as_mut(), sending).await
        };
        let answer = sent
            .ok_or_else(|| ctx.timed_out())?
            .map_err(|error| Box::new(AttemptError::send(&ctx.provider.name, &error)))?;
        if !answer.status().is_success() {
            // What is rare is boxed: every request carries the size of the largest future here.
            return Err(Box::pin(ctx.refused(answer)).await);
        }
        let (head, body) = answer.into_parts();
        let served = Served {
            target: ctx.target,
            format: ctx.format,
            is_native: ctx.is_native,
            status: head.status.as_u16(),
            headers: head.headers,
            attempt: Some(ctx.attempt),
        };
        let status = served.status;
        let committed = if !ctx.streamed {
            let whole = pin!(self.whole(ctx, served, body));
            within(clock, whole)
                .await
                .map(|whole| whole.map(Answered::Whole))
        } else if is_stream(&served.headers, ctx.format.format().framing()) {
            let mut stream = Box::pin(self.hold(ctx, served, body));
            within(clock, stream.as_mut())
                .await
                .map(|stream| stream.map(|stream| Answered::Stream(Box::new(stream))))
        } else {
            Some(Err(Box::pin(unstreamed(ctx, body)).await))
        };
        // It failed, but it did answer with this.
        committed
            .unwrap_or_else(|| Err(ctx.timed_out()))
            .map_err(|mut error| {
                error.provider_status = status;
                error
            })
    }

    /// Reads a whole answer and makes sure that it is one.
    async fn whole(
        &self,
        ctx: &Context<'_>,
        served: Served,
        body: AnswerBody,
    ) -> Result<Box<WholeAnswer>, Box<AttemptError>> {
        let (body, share) = ctx.whole(body).await?;
        let texts = !self.routed.answer().is_empty();
        let same_format = ctx.format == ctx.asked_in && ctx.is_native;
        let read = aside(body.len(), || {
            let format = ctx.format.format();
            let view = format.view_answer(&body, texts)?;
            let decoded = (!same_format).then(|| {
                let answer = format.codec().decode_answer(&body)?;
                answer.check(self.routed.read().view.inputs)?;
                Ok::<_, DecodeError>(answer)
            });
            Ok::<_, DecodeError>((view, decoded.transpose()?))
        });
        match read {
            Ok((view, decoded)) => Ok(Box::new(WholeAnswer {
                served,
                body,
                view,
                decoded,
                share,
                counted: None,
            })),
            Err(_) => Err(Box::new(not_an_answer(ctx, &body))),
        }
    }
}

/// A stream was asked for and something else came with a good status.
async fn unstreamed(ctx: &Context<'_>, body: AnswerBody) -> Box<AttemptError> {
    let body = ctx.error_body(body).await;
    Box::new(not_an_answer(ctx, &body))
}

/// What comes of a future unless the clock runs out first. One clock serves several.
///
/// Both are borrowed: a future that is moved through an `async fn` takes its room twice.
fn within<F: Future>(
    mut clock: Pin<&mut Sleep>,
    mut future: Pin<&mut F>,
) -> impl Future<Output = Option<F::Output>> {
    poll_fn(move |cx| match future.as_mut().poll(cx) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => poll_due(clock.as_mut(), cx).map(|()| None),
    })
}

/// Some servers send their errors with status 200: such a body decides for itself.
fn not_an_answer(ctx: &Context<'_>, body: &[u8]) -> AttemptError {
    let failure = ctx.format.format().decode_failure(200, body);
    if failure.kind.is_some() && failure.class.retry() != Retry::Never {
        return AttemptError::provider(&ctx.provider.name, failure, 200);
    }
    AttemptError::protocol(
        &ctx.provider.name,
        "a body that is not an answer of its format",
    )
}

/// The name of a loss as the record keeps it.
pub(crate) const fn loss_name(loss: &Loss) -> Name {
    Name::Static(loss.name())
}
