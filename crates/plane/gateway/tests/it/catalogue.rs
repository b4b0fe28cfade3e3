//! What is known of models: prices of the configuration, parameters that a model refuses.

use serde_json::{Value, json};

use crate::ask::Ask;
use crate::bench::{Bench, Parts, open_to};
use crate::speech::{Anthropic, OpenAi, Speech};
use crate::stub::Stub;

const ANSWER: &str = r#"{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010}}"#;

const KNOWN: &str = "catalogue:\n  - {provider: one, model: real, output_tokens: 100, refuses: [temperature, max_tokens]}\n\
    models: [{name: alias, targets: [{provider: one, model: real}]}]\n";

async fn bench(stub: &Stub, speech: Speech, parameters: &str, more: &str) -> Bench {
    let config = open_to(&[speech.provider("one", "$STUB")], more);
    let config = config.replacen("allow", &format!("allow, parameters: {parameters}"), 1);
    let names = [("$STUB", stub.url())];
    let parts = Parts {
        names: &names,
        ..Parts::default()
    };
    Bench::with(&config, parts).await
}

fn request() -> String {
    let text = r#"{"temperature": 0.70, "model":"alias", "x":[1.0], "messages":[{"role":"user","content":"hi"}], "max_tokens": 500 }"#;
    text.to_owned()
}

#[tokio::test]
async fn what_a_model_refuses_is_removed_by_splices_and_named() {
    let stub = Stub::answering("application/json", ANSWER).await;
    let bench = bench(&stub, OpenAi, "adjust", KNOWN).await;
    let (told, record) = bench.ask(Ask::post(OpenAi.path(), request())).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let sent = String::from_utf8(stub.last().body).unwrap();
    let expected = r#"{"model":"real", "x":[1.0], "messages":[{"role":"user","content":"hi"}], "max_completion_tokens": 100 }"#;
    assert_eq!(sent, expected);
    assert_eq!(record["losses"], json!(["temperature", "max_tokens"]));
    assert_eq!(
        told.header("x-tollgate-loss"),
        Some("temperature, max_tokens")
    );
}

#[tokio::test]
async fn parameters_pass_where_the_configuration_says_nothing_or_nothing_is_known() {
    for (parameters, known) in [("pass", KNOWN), ("adjust", "")] {
        let stub = Stub::answering("application/json", ANSWER).await;
        let bench = bench(&stub, OpenAi, parameters, known).await;
        let body = request().replace("alias", "real");
        let (told, record) = bench.ask(Ask::post(OpenAi.path(), body.clone())).await;
        assert_eq!(told.status, 200, "{}", told.text());
        assert_eq!(stub.last().body, body.as_bytes());
        assert_eq!(record["losses"], Value::Null);
    }
}

#[tokio::test]
async fn a_request_that_no_model_takes_is_refused_with_names() {
    let stub = Stub::answering("application/json", ANSWER).await;
    let bench = bench(&stub, OpenAi, "refuse", KNOWN).await;
    let (told, record) = bench.ask(Ask::post(OpenAi.path(), request())).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(
        told.text().contains("temperature, max_tokens"),
        "{}",
        told.text()
    );
    assert_eq!(record["error_class"], "untranslatable");
    let taken = request()
        .replace("\"temperature\": 0.70, ", "")
        .replace("500", "50");
    let (told, _) = bench.ask(Ask::post(OpenAi.path(), taken)).await;
    assert_eq!(told.status, 200, "{}", told.text());
}

#[tokio::test]
async fn where_nothing_may_be_lost_what_would_be_adjusted_is_refused() {
    let stub = Stub::answering("application/json", ANSWER).await;
    let bench = bench(&stub, OpenAi, "adjust, translation: strict", KNOWN).await;
    let (told, record) = bench.ask(Ask::post(OpenAi.path(), request())).await;
    assert_eq!(told.status, 400, "{}", told.text());
    assert!(
        told.text().contains("temperature, max_tokens") && told.text().contains("best_effort"),
        "{}",
        told.text()
    );
    assert_eq!(record["error_class"], "untranslatable");
    assert_eq!(record["attempts"], json!([]));
    // Another name for the same is no loss.
    let taken = request()
        .replace("\"temperature\": 0.70, ", "")
        .replace("500", "50");
    let (told, _) = bench.ask(Ask::post(OpenAi.path(), taken)).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let sent = String::from_utf8(stub.last().body).unwrap();
    assert!(sent.contains("\"max_completion_tokens\": 50"), "{sent}");
}

