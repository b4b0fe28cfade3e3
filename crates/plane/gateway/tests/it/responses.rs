//! Answers that a provider of OpenAI Responses keeps, and nobody else.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, open_to};

const PATH: &str = "/v1/responses";

/// Providers of each format, the first of the caller's own.
const PROVIDERS: [(&str, &str); 3] = [
    (
        "own",
        "{name: one, kind: openai, base_url: $A/v1, secret_key_ref: {env: PROVIDER_KEY}}",
    ),
    (
        "chat",
        "{name: one, kind: openai_compatible, base_url: $A/v1}",
    ),
    ("messages", "{name: one, kind: anthropic, base_url: $A}"),
];

fn body(input: &str, streamed: bool) -> Value {
    json!({"model": "model-1", "input": input, "stream": streamed})
}

fn ask(body: &Value) -> Ask {
    Ask::post(PATH, body.to_string())
}

async fn bench(provider: &str) -> Bench {
    Bench::start(&open_to(&[provider.to_owned()], "")).await
}

#[tokio::test]
async fn an_earlier_answer_is_known_where_it_was_made() {
    for (name, provider) in PROVIDERS {
        let bench = bench(provider).await;
        let mut held = body("go on", false);
        held["previous_response_id"] = json!("resp_unknown");
        let (told, record) = bench.ask(ask(&held)).await;
        assert!((400..500).contains(&told.status), "{name}: {record}");
        let code = told.json()["error"]["code"].clone();
        let expected = if name == "own" {
            "previous_response_not_found"
        } else {
            "unsupported_parameter"
        };
        assert_eq!(code, expected, "{name}: {}", told.text());
    }
}
