//! Errors as Google's SDKs read them: `error.code`, `error.status`, `error.message`.

use bytes::Bytes;

use crate::failure::FailureAnswer;
use crate::write;

/// Whose reasons are told in `ErrorInfo`.
const DOMAIN: &str = "tollgate";

/// An error body.
pub(super) fn encode(failure: &FailureAnswer) -> Bytes {
    body(failure).into()
}

/// An error inside a stream.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&body(failure));
    out.extend_from_slice(b"\n\n");
    out.into()
}

fn body(failure: &FailureAnswer) -> Vec<u8> {
    write::object(|o| {
        o.object("error", |o| {
            o.whole("code", u64::from(failure.status));
            o.string("message", &failure.message);
            o.string("status", status(failure.status));
            details(o, failure);
        });
    })
}

/// A code, a parameter and the id of the request, where `google.rpc` has them.
fn details(o: &mut write::Object<'_>, failure: &FailureAnswer) {
    let has_details =
        failure.code.is_some() || failure.param.is_some() || failure.request_id.is_some();
    if !has_details {
        return;
    }
    o.array("details", |a| {
        if let Some(code) = &failure.code {
            a.object(|o| {
                o.string("@type", "type.googleapis.com/google.rpc.ErrorInfo");
                o.string("reason", code);
                o.string("domain", DOMAIN);
            });
        }
        if let Some(param) = &failure.param {
            a.object(|o| {
                o.string("@type", "type.googleapis.com/google.rpc.BadRequest");
                o.array("fieldViolations", |a| {
                    a.object(|o| o.string("field", param));
                });
            });
        }
        if let Some(id) = &failure.request_id {
            a.object(|o| {
                o.string("@type", "type.googleapis.com/google.rpc.RequestInfo");
                o.string("requestId", id);
            });
        }
    });
}

/// The word of `google.rpc.Code` for an HTTP status.
const fn status(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        402 | 403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        408 | 504 => "DEADLINE_EXCEEDED",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        400..=498 => "INVALID_ARGUMENT",
        501 => "UNIMPLEMENTED",
        502 | 503 | 529 => "UNAVAILABLE",
        _ => "INTERNAL",
    }
}