#[tokio::test]
async fn translated_requests_are_adjusted_too() {
    let stub = Stub::answering("application/json", ANSWER).await;
    let bench = bench(&stub, OpenAi, "adjust", KNOWN).await;
    let mut body = Anthropic.body("alias", "hi", false);
    body["temperature"] = json!(0.5);
    let ask =
        Ask::post(Anthropic.path(), body.to_string()).header("anthropic-version", "2023-06-01");
    let (told, record) = bench.ask(ask).await;
    assert_eq!(told.status, 200, "{}", told.text());
    let sent: Value = serde_json::from_slice(&stub.last().body).unwrap();
    assert_eq!(sent.get("temperature"), None);
    assert_eq!(sent["max_completion_tokens"], 100);
    let losses = record["losses"].as_array().unwrap();
    assert!(losses.contains(&json!("temperature")), "{losses:?}");
}

#[tokio::test]
async fn a_limit_leaves_room_for_the_prompt_in_the_models_window() {
    let known = "catalogue:\n  - {provider: one, model: real, context_tokens: 1000}\n";
    for (parameters, limit, status, sent) in [
        ("adjust", 400, 200, 400..401),
        ("adjust", 995, 200, 700..990),
        ("refuse", 995, 400, 0..1),
        ("refuse", 400, 200, 400..401),
    ] {
        let stub = Stub::answering("application/json", ANSWER).await;
        let bench = bench(&stub, OpenAi, parameters, known).await;
        let mut body = OpenAi.body("real", "How do you do? ".repeat(10).as_str(), false);
        body["max_tokens"] = json!(limit);
        let (told, record) = bench.ask(Ask::post(OpenAi.path(), body.to_string())).await;
        assert_eq!(told.status, status, "{}", told.text());
        if status == 200 {
            let body: Value = serde_json::from_slice(&stub.last().body).unwrap();
            let lowered = body["max_tokens"].as_u64().unwrap();
            assert!(sent.contains(&lowered), "{parameters} {limit}: {lowered}");
        } else {
            assert_eq!(record["error_class"], "untranslatable");
            assert!(told.text().contains("window"), "{}", told.text());
        }
    }
}

#[tokio::test]
async fn reports_correct_what_is_expected_of_the_next_prompt() {
    let stub = Stub::answering("application/json", ANSWER).await;
    let bench = bench(&stub, OpenAi, "pass", "").await;
    let text = "How do you do? ".repeat(80);
    let mut expected = Vec::new();
    for _ in 0..5 {
        let (_, record) = bench.ask(OpenAi.ask("gpt-4o", &text, false)).await;
        expected.push(record["expected_input_tokens"].as_u64().unwrap());
    }
    // Every answer reports 1000.
    assert!((250..400).contains(&expected[0]), "{expected:?}");
    assert!((900..=1_000).contains(&expected[4]), "{expected:?}");
    let page = bench.settler.metrics();
    let count = r#"tollgate_input_estimate_ratio_count{provider="one",model="gpt-4o"} 5"#;
    assert!(page.contains(count), "{page}");
}

#[tokio::test]
async fn a_price_of_the_configuration_comes_before_that_of_the_catalogue() {
    let priced = "catalogue:\n  - {provider: one, model: real, prices: {input: 2, output: 8, long: {above_tokens: 900, input: 4}}}\n";
    let like = "catalogue: [{provider: one, model: gpt-4o, like: openai/gpt-4o}]\n";
    for (more, model, source, cost) in [
        // 1000 prompt tokens at 4 dollars a million, 10 at 8.
        (priced, "real", "configuration", json!(0.00408)),
        // At 2.5 and 10 dollars, as the configuration says that it is the maker's.
        (like, "gpt-4o", "catalogue", json!(0.0026)),
        // A compatible provider that serves a maker's model asks a price of its own.
        (priced, "gpt-4o", "unknown", Value::Null),
        ("", "real", "unknown", Value::Null),
    ] {
        let stub = Stub::answering("application/json", ANSWER).await;
        let bench = bench(&stub, OpenAi, "pass", more).await;
        let (_, record) = bench.ask(OpenAi.ask(model, "hi", false)).await;
        assert_eq!(
            (&record["price_source"], &record["cost_usd"]),
            (&json!(source), &cost)
        );
    }
}
