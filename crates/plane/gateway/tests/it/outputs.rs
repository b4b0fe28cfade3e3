//! Output policies read whatever a provider says, wherever it says it.

use serde_json::json;

use crate::bench::{Bench, Parts, open_to};
use crate::policies::{clean, findings, policies};
use crate::speech::{Anthropic, Bedrock, Cohere, OpenAi, Speech};
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
        (_, false) => format!(
            r#"{{"id":"m","type":"message","role":"assistant","model":"m","content":[{shape}],"stop_reason":"end_turn","stop_sequence":"536-22-1234","usage":{{"input_tokens":3,"output_tokens":2}}}}"#
        ),
        (_, true) => {
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
    // Those of the other formats are read in the tests of the policies.
    for (provider, shapes) in [(OpenAi, &CHAT[..]), (Anthropic, &MESSAGES)] {
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
            for caller in Speech::all() {
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
const TOLD: &str = "You, 536-22-1234, are not welcome.";

#[tokio::test]
async fn an_error_of_a_provider_is_read_like_its_answers() {
    let all = Speech::all().flat_map(|provider| {
        let ways = [
            ("redact", false),
            ("block", false),
            ("redact", true),
            ("block", true),
        ];
        ways.map(|(action, streamed)| (provider, action, streamed))
    });
    for (provider, action, streamed) in all {
        let stub = if streamed {
            Stub::telling(provider, &provider.failing_event(400, TOLD)).await
        } else {
            let mut error = provider.failing(400, TOLD);
            error["note"] = json!("536-22-1234");
            Stub::saying(400, &error).await
        };
        let names = [("$STUB", stub.url())];
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let config = open_to(&[provider.provider("a", "$STUB")], &policies("", action));
        let config = config.replace("allow}", "allow, failover: {attempts_max: 1}}");
        let bench = Bench::with(&config, parts).await;
        // Cohere's streams do not say whose fault an error is.
        let is_refusal = !(streamed && provider == Cohere);
        for caller in Speech::all() {
            let (told, record) = bench.ask(caller.ask("m", "Hi", streamed)).await;
            let row = format!("{caller:?} to {provider:?}, {action}, streamed: {streamed}");
            assert_eq!(told.status == 400, is_refusal, "{row}: {}", told.text());
            clean(&told);
            let said = caller.error(&told).message;
            if action == "redact" {
                assert_eq!(said, "You, [SSN], are not welcome.", "{row}");
            } else {
                assert!(said.contains("policy `privacy`"), "{row}: {said}");
            }
            let refused = record["error_class"] == "provider_refused";
            assert_eq!(refused, is_refusal, "{row}: {record}");
            assert!(!findings(&record, action).is_empty(), "{row}");
        }
    }
}

#[tokio::test]
async fn a_stream_says_nothing_beside_its_events() {
    for provider in Speech::all().filter(|provider| *provider != Bedrock) {
        let said = String::from_utf8(provider.telling(&["Well.", "Then."])).unwrap();
        // Lines that are no data, and members that nobody knows.
        let begun = String::from_utf8(provider.begun(said.as_bytes()).to_vec()).unwrap();
        let (before, last) = begun
            .trim_end()
            .rsplit_once("\n\n")
            .unwrap_or_else(|| ("", begun.trim_end()));
        let last = last.replacen("data: {", "data: {\"odd\":\"536-22-1234\",", 1);
        let error = String::from_utf8(provider.failing_event(500, TOLD)).unwrap();
        let events = format!("{before}\n\n: 536-22-1234\n{last}\nid: 536-22-1234\n\n{error}");
        let stub = Stub::telling(provider, events.trim_start().as_bytes()).await;
        let bench = redacting(provider, &stub).await;
        for caller in Speech::all() {
            let (told, _) = bench.ask(caller.ask("m", "Hi", true)).await;
            clean(&told);
            let heard = caller.read(&told, true);
            let row = format!("{caller:?} to {provider:?}: {}", told.text());
            assert_eq!(heard.text, "Well.", "{row}");
            assert!(heard.error.is_some(), "{row}");
        }
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
