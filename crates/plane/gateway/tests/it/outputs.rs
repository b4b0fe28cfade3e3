//! Output policies read whatever a provider says, wherever it says it.

use serde_json::json;

use crate::bench::{Bench, Parts, open_to};
use crate::policies::{clean, findings, policies};
use crate::speech::{Anthropic, OpenAi, PAIRS, Speech};
use crate::stub::Stub;

/// Messages, and pieces of one, with `@` where a provider may say something.
const CHAT: [&str; 12] = [
    r#"{"content":"@"}"#,
    r#"{"content":[{"type":"text","text":"@"}]}"#,
    r#"{"content":[null,["@"],{"type":"odd","odd":{"deep":["@"]}}]}"#,
    r#"{"content":{"text":"@"}}"#,
    r#"{"content":"","refusal":"@"}"#,
    r#"{"content":null,"refusal":["@"]}"#,
    r#"{"content":"","reasoning":"@"}"#,
    r#"{"content":"","reasoning_content":"@","thinking":"@"}"#,
    r#"{"content":"","reasoning_details":[{"type":"reasoning.text","text":"@","signature":"s"}]}"#,
    r#"{"content":"x","annotations":[{"type":"url_citation","url_citation":{"title":"@","url":"http://x/@"}}]}"#,
    r#"{"content":"","tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\": \"@\"}"}}]}"#,
    r#"{"content":"x","odd":{"@":["@"]}}"#,
];

/// Content blocks.
const MESSAGES: [&str; 8] = [
    r#"{"type":"text","text":"@"}"#,
    r#"{"type":"text","text":"@","citations":[{"type":"char_location","cited_text":"@","document_title":"@"}]}"#,
    r#"{"type":"text","text":["@"]}"#,
    r#"{"type":"text","text":"x","odd":{"@":["@"]}}"#,
    r#"{"type":"thinking","thinking":"@","signature":"s"}"#,
    r#"{"type":"tool_use","id":"t","name":"f","input":{"a":{"@":["@"]}}}"#,
    r#"{"type":"web_search_tool_result","tool_use_id":"t","content":[{"type":"web_search_result","title":"@","url":"http://x/@"}]}"#,
    r#"{"type":"odd","odd":"@"}"#,
];

