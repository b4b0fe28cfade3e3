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
mod meter;
mod reply;
mod request;
mod socket;
mod upload;

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{Method, Request, StatusCode};
use tokio::time::Instant;
use tollgate_config::AtProvider;
use tollgate_net::{Answer, Outgoing, SendError};
use tollgate_plan::{NoRoute, Route};
use tollgate_telemetry::{Name, Source, SpanId};

use crate::access::permit_all_of;
use crate::admit::take_place;
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
pub(crate) use request::without_keys;
pub(crate) use socket::{SocketAnswer, connect, wants_socket};
pub(crate) use upload::Uploaded;

use answer::Guarded;
use meter::{Meter, is_work};
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

impl<'s> PlainRouted<'s> {
    /// What the request would ask the provider for, where the route is one of a provider
    /// that passes its API through: behind the provider's name, and all of it.
    pub(crate) fn passed(&self, head: &Parts, snapshot: &Snapshot) -> Option<Passed> {
        let Route { config, provider } = self.route;
        if !config.is_pass_through || !snapshot.plan.provider(*provider).serves_models() {
            return None;
        }
        let path = head.uri.path();
        let prefix = config.name.len() + 1;
        let base = snapshot.provider(*provider).upstream.endpoint().base_path();
        Some(Passed {
            provider: Arc::clone(&config.name),
            paths: [
                path.get(prefix..).unwrap_or_default().to_owned(),
                format!("{base}{}", self.route.upstream_path(path)),
            ],
        })
    }

    /// The caller, for an exchange of another kind.
    pub(crate) fn into_caller(self) -> Authenticated<'s> {
        self.caller
    }
}

/// What a request asks of a provider that passes its API through.
#[derive(Debug)]
pub(crate) struct Passed {
    /// Whose API it is.
    pub(crate) provider: Arc<str>,
    /// The path as the caller wrote it, and as the provider would get it.
    paths: [String; 2],
}

impl Passed {
    /// The endpoint of a wire format, or the held answer, that is asked for: no policy is
    /// gone around by way of the provider's name. `is_socket` is for a WebSocket: an endpoint
    /// that also speaks over one is an endpoint all the same.
    pub(crate) fn asks(
        &self,
        method: &Method,
        is_socket: bool,
    ) -> Result<Option<AtProvider<'_>>, PlainError> {
        // What is only read asks no model.
        let is_read = matches!(*method, Method::GET | Method::HEAD | Method::DELETE);
        let mut asked = None;
        for path in &self.paths {
            let found = AtProvider::find(path).map_err(|_disguised| PlainError::Disguised)?;
            let found = found.filter(|found| match found {
                AtProvider::Called(_) => is_socket || !is_read,
                AtProvider::Held(held) => held.methods().any(|known| method == known),
            });
            asked = asked.or(found);
        }
        Ok(asked)
    }
}

/// A routed request that has its place among those in work.
#[derive(Debug)]
pub(crate) struct PlainAdmitted<'s> {
    caller: Authenticated<'s>,
    route: &'s Route,
    place: Share,
}

impl PlainAdmitted<'_> {
    /// Whether WebSockets pass on this route.
    pub(crate) const fn passes_sockets(&self) -> bool {
        self.route.config.sockets.is_some()
    }
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
    Ok(PlainRouted { caller, route })
}

/// Takes a place, as every request does. Whoever has a route passed through may use all
/// models of its provider: which one is asked for is not read.
pub(crate) fn admit<'s>(
    routed: PlainRouted<'s>,
    in_work: &Budget,
    max: usize,
    settlement: &mut Settlement,
) -> Result<PlainAdmitted<'s>, Cause> {
    let PlainRouted { caller, route } = routed;
    let record = settlement.record();
    record.route = Some(Arc::clone(&route.config.name));
    if route.config.is_pass_through {
        record.operation = "pass_through";
        permit_all_of(&caller, &route.config.name)?;
    }
    let place = take_place(in_work, max)?;
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
    let ready = provider.ready_within(route.config.timeouts.whole).await;
    let mut request = request::head(route, ready, head)?;
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
    if is_ours_refused(route, provider, answer.status()) {
        let provider = Arc::clone(&provider.name);
        return Err(failed(PlainError::Credential { provider }, settlement));
    }
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
    let is_metered = route.config.is_pass_through && is_work(&head.method);
    let meter = Meter::of(answer.status, &headers).filter(|_| is_metered);
    if is_metered && answer.status.is_success() {
        settlement.record().usage_source = Source::Unknown;
    }
    Ok(Box::new(PlainAnswer {
        meter,
        status: answer.status,
        headers,
        body,
        timeouts: route.config.timeouts,
        began,
    }))
}

/// Whether the provider refuses a credential that is not the caller's, who would only look
/// for a mistake in its own; and providers repeat parts of a key. One that can be renewed is.
fn is_ours_refused(route: &Route, provider: &RunningProvider, status: StatusCode) -> bool {
    // Some say so of a token that has expired.
    if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
        provider.refused();
    }
    route.config.is_pass_through
        && status == StatusCode::UNAUTHORIZED
        && !provider.pass_caller_credential
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
    let target = &route.config.name;
    settlement.attempt(provider.attempt(span_id, target, Arc::from(""), start_offset_ns));
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
