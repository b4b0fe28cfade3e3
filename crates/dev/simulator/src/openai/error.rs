//! `{"error": {"message", "type", "param", "code"}}`.

use bytes::Bytes;
use http::StatusCode;
use serde::Serialize;

use crate::refused::Refused;

const SERVER_ERROR: &str =
    "The server had an error while processing your request. Sorry about that!";

/// An error as the API writes it.
#[derive(Debug, Serialize)]
struct Body<'a> {
    error: Error<'a>,
}

#[derive(Debug, Serialize)]
struct Error<'a> {
    message: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    param: Option<&'a str>,
    code: Option<&'static str>,
}

/// The body of an error response.
pub(crate) fn body(refused: &Refused) -> String {
    let (kind, code) = match refused.status {
        StatusCode::TOO_MANY_REQUESTS => ("requests", Some("rate_limit_exceeded")),
        status if status.is_server_error() => ("server_error", None),
        _ => ("invalid_request_error", None),
    };
    let error = Error {
        message: &refused.message,
        kind,
        param: refused.param.as_deref(),
        code: refused.code.or(code),
    };
    // Strings always serialise.
    serde_json::to_string(&Body { error }).unwrap_or_default()
}

/// No credential, or one that is not known.
pub(crate) fn unknown_caller() -> Refused {
    Refused::new(
        StatusCode::UNAUTHORIZED,
        "Incorrect API key provided. You can find your API key in your account settings.",
    )
    .code("invalid_api_key")
}

/// What a fault of this status says.
pub(crate) fn failure_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Incorrect API key provided.",
        429 => "Rate limit reached for requests. Please try again later.",
        503 => "The engine is currently overloaded, please try again later.",
        500.. => SERVER_ERROR,
        _ => "The simulator refuses this request, as it was told to.",
    }
}

/// The event that ends a stream which fails half-way. No `[DONE]` follows.
pub(crate) fn event() -> Bytes {
    let refused = Refused::new(StatusCode::INTERNAL_SERVER_ERROR, SERVER_ERROR);
    Bytes::from(format!("data: {}\n\n", body(&refused)))
}
