//! Errors: read from any body, written for each SDK.

use tollgate_formats::failure::MESSAGE_BYTES_MAX;
use tollgate_formats::{FailureAnswer, FormatId};
use tollgate_types::ErrorClass;

use crate::load::{BOTH, json};

/// Status, body, and what is made of them.
const BODIES: &[(u16, &str, ErrorClass, &str)] = &[
    (
        429,
        r#"{"error":{"message":"slow","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
        ErrorClass::ProviderRateLimited,
        "slow",
    ),
    (
        429,
        r#"{"error":{"message":"no money","type":"insufficient_quota","code":"insufficient_quota"}}"#,
        ErrorClass::ProviderRateLimited,
        "no money",
    ),
    (
        529,
        r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"r"}"#,
        ErrorClass::ProviderOverloaded,
        "Overloaded",
    ),
    (
        503,
        "",
        ErrorClass::ProviderOverloaded,
        "the provider answered 503 without a body",
    ),
    (
        500,
        "<html><body>oops</body></html>",
        ErrorClass::ProviderFailed,
        "the provider answered 500 with a body that is no error object",
    ),
    (
        502,
        "bad gateway",
        ErrorClass::ProviderFailed,
        "bad gateway",
    ),
    (
        401,
        r#"{"error":{"message":"Incorrect API key provided: sk-1234","code":"invalid_api_key"}}"#,
        ErrorClass::ProviderCredential,
        "the provider refused the gateway's credential",
    ),
    (
        403,
        "no",
        ErrorClass::ProviderCredential,
        "the provider refused the gateway's credential",
    ),
    (
        400,
        r#"{"error":"bad model"}"#,
        ErrorClass::ProviderRefused,
        "bad model",
    ),
    (
        404,
        r#"{"object":"error","message":"no such model","type":"NotFoundError","code":404}"#,
        ErrorClass::ProviderRefused,
        "no such model",
    ),
    (
        422,
        r#"{"detail":[{"loc":["body"],"msg":"field required","type":"missing"}]}"#,
        ErrorClass::ProviderRefused,
        "field required",
    ),
    (
        400,
        r#"[{"error":{"code":400,"message":"array","status":"INVALID_ARGUMENT"}}]"#,
        ErrorClass::ProviderRefused,
        "array",
    ),
    (504, "null", ErrorClass::ProviderTimeout, "null"),
];

#[test]
fn bodies_of_every_kind_are_classed() {
    let format = FormatId::OpenaiChat.format();
    for (status, body, class, message) in BODIES {
        let failure = format.decode_failure(*status, body.as_bytes());
        assert_eq!(
            (failure.class, failure.message.as_str()),
            (*class, *message),
            "{status} {body}"
        );
        assert_eq!(failure.status, *status);
    }
}

