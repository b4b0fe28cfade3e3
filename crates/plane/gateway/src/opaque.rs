//! Plain HTTP to a model microservice: any method and content type, streamed both ways.
//!
//! Identity, timeouts and telemetry apply as everywhere. The bodies are not read, so
//! no policy sees them (the plan refuses that combination unless it is asked for), and
//! nothing is tried again: a byte that was sent cannot be taken back.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;
use tollgate_config::Timeouts;
use tollgate_net::{AnswerBody, BodyError, Incoming, Outgoing, SendError};
use tollgate_plan::Route;
use tollgate_telemetry::{Attempt, Name, SpanId};
use tollgate_types::ErrorClass;

use crate::admit::admit_plain;
use crate::attempt::{causes, not_sent};
use crate::caller::{Authenticated, authenticate};
use crate::gateway::Gateway;
use crate::headers::{strip_answer, strip_request};
use crate::reply::{Aborted, IdleClock, ReplyBody};
use crate::rescue::Cause;
use crate::settle::{Settlement, nanoseconds};
use crate::snapshot::{RunningProvider, Snapshot};
use crate::status::now_unix_s;

/// How much of a caller's path an error repeats.
const ECHO_CHARS_MAX: usize = 128;

/// Why a plain exchange failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpaqueError {
    /// The route takes other methods.
    #[error("this route takes {allowed}")]
    Method {
        /// Those.
        allowed: String,
    },
    /// The path or query cannot be written as a URI at the provider, or servers could
    /// read the path in different ways.
    #[error(
        "the path cannot be passed on: it has `.`, `..`, `//`, `\\\\` or an encoded slash in it"
    )]
    Path,
    /// Not sent, or no answer came.
    #[error("{}", not_sent(provider, source))]
    Send {
        /// Who.
        provider: Arc<str>,
        /// Why.
        source: SendError,
    },
    /// No answer in time.
    #[error("provider `{provider}` sent no answer within {} ms", limit.as_millis())]
    TimedOut {
        /// Who.
        provider: Arc<str>,
        /// How long it had.
        limit: Duration,
    },
}

impl OpaqueError {
    /// The class.
    pub(crate) const fn class(&self) -> ErrorClass {
        match self {
            Self::Method { .. } => ErrorClass::MethodNotAllowed,
            Self::Path => ErrorClass::BadRequest,
            Self::Send {
                source: SendError::ConnectTimeout { .. },
                ..
            }
            | Self::TimedOut { .. } => ErrorClass::ProviderTimeout,
            Self::Send {
                source: SendError::Body(_),
                ..
            } => ErrorClass::CallerGone,
            Self::Send {
                source: SendError::PoolFull { .. } | SendError::OutOfSockets(_),
                ..
            } => ErrorClass::Overloaded,
            Self::Send {
                source: SendError::Protocol { .. } | SendError::HeadTooLarge { .. },
                ..
            } => ErrorClass::ProviderProtocol,
            Self::Send { .. } => ErrorClass::ProviderUnreachable,
        }
    }
}

impl OpaqueError {
    /// What the operator reads of a failed attempt.
    fn cause(&self) -> Option<String> {
        match self {
            Self::Method { .. } | Self::Path => None,
            Self::Send { source, .. } => Some(causes(source)),
            Self::TimedOut { .. } => Some(self.to_string()),
        }
    }
}

/// An answer that is passed on as it comes.
#[derive(Debug)]
pub(crate) struct OpaqueAnswer {
    status: StatusCode,
    headers: HeaderMap,
    body: AnswerBody,
    timeouts: Timeouts,
    began: Instant,
}

/// Passes a request on to the provider of its route.
pub(crate) async fn forward(
    gateway: &Gateway,
    snapshot: &Snapshot,
    head: &Parts,
    body: Incoming,
    settlement: &mut Settlement,
) -> Result<Box<OpaqueAnswer>, Cause> {
    if !snapshot.plan.has_route(head.uri.path()) {
        return Err(no_route(head));
    }
    let record = settlement.record();
    record.operation = "http";
    record.format = "http";
    // What is streamed without a length is not counted: nobody here reads it.
    record.bytes_in = body.size_hint().exact().unwrap_or_default();
    let caller = authenticate(&head.headers, snapshot, now_unix_s())?;
    settlement.caller(&caller);
    let route = find(&caller, head)?;
    settlement.record().path = Name::Shared(Arc::from(route.config.path.as_str()));
    settlement.record().route = Some(Arc::clone(&route.config.name));
    let place = admit_plain(
        &gateway.shared.in_work,
        snapshot.plan.base.gateway.limits.requests_max,
    )?;
    settlement.hold(place);
    let provider = snapshot.provider(route.provider);
    let (attempt, span) = note(route, provider, settlement);
    let request = request(route, provider, head, body, span, settlement)?;
    let began = Instant::now();
    let limit = route.config.timeouts.whole;
    let sent = tokio::time::timeout(limit, provider.upstream.send(request)).await;
    let answer = match sent {
        Ok(Ok(answer)) => answer,
        Ok(Err(source)) => {
            return Err(failed(
                OpaqueError::Send {
                    provider: Arc::clone(&provider.name),
                    source,
                },
                attempt,
                settlement,
            ));
        }
        Err(_) => {
            return Err(failed(
                OpaqueError::TimedOut {
                    provider: Arc::clone(&provider.name),
                    limit,
                },
                attempt,
                settlement,
            ));
        }
    };
    let (head, body) = answer.into_parts();
    let record = settlement.record();
    record.status = head.status.as_u16();
    record.served_by = Some(0);
    if let Some(noted) = record.attempts.get_mut(attempt) {
        noted.status = head.status.as_u16();
    }
    let mut headers = head.headers;
    strip_answer(&mut headers);
    Ok(Box::new(OpaqueAnswer {
        status: head.status,
        headers,
        body,
        timeouts: route.config.timeouts,
        began,
    }))
}

