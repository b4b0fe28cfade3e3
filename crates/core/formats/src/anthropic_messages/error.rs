//! Errors as Anthropic's SDKs read them: by HTTP status, then `error.type`.

use bytes::Bytes;

use crate::failure::FailureAnswer;
use crate::write;

/// An error body.
pub(super) fn encode(failure: &FailureAnswer) -> Bytes {
    body(failure).into()
}

/// An error inside a stream: the `error` event.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let mut out = b"event: error\ndata: ".to_vec();
    out.extend_from_slice(&body(failure));
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// A code and a parameter go where SDKs look for them since API version 2026-10-21:
/// `error.details.error_code`.
fn body(failure: &FailureAnswer) -> Vec<u8> {
    write::object(|o| {
        o.string("type", "error");
        o.object("error", |o| {
            o.string("type", kind(failure.status));
            o.string("message", &failure.message);
            if failure.code.is_some() || failure.param.is_some() {
                o.object("details", |o| {
                    o.optional("error_code", failure.code.as_deref());
                    o.optional("param", failure.param.as_deref());
                });
            }
        });
        o.optional("request_id", failure.request_id.as_deref());
    })
}

const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        408 | 504 => "timeout_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        503 | 529 => "overloaded_error",
        _ => "api_error",
    }
}
