//! Errors: bodies as all of OpenAI's, and the two events that end a stream.

use bytes::Bytes;

use crate::failure::FailureAnswer;
use crate::write::{self, Object};

/// An error body.
pub(super) fn encode(failure: &FailureAnswer) -> Bytes {
    write::object(|o| o.object("error", |o| members(o, failure))).into()
}

/// An error inside a stream whose events are not counted here.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let mut out = Vec::new();
    event(&mut out, failure, 0);
    out.into()
}

/// An error inside a stream. The SDKs raise on the member `error`, which the API does not
/// write; what the API does write stands beside it.
pub(super) fn event(out: &mut Vec<u8>, failure: &FailureAnswer, sequence: u64) {
    out.extend_from_slice(b"event: error\ndata: ");
    write::object_into(out, |o| {
        o.string("type", "error");
        o.whole("sequence_number", sequence);
        let code = failure
            .code
            .as_deref()
            .unwrap_or_else(|| kind(failure.status));
        o.string("code", code);
        o.string("message", &failure.message);
        o.string_or_null("param", failure.param.as_deref());
        o.object("error", |o| members(o, failure));
    });
    out.extend_from_slice(b"\n\n");
}

fn members(o: &mut Object<'_>, failure: &FailureAnswer) {
    o.string("message", &failure.message);
    o.string("type", kind(failure.status));
    o.string_or_null("param", failure.param.as_deref());
    o.string_or_null("code", failure.code.as_deref());
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
