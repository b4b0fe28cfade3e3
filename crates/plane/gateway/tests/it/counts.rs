//! Counting the tokens of a request, for every caller's format: by the provider where it has
//! an operation for it, here where it has none.

use serde_json::{Value, json};

use crate::ask::{Ask, Told};
use crate::bench::{Bench, Parts, open_to, start, until};
use crate::stub::Stub;

/// A wire format of counting, as its SDK and its provider speak it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Anthropic,
    Gemini,
    Vertex,
    OpenAi,
    Bedrock,
}

use Shape::{Anthropic, Bedrock, Gemini, OpenAi, Vertex};

const SHAPES: [Shape; 5] = [Anthropic, Gemini, Vertex, OpenAi, Bedrock];

/// A provider that has conversations and no counts.
const OTHER: &str = "{name: other, kind: openai_compatible, base_url: $DEAD/v1}";

/// The words that every request says, beside those that a test adds.
const SAID: &str = "You are a weather clerk.";

impl Shape {
    const fn label(self) -> &'static str {
        match self {
            Anthropic => "anthropic_count_tokens",
            Gemini => "gemini_count_tokens",
            Vertex => "vertex_count_tokens",
            OpenAi => "openai_count_tokens",
            Bedrock => "bedrock_count_tokens",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Anthropic => "/v1/messages/count_tokens",
            Gemini => "/v1beta/models/m:countTokens",
            Vertex => "/v1beta1/projects/p/locations/l/publishers/google/models/m:countTokens",
            OpenAi => "/v1/responses/input_tokens",
            Bedrock => "/model/m/count-tokens",
        }
    }

    /// Where its provider is asked for the model of [`models`].
    fn asked_at(self) -> &'static str {
        match self {
            Gemini => "/v1beta/models/anthropic.x:countTokens",
            Vertex => {
                "/v1/projects/p/locations/global/publishers/google/models/anthropic.x:countTokens"
            }
            Bedrock => "/model/anthropic.x/count-tokens",
            _ => self.path(),
        }
    }

    fn provider(self, name: &str, at: &str) -> String {
        let key = "secret_key_ref: {env: PROVIDER_KEY}";
        match self {
            Anthropic => format!("{{name: {name}, kind: anthropic, base_url: {at}, {key}}}"),
            Gemini => format!("{{name: {name}, kind: gemini, base_url: {at}, {key}}}"),
            Vertex => format!("{{name: {name}, kind: vertex, base_url: {at}, project: p, {key}}}"),
            OpenAi => format!("{{name: {name}, kind: openai, base_url: {at}/v1, {key}}}"),
            Bedrock => {
                format!("{{name: {name}, kind: bedrock, base_url: {at}, region: eu-west-1, {key}}}")
            }
        }
    }

    fn body(self, text: &str) -> Value {
        let gemini = json!({"contents": [{"role": "user", "parts": [{"text": text}]}],
            "systemInstruction": {"parts": [{"text": SAID}]}});
        match self {
            Anthropic => json!({"model": "m", "system": SAID,
                "messages": [{"role": "user", "content": text}]}),
            Gemini => json!({"generateContentRequest": gemini}),
            Vertex => gemini,
            OpenAi => json!({"model": "m", "instructions": SAID, "input": text}),
            Bedrock => json!({"input": {"converse": {"system": [{"text": SAID}],
                "messages": [{"role": "user", "content": [{"text": text}]}]}}}),
        }
    }

    fn ask(self, text: &str) -> Ask {
        Ask::post(self.path(), self.body(text).to_string())
    }

    const fn counted(self) -> &'static str {
        match self {
            Anthropic | OpenAi => "input_tokens",
            Gemini | Vertex => "totalTokens",
            Bedrock => "inputTokens",
        }
    }

    async fn answering(self) -> Stub {
        Stub::answering("application/json", &json!({self.counted(): 31}).to_string()).await
    }

    fn tokens(self, told: &Told) -> u64 {
        let body = told.json();
        body[self.counted()]
            .as_u64()
            .unwrap_or_else(|| panic!("{self:?}: {body}"))
    }

    /// The words of an error, where its SDK looks for them.
    fn error(self, told: &Told) -> String {
        let body = told.json();
        let words = match self {
            Bedrock => &body["message"],
            _ => &body["error"]["message"],
        };
        words
            .as_str()
            .unwrap_or_else(|| panic!("{body}"))
            .to_owned()
    }
}

