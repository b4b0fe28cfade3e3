//! WebSockets (RFC 6455) over HTTP/1.1, passed on to a provider.
//!
//! The handshake is the caller's own with the provider's credential in it, and without
//! extensions: frames that are compressed could not be followed. Messages are not read, but
//! for what providers report of usage.

mod frames;
mod relay;

use std::sync::Arc;

use http::header::{
    CONNECTION, CONTENT_LENGTH, HeaderName, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use tokio::time::Instant;
use tollgate_config::SocketLimits;
use tollgate_net::{Line, Offer, Outgoing, Switched, Tunnel};
use tollgate_telemetry::Source;

use super::inspect::inspect_socket;
use super::reply::{Passing, PlainAnswer};
use super::{
    Exchange, PlainAdmitted, PlainError, answered, failed, is_ours_refused, note, request,
};
use crate::attempt::AttemptError;
use crate::headers::{holds_key, strip_answer};
use crate::reply::ReplyBody;
use crate::rescue::Cause;
use crate::settle::Settlement;
use relay::Relay;

/// Whether a request asks for a WebSocket.
pub(crate) fn wants_socket(head: &Parts) -> bool {
    let upgrade = head.headers.get(UPGRADE).map(HeaderValue::as_bytes);
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case(b"websocket"))
}

/// A WebSocket that the provider has agreed to, or its refusal.
#[derive(Debug)]
pub(crate) enum SocketAnswer {
    /// It agrees.
    Open(Box<Open>),
    /// It does not.
    Refused(Box<PlainAnswer>),
}

/// Both sides of a WebSocket.
#[derive(Debug)]
pub(crate) struct Open {
    headers: HeaderMap,
    offer: Offer,
    provider: Line,
    limits: SocketLimits,
}

/// Asks the provider for the WebSocket that a caller asks for.
pub(crate) async fn connect(
    admitted: PlainAdmitted<'_>,
    exchange: &Exchange<'_>,
    settlement: &mut Settlement,
) -> Result<SocketAnswer, Cause> {
    let Exchange { snapshot, head, .. } = *exchange;
    settlement.record().operation = "web_socket";
    settlement.record().is_stream = true;
    let limits = admitted.route.config.sockets;
    let limits = limits.ok_or(PlainError::Handshake("no WebSockets pass here"))?;
    let offer = offer(head)?;
    let route = inspect_socket(admitted, exchange, settlement)?;
    let provider = snapshot.provider(route.provider);
    let began = Instant::now();
    let first_token = route.config.timeouts.first_token;
    let ready = Box::pin(provider.ready_within(first_token)).await;
    let mut asking = request::head(route, ready, head)?;
    handshake(head, provider.pass_caller_credential, asking.headers_mut());
    let asking = note(
        route,
        provider,
        asking.map(|()| Outgoing::empty()),
        settlement,
    );
    let limit = first_token.saturating_sub(began.elapsed());
    let switched = ask(limit, provider, asking).await;
    match switched.map_err(|error| failed(error, settlement))? {
        Switched::Line(head, provider) => {
            answered(head.status().as_u16(), settlement);
            let headers = agreed(head.into_parts().0.headers).ok_or_else(|| {
                let name = settlement
                    .record()
                    .attempts
                    .first()
                    .map(|it| Arc::clone(&it.provider));
                let what = "an extension of WebSockets that was not asked for";
                Cause::Attempt(Box::new(AttemptError::protocol(
                    &name.unwrap_or_default(),
                    what,
                )))
            })?;
            settlement.record().usage_source = Source::Unknown;
            Ok(SocketAnswer::Open(Box::new(Open {
                headers,
                offer,
                provider,
                limits,
            })))
        }
        Switched::Refused(answer) => {
            answered(answer.status().as_u16(), settlement);
            if is_ours_refused(route, provider, answer.status()) {
                let provider = Arc::clone(&provider.name);
                return Err(failed(PlainError::Credential { provider }, settlement));
            }
            let (head, body) = answer.into_parts();
            let mut headers = head.headers;
            strip_answer(&mut headers);
            headers.remove(CONTENT_LENGTH);
            Ok(SocketAnswer::Refused(Box::new(PlainAnswer {
                status: head.status,
                headers,
                body: Passing::Whole(body),
                timeouts: route.config.timeouts,
                began,
                meter: None,
            })))
        }
    }
}

