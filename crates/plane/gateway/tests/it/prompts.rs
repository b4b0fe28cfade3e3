//! What models put into requests, in every pair of formats, before policies read them.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, Parts};
use crate::stub::Stub;

const PROMPT: &str = r#"prompt:
      system_before: "You serve {{service}}."
      system_after: "The city is {{headers.x-city}}."
      defaults: {temperature: 0.5, max_tokens: 64}
      overrides: {top_p: 1, stop: [END]}"#;

const OPENAI_ANSWER: &str = r#"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"ok"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}"#;
const ANTHROPIC_ANSWER: &str = r#"{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"#;

struct Side {
    stub: Stub,
    bench: Bench,
}

/// A gateway whose model `fast` is at a provider of this kind.
async fn side(kind: &str, answer: &str, more: &str) -> Side {
    let stub = Stub::answering("application/json", answer).await;
    let config = format!(
        "gateway: {{anonymous: allow}}\nproviders:\n  - {{name: there, kind: {kind}, base_url: '$STUB', secret_key_ref: {{env: PROVIDER_KEY}}}}\n\
         models:\n  - name: fast\n    targets: [{{provider: there, model: m}}]\n    {PROMPT}\n  \
         - {{name: bare, targets: [{{provider: there, model: m}}]}}\n{more}"
    );
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    let bench = Bench::with(&config, parts).await;
    Side { stub, bench }
}

impl Side {
    /// What the provider reads of a request.
    async fn ask(&self, path: &str, body: &str) -> String {
        let ask = Ask::post(path, body.to_owned()).header("x-city", "\"Bern\", 536-22-1234\\");
        let (told, _) = self.bench.ask(ask).await;
        assert_eq!(told.status, 200, "{}", told.text());
        String::from_utf8(self.stub.last().body).unwrap()
    }
}

const CHAT: &str = "/v1/chat/completions";
const MESSAGES: &str = "/v1/messages";
const TEXT: &str = r#"You serve anonymous.\n\nown\n\nThe city is \"Bern\", 536-22-1234\\."#;

