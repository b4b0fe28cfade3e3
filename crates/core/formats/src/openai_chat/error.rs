//! Errors as OpenAI's SDKs read them: by HTTP status first, then `type` and `code`.

use bytes::Bytes;

use crate::failure::FailureAnswer;
use crate::write;

/// An error body.
pub(super) fn encode(failure: &FailureAnswer) -> Bytes {
    body(failure).into()
}

/// An error inside a stream: SDKs raise on any chunk that has an `error`.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let mut out = b"data: ".to_vec();
    out.extend_from_slice(&body(failure));
    out.extend_from_slice(b"\n\n");
    out.into()
}

fn body(failure: &FailureAnswer) -> Vec<u8> {
    write::object(|o| {
        o.object("error", |o| {
            o.string("message", &failure.message);
            o.string("type", kind(failure.status));
            o.string_or_null("param", failure.param.as_deref());
            o.string_or_null("code", failure.code.as_deref());
        });
    })
}

const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "insufficient_quota",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}
