//! The same target once more: when, after how long, and how often.

use serde_json::json;

use crate::bench::{Bench, Parts, Provider, open_to, pairs_before};
use crate::speech::{Anthropic, OpenAi, Speech};
use crate::stub::Stub;

async fn bench(failover: &str) -> Bench {
    speaking(OpenAi, failover).await
}

async fn speaking(provider: Speech, failover: &str) -> Bench {
    Bench::start(&config(provider, failover)).await
}

fn config(provider: Speech, failover: &str) -> String {
    let provider = provider.provider("a", "$A");
    let budget = "retry_budget_per_second_min: 1000";
    let budget = if failover.contains("budget") {
        ""
    } else {
        budget
    };
    let gateway = format!("gateway: {{anonymous: allow, failover: {{{failover}, {budget}}}}}");
    format!("{gateway}\nproviders: [{provider}]\n")
}

#[tokio::test]
async fn a_target_that_fails_is_tried_again() {
    let benches = pairs_before(|provider| config(provider, "backoff_ms: 1")).await;
    for (caller, provider, bench) in benches {
        for streamed in [false, true] {
            let before = bench.a.requests();
            bench.a.script("503, reset, ok");
            let (told, record) = bench
                .ask(caller.ask("m", "[[sim: text=\"At last.\"]]", streamed))
                .await;
            assert_eq!(
                caller.read(&told, streamed).text,
                "At last.",
                "{caller:?} {provider:?}"
            );
            assert_eq!(record["retries"], 2);
            assert_eq!(record["failovers"], 0);
            let classes: Vec<_> = record["attempts"]
                .as_array()
                .unwrap()
                .iter()
                .map(|a| &a["error_class"])
                .collect();
            assert_eq!(
                json!(classes),
                json!(["provider_overloaded", "provider_unreachable", null])
            );
            assert_eq!(record["output_tokens"], bench.a.served().answer_tokens);
            assert_eq!(bench.a.requests() - before, 3);
        }
    }
}

#[tokio::test]
async fn attempts_end_at_their_limit() {
    for attempts_max in [1, 2, 4] {
        let bench = bench(&format!("attempts_max: {attempts_max}, backoff_ms: 1")).await;
        bench.a.script("503*9");
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 503);
        assert_eq!(record["error_class"], "provider_overloaded");
        assert_eq!(record["attempts"].as_array().unwrap().len(), attempts_max);
        assert_eq!(bench.a.requests(), attempts_max as u64);
    }
}

#[tokio::test]
async fn a_target_is_not_tried_before_the_time_it_asked_for() {
    let bench = bench("backoff_ms: 1").await;
    bench.a.script("429:120ms, ok");
    let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.status, 200);
    let [first, second] = [&record["attempts"][0], &record["attempts"][1]];
    let failed_at = first["start_us"].as_u64().unwrap() + first["duration_us"].as_u64().unwrap();
    let waited = second["start_us"].as_u64().unwrap() - failed_at;
    assert!((119_000..2_000_000).contains(&waited), "{waited} µs");
}

#[tokio::test]
async fn a_wait_over_the_limit_is_left_to_the_caller() {
    let failover = "backoff_ms: 1, backoff_ms_max: 500";
    let benches = pairs_before(|provider| config(provider, failover)).await;
    for (caller, provider, bench) in benches {
        bench.a.script("429:7s, ok");
        let (told, record) = bench.ask(caller.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 429);
        assert_eq!(
            told.header("retry-after"),
            Some("7"),
            "{caller:?} {provider:?}"
        );
        assert_eq!(record["attempts"].as_array().unwrap().len(), 1);
        assert_eq!(record["error_class"], "provider_rate_limited");
    }
}

