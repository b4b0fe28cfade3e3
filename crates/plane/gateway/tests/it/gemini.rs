//! What is Gemini's own: streams that are one array, keys in the query, signatures, models.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Provider, open_to};
use crate::speech::{OpenAi, Speech};
use crate::stub::Stub;

const GEMINI: &str = "{name: one, kind: gemini, base_url: $A}";
const PROMPT: &str = "[[sim: text=\"It costs 5 €.\", reasoning=3, cached=2]] What does it cost?";

/// How a Gemini caller asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Whole,
    Events,
    Array,
}

use Way::{Array, Events, Whole};

fn contents(prompt: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}],
        "generationConfig": {"maxOutputTokens": 500, "thinkingConfig": {"includeThoughts": true}}})
}

fn ask(model: &str, prompt: &str, way: Way) -> Ask {
    let method = match way {
        Whole => "generateContent",
        Events => "streamGenerateContent?alt=sse",
        Array => "streamGenerateContent",
    };
    Ask::post(
        format!("/v1beta/models/{model}:{method}"),
        contents(prompt).to_string(),
    )
}

/// The answers in a body; streams have several.
fn answers(told: &Told, way: Way) -> Vec<Value> {
    match way {
        Whole => vec![told.json()],
        Array => told.json().as_array().unwrap().clone(),
        Events => {
            let kind = told.header("content-type").unwrap();
            assert!(kind.starts_with("text/event-stream"), "{kind}");
            let text = told.text();
            let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
            data.map(|data| serde_json::from_str(data).unwrap())
                .collect()
        }
    }
}

/// Text, thoughts and stop reason.
fn heard(answers: &[Value]) -> (String, String, Option<String>) {
    let (mut text, mut thoughts, mut finish) = (String::new(), String::new(), None);
    for answer in answers {
        let candidate = &answer["candidates"][0];
        for part in candidate["content"]["parts"]
            .as_array()
            .into_iter()
            .flatten()
        {
            let said = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true {
                thoughts += said;
            } else {
                text += said;
            }
        }
        finish = candidate["finishReason"]
            .as_str()
            .map(str::to_owned)
            .or(finish);
    }
    (text, thoughts, finish)
}

#[tokio::test]
async fn a_caller_of_arrays_reads_every_provider() {
    for provider in Speech::all() {
        let bench = Bench::start(&open_to(&[provider.provider("one", "$A")], "")).await;
        for way in [Array] {
            let (told, record) = bench.ask(ask("model-1", PROMPT, way)).await;
            let row = format!("{way:?} {provider:?}: {}", told.text());
            assert_eq!(told.status, 200, "{row}");
            let answers = answers(&told, way);
            let (text, thoughts, finish) = heard(&answers);
            assert_eq!(
                (text.as_str(), finish.as_deref()),
                ("It costs 5 €.", Some("STOP")),
                "{row}"
            );
            assert!(!thoughts.is_empty(), "{row}");
            let last = answers.last().unwrap();
            let served = bench.a.served();
            let usage = |name: &str| last["usageMetadata"][name].as_u64().unwrap_or_default();
            let billed = provider.billed(&served);
            assert_eq!(usage("promptTokenCount"), billed, "{row}");
            assert_eq!(
                usage("candidatesTokenCount") + usage("thoughtsTokenCount"),
                served.answer_tokens,
                "{row}"
            );
            assert_eq!(served.model.as_deref(), Some("model-1"), "{row}");
            settled(&record, billed, &served);
        }
    }
}

fn settled(record: &Value, billed: u64, served: &tollgate_simulator::Record) {
    let expected = json!({
        "format": "gemini_generate", "operation": "chat", "model": "model-1", "stream": true, "status": 200,
        "finish_reason": "stop", "provider": "one", "usage_source": "reported",
        "input_tokens": billed, "output_tokens": served.answer_tokens, "cached_input_tokens": 2,
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&record[name], value, "{name} in {record}");
    }
}

