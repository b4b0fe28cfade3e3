//! OpenAI Responses as the provider's documents describe them.

use http::{Method, Request};
use http_body_util::Full;
use serde_json::{Value, json};
use tollgate_simulator::{Handle, Options};
use tollgate_types::Secret;

use crate::client::{Reply, call, get, open, post, send, start};

const RESPONSES: &str = "/v1/responses";

fn ask(prompt: &str) -> Value {
    json!({"model": "sim-small", "input": prompt})
}

fn with(member: &str, value: Value) -> Value {
    let mut body = ask("x");
    body[member] = value;
    body
}

fn tools(mut body: Value) -> Value {
    body["tools"] = json!([{"type": "function", "name": "get_weather", "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]);
    body
}

fn streamed(mut body: Value) -> Value {
    body["stream"] = json!(true);
    body
}

/// The text of a message of an answer.
fn text(answer: &Value) -> Option<&str> {
    let mut items = answer["output"].as_array()?.iter();
    let message = items.find(|item| item["type"] == "message")?;
    message["content"][0]["text"].as_str()
}

/// The events of a stream: named as their data says, and numbered one after the other.
fn events(told: &Reply) -> Vec<Value> {
    let text = String::from_utf8(told.body.to_vec()).unwrap();
    let events = text.split_terminator("\n\n").enumerate();
    let events = events.map(|(place, event)| {
        let (name, data) = event.split_once('\n').unwrap();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
        assert_eq!(name.strip_prefix("event: "), data["type"].as_str());
        assert_eq!(data["sequence_number"], place);
        data
    });
    events.collect()
}

fn of<'e>(events: &'e [Value], kind: &'static str) -> impl Iterator<Item = &'e Value> {
    events.iter().filter(move |event| event["type"] == kind)
}

fn joined(events: &[Value], kind: &'static str) -> String {
    of(events, kind)
        .map(|event| event["delta"].as_str().unwrap())
        .collect()
}

async fn ask_of(simulator: &Handle, method: Method, path: &str) -> Reply {
    let req = Request::builder().method(method).uri(path);
    let req = req.header("host", "simulator").body(Full::default());
    send(simulator, req.unwrap()).await
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One answer.\", reasoning=3, cached=2]]";
    let mut body = ask(prompt);
    let plain = call(&simulator, RESPONSES, &body).await.json();
    assert!(plain["output"][0].get("encrypted_content").is_none());
    body["include"] = json!(["reasoning.encrypted_content"]);
    let told = call(&simulator, RESPONSES, &body).await.json();
    assert_eq!(
        (&told["object"], &told["status"]),
        (&json!("response"), &json!("completed"))
    );
    assert!(told["id"].as_str().unwrap().starts_with("resp_"));
    let [thought, message] = &told["output"].as_array().unwrap()[..] else {
        panic!("{told}");
    };
    assert_eq!(thought["type"], "reasoning");
    assert_eq!(thought["summary"][0]["type"], "summary_text");
    assert!(thought["encrypted_content"].is_string());
    assert_eq!(
        (&message["role"], &message["status"]),
        (&json!("assistant"), &json!("completed"))
    );
    assert_eq!(message["content"][0]["type"], "output_text");
    assert_eq!(message["content"][0]["text"], "One answer.");
    simulator.books().settled().await;
    let record = simulator.books().all().pop().unwrap();
    let usage = &told["usage"];
    assert_eq!(usage["input_tokens"], record.input_tokens);
    assert_eq!(usage["input_tokens_details"]["cached_tokens"], 2);
    assert_eq!(usage["output_tokens"], record.output_tokens);
    assert_eq!(usage["output_tokens_details"]["reasoning_tokens"], 3);
    assert_eq!(
        usage["total_tokens"],
        record.input_tokens + record.output_tokens
    );
    assert_eq!(
        (record.format.as_str(), record.model.as_deref()),
        ("openai_responses", Some("sim-small"))
    );
}

#[tokio::test]
async fn a_stream_says_everything_in_pieces_and_once_more_at_its_end() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"Let me see.\", tool=get_weather, parallel=2, reasoning=2]]";
    let told = call(&simulator, RESPONSES, &streamed(tools(ask(prompt)))).await;
    assert!(told.header("content-type").starts_with("text/event-stream"));
    let events = events(&told);
    for (event, kind) in events
        .iter()
        .zip(["response.created", "response.in_progress"])
    {
        assert_eq!(event["type"], kind);
        assert_eq!(event["response"]["status"], "in_progress");
    }
    let last = events.last().unwrap();
    assert_eq!(last["type"], "response.completed");
    let whole = &last["response"];
    let items = whole["output"].as_array().unwrap();
    assert_eq!(items.len(), 4);
    let done: Vec<&Value> = of(&events, "response.output_item.done")
        .map(|event| &event["item"])
        .collect();
    assert_eq!(done, items.iter().collect::<Vec<_>>());
    for (place, event) in of(&events, "response.output_item.added").enumerate() {
        assert_eq!(event["output_index"], place);
        assert_eq!(event["item"]["id"], items[place]["id"]);
    }
    assert_eq!(
        items[0]["summary"][0]["text"],
        joined(&events, "response.reasoning_summary_text.delta")
    );
    assert_eq!(joined(&events, "response.output_text.delta"), "Let me see.");
    assert_eq!(text(whole), Some("Let me see."));
    for item in &items[2..] {
        let pieces = of(&events, "response.function_call_arguments.delta");
        let mine = pieces.filter(|event| event["item_id"] == item["id"]);
        let arguments: String = mine.map(|event| event["delta"].as_str().unwrap()).collect();
        assert_eq!(item["arguments"], arguments);
        let arguments: Value = serde_json::from_str(&arguments).unwrap();
        assert!(arguments["city"].is_string());
    }
    simulator.books().settled().await;
    let record = simulator.books().all().pop().unwrap();
    assert_eq!(whole["usage"]["output_tokens"], record.output_tokens);
}

#[tokio::test]
async fn a_conversation_with_tools_goes_on() {
    let simulator = start(Options::default()).await;
    let mut body = tools(
        json!({"model": "m", "input": [{"role": "user", "content": "What does get weather say?"}]}),
    );
    body["include"] = json!(["reasoning.encrypted_content"]);
    body["reasoning"] = json!({"effort": "low"});
    let answer = call(&simulator, RESPONSES, &body).await.json();
    let said = answer["output"].as_array().unwrap();
    let called = said.last().unwrap();
    assert_eq!(
        (&said[0]["type"], &called["type"]),
        (&json!("reasoning"), &json!("function_call"))
    );
    let result =
        json!({"type": "function_call_output", "call_id": called["call_id"], "output": "sunny"});
    let input = body["input"].as_array_mut().unwrap();
    input.extend(said.iter().cloned());
    input.push(result);
    let answer = call(&simulator, RESPONSES, &body).await.json();
    assert!(
        text(&answer).is_some_and(|text| text.contains("sunny")),
        "{answer}"
    );
    // What another encrypted, it cannot read.
    body["input"][1]["encrypted_content"] = json!("Zm9yZWlnbg==");
    let refused = call(&simulator, RESPONSES, &body).await;
    assert_eq!(refused.json()["error"]["code"], "invalid_encrypted_content");
    for choice in [
        json!("required"),
        json!({"type": "function", "name": "get_weather"}),
    ] {
        let mut body = tools(ask("hello"));
        body["tool_choice"] = choice;
        let answer = call(&simulator, RESPONSES, &body).await.json();
        assert_eq!(answer["output"][0]["type"], "function_call", "{body}");
    }
}

#[tokio::test]
async fn structured_output_follows_its_schema() {
    let simulator = start(Options::default()).await;
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    for format in [
        json!({"type": "json_schema", "name": "n", "schema": schema}),
        json!({"type": "json_object"}),
    ] {
        let answer = call(
            &simulator,
            RESPONSES,
            &with("text", json!({"format": format})),
        )
        .await
        .json();
        let value: Value = serde_json::from_str(text(&answer).unwrap()).unwrap();
        assert!(value.is_object(), "{value}");
        if format["type"] == "json_schema" {
            assert!(value["n"].is_i64(), "{value}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_ends_early_says_why_and_a_refusal_is_its_own_part() {
    let simulator = start(Options::default()).await;
    let mut body = ask("[[sim: tokens=40]]");
    body["max_output_tokens"] = json!(16);
    let answer = call(&simulator, RESPONSES, &body).await.json();
    assert_eq!(answer["status"], "incomplete");
    assert_eq!(answer["incomplete_details"]["reason"], "max_output_tokens");
    let told = events(&call(&simulator, RESPONSES, &streamed(body)).await);
    let last = told.last().unwrap();
    assert_eq!(last["type"], "response.incomplete");
    assert_eq!(
        last["response"]["incomplete_details"]["reason"],
        "max_output_tokens"
    );
    let body = ask("[[sim: refuse, text=\"I can not.\"]]");
    let answer = call(&simulator, RESPONSES, &body).await.json();
    let part = json!({"type": "refusal", "refusal": "I can not."});
    assert_eq!(answer["output"][0]["content"], json!([part]));
    let told = events(&call(&simulator, RESPONSES, &streamed(body)).await);
    assert_eq!(joined(&told, "response.refusal.delta"), "I can not.");
}

async fn refused(simulator: &Handle, body: &Value, param: &str, code: &str) {
    let told = call(simulator, RESPONSES, body).await;
    assert_eq!(told.status, 400, "{body}");
    let error = &told.json()["error"];
    assert_eq!(error["type"], "invalid_request_error", "{body}");
    let named = (&error["param"], &error["code"]);
    assert_eq!(named, (&json!(param), &json!(code)), "{body}: {error}");
}

#[tokio::test]
async fn settings_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    for (body, param, code) in [
        (
            with("max_output_tokens", json!(1)),
            "max_output_tokens",
            "integer_below_min_value",
        ),
        (with("stream", json!("yes")), "stream", "invalid_type"),
        (
            with("tools", json!([{"type": "function"}])),
            "tools[0].name",
            "missing_required_parameter",
        ),
        (
            with("text", json!({"format": {"type": "json_schema"}})),
            "text.format.name",
            "missing_required_parameter",
        ),
        (
            with("previous_response_id", json!("resp_0")),
            "previous_response_id",
            "previous_response_not_found",
        ),
        (
            json!({"model": "missing-x", "input": "x"}),
            "model",
            "model_not_found",
        ),
    ] {
        refused(&simulator, &body, param, code).await;
    }
}

#[tokio::test]
async fn items_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    let input = |item: Value| json!({"model": "m", "input": [item]});
    for (body, param, code) in [
        (json!({"input": "x"}), "model", "missing_required_parameter"),
        (json!({"model": 1, "input": "x"}), "model", "invalid_type"),
        (json!({"model": "m"}), "input", "missing_required_parameter"),
        (json!({"model": "m", "input": 1}), "input", "invalid_type"),
        (input(json!("x")), "input[0]", "invalid_type"),
        (
            input(json!({"role": "tool", "content": "x"})),
            "input[0].role",
            "invalid_value",
        ),
        (
            input(json!({"role": "user"})),
            "input[0].content",
            "missing_required_parameter",
        ),
        (
            input(json!({"role": "user", "content": [{"type": "output_text", "text": "x"}]})),
            "input[0].content[0].type",
            "invalid_value",
        ),
        (
            input(json!({"type": "odd"})),
            "input[0].type",
            "invalid_value",
        ),
        (
            input(json!({"type": "function_call", "call_id": "a", "name": "f"})),
            "input[0].arguments",
            "missing_required_parameter",
        ),
        (
            input(json!({"type": "reasoning", "id": "rs_1"})),
            "input[0].summary",
            "missing_required_parameter",
        ),
    ] {
        refused(&simulator, &body, param, code).await;
    }
    let stray = input(json!({"type": "function_call_output", "call_id": "a", "output": "x"}));
    let told = call(&simulator, RESPONSES, &stray).await;
    assert_eq!(told.status, 400);
    let error = told.json()["error"]["message"].clone();
    assert!(
        error.as_str().unwrap().contains("No tool call found"),
        "{error}"
    );
}

#[tokio::test]
async fn answers_are_held_listed_cancelled_and_deleted() {
    let simulator = start(Options::default()).await;
    let answer = call(&simulator, RESPONSES, &ask("hello")).await.json();
    let id = answer["id"].as_str().unwrap();
    let path = format!("{RESPONSES}/{id}");
    let held = send(&simulator, get(&path)).await.json();
    assert_eq!(held, answer);
    let again = send(&simulator, get(&format!("{path}?stream=true"))).await;
    assert_eq!(events(&again).last().unwrap()["response"], answer);
    let items = send(&simulator, get(&format!("{path}/input_items")))
        .await
        .json();
    assert_eq!(items["data"][0]["content"][0]["text"], "hello");
    let mut next = ask("and now?");
    next["previous_response_id"] = json!(id);
    let next = call(&simulator, RESPONSES, &next).await.json();
    assert_eq!(next["previous_response_id"], id);
    let cancel = format!("{path}/cancel");
    let refused = ask_of(&simulator, Method::POST, &cancel).await;
    assert_eq!(refused.status, 400);
    let mut later = ask("take your time");
    later["background"] = json!(true);
    let queued = call(&simulator, RESPONSES, &later).await.json();
    assert_eq!(queued["status"], "queued");
    let cancel = format!("{RESPONSES}/{}/cancel", queued["id"].as_str().unwrap());
    let cancelled = ask_of(&simulator, Method::POST, &cancel).await.json();
    assert_eq!(cancelled["status"], "cancelled");
    let deleted = ask_of(&simulator, Method::DELETE, &path).await.json();
    assert_eq!(deleted["deleted"], true);
    let gone = send(&simulator, get(&path)).await;
    assert_eq!(gone.status, 404);
    assert_eq!(gone.json()["error"]["param"], "id");
}

#[tokio::test]
async fn a_key_is_asked_for() {
    let simulator = start(Options::default().key(Secret::new("sk-sim".to_owned()))).await;
    let refused = call(&simulator, RESPONSES, &ask("x")).await;
    assert_eq!(refused.status, 401);
    assert!(refused.json()["error"]["message"].is_string());
    let mut req = post(RESPONSES, &ask("x"));
    req.headers_mut()
        .insert("authorization", "Bearer sk-sim".parse().unwrap());
    assert_eq!(send(&simulator, req).await.status, 200);
}

fn faulty(fault: &str) -> Value {
    ask(&format!("[[sim: text=\"a b c d e f g h\", fault={fault}]]"))
}

/// Tokens of text in a stream, of which a piece may be no JSON.
fn tokens(told: &Reply) -> usize {
    of(&told.events(), "response.output_text.delta").count()
}

fn ended(told: &Reply) -> bool {
    let last = told.data().last().cloned().unwrap_or_default();
    last.contains("\"response.completed\"") && told.body.ends_with(b"\n\n")
}

#[tokio::test]
async fn a_status_comes_in_the_formats_own_shape() {
    let simulator = start(Options::default()).await;
    for (fault, kind) in [
        ("429", "requests"),
        ("500", "server_error"),
        ("503", "server_error"),
    ] {
        for body in [faulty(fault), streamed(faulty(fault))] {
            let told = call(&simulator, RESPONSES, &body).await;
            assert_eq!(told.status.as_str(), fault);
            assert_eq!(told.json()["error"]["type"], kind);
        }
    }
    let limited = call(&simulator, RESPONSES, &faulty("429:2s")).await;
    assert_eq!(limited.header("retry-after"), "2");
}

#[tokio::test]
async fn faults_strike_streams_between_and_within_events() {
    let simulator = start(Options::default()).await;
    let stream = async |fault: &str| call(&simulator, RESPONSES, &streamed(faulty(fault))).await;
    let cut = stream("cut@3").await;
    assert_eq!((cut.whole, tokens(&cut), ended(&cut)), (false, 3, false));
    for (fault, before) in [("error", 0), ("error@2", 2)] {
        let told = stream(fault).await;
        assert_eq!((told.status.as_u16(), told.whole), (200, true));
        assert_eq!((tokens(&told), ended(&told)), (before, false));
        let events = told.events();
        let last = events.last().unwrap();
        assert_eq!(
            (&last["type"], &last["code"]),
            (&json!("error"), &json!("server_error"))
        );
        assert!(last["message"].is_string());
    }
    let malformed = stream("malformed@2").await;
    let broken = malformed.data().len() - malformed.events().len();
    assert_eq!(
        (broken, tokens(&malformed), ended(&malformed)),
        (1, 8, true)
    );
    let truncated = stream("truncated@2").await;
    assert_eq!(
        (truncated.whole, tokens(&truncated), ended(&truncated)),
        (true, 2, false)
    );
    let stalled = stream("stall@3:20ms").await;
    assert_eq!((tokens(&stalled), ended(&stalled)), (8, true));
    let empty = stream("empty").await;
    assert!(empty.whole && empty.body.is_empty());
    let page = stream("wrong-type").await;
    assert_eq!(page.header("content-type"), "text/html");
}

#[tokio::test]
async fn faults_strike_whole_answers() {
    let simulator = start(Options::default()).await;
    for fault in ["malformed", "truncated", "empty"] {
        let told = call(&simulator, RESPONSES, &faulty(fault)).await;
        assert_eq!((told.status.as_u16(), told.whole), (200, true));
        assert!(
            serde_json::from_slice::<Value>(&told.body).is_err(),
            "{fault}"
        );
    }
    let cut = call(&simulator, RESPONSES, &faulty("cut")).await;
    assert!(!cut.whole && !cut.body.is_empty());
    let failed = call(&simulator, RESPONSES, &faulty("error")).await;
    assert_eq!(failed.status, 500);
    for body in [faulty("reset"), streamed(faulty("reset"))] {
        assert!(open(&simulator, post(RESPONSES, &body)).await.is_err());
    }
}
