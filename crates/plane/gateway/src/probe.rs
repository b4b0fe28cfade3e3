//! Probes: whether the process can serve, and whether it wants traffic.
//!
//! They need no key, are not recorded, and touch no lock.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use crate::gateway::Gateway;
use crate::operation::Probe;
use crate::reply::ReplyBody;

/// Answers a probe.
pub(crate) fn answer(gateway: &Gateway, probe: Probe) -> Response<ReplyBody> {
    let serving = gateway.is_serving();
    let (status, body) = match probe {
        _ if !serving => (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"starting"}"#),
        Probe::Ready if gateway.is_draining() => {
            (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#)
        }
        Probe::Root => (StatusCode::OK, r#"{"name":"tollgate","status":"ok"}"#),
        _ => (StatusCode::OK, r#"{"status":"ok"}"#),
    };
    let mut response = Response::new(ReplyBody::unrecorded(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
