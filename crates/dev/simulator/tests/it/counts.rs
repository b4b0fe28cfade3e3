//! Counting tokens as the providers' documents describe it: what a conversation would cost is
//! what is counted, and what the operation does not take is refused.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{call, start};

const SAID: &str = "What is it like in Bergen?";

fn gemini() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": SAID}]}]})
}

fn enclosed() -> Value {
    let mut inner = gemini();
    inner["model"] = json!("models/sim-small");
    json!({"generateContentRequest": inner})
}

fn bedrock() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": SAID}]}]})
}

fn responses() -> Value {
    json!({"model": "sim-small", "input": SAID})
}

#[tokio::test]
async fn a_count_is_what_an_answer_would_report() {
    let simulator = start(Options::default()).await;
    for (chat, body, usage, path, request, name) in [
        (
            "/v1beta/models/sim-small:generateContent",
            gemini(),
            "/usageMetadata/promptTokenCount",
            "/v1beta/models/sim-small:countTokens",
            gemini(),
            "totalTokens",
        ),
        (
            "/v1beta/models/sim-small:generateContent",
            gemini(),
            "/usageMetadata/promptTokenCount",
            "/v1beta/models/sim-small:countTokens",
            enclosed(),
            "totalTokens",
        ),
        (
            "/v1/publishers/google/models/sim-small:generateContent",
            gemini(),
            "/usageMetadata/promptTokenCount",
            "/v1/publishers/google/models/sim-small:countTokens",
            gemini(),
            "totalTokens",
        ),
        (
            "/v1/responses",
            responses(),
            "/usage/input_tokens",
            "/v1/responses/input_tokens",
            responses(),
            "input_tokens",
        ),
        (
            "/model/sim-small/converse",
            bedrock(),
            "/usage/inputTokens",
            "/model/sim-small/count-tokens",
            json!({"input": {"converse": bedrock()}}),
            "inputTokens",
        ),
    ] {
        let answer = call(&simulator, chat, &body).await.json();
        let counted = call(&simulator, path, &request).await.json();
        let reported = answer.pointer(usage).unwrap();
        assert!(reported.as_u64().unwrap() > 0);
        assert_eq!(&counted[name], reported, "{path}: {counted}");
    }
}

#[tokio::test]
async fn what_a_count_does_not_take_is_refused() {
    let simulator = start(Options::default()).await;
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let messages = json!({"model": "m", "messages": [{"role": "user", "content": SAID}]});
    for (path, body) in [
        (
            "/v1/messages/count_tokens",
            with(messages, "max_tokens", json!(5)),
        ),
        (
            "/v1/responses/input_tokens",
            with(responses(), "store", json!(false)),
        ),
        (
            "/v1beta/models/sim-small:countTokens",
            with(gemini(), "tools", json!([])),
        ),
        ("/v1beta/models/other:countTokens", enclosed()),
        (
            "/v1/publishers/google/models/sim-small:countTokens",
            with(gemini(), "toolConfig", json!({})),
        ),
        ("/model/sim-small/count-tokens", bedrock()),
        (
            "/model/sim-small/count-tokens",
            json!({"input": {"converse": with(bedrock(), "inferenceConfig", json!({}))}}),
        ),
        (
            "/model/nova/count-tokens",
            json!({"input": {"converse": bedrock()}}),
        ),
    ] {
        let reply = call(&simulator, path, &body).await;
        assert_eq!(reply.status.as_u16(), 400, "{path}: {}", reply.json());
    }
}
