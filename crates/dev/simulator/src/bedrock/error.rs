//! `{"message"}`; which error it is stands in the header `x-amzn-ErrorType`.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use super::frame;
use crate::refused::Refused;

/// The header that names the error.
pub(crate) const HEADER: &str = "x-amzn-errortype";

/// The name of the error.
pub(crate) fn kind(refused: &Refused) -> &'static str {
    match refused.status.as_u16() {
        401 | 403 => "AccessDeniedException",
        404 => "ResourceNotFoundException",
        408 => "ModelTimeoutException",
        424 => "ModelErrorException",
        429 => "ThrottlingException",
        503 => "ServiceUnavailableException",
        500.. => "InternalServerException",
        _ => "ValidationException",
    }
}

/// The body of an error response.
pub(crate) fn body(refused: &Refused) -> String {
    json!({"message": refused.message}).to_string()
}

/// No credential, or one that is not known.
pub(crate) fn unknown_caller() -> Refused {
    Refused::new(
        StatusCode::FORBIDDEN,
        "The security token included in the request is invalid.",
    )
}

/// What a fault of this status says.
pub(crate) fn failure_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 | 403 => "The security token included in the request is invalid.",
        424 => "The model returned an error while it processed the request.",
        429 => "Too many requests, please wait before trying again.",
        503 => "Bedrock is unable to process your request.",
        500.. => {
            "The system encountered an unexpected error during processing. Try your request again."
        }
        _ => "The simulator refuses this request, as it was told to.",
    }
}

/// The message that ends a stream which fails half-way. Nothing follows.
pub(crate) fn event() -> Bytes {
    let payload = json!({"message": "The system encountered an unexpected error during processing. Try your request again."});
    frame::exception("internalServerException", &payload.to_string())
}

/// A message that is whole, with a payload that is not JSON.
pub(crate) fn malformed() -> Bytes {
    frame::event(
        "contentBlockDelta",
        "{\"contentBlockIndex\":0,\"delta\":{\"text\":",
    )
}