/// A model `m`, whose targets are these providers in order.
fn models(providers: &[&str]) -> String {
    let target = |name: &&str| format!("{{provider: {name}, model: anthropic.x}}");
    let targets: Vec<String> = providers.iter().map(target).collect();
    format!("models: [{{name: m, targets: [{}]}}]\n", targets.join(", "))
}

async fn bench(config: &str, stubs: &[&Stub]) -> Bench {
    let urls = stubs.iter().map(|stub| stub.url());
    let names: Vec<(&str, String)> = ["$ONE", "$TWO"].into_iter().zip(urls).collect();
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(config, parts).await
}

async fn before(provider: Shape, stub: &Stub, more: &str) -> Bench {
    let config = open_to(
        &[provider.provider("one", "$ONE")],
        &format!("{}{more}", models(&["one"])),
    );
    bench(&config, &[stub]).await
}

async fn without(more: &str) -> Bench {
    let config = open_to(
        &[OTHER.to_owned()],
        &format!("{}{more}", models(&["other"])),
    );
    bench(&config, &[]).await
}

fn is_unbooked(record: &Value, row: &str) {
    for (name, value) in [
        ("operation", json!("count_tokens")),
        ("input_tokens", json!(0)),
        ("output_tokens", json!(0)),
        ("cost_usd", json!(0.0)),
    ] {
        let is = record[name] == value || record[name].as_f64() == value.as_f64() && value.is_f64();
        assert!(is, "{row}: {name} in {record}");
    }
}

#[tokio::test]
async fn every_caller_reads_every_providers_count() {
    for (caller, provider) in SHAPES
        .into_iter()
        .flat_map(|one| SHAPES.map(|two| (one, two)))
    {
        let row = format!("{caller:?} to {provider:?}");
        let stub = provider.answering().await;
        let bench = before(provider, &stub, "").await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(told.status, 200, "{row}: {}", told.text());
        assert_eq!(caller.tokens(&told), 31, "{row}");
        assert_eq!(told.header("x-tollgate-count"), Some("provider"), "{row}");
        let seen = stub.last();
        let path = seen.head.split(' ').nth(1).unwrap_or_default();
        assert_eq!(path, provider.asked_at(), "{row}");
        let asked: Value = serde_json::from_slice(&seen.body).unwrap();
        let asked_ = asked.to_string();
        assert!(
            asked_.contains("somebody") && asked_.contains(SAID),
            "{row}: {asked}"
        );
        let named = match provider {
            Anthropic | OpenAi => asked["model"].as_str() == Some("anthropic.x"),
            Gemini if caller != Gemini => {
                asked["generateContentRequest"]["model"] == "models/anthropic.x"
            }
            _ => true,
        };
        assert!(named, "{row}: {asked}");
        is_unbooked(&record, &row);
        let expected = json!({"format": caller.label(), "model": "m", "stream": false,
            "status": 200, "provider": "one"});
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(&record[name], value, "{row}: {name} in {record}");
        }
    }
}

#[tokio::test]
async fn where_a_provider_has_no_counts_the_gateway_counts() {
    for caller in SHAPES {
        let bench = without("").await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        let row = format!("{caller:?}: {}", told.text());
        assert_eq!(told.status, 200, "{row}");
        assert!((6..30).contains(&caller.tokens(&told)), "{row}");
        assert_eq!(told.header("x-tollgate-count"), Some("estimated"), "{row}");
        is_unbooked(&record, &row);
        assert_eq!(record["provider"], Value::Null, "{record}");
        assert!(
            record.get("attempts").is_none_or(|all| all == &json!([])),
            "{record}"
        );
        let (more, _) = bench.ask(caller.ask(&"somebody ".repeat(1000))).await;
        assert!(
            (900..1300).contains(&caller.tokens(&more)),
            "{}",
            more.text()
        );
    }
}

#[tokio::test]
async fn a_vocabulary_that_is_the_models_own_counts() {
    let provider =
        "{name: one, kind: azure_openai, base_url: $DEAD, secret_key_ref: {env: PROVIDER_KEY}}"
            .to_owned();
    let models = "models: [{name: m, targets: [{provider: one, model: gpt-4o}]}]\n";
    let bench = bench(&open_to(&[provider], models), &[]).await;
    let (told, _record) = bench.ask(Anthropic.ask("somebody")).await;
    assert_eq!(
        told.header("x-tollgate-count"),
        Some("counted"),
        "{}",
        told.text()
    );
}

