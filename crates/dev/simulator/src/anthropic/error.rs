//! `{"type": "error", "error": {"type", "message"}, "request_id"}`.

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use crate::refused::Refused;

/// An error as the API writes it.
#[derive(Debug, Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    error: Error<'a>,
    request_id: &'a str,
}

#[derive(Debug, Serialize)]
struct Error<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
}

/// What programs branch on, since API version 2026-10-21.
#[derive(Debug, Serialize)]
struct Details {
    error_code: &'static str,
}

/// The body of an error response.
pub(crate) fn body(refused: &Refused, id: &str) -> String {
    let kind = match refused.status.as_u16() {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        503 | 529 => "overloaded_error",
        504 => "timeout_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    let error = Error {
        kind,
        message: &refused.message,
        details: refused.code.map(|error_code| Details { error_code }),
    };
    let body = Body {
        kind: "error",
        error,
        request_id: id,
    };
    // Strings always serialise.
    serde_json::to_string(&body).unwrap_or_default()
}

/// No credential, or one that is not known.
pub(crate) fn unknown_caller() -> Refused {
    Refused::new(StatusCode::UNAUTHORIZED, "invalid x-api-key")
}

/// What a fault of this status says.
pub(crate) fn failure_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "invalid x-api-key",
        429 => "This request would exceed your rate limit. Please try again later.",
        503 | 529 => "Overloaded",
        500.. => "Internal server error",
        _ => "The simulator refuses this request, as it was told to.",
    }
}

/// The event that ends a stream which fails half-way. No `message_stop` follows.
pub(crate) fn event() -> Bytes {
    Bytes::from_static(
        b"event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n",
    )
}