#[tokio::test]
async fn a_gateway_key_is_taken_where_geminis_clients_put_it_and_stays_here() {
    let answer = r#"{"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]}"#;
    let stub = Stub::answering("application/json", answer).await;
    let config = "providers: [{name: one, kind: gemini, base_url: '$STUB', secret_key_ref: {env: PROVIDER_KEY}}]\n\
        services: [{name: app, keys: [{id: $ID, hash: $HASH}]}]";
    let parts = crate::bench::Parts {
        names: &[("$STUB", format!("http://{}", stub.address))],
        ..crate::bench::Parts::default()
    };
    let bench = Bench::with(config, parts).await;
    let path = "/v1beta/models/m:generateContent";
    let body = contents("x").to_string();
    let queried = Ask::post(format!("{path}?key={}&x=1", bench.key), body.clone());
    let header = Ask::post(path, body.clone()).header("x-goog-api-key", &bench.key);
    for asked in [queried, header] {
        let (told, record) = bench.ask(asked).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(record["service"], "app");
        assert!(!record.to_string().contains(&bench.key), "{record}");
        let seen = stub.last();
        assert!(
            seen.head.starts_with(&format!("POST {path} ")),
            "{}",
            seen.head
        );
        assert!(!seen.head.contains(&bench.key), "{}", seen.head);
        assert_eq!(
            seen.header("x-goog-api-key"),
            Some(crate::bench::PROVIDER_KEY)
        );
        assert_eq!(seen.body, body.as_bytes());
    }
    for (asked, status) in [
        (Ask::post(path, body.clone()), "UNAUTHENTICATED"),
        (
            Ask::post(format!("{path}?key=AIzaSomeKey"), body.clone()),
            "UNAUTHENTICATED",
        ),
    ] {
        let (told, _record) = bench.ask(asked).await;
        assert_eq!(
            (told.status, &told.json()["error"]["status"]),
            (401, &json!(status))
        );
    }
}

#[tokio::test]
async fn what_gemini_signed_stays_away_from_the_provider_that_a_conversation_moves_to() {
    const DONE: &str = r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}]}"#;
    let stub = Stub::answering("application/json", DONE).await;
    let config = format!(
        "gateway: {{anonymous: allow}}\nproviders: [{GEMINI}, {}]\n\
         models: [{{name: m, targets: [{{provider: one, model: gemini-3-pro}}, {{provider: two, model: b}}]}}]",
        OpenAi.provider("two", &stub.url())
    );
    let bench = Bench::start(&config).await;
    let mut body = json!({"model": "m", "seed": 7,
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "messages": [{"role": "user", "content": "[[sim: tool=look]] look"}]});
    let (told, _record) = bench
        .ask(Ask::post("/v1/chat/completions", body.to_string()))
        .await;
    let message = told.json()["choices"][0]["message"].clone();
    let id = message["tool_calls"][0]["id"].as_str().unwrap().to_owned();
    assert!(id.contains("__seal_"), "{message}");
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(message);
    messages.push(json!({"role": "tool", "tool_call_id": id, "content": "seen"}));
    bench.a.script("503");
    let (told, _record) = bench
        .ask(Ask::post("/v1/chat/completions", body.to_string()))
        .await;
    assert_eq!(told.json()["choices"][0]["message"]["content"], "yes");
    let sent: Value = serde_json::from_slice(&stub.last().body).unwrap();
    let called = sent["messages"][1]["tool_calls"][0]["id"].as_str().unwrap();
    assert!(!called.contains("__seal_"), "{sent}");
    assert_eq!(sent["messages"][2]["tool_call_id"], called);
    assert_eq!(sent["seed"], 7);
}

#[tokio::test]
async fn a_stream_that_fails_ends_with_an_error_in_the_callers_framing() {
    for (fault, provider) in [
        ("error@3", GEMINI.to_owned()),
        ("cut@3", OpenAi.provider("one", "$A")),
    ] {
        let bench = Bench::start(&open_to(&[provider], "")).await;
        for way in [Array] {
            let prompt = format!("[[sim: tokens=20, fault={fault}]] x");
            let (told, record) = bench.ask(ask("model-1", &prompt, way)).await;
            let answers = answers(&told, way);
            let last = answers.last().unwrap();
            assert!(last["error"]["code"].as_u64().unwrap() >= 500, "{last}");
            assert!(
                last["error"]["status"].is_string() && answers.len() > 2,
                "{last}"
            );
            assert!(record["error_class"].is_string(), "{record}");
        }
    }
}