#[tokio::test]
async fn the_next_target_counts_where_one_fails() {
    let down = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    for caller in SHAPES {
        for provider in SHAPES {
            let (down, stub) = (Stub::raw(down).await, provider.answering().await);
            let providers = [
                provider.provider("one", "$ONE"),
                provider.provider("two", "$TWO"),
            ];
            let bench = bench(
                &open_to(&providers, &models(&["one", "two"])),
                &[&down, &stub],
            )
            .await;
            let (told, record) = bench.ask(caller.ask("somebody")).await;
            assert_eq!(
                told.status,
                200,
                "{caller:?} to {provider:?}: {}",
                told.text()
            );
            assert_eq!(
                (caller.tokens(&told), &record["failovers"]),
                (31, &json!(1))
            );
        }
        let down = Stub::raw(down).await;
        let providers = [caller.provider("one", "$ONE"), OTHER.to_owned()];
        let bench = bench(&open_to(&providers, &models(&["one", "other"])), &[&down]).await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(
            told.header("x-tollgate-count"),
            Some("estimated"),
            "{}",
            told.text()
        );
        is_unbooked(&record, "here");
    }
}

#[tokio::test]
async fn errors_come_in_the_callers_format() {
    for (caller, provider) in SHAPES
        .into_iter()
        .flat_map(|one| SHAPES.map(|two| (one, two)))
    {
        let body = match provider {
            Bedrock => json!({"message": "the prompt is too long"}),
            _ => {
                json!({"error": {"message": "the prompt is too long", "type": "invalid_request_error"}})
            }
        };
        let body = body.to_string();
        let stub = Stub::raw(format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ))
        .await;
        let bench = before(provider, &stub, "").await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        let row = format!("{caller:?} to {provider:?}: {}", told.text());
        assert_eq!(told.status, 400, "{row}");
        assert!(
            caller.error(&told).contains("the prompt is too long"),
            "{row}"
        );
        is_unbooked(&record, &row);
    }
}