/// Sends the handshake and waits for its answer.
async fn ask(
    limit: std::time::Duration,
    provider: &crate::snapshot::RunningProvider,
    request: Request<Outgoing>,
) -> Result<Switched, PlainError> {
    let name = || Arc::clone(&provider.name);
    match tokio::time::timeout(limit, provider.upstream.switch(request)).await {
        Ok(Ok(switched)) => Ok(switched),
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

/// The caller's wish to leave HTTP, if its handshake is one (RFC 6455, section 4.2.1).
fn offer(head: &Parts) -> Result<Offer, PlainError> {
    let is = |name: &HeaderName, value: &str| head.headers.get(name).is_some_and(|it| it == value);
    let key = head
        .headers
        .get(SEC_WEBSOCKET_KEY)
        .map(HeaderValue::as_bytes);
    if head.method != Method::GET || head.version != Version::HTTP_11 {
        return Err(PlainError::Handshake("it takes GET over HTTP/1.1"));
    }
    if !is(&SEC_WEBSOCKET_VERSION, "13") {
        return Err(PlainError::Handshake("version 13 is spoken"));
    }
    if key.is_none_or(|key| key.len() != 24) {
        return Err(PlainError::Handshake(
            "`sec-websocket-key` has 24 characters",
        ));
    }
    let none = PlainError::Handshake("`connection` does not say `upgrade`");
    Offer::of(&head.extensions).ok_or(none)
}

/// Adds to what the provider may see what makes a handshake of it. Keys of this gateway among
/// the subprotocols stay here, and any key where the caller's is not for the provider.
fn handshake(caller: &Parts, pass_caller_credential: bool, headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    if let Some(key) = caller.headers.get(SEC_WEBSOCKET_KEY) {
        headers.insert(SEC_WEBSOCKET_KEY, key.clone());
    }
    let listed = caller.headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter();
    let listed = listed.filter_map(|value| value.to_str().ok());
    let protocols = listed.flat_map(|value| value.split(',')).map(str::trim);
    let is_key = |name: &str| !pass_caller_credential && name.contains("api-key");
    let is_secret = |name: &str| is_key(name) || holds_key(name.as_bytes());
    let protocols: Vec<_> = protocols
        .filter(|name| !name.is_empty() && !is_secret(name))
        .collect();
    if let Ok(protocols) = HeaderValue::from_str(&protocols.join(", "))
        && !protocols.is_empty()
    {
        headers.insert(SEC_WEBSOCKET_PROTOCOL, protocols);
    }
}

/// The provider's agreement as the caller gets it; `None` where it agrees to more than was
/// asked for.
fn agreed(mut headers: HeaderMap) -> Option<HeaderMap> {
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return None;
    }
    let accept = headers.remove(SEC_WEBSOCKET_ACCEPT);
    strip_answer(&mut headers);
    headers.extend(accept.map(|accept| (SEC_WEBSOCKET_ACCEPT, accept)));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    Some(headers)
}

impl SocketAnswer {
    /// The answer; the record goes with the WebSocket.
    pub(crate) fn respond(self, settlement: Settlement) -> Response<ReplyBody> {
        let open = match self {
            Self::Open(open) => *open,
            Self::Refused(answer) => return answer.respond(settlement),
        };
        let Open {
            headers,
            offer,
            provider,
            limits,
        } = open;
        let relay = Relay {
            offer,
            provider,
            limits,
            settlement,
        };
        let mut response = Response::new(ReplyBody::unrecorded(bytes::Bytes::new()));
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        *response.headers_mut() = headers;
        let tunnel = Tunnel::new(|ending| relay.run(ending));
        response.extensions_mut().insert(tunnel);
        response
    }
}