#[tokio::test]
async fn refusals_are_in_geminis_shape() {
    let config = open_to(
        &[GEMINI.to_owned()],
        "policies: [{name: p, input: [{type: pii_detection, action: block, entities: [ssn]}], \
         output: [{type: pii_detection, action: block, entities: [credit_card]}]}]",
    );
    let bench = Bench::start(&config).await;
    for (asked, status, word) in [
        (ask("nobody/m", "x", Whole), 404, "NOT_FOUND"),
        (
            ask("m", "My number is 536-90-4399.", Events),
            400,
            "INVALID_ARGUMENT",
        ),
        (
            Ask::post("/v1beta/models/m:generateContent", "{}"),
            400,
            "INVALID_ARGUMENT",
        ),
        (
            Ask::get("/v1beta/models/m:generateContent"),
            405,
            "INVALID_ARGUMENT",
        ),
        (
            ask("m", "[[sim: fault=429]] x", Whole),
            429,
            "RESOURCE_EXHAUSTED",
        ),
    ] {
        let (told, _record) = bench.ask(asked).await;
        let error = &told.json()["error"];
        assert_eq!(
            (told.status, &error["status"]),
            (status, &json!(word)),
            "{error}"
        );
        assert_eq!(error["code"], status, "{error}");
    }
    let card = "[[sim: text=\"The card is 4111 1111 1111 1111, thanks.\", piece=3]] x";
    for way in [Array] {
        let (told, record) = bench.ask(ask("m", card, way)).await;
        let (text, _, finish) = heard(&answers(&told, way));
        assert_eq!(finish.as_deref(), Some("SAFETY"), "{way:?} {}", told.text());
        assert!(!text.contains("1111"), "{text}");
        assert_eq!(record["error_class"], "policy_blocked");
    }
}

#[tokio::test]
async fn a_key_that_the_provider_does_not_know_is_the_gateways_matter() {
    let refused = r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#;
    let length = refused.len();
    let stub = Stub::raw(format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{refused}"
    ))
    .await;
    let config = open_to(
        &["{name: one, kind: gemini, base_url: '$STUB'}".to_owned()],
        "",
    );
    let parts = crate::bench::Parts {
        names: &[("$STUB", format!("http://{}", stub.address))],
        ..crate::bench::Parts::default()
    };
    let bench = Bench::with(&config, parts).await;
    let (told, record) = bench.ask(ask("m", "x", Whole)).await;
    assert_eq!(told.status, 502);
    assert!(!told.text().contains("API key"), "{}", told.text());
    assert_eq!(record["error_class"], "provider_credential");
}

#[tokio::test]
async fn models_are_listed_in_geminis_shape_to_its_clients() {
    let config = open_to(
        &[GEMINI.to_owned()],
        "models: [{name: fast, targets: [{provider: one, model: a}]}]",
    );
    let bench = Bench::start(&config).await;
    let names = |told: &Told| told.json()["models"][0]["name"].clone();
    let (told, _record) = bench.ask(Ask::get("/v1beta/models?pageSize=50")).await;
    assert_eq!(names(&told), "models/fast");
    let by_header = Ask::get("/v1/models").header("x-goog-api-client", "google-genai-sdk/3");
    assert_eq!(names(&bench.ask(by_header).await.0), "models/fast");
    let (told, _record) = bench.ask(Ask::get("/v1beta/models/fast")).await;
    assert_eq!(told.json()["name"], "models/fast");
    let (told, _record) = bench.ask(Ask::get("/v1beta/models/nobody%2Fx")).await;
    assert_eq!(
        (told.status, &told.json()["error"]["status"]),
        (404, &json!("NOT_FOUND"))
    );
}

#[tokio::test]
async fn limits_on_models_and_tools_hold_for_gemini_callers() {
    for (limits, entity) in [
        ("models: {deny: [model-1]}", Some("denied_model")),
        ("models: {allow: [model-2]}", Some("denied_model")),
        ("models: {allow: [model-1]}", None),
        ("tools: {deny: [shell]}", Some("denied_tool")),
        ("tools: {allow: [shell]}", None),
        ("turns_max: 0", Some("too_many_turns")),
    ] {
        let policy = format!(
            "policies: [{{name: p, models: [\"*\"], input: [{{type: input_validation, action: block, {limits}}}]}}]"
        );
        let bench = Bench::start(&open_to(&[GEMINI.to_owned()], &policy)).await;
        let mut body = contents("hello");
        body["model"] = json!("models/model-2");
        body["tools"] = json!([{"functionDeclarations": [{"name": "shell"}]}]);
        let path = "/v1beta/models/model-1:generateContent";
        let (told, record) = bench.ask(Ask::post(path, body.to_string())).await;
        let row = format!("{limits}: {}", told.text());
        assert_eq!(
            told.status,
            if entity.is_some() { 400 } else { 200 },
            "{row}"
        );
        if let Some(entity) = entity {
            assert!(record.to_string().contains(entity), "{row}: {record}");
        }
    }
}