fn no_route(head: &Parts) -> Cause {
    Cause::NoRoute {
        method: head.method.clone(),
        path: head.uri.path().chars().take(ECHO_CHARS_MAX).collect(),
    }
}

fn find<'s>(caller: &Authenticated<'s>, head: &Parts) -> Result<&'s Route, Cause> {
    let route = caller
        .plan
        .route(head.uri.path())
        .ok_or_else(|| no_route(head))?;
    let methods = &route.config.methods;
    if methods.is_empty() || methods.iter().any(|method| method == head.method.as_str()) {
        return Ok(route);
    }
    Err(OpaqueError::Method {
        allowed: methods.join(", "),
    }
    .into())
}

fn note(route: &Route, provider: &RunningProvider, settlement: &mut Settlement) -> (usize, SpanId) {
    let span_id = SpanId::random();
    let start_offset_ns = nanoseconds(settlement.started().elapsed());
    let index = settlement.attempt(Attempt {
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
    (index, span_id)
}

fn request(
    route: &Route,
    provider: &RunningProvider,
    head: &Parts,
    body: Incoming,
    span: SpanId,
    settlement: &mut Settlement,
) -> Result<Request<Outgoing>, Cause> {
    if !is_plain(head.uri.path()) {
        return Err(OpaqueError::Path.into());
    }
    let path = route.upstream_path(head.uri.path());
    let uri = provider
        .plain_path(&path, head.uri.query())
        .map_err(|_invalid| OpaqueError::Path)?;
    let mut headers = head.headers.clone();
    strip_request(&mut headers, provider.pass_caller_credential);
    for (name, value) in &provider.headers {
        headers.insert(name, value.clone());
    }
    settlement.record().trace.write(span, &mut headers);
    let empty = body.is_end_stream();
    let mut request = Request::new(if empty {
        Outgoing::empty()
    } else {
        Outgoing::from(body)
    });
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// Whether every server reads a path alike. A prefix is a promise about what lies below
/// it; `/models/../admin` would keep it here and break it at the provider.
fn is_plain(path: &str) -> bool {
    let decoded = |segment: &str| {
        segment
            .to_ascii_lowercase()
            .replace("%2e", ".")
            .replace("%25", "%")
    };
    let odd = |segment: &str| {
        let lower = decoded(segment);
        matches!(lower.as_str(), "." | "..")
            || ["%2f", "%5c", "%00", "%2e", "\\"]
                .iter()
                .any(|part| lower.contains(part))
    };
    !path.contains("//") && !path.split('/').any(odd)
}

fn failed(error: OpaqueError, attempt: usize, settlement: &mut Settlement) -> Cause {
    if let Some(noted) = settlement.record().attempts.get_mut(attempt) {
        noted.class = Some(error.class());
        noted.error = error.cause().map(Into::into);
    }
    Cause::Opaque(error)
}

impl OpaqueAnswer {
    /// The answer, streamed on.
    pub(crate) fn respond(self, settlement: Settlement) -> Response<ReplyBody> {
        let clock = IdleClock::new(self.began, self.timeouts);
        let reply = OpaqueReply {
            body: self.body,
            clock,
            settlement,
            bytes_out: 0,
        };
        let mut response = Response::new(ReplyBody::opaque(reply));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// The body of a plain answer on its way to the caller.
#[derive(Debug)]
pub(crate) struct OpaqueReply {
    body: AnswerBody,
    clock: IdleClock,
    settlement: Settlement,
    bytes_out: u64,
}

impl OpaqueReply {
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
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => self.abort(broken(&error)),
            Poll::Ready(None) => {
                self.settlement.completed();
                Poll::Ready(None)
            }
            Poll::Pending => match self.clock.poll(cx) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(()) => self.abort(ErrorClass::ProviderTimeout),
            },
        }
    }

    /// What is known of the length.
    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }

    fn abort(&mut self, class: ErrorClass) -> Poll<Option<Result<Frame<Bytes>, Aborted>>> {
        self.settlement.failed(class);
        self.settlement.record().is_caller_gone |= class == ErrorClass::CallerGone;
        self.settlement.completed();
        Poll::Ready(Some(Err(Aborted)))
    }
}

/// Who broke an exchange off: a caller that left within its own body takes the
/// provider's connection along.
fn broken(error: &BodyError) -> ErrorClass {
    match error {
        BodyError::Caller(_) => ErrorClass::CallerGone,
        _ => ErrorClass::ProviderBroken,
    }
}

impl Drop for OpaqueReply {
    fn drop(&mut self) {
        let took = nanoseconds(self.clock.elapsed());
        let record = self.settlement.record();
        record.bytes_out = self.bytes_out;
        let (class, ttft_ns) = (record.class, record.ttft_ns);
        if let Some(attempt) = record.attempts.first_mut() {
            attempt.duration_ns = took;
            attempt.class = class;
            attempt.ttft_ns = ttft_ns;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_path_that_servers_read_differently_is_not_passed_on() {
        for path in ["/m/a", "/m", "/m/a.b/..c", "/m/%20x", "/m/a/"] {
            assert!(is_plain(path), "{path}");
        }
        for path in [
            "/m/../admin",
            "/m/%2e%2e/admin",
            "/m/.%2E/admin",
            "/m/..%2fadmin",
            "/m/%252e%252e/admin",
            "/m/a\\..\\b",
            "/m/%5c..",
            "/m//admin",
            "/m/./x",
            "/m/%00",
        ] {
            assert!(!is_plain(path), "{path}");
        }
    }
}