/// Answers of a provider, each with one of its shapes in it.
fn saying(provider: Speech, shape: &str, streamed: bool) -> String {
    let shape = shape.replace('@', "536-22-1234");
    let line = |data: String| format!("data: {data}\n\n");
    match (provider, streamed) {
        (OpenAi, false) => format!(
            r#"{{"id":"c","object":"chat.completion","model":"m","choices":[{{"index":0,"finish_reason":"stop","logprobs":{{"content":[{{"token":"536-22-1234"}}]}},"message":{}}}],"note":"536-22-1234"}}"#,
            shape.replacen('{', r#"{"role":"assistant","#, 1)
        ),
        (OpenAi, true) => {
            line(format!(
                r#"{{"id":"c","model":"m","choices":[{{"index":0,"delta":{shape},"logprobs":{{"content":[{{"token":"536-22-1234"}}]}}}}]}}"#
            )) + &line(
                r#"{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"note":"536-22-1234"}"#
                    .to_owned(),
            ) + "data: [DONE]\n\n"
        }
        (Anthropic, false) => format!(
            r#"{{"id":"m","type":"message","role":"assistant","model":"m","content":[{shape}],"stop_reason":"end_turn","stop_sequence":"536-22-1234","usage":{{"input_tokens":3,"output_tokens":2}}}}"#
        ),
        (Anthropic, true) => {
            line(r#"{"type":"message_start","message":{"id":"m","role":"assistant","content":[],"model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#.to_owned())
                + &line(format!(
                    r#"{{"type":"content_block_start","index":0,"content_block":{shape}}}"#
                ))
                + &line(r#"{"type":"content_block_stop","index":0}"#.to_owned())
                + &line(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":"536-22-1234"},"usage":{"output_tokens":2}}"#.to_owned())
                + &line(r#"{"type":"message_stop"}"#.to_owned())
        }
    }
}

#[tokio::test]
async fn whatever_shape_an_answer_has_it_is_read() {
    for (caller, provider) in PAIRS {
        let shapes = match provider {
            OpenAi => &CHAT[..],
            Anthropic => &MESSAGES,
        };
        for (shape, streamed) in shapes
            .iter()
            .flat_map(|shape| [(shape, false), (shape, true)])
        {
            let answer = saying(provider, shape, streamed);
            let stub = if streamed {
                Stub::streaming(&answer).await
            } else {
                Stub::answering("application/json", &answer).await
            };
            let bench = redacting(provider, &stub).await;
            let (told, record) = bench.ask(caller.ask("m", "Hi", streamed)).await;
            let row = format!("{caller:?} to {provider:?}, streamed: {streamed}, {shape}");
            assert!(!told.text().contains("536-22"), "{row}: {}", told.text());
            assert_ne!(record["error_class"], "internal", "{row}: {record}");
            if caller == provider {
                assert_eq!(told.status, 200, "{row}: {}", told.text());
                assert!(!findings(&record, "redact").is_empty(), "{row}: {record}");
            }
        }
    }
}

async fn redacting(provider: Speech, stub: &Stub) -> Bench {
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let config = open_to(&[provider.provider("a", "$STUB")], &policies("", "redact"));
    Bench::with(&config, parts).await
}

/// An error of a provider that repeats what it was told.
fn telling(provider: Speech) -> String {
    let message = "You, 536-22-1234, are not welcome.";
    match provider {
        OpenAi => json!({"error": {"message": message, "type": "invalid_request_error", "param": "536-22-1234", "code": "no"}}),
        Anthropic => json!({"type": "error", "error": {"type": "invalid_request_error", "message": message}, "note": "536-22-1234"}),
    }
    .to_string()
}

#[tokio::test]
async fn an_error_of_a_provider_is_read_like_its_answers() {
    for (caller, provider) in PAIRS {
        for (action, streamed) in [
            ("redact", false),
            ("block", false),
            ("redact", true),
            ("block", true),
        ] {
            let error = telling(provider);
            let stub = if streamed {
                Stub::streaming(&format!("event: error\ndata: {error}\n\n")).await
            } else {
                Stub::raw(format!(
                    "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{error}",
                    error.len()
                ))
                .await
            };
            let names = [("$STUB", stub.url())];
            let parts = Parts {
                names: &names,
                ..Parts::default()
            };
            let config = open_to(&[provider.provider("a", "$STUB")], &policies("", action));
            let bench = Bench::with(&config, parts).await;
            let (told, record) = bench.ask(caller.ask("m", "Hi", streamed)).await;
            let row = format!("{caller:?} to {provider:?}, {action}, streamed: {streamed}");
            assert_eq!(told.status, 400, "{row}: {}", told.text());
            clean(&told);
            let said = caller.error(&told).message;
            if action == "redact" {
                assert_eq!(said, "You, [SSN], are not welcome.", "{row}");
            } else {
                assert!(said.contains("policy `privacy`"), "{row}: {said}");
            }
            assert_eq!(record["error_class"], "provider_refused", "{row}");
            assert!(!findings(&record, action).is_empty(), "{row}");
        }
    }
}

#[tokio::test]
async fn a_stream_says_nothing_beside_its_events() {
    let events = |provider: Speech| {
        let first = match provider {
            OpenAi => {
                "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Well.\",\"thinking\":\"536-22-1234\"}}]}"
            }
            Anthropic => {
                "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"Well.\",\"odd\":\"536-22-1234\"}}"
            }
        };
        let error = telling(provider);
        format!(": 536-22-1234\n{first}\nid: 536-22-1234\n\nevent: error\ndata: {error}\n\n")
    };
    for (caller, provider) in PAIRS {
        let stub = Stub::streaming(&events(provider)).await;
        let bench = redacting(provider, &stub).await;
        let (told, _) = bench.ask(caller.ask("m", "Hi", true)).await;
        clean(&told);
        let heard = caller.read(&told, true);
        assert!(told.text().contains("Well."), "{}", told.text());
        assert!(heard.error.is_some(), "{}", told.text());
    }
}

/// Arguments that are one string to their provider, and that deep inside the caller's answer.
#[tokio::test]
async fn an_answer_that_cannot_be_read_in_translation_is_withheld() {
    let deep = format!(
        r#"{{"a":{}"536-22-1234"{}}}"#,
        "[".repeat(125),
        "]".repeat(125)
    );
    let answer = json!({"id": "c", "object": "chat.completion", "model": "m", "choices": [{
        "index": 0, "finish_reason": "tool_calls",
        "message": {"role": "assistant", "tool_calls": [{"id": "t", "type": "function",
            "function": {"name": "f", "arguments": deep}}]},
    }], "usage": {"prompt_tokens": 3, "completion_tokens": 5, "total_tokens": 8}});
    for action in ["redact", "block"] {
        let stub = Stub::answering("application/json", &answer.to_string()).await;
        let names = [("$STUB", stub.url())];
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let config = open_to(&[OpenAi.provider("a", "$STUB")], &policies("", action));
        let bench = Bench::with(&config, parts).await;
        let (told, record) = bench.ask(Anthropic.ask("m", "Hi", false)).await;
        clean(&told);
        let heard = Anthropic.read(&told, false);
        assert_eq!(heard.finish.as_deref(), Some("refusal"), "{}", told.text());
        assert_eq!(record["error_class"], "policy_blocked", "{record}");
        assert_eq!(record["output_tokens"], 5, "{record}");
        assert_eq!(
            findings(&record, "block"),
            [("unenforceable".to_owned(), 1)]
        );
    }
}
