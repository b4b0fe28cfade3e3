//! Errors as the AWS SDKs read them: the type from a header, the message from the body.
//!
//! Inside a stream an error is an exception message, which ends the stream.

use bytes::Bytes;
use tollgate_types::ErrorClass;

use crate::failure::{self, Failure, FailureAnswer};
use crate::write;

/// The header by which the SDKs know which error it is.
const TYPE: &str = "x-amzn-errortype";

/// Reads an error answer. A model's own failure comes with the status 424, which says of
/// other servers that the request is at fault.
pub(super) fn decode(status: u16, body: &[u8]) -> Failure {
    const FAILED_DEPENDENCY: u16 = 424;
    let mut failure = failure::read(status, body);
    if status == FAILED_DEPENDENCY && failure.class == ErrorClass::ProviderRefused {
        failure.class = ErrorClass::ProviderFailed;
    }
    failure
}

/// An error body.
pub(super) fn encode(failure: &FailureAnswer) -> Bytes {
    body(failure).into()
}

/// The header of an error.
pub(super) const fn header(failure: &FailureAnswer) -> (&'static str, &'static str) {
    let kind = match failure.status {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 | 504 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        400..=499 => "ValidationException",
        503 | 529 => "ServiceUnavailableException",
        _ => "InternalServerException",
    };
    (TYPE, kind)
}

/// An error inside a stream, by the five kinds that there are.
pub(super) fn encode_event(failure: &FailureAnswer) -> Bytes {
    let kind = match failure.status {
        429 => "throttlingException",
        408 | 424 | 502 | 504 => "modelStreamErrorException",
        400..=499 => "validationException",
        503 | 529 => "serviceUnavailableException",
        _ => "internalServerException",
    };
    let mut out = format!("event: {kind}\ndata: ").into_bytes();
    out.extend_from_slice(&body(failure));
    out.extend_from_slice(b"\n\n");
    out.into()
}

/// The SDKs show the message and nothing else: code and parameter go beside it for whoever
/// reads the body itself.
fn body(failure: &FailureAnswer) -> Vec<u8> {
    write::object(|o| {
        o.string("message", &failure.message);
        o.optional("code", failure.code.as_deref());
        o.optional("param", failure.param.as_deref());
        o.optional("requestId", failure.request_id.as_deref());
    })
}
