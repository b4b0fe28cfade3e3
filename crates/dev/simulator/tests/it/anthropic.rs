//! Messages as the provider's documents describe it.

use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{MESSAGES, call, post, send, start};

fn ask(prompt: &str) -> Value {
    json!({"model": "sim-small", "max_tokens": 1000, "messages": [{"role": "user", "content": prompt}]})
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

fn tools(mut body: Value) -> Value {
    body["tools"] = json!([{"name": "get_weather", "input_schema": {
        "type": "object", "properties": {"city": {"type": "string"}}}}]);
    body
}

fn types(events: &[Value]) -> Vec<&str> {
    let mut types: Vec<_> = events
        .iter()
        .map(|event| event["type"].as_str().unwrap())
        .collect();
    types.dedup();
    types
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One answer.\", reasoning=3, cached=2, cache-write=1]]";
    let reply = call(&simulator, MESSAGES, &ask(prompt)).await;
    let body = reply.json();
    assert_eq!(
        (&body["type"], &body["stop_reason"]),
        (&json!("message"), &json!("end_turn"))
    );
    assert_eq!(body["content"][0]["type"], "thinking");
    assert!(body["content"][0]["signature"].is_string());
    assert_eq!(
        body["content"][1],
        json!({"type": "text", "text": "One answer."})
    );
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    let usage = |name: &str| body["usage"][name].as_u64().unwrap();
    let input = usage("input_tokens")
        + usage("cache_read_input_tokens")
        + usage("cache_creation_input_tokens");
    assert_eq!(
        (
            usage("cache_read_input_tokens"),
            usage("cache_creation_input_tokens")
        ),
        (2, 1)
    );
    assert_eq!(
        (input, usage("output_tokens")),
        (record.input_tokens, record.output_tokens)
    );
    assert_eq!(record.id, reply.header("request-id"));

    let mut asked = ask(prompt);
    asked.as_object_mut().unwrap().remove("max_tokens");
    let counted = call(&simulator, "/v1/messages/count_tokens", &asked).await;
    let counted = counted.json();
    assert_eq!(counted, json!({"input_tokens": input}));
}

#[tokio::test]
async fn a_stream_has_the_documented_order_of_events() {
    let simulator = start(Options::default()).await;
    let body = tools(streamed(ask(
        "[[sim: text=\"Let me see.\", tool=get_weather, parallel=2, reasoning=2]]",
    )));
    let reply = call(&simulator, MESSAGES, &body).await;
    let events = reply.events();
    let block = [
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
    ];
    let mut expected = vec![
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
    ];
    expected.extend([block, block, block].concat());
    expected.extend(["message_delta", "message_stop"]);
    assert_eq!(types(&events), expected);
    let names = String::from_utf8(reply.body.to_vec()).unwrap();
    assert_eq!(names.matches("event: message_start\ndata: {").count(), 1);
    for index in 2..4 {
        let of_block: Vec<_> = events
            .iter()
            .filter(|event| event["index"] == index)
            .collect();
        let start = &of_block[0]["content_block"];
        assert_eq!(
            (&start["type"], &start["name"], &start["input"]),
            (&json!("tool_use"), &json!("get_weather"), &json!({}))
        );
        let pieces = of_block
            .iter()
            .filter_map(|event| event["delta"]["partial_json"].as_str());
        let arguments: Value = serde_json::from_str(&pieces.collect::<String>()).unwrap();
        assert!(arguments["city"].is_string());
    }
    let delta = &events[events.len() - 2];
    assert_eq!(delta["delta"]["stop_reason"], "tool_use");
    simulator.books().settled().await;
    assert_eq!(
        delta["usage"]["output_tokens"],
        simulator.books().totals().output_tokens
    );
}

#[tokio::test]
async fn limits_stop_sequences_refusals_and_tool_results_are_honoured() {
    let simulator = start(Options::default()).await;
    let mut body = ask("[[sim: text=\"one two three\"]]");
    body["max_tokens"] = json!(2);
    let reply = call(&simulator, MESSAGES, &body).await.json();
    assert_eq!(
        (&reply["stop_reason"], &reply["content"][0]["text"]),
        (&json!("max_tokens"), &json!("one two"))
    );
    body["max_tokens"] = json!(100);
    body["stop_sequences"] = json!([" three"]);
    let reply = call(&simulator, MESSAGES, &body).await.json();
    assert_eq!(
        (&reply["stop_reason"], &reply["stop_sequence"]),
        (&json!("stop_sequence"), &json!(" three"))
    );
    let reply = call(&simulator, MESSAGES, &ask("[[sim: refuse]]"))
        .await
        .json();
    assert_eq!(reply["stop_reason"], "refusal");

    let mut body = tools(ask("get_weather, please"));
    let first = call(&simulator, MESSAGES, &body).await.json();
    assert_eq!(first["stop_reason"], "tool_use");
    let id = first["content"][0]["id"].clone();
    let messages = body["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": first["content"]}));
    messages.push(json!({"role": "user", "content": [{"type": "tool_result", "tool_use_id": id, "content": "sunny"}]}));
    let second = call(&simulator, MESSAGES, &body).await.json();
    assert!(
        second["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("sunny")
    );
}

#[tokio::test]
async fn requests_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    let user = json!([{"role": "user", "content": "x"}]);
    let system = json!([{"role": "system", "content": "x"}]);
    let unanswered = json!([{"role": "user", "content": "x"}, {"role": "assistant", "content": [
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}]}]);
    let stray =
        json!([{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}]);
    let ask = |messages: &Value| json!({"model": "m", "max_tokens": 5, "messages": messages});
    let with = |field: &str, value: Value| {
        let mut body = ask(&user);
        body[field] = value;
        body
    };
    let without = |field: &str| {
        let mut body = ask(&user);
        body.as_object_mut().unwrap().remove(field);
        body
    };
    let thinking = json!({"type": "enabled", "budget_tokens": 2000});
    for (body, says) in [
        (without("model"), "model: Field required"),
        (without("messages"), "messages: Field required"),
        (without("max_tokens"), "max_tokens: Field required"),
        (with("max_tokens", json!("5")), "valid integer"),
        (with("max_tokens", json!(0)), "greater than or equal to 1"),
        (with("temperature", json!(1.5)), "less than or equal to 1"),
        (with("thinking", thinking), "budget_tokens"),
        (with("model", json!("missing-1")), "model: missing-1"),
        (with("thread", json!({"type": "create"})), "not held here"),
        (ask(&system), "top-level `system`"),
        (ask(&unanswered), "toolu_1"),
        (ask(&stray), "unexpected `tool_use_id`"),
    ] {
        let reply = call(&simulator, MESSAGES, &body).await;
        let (error, missing) = (reply.json(), body["model"] == "missing-1");
        let kind = if missing {
            "not_found_error"
        } else {
            "invalid_request_error"
        };
        assert_eq!(reply.status, if missing { 404 } else { 400 }, "{body}");
        assert_eq!(
            (&error["type"], &error["error"]["type"]),
            (&json!("error"), &json!(kind))
        );
        assert!(
            error["error"]["message"].as_str().unwrap().contains(says),
            "{error}"
        );
    }
    let mut req = post(MESSAGES, &ask(&user));
    req.headers_mut().remove("anthropic-version");
    let reply = send(&simulator, req).await;
    assert_eq!(reply.status, 400);
    assert!(
        reply.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("anthropic-version")
    );
}
