//! Plain HTTP to a model microservice: any method and content type, streamed both ways.
//!
//! Identity, timeouts and telemetry apply as everywhere. Bodies pass unread, but where a
//! policy is over the route: then its rules read the texts that the route names, of JSON
//! and of events. Nothing is tried again: a byte that was sent cannot be taken back.

mod answer;
mod error;
mod events;
mod idle;
mod inspect;
mod reply;
mod request;
mod upload;

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, Request};
use tokio::time::Instant;
use tollgate_net::{Answer, Outgoing, SendError};
use tollgate_plan::{NoRoute, Route};
use tollgate_telemetry::{Attempt, Name, SpanId};

use crate::admit::{Full, take_place};
use crate::budget::{Budget, Share};
use crate::caller::Authenticated;
use crate::clock::nanoseconds;
use crate::gateway::Shared;
use crate::headers::{strip_answer, strip_digests};
use crate::rescue::Cause;
use crate::settle::Settlement;
use crate::snapshot::{RunningProvider, Snapshot};

pub use answer::answer;
pub use inspect::request;

pub(crate) use error::{PlainError, Unread};
pub(crate) use inspect::{PlainInspected, inspect};
pub(crate) use reply::{PlainAnswer, PlainReply};
pub(crate) use upload::Uploaded;

use answer::Guarded;
use reply::Passing;
use upload::Stalled;

/// How much of a caller's path an error repeats.
const ECHO_CHARS_MAX: usize = 128;

/// What every step of a plain exchange needs.
#[derive(Clone, Copy)]
pub(crate) struct Exchange<'a> {
    /// What all requests share.
    pub(crate) shared: &'a Shared,
    /// What the request is served by.
    pub(crate) snapshot: &'a Snapshot,
    /// The head of the request.
    pub(crate) head: &'a Parts,
}

/// A request of a known caller whose route is found.
#[derive(Debug)]
pub(crate) struct PlainRouted<'s> {
    caller: Authenticated<'s>,
    route: &'s Route,
}

/// A routed request that has its place among those in work.
#[derive(Debug)]
pub(crate) struct PlainAdmitted<'s> {
    caller: Authenticated<'s>,
    route: &'s Route,
    place: Share,
}

/// Finds the caller's route for a path and method.
pub(crate) fn route<'s>(
    caller: Authenticated<'s>,
    head: &Parts,
    settlement: &mut Settlement,
) -> Result<PlainRouted<'s>, Cause> {
    let found = caller.plan().route(head.uri.path(), head.method.as_str());
    if !matches!(found, Err(NoRoute::Path)) {
        settlement.record().operation = "http";
        settlement.record().format = "http";
    }
    let route = found.map_err(|none| match none {
        NoRoute::Path => Cause::NoRoute {
            method: head.method.clone(),
            path: head.uri.path().chars().take(ECHO_CHARS_MAX).collect(),
        },
        NoRoute::Method { allowed } => PlainError::Method { allowed }.into(),
    })?;
    let record = settlement.record();
    record.path = Name::Shared(Arc::from(route.config.path.as_str()));
    record.route = Some(Arc::clone(&route.config.name));
    Ok(PlainRouted { caller, route })
}

/// Takes a place, as every request does.
pub(crate) fn admit<'s>(
    routed: PlainRouted<'s>,
    in_work: &Budget,
    max: usize,
) -> Result<PlainAdmitted<'s>, Full> {
    let place = take_place(in_work, max)?;
    let PlainRouted { caller, route } = routed;
    Ok(PlainAdmitted {
        caller,
        route,
        place,
    })
}

/// Passes a request on to the provider of its route.
pub(crate) async fn forward(
    inspected: PlainInspected<'_>,
    exchange: &Exchange<'_>,
    settlement: &mut Settlement,
) -> Result<Box<PlainAnswer>, Cause> {
    let Exchange { snapshot, head, .. } = *exchange;
    let PlainInspected {
        route,
        body,
        answer: guard,
    } = inspected;
    let provider = snapshot.provider(route.provider);
    let mut request = request::head(route, provider, head)?;
    if body.is_edited() {
        strip_digests(request.headers_mut());
    }
    let limit = snapshot.plan.base.gateway.caller_timeouts.body;
    let (body, uploaded) = request::body(body, limit);
    if let Some(uploaded) = uploaded {
        settlement.uploads(uploaded);
    }
    let began = Instant::now();
    let request = note(route, provider, request.map(|()| body), settlement);
    let answer = send(route, provider, request)
        .await
        .map_err(|error| failed(error, settlement))?;
    answered(answer.status().as_u16(), settlement);
    let (answer, body) = answer.into_parts();
    let mut headers = answer.headers;
    // The length that a body would have; any other length is the server's to say.
    let length = headers
        .remove(CONTENT_LENGTH)
        .filter(|_| head.method == Method::HEAD);
    strip_answer(&mut headers);
    let body = if guard.is_empty() {
        headers.extend(length.map(|length| (CONTENT_LENGTH, length)));
        Passing::AsItComes(body)
    } else {
        let guarded = Guarded {
            exchange,
            route: &route.config,
            guard,
            began,
            status: answer.status,
            headers: &mut headers,
        };
        guarded.pass(body, settlement).await?
    };
    Ok(Box::new(PlainAnswer {
        status: answer.status,
        headers,
        body,
        timeouts: route.config.timeouts,
        began,
    }))
}

/// Sends the request once and waits for the head of the answer.
async fn send(
    route: &Route,
    provider: &RunningProvider,
    request: Request<Outgoing>,
) -> Result<Answer, PlainError> {
    let limit = route.config.timeouts.whole;
    let name = || Arc::clone(&provider.name);
    match tokio::time::timeout(limit, provider.upstream.send(request)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(SendError::Body(source))) if source.is::<Stalled>() => Err(PlainError::Stalled),
        Ok(Err(source)) => Err(PlainError::Send {
            provider: name(),
            source,
        }),
        Err(_elapsed) => Err(PlainError::TimedOut {
            provider: name(),
            limit,
        }),
    }
}

/// Notes the attempt that is about to be made, and names it in the request.
fn note(
    route: &Route,
    provider: &RunningProvider,
    mut request: Request<Outgoing>,
    settlement: &mut Settlement,
) -> Request<Outgoing> {
    let span_id = SpanId::random();
    let start_offset_ns = nanoseconds(settlement.started().elapsed());
    settlement
        .record()
        .trace
        .write(span_id, request.headers_mut());
    settlement.attempt(Attempt {
        span_id,
        target: Arc::clone(&route.config.name),
        provider: Arc::clone(&provider.name),
        provider_kind: provider.kind,
        model: Arc::from(""),
        host: provider.host.clone(),
        port: provider.port,
        start_offset_ns,
        duration_ns: 0,
        ttft_ns: None,
        status: 0,
        class: None,
        error: None,
    });
    request
}

fn answered(status: u16, settlement: &mut Settlement) {
    let record = settlement.record();
    record.status = status;
    record.served_by = Some(0);
    if let Some(attempt) = record.attempts.first_mut() {
        attempt.status = status;
    }
}

fn failed(error: PlainError, settlement: &mut Settlement) -> Cause {
    if let Some(attempt) = settlement.record().attempts.first_mut() {
        attempt.class = Some(error.class());
        attempt.error = error.cause().map(Into::into);
    }
    Cause::Plain(error)
}
