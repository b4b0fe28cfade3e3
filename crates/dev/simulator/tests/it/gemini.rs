//! Gemini generateContent as the provider's documents describe it.

use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tollgate_simulator::Options;

use crate::client::{call, get, post, send, start};

const WHOLE: &str = "/v1beta/models/sim-small:generateContent";
const EVENTS: &str = "/v1beta/models/sim-small:streamGenerateContent?alt=sse";
const ARRAY: &str = "/v1beta/models/sim-small:streamGenerateContent";

fn ask(prompt: &str) -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": prompt}]}]})
}

fn tools(mut body: Value) -> Value {
    body["tools"] = json!([{"functionDeclarations": [{"name": "get_weather", "parameters": {
        "type": "OBJECT", "properties": {"city": {"type": "STRING"}}, "required": ["city"]}}]}]);
    body
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One answer.\", reasoning=3, cached=2]]";
    let reply = call(&simulator, WHOLE, &ask(prompt)).await;
    let body = reply.json();
    let candidate = &body["candidates"][0];
    assert_eq!(candidate["finishReason"], "STOP");
    let parts = &candidate["content"]["parts"];
    assert_eq!(parts[0]["thought"], true);
    assert_eq!(parts[1]["text"], "One answer.");
    assert!(parts[1]["thoughtSignature"].is_string());
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    let usage = |name: &str| body["usageMetadata"][name].as_u64().unwrap();
    assert_eq!(usage("promptTokenCount"), record.input_tokens);
    assert_eq!(usage("cachedContentTokenCount"), 2);
    assert_eq!(usage("thoughtsTokenCount"), 3);
    assert_eq!(
        usage("candidatesTokenCount") + usage("thoughtsTokenCount"),
        record.output_tokens
    );
    assert_eq!(
        (record.format.as_str(), record.model.as_deref()),
        ("gemini", Some("sim-small"))
    );
}

#[tokio::test]
async fn a_stream_is_events_or_one_array_and_says_the_same() {
    let simulator = start(Options::default()).await;
    let body = tools(ask(
        "[[sim: text=\"Let me see.\", tool=get_weather, parallel=2, reasoning=2]]",
    ));
    let events = call(&simulator, EVENTS, &body).await;
    assert!(
        events
            .header("content-type")
            .starts_with("text/event-stream")
    );
    let events = events.events();
    let array = call(&simulator, ARRAY, &body).await;
    assert_eq!(array.header("content-type"), "application/json");
    assert_eq!(array.json(), Value::from(events.clone()));
    let parts: Vec<&Value> = events
        .iter()
        .map(|event| &event["candidates"][0]["content"]["parts"][0])
        .collect();
    assert!(parts[0]["thought"] == true && parts[0].get("thoughtSignature").is_none());
    let calls: Vec<&&Value> = parts
        .iter()
        .filter(|part| part.get("functionCall").is_some())
        .collect();
    assert_eq!(calls.len(), 2);
    assert!(calls[0]["functionCall"]["args"]["city"].is_string());
    assert!(calls[0]["thoughtSignature"].is_string() && calls[1].get("thoughtSignature").is_none());
    let last = events.last().unwrap();
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    simulator.books().settled().await;
    let usage = &last["usageMetadata"];
    let said = usage["candidatesTokenCount"].as_u64().unwrap()
        + usage["thoughtsTokenCount"].as_u64().unwrap();
    assert_eq!(said, simulator.books().all()[0].output_tokens);
}

#[tokio::test]
async fn a_conversation_with_tools_goes_on_and_newer_models_want_signatures() {
    let simulator = start(Options::default()).await;
    let path = "/v1/models/gemini-3-sim:generateContent";
    let mut body = tools(ask("What does get weather say?"));
    let answer = call(&simulator, path, &body).await.json();
    let said = answer["candidates"][0]["content"].clone();
    let called = &said["parts"][0]["functionCall"];
    assert!(called["id"].is_string(), "{said}");
    let result = json!({"role": "user", "parts": [{"functionResponse":
        {"name": called["name"], "id": called["id"], "response": {"output": "sunny"}}}]});
    for content in [said.clone(), result] {
        body["contents"].as_array_mut().unwrap().push(content);
    }
    let answer = call(&simulator, path, &body).await.json();
    let text = answer["candidates"][0]["content"]["parts"][0]["text"]
        .as_str()
        .unwrap();
    assert!(text.contains("sunny"), "{text}");
    let mut unsigned = body.clone();
    unsigned["contents"][1]["parts"][0]
        .as_object_mut()
        .unwrap()
        .remove("thoughtSignature");
    let refused = call(&simulator, path, &unsigned).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["error"]["message"]
            .as_str()
            .unwrap()
            .contains("thought_signature")
    );
    for (signature, status) in [("skip_thought_signature_validator", 200), ("c2lnMQ==", 400)] {
        unsigned["contents"][1]["parts"][0]["thoughtSignature"] = json!(signature);
        assert_eq!(call(&simulator, path, &unsigned).await.status, status);
    }
}

