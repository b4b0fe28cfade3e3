//! `{"id", "message"}`.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::refused::Refused;

/// The body of an error response.
pub(crate) fn body(refused: &Refused, id: &str) -> String {
    json!({"id": id, "message": refused.message}).to_string()
}

/// No credential, or one that is not known.
pub(crate) fn unknown_caller() -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, "invalid api token")
}

/// What a fault of this status says.
pub(crate) fn failure_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "invalid api token",
        429 => "trial token rate limit exceeded, limit is 20 api calls / minute",
        503 => "the server is overloaded, please try again later",
        500.. => "internal server error, this has been reported to our developers",
        _ => "the simulator refuses this request, as it was told to",
    }
}

/// The event that ends a stream which fails half-way.
pub(crate) fn event() -> Bytes {
    Bytes::from_static(
        b"event: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"ERROR\",\"error\":\"the server is overloaded, please try again later\"}}\n\n",
    )
}
