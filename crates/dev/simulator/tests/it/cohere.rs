//! Cohere chat as the provider's documents describe it.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{Reply, call, start};

const CHAT: &str = "/v2/chat";

fn ask(prompt: &str) -> Value {
    json!({"model": "sim-small", "messages": [{"role": "user", "content": prompt}]})
}

fn with_tools(mut body: Value) -> Value {
    body["tools"] = json!([{"type": "function", "function": {"name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]);
    body
}

fn text(told: &Reply) -> String {
    String::from_utf8(told.body.to_vec()).unwrap()
}

/// The data of the events, and the names of the events beside it.
fn events(told: &Reply) -> Vec<Value> {
    let text = text(told);
    let events = text.split_terminator("\n\n").map(|event| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        data
    });
    events.collect()
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One answer.\", reasoning=3, cached=2]]";
    let body = call(&simulator, CHAT, &ask(prompt)).await.json();
    assert_eq!(body["finish_reason"], "COMPLETE");
    assert_eq!(body["message"]["content"][0]["type"], "thinking");
    assert_eq!(
        body["message"]["content"][1],
        json!({"type": "text", "text": "One answer."})
    );
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    let usage = &body["usage"];
    assert_eq!(usage["tokens"]["input_tokens"], record.input_tokens);
    assert_eq!(usage["tokens"]["output_tokens"], record.output_tokens);
    assert_eq!(usage["cached_tokens"], 2);
    assert_eq!(record.format, "cohere_chat");
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"Let me see.\", tool=get_weather, parallel=2, reasoning=2]]";
    let mut body = with_tools(ask(prompt));
    let whole = call(&simulator, CHAT, &body).await.json();
    body["stream"] = json!(true);
    let told = call(&simulator, CHAT, &body).await;
    let (mut plan, mut calls) = (String::new(), Vec::<Value>::new());
    let events = events(&told);
    for event in &events {
        let message = &event["delta"]["message"];
        plan += message["tool_plan"].as_str().unwrap_or_default();
        match event["type"].as_str().unwrap() {
            "tool-call-start" => calls.push(message["tool_calls"].clone()),
            "tool-call-delta" => {
                let whole = &mut calls.last_mut().unwrap()["function"]["arguments"];
                let piece = &message["tool_calls"]["function"]["arguments"];
                *whole = json!(format!(
                    "{}{}",
                    whole.as_str().unwrap(),
                    piece.as_str().unwrap()
                ));
            }
            _ => {}
        }
    }
    assert_eq!(plan, whole["message"]["tool_plan"].as_str().unwrap());
    let names = |calls: &[Value]| -> Vec<Value> {
        calls
            .iter()
            .map(|call| call["function"]["name"].clone())
            .collect()
    };
    assert_eq!(
        names(&calls),
        names(whole["message"]["tool_calls"].as_array().unwrap())
    );
    for call in &calls {
        let arguments = call["function"]["arguments"].as_str().unwrap();
        assert!(serde_json::from_str::<Value>(arguments).unwrap()["city"].is_string());
    }
    let end = events.last().unwrap();
    assert_eq!(end["type"], "message-end");
    assert_eq!(end["delta"]["finish_reason"], "TOOL_CALL");
    assert!(end["delta"]["usage"]["tokens"]["output_tokens"].is_u64());
}

#[tokio::test]
async fn a_result_is_answered_in_text_and_json_has_its_schema() {
    let simulator = start(Options::default()).await;
    let mut body = with_tools(ask("the weather?"));
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(
        json!({"role": "assistant", "tool_plan": "I look.", "tool_calls": [
        {"id": "a", "type": "function", "function": {"name": "get_weather", "arguments": "{}"}}]}),
    );
    messages.push(json!({"role": "tool", "tool_call_id": "a", "content": [
        {"type": "document", "document": {"data": {"text": "sunny"}}}]}));
    let said = call(&simulator, CHAT, &body).await.json();
    let text = said["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("sunny"), "{text}");
    let mut body = ask("as JSON, please");
    body["response_format"] = json!({"type": "json_object", "json_schema": {"type": "object",
        "properties": {"n": {"type": "integer"}}, "required": ["n"]}});
    let said = call(&simulator, CHAT, &body).await.json();
    let text = said["message"]["content"][0]["text"].as_str().unwrap();
    assert!(
        serde_json::from_str::<Value>(text).unwrap()["n"].is_i64(),
        "{text}"
    );
}

#[tokio::test]
async fn requests_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    let with = |name: &str, value: Value| {
        let mut body = ask("hello");
        body[name] = value;
        body
    };
    let bodies = [
        json!({"messages": [{"role": "user", "content": "x"}]}),
        json!({"model": "m", "messages": []}),
        json!({"model": "m", "messages": [{"role": "user", "content": ""}]}),
        json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "audio"}]}]}),
        json!({"model": "m", "messages": [{"role": "tool", "tool_call_id": "a", "content": "x"}]}),
        json!({"model": "m", "messages": [{"role": "assistant", "content": "x"}]}),
        with("temperature", json!(1.5)),
        with("p", json!(1)),
        with("k", json!(501)),
        with("max_tokens", json!(0)),
        with("tool_choice", json!("REQUIRED")),
        with("thinking", json!({"type": "adaptive"})),
        with("response_format", json!({"type": "json_schema"})),
        with("stop_sequences", json!(["a", "b", "c", "d", "e", "f"])),
        with(
            "tools",
            json!([{"type": "function", "function": {"name": "a b"}}]),
        ),
    ];
    for body in bodies {
        let told = call(&simulator, CHAT, &body).await;
        assert_eq!(told.status, 400, "{body}: {}", text(&told));
        assert!(told.json()["message"].is_string(), "{body}");
    }
    let told = call(
        &simulator,
        CHAT,
        &json!({"model": "missing-x", "messages": [{"role": "user", "content": "x"}]}),
    )
    .await;
    assert_eq!(told.status, 404);
}

#[tokio::test]
async fn faults_strike() {
    let simulator = start(Options::default()).await;
    let told = call(&simulator, CHAT, &ask("[[sim: fault=429]]")).await;
    assert_eq!(told.status, 429);
    assert!(
        told.json()["message"]
            .as_str()
            .unwrap()
            .contains("rate limit")
    );
    let mut body = ask("[[sim: fault=error@2]]");
    body["stream"] = json!(true);
    let told = call(&simulator, CHAT, &body).await;
    let events = events(&told);
    let end = events.last().unwrap();
    assert_eq!(end["delta"]["finish_reason"], "ERROR");
    assert!(end["delta"]["error"].is_string());
}