#[tokio::test]
async fn requests_are_checked_as_the_api_does() {
    let simulator = start(Options::default()).await;
    let with = |key: &str, value: Value| {
        let mut body = ask("x");
        body[key] = value;
        body
    };
    let contents = |contents: Value| json!({"contents": contents});
    let part = |part: Value| json!({"role": "user", "parts": [part]});
    let result = part(json!({"functionResponse": {"name": "f", "response": {}}}));
    let called = json!({"role": "model", "parts": [{"functionCall": {"name": "f"}}]});
    for (body, part_of_message) in [
        (json!({}), "contents is not specified"),
        (with("max_tokens", json!(5)), "Unknown name \"max_tokens\""),
        (
            with("generationConfig", json!({"top_x": 1})),
            "Unknown name \"top_x\"",
        ),
        (
            with("generationConfig", json!({"temperature": 3})),
            "temperature",
        ),
        (
            with(
                "generationConfig",
                json!({"stopSequences": ["1", "2", "3", "4", "5", "6"]}),
            ),
            "stop sequences",
        ),
        (
            contents(json!([{"role": "system", "parts": [{"text": "x"}]}])),
            "valid role",
        ),
        (
            contents(json!([{"role": "user", "parts": []}])),
            "must not be empty",
        ),
        (contents(json!([part(json!({}))])), "oneof field 'data'"),
        (
            contents(json!([result])),
            "immediately after a function call turn",
        ),
        (
            contents(json!([
                part(json!({"text": "x"})),
                called,
                part(json!({"text": "x"}))
            ])),
            "number of function response parts",
        ),
        (contents(json!([called])), "immediately after a user turn"),
        (
            with(
                "toolConfig",
                json!({"functionCallingConfig": {"mode": "AUTO", "allowedFunctionNames": ["f"]}}),
            ),
            "allowed_function_names",
        ),
    ] {
        let reply = call(&simulator, WHOLE, &body).await;
        let error = &reply.json()["error"];
        assert_eq!(
            (reply.status.as_u16(), &error["status"]),
            (400, &json!("INVALID_ARGUMENT")),
            "{body}"
        );
        assert!(
            error["message"].as_str().unwrap().contains(part_of_message),
            "{error}"
        );
    }
}

#[tokio::test]
async fn snake_case_is_read_and_a_model_that_does_not_exist_is_not_found() {
    let simulator = start(Options::default()).await;
    let snake = json!({"contents": [{"parts": [{"text": "x"}]}], "generation_config": {"max_output_tokens": 3}});
    let reply = call(&simulator, WHOLE, &snake).await.json();
    assert_eq!(reply["candidates"][0]["finishReason"], "MAX_TOKENS");
    let missing = call(
        &simulator,
        "/v1beta/models/missing-x:generateContent",
        &ask("x"),
    )
    .await;
    assert_eq!(
        (missing.status.as_u16(), &missing.json()["error"]["status"]),
        (404, &json!("NOT_FOUND"))
    );
}

#[tokio::test]
async fn structured_output_is_made_of_either_dialect() {
    let simulator = start(Options::default()).await;
    for (name, kind) in [
        ("responseSchema", "OBJECT"),
        ("responseJsonSchema", "object"),
    ] {
        let mut body = ask("A city.");
        body["generationConfig"] = json!({"responseMimeType": "application/json",
            name: {"type": kind, "properties": {"city": {"type": "string"}}, "required": ["city"]}});
        let answer = call(&simulator, WHOLE, &body).await.json();
        let text = answer["candidates"][0]["content"]["parts"][0]["text"]
            .as_str()
            .unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert!(value["city"].is_string(), "{text}");
    }
}

#[tokio::test]
async fn a_key_is_taken_where_clients_put_it() {
    let key = tollgate_types::Secret::new("secret".to_owned());
    let simulator = start(Options::default().key(key)).await;
    let refused = call(&simulator, WHOLE, &ask("x")).await;
    assert_eq!(refused.status, 400);
    assert_eq!(
        refused.json()["error"]["details"][0]["reason"],
        "API_KEY_INVALID"
    );
    let queried = call(&simulator, &format!("{WHOLE}?key=secret"), &ask("x")).await;
    assert_eq!(queried.status, 200);
    let mut header = post(WHOLE, &ask("x"));
    header
        .headers_mut()
        .insert("x-goog-api-key", "secret".parse().unwrap());
    assert_eq!(send(&simulator, header).await.status, 200);
}

#[tokio::test]
async fn models_are_listed_in_the_formats_own_shape() {
    let simulator = start(Options::default()).await;
    let listed = send(&simulator, get("/v1beta/models")).await.json();
    assert!(
        listed["models"][0]["name"]
            .as_str()
            .unwrap()
            .starts_with("models/")
    );
    let mut one: Request<Full<_>> = get("/v1/models/a");
    one.headers_mut()
        .insert("x-goog-api-key", "x".parse().unwrap());
    assert_eq!(send(&simulator, one).await.json()["name"], "models/a");
}

#[tokio::test]
async fn faults_strike_streams_of_both_framings() {
    let simulator = start(Options::default()).await;
    let prompt = |fault: &str| ask(&format!("[[sim: tokens=20, fault={fault}]]"));
    for path in [EVENTS, ARRAY] {
        let cut = call(&simulator, path, &prompt("cut@3")).await;
        assert!(!cut.whole);
        let failed = call(&simulator, path, &prompt("error@3")).await;
        assert!(failed.whole && String::from_utf8_lossy(&failed.body).contains("UNAVAILABLE"));
        let truncated = call(&simulator, path, &prompt("truncated@3")).await;
        assert!(
            truncated.whole
                && !truncated.body.ends_with(b"]")
                && !truncated.body.ends_with(b"\n\n")
        );
    }
    let failed = call(&simulator, ARRAY, &prompt("error@3")).await.json();
    assert_eq!(
        failed.as_array().unwrap().last().unwrap()["error"]["code"],
        503
    );
    let limited = call(&simulator, WHOLE, &prompt("429:2s")).await;
    assert_eq!(
        (limited.status.as_u16(), limited.header("retry-after")),
        (429, "2")
    );
    assert_eq!(limited.json()["error"]["status"], "RESOURCE_EXHAUSTED");
}