#[tokio::test]
async fn what_is_no_count_is_an_error_in_the_callers_format() {
    for (caller, provider) in SHAPES
        .into_iter()
        .flat_map(|one| SHAPES.map(|two| (one, two)))
    {
        let stub = Stub::answering("application/json", r#"{"other": []}"#).await;
        let bench = before(provider, &stub, "").await;
        let (told, record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(told.status, 502, "{caller:?} {provider:?}: {}", told.text());
        assert!(!caller.error(&told).is_empty());
        assert_eq!(record["error_class"], "provider_protocol");
    }
}

fn rule(action: &str) -> String {
    format!(
        "policies: [{{name: default, input: [{{type: pii_detection, action: {action}, entities: [ssn]}}]}}]\n"
    )
}

#[tokio::test]
async fn what_is_blocked_is_not_counted() {
    for caller in SHAPES {
        for bench in [
            without(&rule("block")).await,
            before(caller, &caller.answering().await, &rule("block")).await,
        ] {
            let (told, record) = bench.ask(caller.ask("I am 536-22-1234.")).await;
            assert_eq!(told.status, 400, "{caller:?}: {}", told.text());
            assert!(!caller.error(&told).is_empty());
            assert_eq!(record["error_class"], "policy_blocked");
            is_unbooked(&record, "blocked");
        }
    }
}

#[tokio::test]
async fn what_is_redacted_is_counted_as_it_would_be_sent() {
    for (caller, provider) in SHAPES
        .into_iter()
        .flat_map(|one| SHAPES.map(|two| (one, two)))
    {
        let stub = provider.answering().await;
        let bench = before(provider, &stub, &rule("redact")).await;
        let (told, _record) = bench.ask(caller.ask("I am 536-22-1234.")).await;
        assert_eq!(
            told.status,
            200,
            "{caller:?} to {provider:?}: {}",
            told.text()
        );
        let asked = String::from_utf8(stub.last().body).unwrap();
        assert!(
            asked.contains("I am [SSN]."),
            "{caller:?} to {provider:?}: {asked}"
        );
    }
    for caller in SHAPES {
        let bench = without(&rule("redact")).await;
        let (redacted, _) = bench
            .ask(caller.ask("536-22-1234 ".repeat(50).trim()))
            .await;
        let (same, _) = bench.ask(caller.ask("[SSN] ".repeat(50).trim())).await;
        assert_eq!(redacted.status, 200, "{caller:?}: {}", redacted.text());
        assert_eq!(caller.tokens(&redacted), caller.tokens(&same), "{caller:?}");
    }
}

#[tokio::test]
async fn a_caller_that_leaves_has_used_nothing() {
    for caller in SHAPES {
        let stub = Stub::staying_raw("").await;
        let bench = before(caller, &stub, "").await;
        let (ask, address) = (caller.ask("somebody"), bench.address);
        let waiting = start(async move { ask.open(address).await.rest().await });
        until(|| stub.requests() > 0).await;
        waiting.abort();
        let record = bench.settled().await;
        assert_eq!(record["caller_gone"], true, "{record}");
        is_unbooked(&record, "left");
    }
}

#[tokio::test]
async fn the_prompt_of_a_model_is_counted_with_the_request() {
    for (caller, provider) in SHAPES
        .into_iter()
        .flat_map(|one| SHAPES.map(|two| (one, two)))
    {
        let stub = provider.answering().await;
        let models = "models: [{name: m, targets: [{provider: one, model: anthropic.x}], \
                      prompt: {system_before: Never say please.}}]\n";
        let bench = bench(
            &open_to(&[provider.provider("one", "$ONE")], models),
            &[&stub],
        )
        .await;
        let (told, _record) = bench.ask(caller.ask("somebody")).await;
        assert_eq!(
            told.status,
            200,
            "{caller:?} to {provider:?}: {}",
            told.text()
        );
        let asked = String::from_utf8(stub.last().body).unwrap();
        assert!(
            asked.contains("Never say please."),
            "{caller:?} to {provider:?}: {asked}"
        );
    }
}

#[tokio::test]
async fn a_history_that_a_provider_holds_is_not_guessed_at() {
    let body = json!({"model": "m", "previous_response_id": "resp_1", "input": "and now?"});
    let bench = without("").await;
    let (told, record) = bench.ask(Ask::post(OpenAi.path(), body.to_string())).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(
        OpenAi.error(&told).contains("previous_response_id"),
        "{}",
        told.text()
    );
    is_unbooked(&record, "held");
}

#[tokio::test]
async fn what_bedrock_alone_can_read_goes_to_bedrock_alone_and_past_no_rule() {
    let body = json!({"input": {"invokeModel": {"body": "eyJtZXNzYWdlcyI6W119"}}}).to_string();
    let ask = || Ask::post(Bedrock.path(), body.clone());
    let stub = Bedrock.answering().await;
    let (told, _) = before(Bedrock, &stub, "").await.ask(ask()).await;
    assert_eq!(Bedrock.tokens(&told), 31);
    let (told, _) = without("").await.ask(ask()).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(Bedrock.error(&told).contains("converse"), "{}", told.text());
    let (told, record) = before(Bedrock, &stub, &rule("block"))
        .await
        .ask(ask())
        .await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert_eq!(record["error_class"], "policy_blocked");
}

/// A text of which no vocabulary has a piece: a KiB takes milliseconds.
fn slow() -> String {
    let rare = |at: u32| char::from_u32(0x2_0000 + at * 7919 % 40_000).unwrap_or('x');
    (0..400_000).map(rare).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_counts_than_may_be_are_refused_and_long_ones_end_as_estimates() {
    let config = "gateway: {anonymous: allow, limits: {counts_max: 1}}\n\
         providers: [{name: other, kind: openai_compatible, base_url: $DEAD/v1}]\n\
         models: [{name: m, targets: [{provider: other, model: gpt-4o}]}]\n";
    let bench = Bench::start(config).await;
    let text = slow();
    let send = || {
        let (ask, address) = (Anthropic.ask(&text), bench.address);
        start(async move { ask.open(address).await.rest().await })
    };
    let (one, two) = tokio::join!(send(), send());
    let mut told = [one.unwrap(), two.unwrap()];
    told.sort_by_key(|told| told.status);
    let [done, full] = told;
    assert_eq!((done.status, full.status), (200, 503));
    assert_eq!(
        done.header("x-tollgate-count"),
        Some("estimated"),
        "{}",
        done.text()
    );
    assert!(Anthropic.tokens(&done) > 100_000);
    assert_eq!(full.header("retry-after"), Some("1"));
    assert!(
        Anthropic.error(&full).contains("counts_max"),
        "{}",
        full.text()
    );
    let (again, _) = bench.ask(Anthropic.ask("somebody")).await;
    assert_eq!(again.status, 200, "{}", again.text());
}