#[tokio::test]
async fn retries_are_a_share_of_the_requests() {
    let config =
        "attempts_max: 2, backoff_ms: 1, retry_budget_percent: 20, retry_budget_per_second_min: 0";
    let bench = bench(config).await;
    bench.a.script("503*99");
    let mut attempts = 0;
    for _ in 0..20 {
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
        assert_eq!(told.status, 503);
        attempts += record["attempts"].as_array().unwrap().len();
    }
    assert_eq!(attempts, 20 + 4);
    assert_eq!(bench.a.requests(), 24);
}

#[tokio::test]
async fn a_large_body_is_sent_again_as_it_was() {
    let long = "word ".repeat(30_000);
    let benches = pairs_before(|provider| config(provider, "backoff_ms: 1")).await;
    for (caller, provider, bench) in benches {
        bench.a.script("503, ok");
        let (told, record) = bench.ask(caller.ask("m", &long, false)).await;
        assert_eq!(told.status, 200, "{caller:?} {provider:?}");
        let books = bench.a.books().last(2);
        assert_eq!(books[0].body_sha256, books[1].body_sha256);
        assert!(books[1].body_bytes > 150_000);
        assert_eq!(record["input_tokens"], provider.billed(&books[1]));
        assert_eq!(record["retries"], 1);
    }
}

/// What Anthropic's Messages have no place for.
fn not_carried() -> serde_json::Value {
    let mut body = OpenAi.body("m", "Hi", false);
    body["logit_bias"] = json!({"50256": -100});
    body["x_invented"] = json!(1);
    body
}

#[tokio::test]
async fn what_a_translation_loses_is_named() {
    for streamed in [false, true] {
        let bench = Bench::start(&open_to(&[Anthropic.provider("a", "$A")], "")).await;
        let mut body = not_carried();
        body["stream"] = json!(streamed);
        let (told, record) = bench.ask(OpenAi.asking(&body)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        let losses = told.header("x-tollgate-loss").unwrap();
        assert!(
            losses.contains("logit_bias")
                && losses.contains("unknown_field")
                && !losses.contains("x_invented"),
            "{losses}"
        );
        let recorded = record["losses"].to_string();
        assert!(
            recorded.contains("logit_bias")
                && recorded.contains("unknown_field")
                && !recorded.contains("x_invented"),
            "{recorded}"
        );
        let (told, record) = bench
            .ask(Anthropic.asking(&Anthropic.body("m", "Hi", false)))
            .await;
        assert!(told.header("x-tollgate-loss").is_none() && record.get("losses").is_none());
    }
}

fn strict(providers: &[String]) -> String {
    let config = open_to(
        providers,
        "models: [{name: m, targets: [{provider: a, model: x}",
    );
    config.replace("allow}", "allow, translation: strict}")
}

#[tokio::test]
async fn a_strict_translation_refuses_what_it_would_lose() {
    let bench = Bench::start(&(strict(&[Anthropic.provider("a", "$A")]) + "]}]\n")).await;
    let (told, record) = bench.ask(OpenAi.asking(&not_carried())).await;
    assert_eq!(told.status, 400, "{}", told.text());
    let message = OpenAi.error(&told).message;
    assert!(
        message.contains("logit_bias") && message.contains("best_effort"),
        "{message}"
    );
    assert_eq!(record["error_class"], "untranslatable");
    assert_eq!(bench.a.requests(), 0);
    let (told, _) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.status, 200, "{}", told.text());
}

/// An answer of Anthropic's with a block that the other format has no place for.
const SEARCHED: &str = r#"{"id":"m","type":"message","role":"assistant","model":"x","content":[
    {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
    {"type":"text","text":"Found."}],"stop_reason":"end_turn","stop_sequence":null,
    "usage":{"input_tokens":3,"output_tokens":2}}"#;
const SEARCHING: &str = r#"data: {"type":"message_start","message":{"id":"m","role":"assistant","content":[],"model":"x","usage":{"input_tokens":3,"output_tokens":1}}}

data: {"type":"content_block_start","index":0,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}

data: {"type":"content_block_stop","index":0}

data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"Found."}}

