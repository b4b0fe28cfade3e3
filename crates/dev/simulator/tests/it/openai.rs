//! Chat Completions as the provider's documents describe it.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{CHAT, call, get, post, send, start};

fn ask(prompt: &str) -> Value {
    json!({"model": "sim-small", "messages": [{"role": "user", "content": prompt}]})
}

fn streamed(mut body: Value, usage: bool) -> Value {
    body["stream"] = json!(true);
    if usage {
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

fn tools(mut body: Value) -> Value {
    body["tools"] = json!([{"type": "function", "function": {"name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}]);
    body
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_its_usage_adds_up() {
    let simulator = start(Options::default()).await;
    let reply = call(&simulator, CHAT, &ask("Hello")).await;
    let body = reply.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    let text = body["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(
        text.contains("simulator") && text.contains("\"Hello\""),
        "{text}"
    );
    let usage = &body["usage"];
    let sum =
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], sum);
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    assert_eq!(usage["prompt_tokens"], record.input_tokens);
    assert_eq!(usage["completion_tokens"], record.output_tokens);
    assert!(record.finished);
    assert_eq!(record.id, reply.header("x-request-id"));
}

#[tokio::test]
async fn a_stream_delivers_one_token_per_chunk_and_usage_only_when_asked() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One wonderful answer.\", reasoning=3, cached=2]]";
    let with = call(&simulator, CHAT, &streamed(ask(prompt), true)).await;
    assert_eq!(
        with.header("content-type"),
        "text/event-stream; charset=utf-8"
    );
    let events = with.events();
    assert_eq!(
        events[0]["choices"][0]["delta"],
        json!({"role": "assistant", "content": "", "refusal": null})
    );
    assert!(
        events[..events.len() - 1]
            .iter()
            .all(|event| event["usage"].is_null() && event.get("usage").is_some())
    );
    let field = |name: &str| -> Vec<String> {
        let deltas = events
            .iter()
            .filter_map(|event| event["choices"][0]["delta"][name].as_str());
        deltas
            .filter(|piece| !piece.is_empty())
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(field("content"), ["One", " wonder", "ful", " answer", "."]);
    assert_eq!(field("reasoning_content").len(), 3);
    let last = events.last().unwrap();
    assert_eq!(last["choices"], json!([]));
    assert_eq!(last["usage"]["completion_tokens"], 8);
    assert_eq!(
        last["usage"]["completion_tokens_details"]["reasoning_tokens"],
        3
    );
    assert_eq!(last["usage"]["prompt_tokens_details"]["cached_tokens"], 2);
    assert_eq!(with.data().last().unwrap(), "[DONE]");

    let without = call(&simulator, CHAT, &streamed(ask(prompt), false)).await;
    assert!(
        without
            .events()
            .iter()
            .all(|event| event.get("usage").is_none() && event["choices"] != json!([]))
    );
    simulator.books().settled().await;
    assert_eq!(simulator.books().totals().output_tokens, 16);
}

#[tokio::test]
async fn parallel_tool_calls_come_in_pieces_that_join_to_json() {
    let simulator = start(Options::default()).await;
    let body = tools(ask("[[sim: tool=get_weather, parallel=2]]"));
    let unary = call(&simulator, CHAT, &body).await.json();
    assert_eq!(unary["choices"][0]["finish_reason"], "tool_calls");
    assert!(unary["choices"][0]["message"]["content"].is_null());
    assert_eq!(
        unary["choices"][0]["message"]["tool_calls"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let events = call(&simulator, CHAT, &streamed(body, false))
        .await
        .events();
    let deltas: Vec<_> = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["tool_calls"].get(0).cloned())
        .collect();
    for index in 0..2 {
        let call: Vec<_> = deltas
            .iter()
            .filter(|delta| delta["index"] == index)
            .collect();
        assert_eq!(call[0]["function"]["name"], "get_weather");
        assert!(call[0]["id"].as_str().unwrap().starts_with("call_"));
        assert!(call.len() > 3 && call[1..].iter().all(|delta| delta.get("id").is_none()));
        let arguments: String = call
            .iter()
            .map(|delta| delta["function"]["arguments"].as_str().unwrap())
            .collect();
        assert!(serde_json::from_str::<Value>(&arguments).unwrap()["city"].is_string());
    }
}

#[tokio::test]
async fn a_mentioned_tool_is_called_and_its_result_is_answered_in_text() {
    let simulator = start(Options::default()).await;
    let mut body = tools(ask("Please get weather for me"));
    let first = call(&simulator, CHAT, &body).await.json();
    let message = first["choices"][0]["message"].clone();
    let id = message["tool_calls"][0]["id"].clone();
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(message);
    messages.push(json!({"role": "tool", "tool_call_id": id, "content": "sunny, 21 degrees"}));
    let second = call(&simulator, CHAT, &body).await.json();
    assert_eq!(second["choices"][0]["finish_reason"], "stop");
    assert!(
        second["choices"][0]["message"]["content"]
            .as_str()
            .unwrap()
            .contains("sunny, 21 degrees")
    );
}

#[tokio::test]
async fn limits_stop_sequences_choices_refusals_and_json_are_honoured() {
    let simulator = start(Options::default()).await;
    let mut body = ask("[[sim: text=\"one two three four\"]]");
    body["max_tokens"] = json!(2);
    body["n"] = json!(2);
    let reply = call(&simulator, CHAT, &body).await.json();
    for index in 0..2 {
        assert_eq!(reply["choices"][index]["message"]["content"], "one two");
        assert_eq!(reply["choices"][index]["finish_reason"], "length");
    }
    assert_eq!(reply["usage"]["completion_tokens"], 4);
    let events = call(&simulator, CHAT, &streamed(body, false))
        .await
        .events();
    assert_eq!(
        events
            .iter()
            .filter(|event| event["choices"][0]["index"] == 1)
            .count(),
        4
    );

    let mut body = ask("[[sim: text=\"one two three\"]]");
    body["stop"] = json!([" three", "two"]);
    let reply = call(&simulator, CHAT, &body).await.json();
    assert_eq!(reply["choices"][0]["message"]["content"], "one ");

    let reply = call(&simulator, CHAT, &ask("[[sim: refuse]]")).await.json();
    assert!(reply["choices"][0]["message"]["content"].is_null());
    assert!(reply["choices"][0]["message"]["refusal"].is_string());

    let mut body = ask("Give me JSON");
    body["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "x", "schema": {
        "type": "object", "properties": {"age": {"type": "integer"}}}}});
    let reply = call(&simulator, CHAT, &body).await.json();
    let text = reply["choices"][0]["message"]["content"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(text).unwrap()["age"].is_i64());

    let reply = call(&simulator, CHAT, &ask("[[sim: tokens=300]]"))
        .await
        .json();
    assert_eq!(reply["usage"]["completion_tokens"], 300);
}

#[tokio::test]
async fn requests_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    let user = json!([{"role": "user", "content": "x"}]);
    let call_without_result = json!([{"role": "assistant", "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}]);
    let with = |field: &str, value: Value| {
        let mut body = json!({"model": "m", "messages": user});
        body[field] = value;
        body
    };
    let boss = json!([{"role": "boss", "content": ""}]);
    let missing = "missing_required_parameter";
    for (body, param, code) in [
        (json!([]), "", ""),
        (json!({"messages": user}), "", ""),
        (json!({"model": "m"}), "messages", missing),
        (with("messages", json!("hi")), "messages", "invalid_type"),
        (with("messages", json!([])), "messages", "empty_array"),
        (with("messages", boss), "messages[0].role", "invalid_value"),
        (
            with("messages", json!([{"role": "user"}])),
            "messages[0].content",
            missing,
        ),
        (with("messages", call_without_result), "messages", ""),
        (with("max_tokens", json!("5")), "max_tokens", "invalid_type"),
        (
            with("temperature", json!(3)),
            "temperature",
            "decimal_above_max_value",
        ),
        (with("stream_options", json!({})), "stream_options", ""),
        (with("model", json!("missing-1")), "", "model_not_found"),
        (ask("[[sim: nonsense]]"), "", ""),
    ] {
        let reply = call(&simulator, CHAT, &body).await;
        assert_eq!(
            reply.status,
            if code == "model_not_found" { 404 } else { 400 },
            "{body}"
        );
        let error = &reply.json()["error"];
        assert_eq!(error["type"], "invalid_request_error", "{body}");
        let seen = ["param", "code"].map(|field| error[field].as_str().unwrap_or_default());
        assert_eq!(seen, [param, code], "{body}: {error}");
    }
}

#[tokio::test]
async fn pictures_are_taken_and_cost_tokens() {
    let simulator = start(Options::default()).await;
    let mut body = ask("What is this?");
    let before = call(&simulator, CHAT, &body).await.json()["usage"]["prompt_tokens"]
        .as_u64()
        .unwrap();
    body["messages"][0]["content"] = json!([
        {"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}]);
    let after = call(&simulator, CHAT, &body).await.json()["usage"]["prompt_tokens"]
        .as_u64()
        .unwrap();
    assert_eq!(after, before + 85);
}

#[tokio::test]
async fn models_are_listed_in_the_callers_shape_and_paths_work_without_v1() {
    let simulator = start(Options::default()).await;
    let list = send(&simulator, get("/v1/models")).await.json();
    assert_eq!(
        (&list["object"], &list["data"][0]["id"]),
        (&json!("list"), &json!("sim-small"))
    );
    let mut req = get("/models");
    req.headers_mut()
        .insert("anthropic-version", "2023-06-01".parse().unwrap());
    let list = send(&simulator, req).await.json();
    assert_eq!(
        (&list["has_more"], &list["data"][0]["type"]),
        (&json!(false), &json!("model"))
    );
    let reply = send(&simulator, post("/chat/completions", &ask("hi"))).await;
    assert_eq!(reply.status, 200);
    assert_eq!(send(&simulator, get("/v1/nowhere")).await.status, 404);
}