#[tokio::test]
async fn within_a_format_the_callers_bytes_stay_as_they_were() {
    let side = side("openai_compatible", OPENAI_ANSWER, "").await;
    let body = r#"{ "model":"fast", "messages":[{"role":"system","content":"own"}, {"role":"user","content":"\u0068i"}], "temperature":1.0, "x":[1.50]}"#;
    let expected = body
        .replace("\"fast\"", "\"m\"")
        .replace("\"own\"", &format!("\"{TEXT}\""))
        .replacen("{ ", r#"{"top_p":1,"stop":["END"],"max_tokens":64, "#, 1);
    assert_eq!(side.ask(CHAT, body).await, expected);
    let bare = body.replace("fast", "bare");
    assert_eq!(
        side.ask(CHAT, &bare).await,
        bare.replace("\"bare\"", "\"m\"")
    );

    let side = self::side("anthropic", ANTHROPIC_ANSWER, "").await;
    let body = r#"{"model":"fast","max_tokens":9,"system":"own","messages":[{"role":"user","content":"hi"}]}"#;
    let expected = body
        .replace("\"fast\"", "\"m\"")
        .replace("\"own\"", &format!("\"{TEXT}\""))
        .replacen(
            '{',
            r#"{"top_p":1,"stop_sequences":["END"],"temperature":0.5,"#,
            1,
        );
    assert_eq!(side.ask(MESSAGES, body).await, expected);
}

#[tokio::test]
async fn across_formats_the_prompt_is_translated_with_the_request() {
    let text: Value = serde_json::from_str(&format!("\"{TEXT}\"")).unwrap();
    let side = side("anthropic", ANTHROPIC_ANSWER, "").await;
    let body = r#"{"model":"fast","messages":[{"role":"system","content":"own"},{"role":"user","content":"hi"}]}"#;
    let read: Value = serde_json::from_str(&side.ask(CHAT, body).await).unwrap();
    let system = read["system"]
        .as_str()
        .or_else(|| read["system"][0]["text"].as_str());
    assert_eq!(system, text.as_str(), "{read}");
    assert_eq!(read["stop_sequences"], json!(["END"]));
    // Together with a temperature this format has no place for `top_p`.
    let numbers = (&read["temperature"], &read["max_tokens"]);
    assert_eq!(numbers, (&json!(0.5), &json!(64)));

    let side = self::side("openai_compatible", OPENAI_ANSWER, "").await;
    let body = r#"{"model":"fast","max_tokens":9,"system":"own","messages":[{"role":"user","content":"hi"}]}"#;
    let read: Value = serde_json::from_str(&side.ask(MESSAGES, body).await).unwrap();
    assert_eq!(read["messages"][0]["content"], text, "{read}");
    assert_eq!(read["max_tokens"], 9);
    let stop = &read["stop"];
    assert!(*stop == "END" || *stop == json!(["END"]), "{read}");
}

#[tokio::test]
async fn callers_of_bedrock_get_the_prompt_of_a_model() {
    let text: Value = serde_json::from_str(&format!("\"{TEXT}\"")).unwrap();
    let side = side("openai_compatible", OPENAI_ANSWER, "").await;
    let body = r#"{"messages":[{"role":"user","content":[{"text":"hi"}]}],"system":[{"text":"own"}],"inferenceConfig":{"maxTokens":9}}"#;
    let read = side.ask("/model/fast/converse", body).await;
    let read: Value = serde_json::from_str(&read).unwrap();
    let system = &read["messages"][0]["content"];
    let told = match system.as_array() {
        Some(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            json!(texts.collect::<Vec<_>>().join("\n\n"))
        }
        None => system.clone(),
    };
    assert_eq!(told, text, "{read}");
    assert_eq!(
        (&read["max_tokens"], &read["temperature"]),
        (&json!(9), &json!(0.5))
    );
}

#[tokio::test]
async fn no_spelling_of_a_parameter_gets_around_an_override() {
    let side = side("openai_compatible", OPENAI_ANSWER, "").await;
    for body in [
        r#"{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"top_p":0.1}}"#,
        r#"{"contents":[{"parts":[{"text":"hi"}]}],"generation_config":{"topP":0.1}}"#,
    ] {
        let read = side.ask("/v1beta/models/fast:generateContent", body).await;
        let read: Value = serde_json::from_str(&read).unwrap();
        assert_eq!(read["top_p"], 1, "{read}");
    }
}

#[tokio::test]
async fn policies_read_what_was_put_in() {
    let rule = "policies: [{name: p, input: [{type: pii_detection, action: redact}]}]";
    let side = side("openai_compatible", OPENAI_ANSWER, rule).await;
    let body = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#;
    let read = side.ask(CHAT, body).await;
    assert!(read.contains("[SSN]") && !read.contains("536-22"), "{read}");
    assert!(
        !side
            .ask(CHAT, &body.replace("fast", "bare"))
            .await
            .contains("[SSN]")
    );
}

#[tokio::test]
async fn a_request_that_cannot_take_the_prompt_is_refused() {
    let side = side("openai_compatible", OPENAI_ANSWER, "").await;
    let body = r#"{"model":"fast","messages":[{"role":"system","content":7},{"role":"user","content":"hi"}]}"#;
    let (told, record) = side.bench.ask(Ask::post(CHAT, body)).await;
    assert_eq!(
        (told.status, &record["error_class"]),
        (400, &"bad_request".into())
    );
    assert!(told.text().contains("prompt"), "{}", told.text());
    assert!(record["attempts"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn memory_is_given_back() {
    let side = side("openai_compatible", OPENAI_ANSWER, "").await;
    let body = r#"{"model":"fast","messages":[{"role":"user","content":"hi"}]}"#;
    side.ask(CHAT, body).await;
    crate::bench::until(|| side.bench.gateway.buffered_bytes() == 0).await;
}
