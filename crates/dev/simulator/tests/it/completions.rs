//! Completions as the provider's documents describe them.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{COMPLETIONS, Reply, call, start};

fn ask(prompt: &Value) -> Value {
    json!({"model": "gpt-3.5-turbo-instruct", "prompt": prompt, "max_tokens": 200})
}

fn texts(told: &Reply) -> Vec<String> {
    let body = told.json();
    let choices = body["choices"].as_array().unwrap();
    let text = |(index, choice): (usize, &Value)| {
        assert_eq!(choice["index"], index);
        choice["text"].as_str().unwrap().to_owned()
    };
    choices.iter().enumerate().map(text).collect()
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = json!("[[sim: text=\"One wonderful answer.\", cached=1]] Go on");
    let body = call(&simulator, COMPLETIONS, &ask(&prompt)).await.json();
    assert_eq!(body["object"], "text_completion");
    assert_eq!(
        body["choices"][0],
        json!({"text": "One wonderful answer.", "index": 0, "logprobs": null, "finish_reason": "stop"})
    );
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    assert_eq!(record.format, "openai_completions");
    let usage = &body["usage"];
    assert_eq!(usage["prompt_tokens"], record.input_tokens);
    assert_eq!(usage["completion_tokens"], record.output_tokens);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 1);
    assert_eq!(record.output_tokens, 5);
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says_and_usage_only_when_asked() {
    let simulator = start(Options::default()).await;
    for usage in [false, true] {
        let mut body = ask(&json!("[[sim: text=\"a b c\"]] once"));
        body["n"] = json!(2);
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": usage});
        let told = call(&simulator, COMPLETIONS, &body).await;
        assert_eq!(told.data().last().unwrap(), "[DONE]");
        let mut said = [String::new(), String::new()];
        let mut finished = Vec::new();
        for event in told.events() {
            assert_eq!(event["object"], "text_completion");
            for choice in event["choices"].as_array().unwrap() {
                let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
                said[index] += choice["text"].as_str().unwrap();
                finished.extend(choice["finish_reason"].as_str().map(|_| index));
            }
        }
        assert_eq!(
            (said, finished),
            (["a b c"; 2].map(str::to_owned), vec![0, 1])
        );
        let counts = told
            .events()
            .iter()
            .filter(|event| event["usage"].is_object())
            .count();
        assert_eq!(counts, usize::from(usage));
    }
}

#[tokio::test]
async fn each_prompt_gets_its_answers_in_order() {
    let simulator = start(Options::default()).await;
    let mut body = ask(&json!(["one", "two"]));
    body["n"] = json!(2);
    let told = texts(&call(&simulator, COMPLETIONS, &body).await);
    for (text, prompt) in told.iter().zip(["one", "one", "two", "two"]) {
        assert!(text.contains(&format!("\"{prompt}\"")), "{text}");
    }
    body["echo"] = json!(true);
    let told = texts(&call(&simulator, COMPLETIONS, &body).await);
    assert!(told[1].starts_with("one") && told[2].starts_with("two"));
    for (prompt, tokens) in [(json!([1, 2, 3]), 3), (json!([[1, 2], [3]]), 3)] {
        let body = call(&simulator, COMPLETIONS, &ask(&prompt)).await.json();
        assert_eq!(body["usage"]["prompt_tokens"], tokens, "{prompt}");
    }
}

#[tokio::test]
async fn limits_and_stops_end_a_text() {
    let simulator = start(Options::default()).await;
    let mut body = ask(&json!("[[sim: text=\"a b c\"]]"));
    body["stop"] = json!(" c");
    let told = call(&simulator, COMPLETIONS, &body).await.json();
    assert_eq!(told["choices"][0]["text"], "a b");
    let plain = json!({"model": "m", "prompt": "[[sim: tokens=40]]"});
    let told = call(&simulator, COMPLETIONS, &plain).await.json();
    assert_eq!(told["usage"]["completion_tokens"], 16);
    assert_eq!(told["choices"][0]["finish_reason"], "length");
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_its_name() {
    let simulator = start(Options::default()).await;
    let with = |name: &str, value: Value| {
        let mut body = ask(&json!("p"));
        body[name] = value;
        body
    };
    for (body, status, param) in [
        (json!({"model": "m"}), 400, json!("prompt")),
        (with("prompt", json!([])), 400, json!("prompt")),
        (with("prompt", json!(["a", 1])), 400, json!("prompt")),
        (with("logprobs", json!(6)), 400, json!("logprobs")),
        (with("n", json!(3)), 200, Value::Null),
        (with("best_of", json!(0)), 400, json!("best_of")),
        (with("suffix", json!(1)), 400, json!("suffix")),
        (with("temperature", json!(3)), 400, json!("temperature")),
        (
            with("stream_options", json!({})),
            400,
            json!("stream_options"),
        ),
        (with("model", json!("missing-1")), 404, Value::Null),
    ] {
        let told = call(&simulator, COMPLETIONS, &body).await;
        assert_eq!(told.status, status, "{body}");
        assert_eq!(told.json()["error"]["param"], param, "{body}");
    }
}