data: {"type":"content_block_stop","index":1}

data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}

data: {"type":"message_stop"}

"#;

#[tokio::test]
async fn an_answer_that_loses_something_is_delivered_and_says_so_also_where_it_is_strict() {
    for streamed in [false, true] {
        let stub = if streamed {
            Stub::streaming(SEARCHING).await
        } else {
            Stub::answering("application/json", SEARCHED).await
        };
        let names = [("$STUB", stub.url())];
        let config = strict(&[Anthropic.provider("a", "$STUB")]) + "]}]\n";
        let parts = Parts {
            names: &names,
            ..Parts::default()
        };
        let bench = Bench::with(&config, parts).await;
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", streamed)).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(OpenAi.read(&told, streamed).text, "Found.");
        assert_eq!(record["losses"], json!(["server_tool_use"]), "{record}");
        // The head of a stream is gone before its losses are known.
        let header = (!streamed).then_some("server_tool_use");
        assert_eq!(told.header("x-tollgate-loss"), header);
    }
}

#[tokio::test]
async fn a_strict_translation_leaves_the_request_to_a_target_that_can_carry_it() {
    let providers = [Anthropic.provider("a", "$A"), OpenAi.provider("b", "$B")];
    let bench = Bench::start(&(strict(&providers) + ", {provider: b, model: y}]}]\n")).await;
    let (told, record) = bench.ask(OpenAi.asking(&not_carried())).await;
    assert_eq!(told.status, 200, "{}", told.text());
    assert_eq!(record["provider"], "b");
    assert_eq!((bench.a.requests(), bench.b.requests()), (0, 1));
}

#[tokio::test]
async fn a_request_ends_at_its_own_time_whatever_is_left_to_try() {
    for streamed in [false, true] {
        let config = "gateway: {anonymous: allow, timeouts: {request_ms: 250, whole_ms: 150}, \
             failover: {attempts_max: 9, backoff_ms: 1}}\nproviders: [PROVIDER]\n";
        let bench = Bench::start(&config.replace("PROVIDER", &OpenAi.provider("a", "$A"))).await;
        bench.a.script("hang*9");
        let (told, record) = bench.ask(OpenAi.ask("m", "Hi", streamed)).await;
        assert_eq!(told.status, 504, "{record}");
        let took = record["duration_us"].as_u64().unwrap();
        assert!((240_000..2_000_000).contains(&took), "{took} µs");
        assert_eq!(record["attempts"].as_array().unwrap().len(), 2, "{record}");
    }
}

#[tokio::test]
async fn a_stream_ends_at_the_time_of_its_request() {
    let config =
        "gateway: {anonymous: allow, timeouts: {request_ms: 300}}\nproviders: [PROVIDER]\n";
    let bench = Bench::start(&config.replace("PROVIDER", &OpenAi.provider("a", "$A"))).await;
    let ask = OpenAi.ask("m", "[[sim: tokens=4000, pace=20ms]] on", true);
    let (told, record) = bench.ask(ask).await;
    assert!(OpenAi.read(&told, true).error.is_some(), "{}", told.text());
    assert_eq!(record["error_class"], "provider_timeout");
    let took = record["duration_us"].as_u64().unwrap();
    assert!((290_000..2_000_000).contains(&took), "{took} µs");
}

#[tokio::test]
async fn a_wait_beyond_the_time_of_the_request_is_not_begun() {
    let config =
        "gateway: {anonymous: allow, timeouts: {request_ms: 1000}}\nproviders: [PROVIDER]\n";
    let bench = Bench::start(&config.replace("PROVIDER", &OpenAi.provider("a", "$A"))).await;
    bench.a.script("429:1900ms, ok");
    let (told, record) = bench.ask(OpenAi.ask("m", "Hi", false)).await;
    assert_eq!(told.status, 429, "{record}");
    assert!(
        record["duration_us"].as_u64().unwrap() < 900_000,
        "{record}"
    );
}