#[test]
fn long_messages_are_cut_at_a_character() {
    let body = format!(r#"{{"error":{{"message":"{}"}}}}"#, "ä".repeat(5000));
    for body in [body, "ö".repeat(5000)] {
        let failure = FormatId::OpenaiChat
            .format()
            .decode_failure(500, body.as_bytes());
        assert!(failure.message.len() <= MESSAGE_BYTES_MAX);
    }
}

#[test]
fn errors_have_the_types_that_sdks_map() {
    let table = [
        (400, "invalid_request_error", "invalid_request_error"),
        (401, "authentication_error", "authentication_error"),
        (403, "permission_error", "permission_error"),
        (404, "not_found_error", "not_found_error"),
        (413, "invalid_request_error", "request_too_large"),
        (429, "rate_limit_error", "rate_limit_error"),
        (500, "server_error", "api_error"),
        (503, "server_error", "overloaded_error"),
        (504, "server_error", "timeout_error"),
    ];
    for (status, openai, anthropic) in table {
        let failure = FailureAnswer {
            class: ErrorClass::Internal,
            status,
            message: "why \"so\"".into(),
            code: Some("policy_violation".into()),
            param: None,
            request_id: Some("req_9".to_owned()),
        };
        for (format, kind) in BOTH.into_iter().zip([openai, anthropic]) {
            let body = json(&format.format().encode_failure(&failure));
            assert_eq!(body["error"]["type"], kind, "{status}");
            assert_eq!(body["error"]["message"], "why \"so\"");
            let again = format
                .format()
                .decode_failure(status, body.to_string().as_bytes());
            if again.class != ErrorClass::ProviderCredential {
                assert_eq!(again.message, "why \"so\"");
            }
            let event = format.format().encode_failure_event(&failure);
            crate::check::stream(format, str::from_utf8(&event).unwrap());
        }
    }
}

#[test]
fn errors_have_the_names_that_the_aws_sdks_raise() {
    let format = FormatId::BedrockConverse.format();
    for (status, name, in_stream) in [
        (400, "ValidationException", "validationException"),
        (401, "AccessDeniedException", "validationException"),
        (403, "AccessDeniedException", "validationException"),
        (404, "ResourceNotFoundException", "validationException"),
        (413, "ValidationException", "validationException"),
        (429, "ThrottlingException", "throttlingException"),
        (500, "InternalServerException", "internalServerException"),
        (502, "InternalServerException", "modelStreamErrorException"),
        (
            503,
            "ServiceUnavailableException",
            "serviceUnavailableException",
        ),
        (504, "ModelTimeoutException", "modelStreamErrorException"),
    ] {
        let failure = FailureAnswer {
            class: ErrorClass::Internal,
            status,
            message: "why \"so\"".into(),
            code: Some("policy_violation".into()),
            param: None,
            request_id: Some("req_9".to_owned()),
        };
        assert_eq!(
            format.failure_header(&failure),
            Some(("x-amzn-errortype", name))
        );
        let body = json(&format.encode_failure(&failure));
        assert_eq!(
            (&body["message"], &body["code"]),
            (&"why \"so\"".into(), &"policy_violation".into())
        );
        let event = format.encode_failure_event(&failure);
        let event = str::from_utf8(&event).unwrap();
        assert!(
            event.starts_with(&format!("event: {in_stream}\n")),
            "{event}"
        );
        crate::check::stream(FormatId::BedrockConverse, event);
    }
}

#[test]
fn errors_of_bedrock_are_told_apart_by_status_and_by_name() {
    let format = FormatId::BedrockConverse;
    for (status, class) in [
        (400, ErrorClass::ProviderRefused),
        (403, ErrorClass::ProviderCredential),
        (408, ErrorClass::ProviderTimeout),
        (424, ErrorClass::ProviderFailed),
        (429, ErrorClass::ProviderRateLimited),
        (503, ErrorClass::ProviderOverloaded),
    ] {
        let failure = format
            .format()
            .decode_failure(status, br#"{"message":"why"}"#);
        assert_eq!(failure.class, class, "{status}");
    }
    for (name, class) in [
        ("throttlingException", ErrorClass::ProviderRateLimited),
        (
            "serviceUnavailableException",
            ErrorClass::ProviderOverloaded,
        ),
        ("validationException", ErrorClass::ProviderRefused),
        ("modelStreamErrorException", ErrorClass::ProviderFailed),
        ("internalServerException", ErrorClass::ProviderFailed),
        ("someNewerException", ErrorClass::ProviderFailed),
        ("error", ErrorClass::ProviderFailed),
    ] {
        let event = tollgate_wire::sse::Event::from_parts(Some(name), br#"{"message":"why"}"#);
        let mut view = tollgate_formats::view::EventView::default();
        format.format().view_event(&event, &mut view).unwrap();
        let failure = view.failure.expect("a failure");
        assert_eq!(
            (failure.class, failure.message.as_str()),
            (class, "why"),
            "{name}"
        );
    }
}

#[test]
fn a_refusal_keeps_the_providers_status_and_a_credential_does_not() {
    let format = FormatId::AnthropicMessages.format();
    assert_eq!(
        format.decode_failure(413, b"{}").to_answer(None).status,
        413
    );
    assert_eq!(
        format.decode_failure(401, b"{}").to_answer(None).status,
        502
    );
    assert_eq!(
        format.decode_failure(529, b"{}").to_answer(None).status,
        503
    );
}

#[test]
fn a_turn_whose_history_the_provider_holds_is_not_translated() {
    let decode = |thread: &str| {
        let body = format!(
            r#"{{"model":"m","max_tokens":9,"thread":{thread},"messages":[{{"role":"user","content":"Hi"}}]}}"#
        );
        FormatId::AnthropicMessages
            .chat()
            .unwrap()
            .decode_request(body.as_bytes())
    };
    for thread in [
        r#"{"type":"create"}"#,
        r#"{"type":"continue","previous_message_id":"msg_1"}"#,
    ] {
        let error = decode(thread).unwrap_err();
        assert_eq!(error.code(), Some("thread_unsupported_request"));
    }
    assert!(decode("null").is_ok());
}
