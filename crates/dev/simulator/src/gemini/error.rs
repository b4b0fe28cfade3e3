//! `{"error": {"code", "message", "status"}}`.

use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::refused::Refused;

/// The body of an error response.
pub(crate) fn body(refused: &Refused) -> String {
    let code = refused.status.as_u16();
    let status = match code {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        429 => "RESOURCE_EXHAUSTED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        500.. => "INTERNAL",
        _ => "INVALID_ARGUMENT",
    };
    let mut error = json!({"code": code, "message": refused.message, "status": status});
    if let (Some(reason), Some(error)) = (refused.code, error.as_object_mut()) {
        let info = json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
        }]);
        error.insert("details".to_owned(), info);
    }
    json!({"error": error}).to_string()
}

/// No credential, or one that is not known: 400, unlike everywhere else.
pub(crate) fn unknown_caller() -> Refused {
    Refused::invalid("API key not valid. Please pass a valid API key.").code("API_KEY_INVALID")
}

/// What a fault of this status says.
pub(crate) fn failure_text(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "Request had invalid authentication credentials.",
        429 => "You exceeded your current quota, please check your plan and billing details.",
        503 => "The model is overloaded. Please try again later.",
        500.. => "An internal error has occurred. Please retry.",
        _ => "The simulator refuses this request, as it was told to.",
    }
}

/// The event that ends a stream which fails half-way.
pub(crate) fn event() -> Bytes {
    Bytes::from_static(
        b"data: {\"error\":{\"code\":503,\"message\":\"The model is overloaded. Please try again later.\",\"status\":\"UNAVAILABLE\"}}\n\n",
    )
}
