//! Bedrock Converse as the provider's documents describe it.

use serde_json::{Value, json};
use tollgate_simulator::{Handle, Options};
use tollgate_types::Secret;

use crate::client::{Reply, call, open, post, send, start};

const WHOLE: &str = "/model/sim-small/converse";
const STREAM: &str = "/model/sim-small/converse-stream";

fn ask(prompt: &str) -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": prompt}]}]})
}

fn with(member: &str, value: Value) -> Value {
    let mut body = ask("x");
    body[member] = value;
    body
}

fn said(messages: &[Value]) -> Value {
    json!({ "messages": messages })
}

fn user(block: &Value) -> Value {
    json!({"role": "user", "content": [block]})
}

fn assistant(block: &Value) -> Value {
    json!({"role": "assistant", "content": [block]})
}

fn tools(mut body: Value) -> Value {
    body["toolConfig"] = json!({"tools": [{"toolSpec": {"name": "get_weather", "inputSchema": {"json": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}}}]});
    body
}

/// One message of a stream.
#[derive(Debug)]
struct Message {
    headers: Vec<(String, String)>,
    payload: Vec<u8>,
}

impl Message {
    fn header(&self, name: &str) -> &str {
        let header = self.headers.iter().find(|(found, _)| found == name);
        header.map_or("", |(_, value)| value.as_str())
    }

    fn name(&self) -> &str {
        self.header(":event-type")
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.payload).unwrap()
    }
}

fn number(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// The messages of a stream, each with both of its sums checked, and how many bytes behind them
/// are no whole message.
fn messages(told: &Reply) -> (Vec<Message>, usize) {
    let (mut rest, mut all) = (&told.body[..], Vec::new());
    while rest.len() >= 16 && rest.len() >= number(rest, 0) as usize {
        let (message, more) = rest.split_at(number(rest, 0) as usize);
        let end = message.len() - 4;
        assert_eq!(number(message, 8), crc32fast::hash(&message[..8]));
        assert_eq!(number(message, end), crc32fast::hash(&message[..end]));
        let (mut head, payload) = message[12..end].split_at(number(message, 4) as usize);
        let mut headers = Vec::new();
        while let [length, more @ ..] = head {
            let (name, more) = more.split_at(usize::from(*length));
            assert_eq!(more[0], 7, "a text");
            let length = usize::from(u16::from_be_bytes([more[1], more[2]]));
            let (value, more) = more[3..].split_at(length);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            headers.push((text(name), text(value)));
            head = more;
        }
        let payload = payload.to_vec();
        all.push(Message { headers, payload });
        rest = more;
    }
    (all, rest.len())
}

/// Tokens of text in a stream.
fn tokens(messages: &[Message]) -> usize {
    let deltas = messages
        .iter()
        .filter(|message| message.name() == "contentBlockDelta");
    let parsed = deltas.filter_map(|delta| serde_json::from_slice::<Value>(&delta.payload).ok());
    parsed
        .filter(|delta| delta["delta"]["text"].is_string())
        .count()
}

fn ended(messages: &[Message]) -> bool {
    messages
        .last()
        .is_some_and(|last| last.name() == "metadata")
}

/// The content that a stream adds up to, in the words of a whole answer.
fn content(messages: &[Message]) -> Vec<Value> {
    let mut blocks: Vec<Value> = Vec::new();
    let mut inputs = Vec::<String>::new();
    let mut is_open = false;
    for message in messages {
        let event = message.json();
        let index = event["contentBlockIndex"].as_u64();
        match message.name() {
            "contentBlockStart" => {
                assert_eq!(index, Some(blocks.len() as u64));
                blocks.push(event["start"].clone());
                inputs.push(String::new());
                is_open = true;
            }
            "contentBlockDelta" => {
                if !is_open {
                    assert_eq!(index, Some(blocks.len() as u64));
                    blocks.push(json!({}));
                    inputs.push(String::new());
                    is_open = true;
                }
                let (block, delta) = (blocks.last_mut().unwrap(), &event["delta"]);
                let add = |place: &mut Value, piece: &Value| {
                    let before = place.as_str().unwrap_or_default();
                    *place = json!(format!("{before}{}", piece.as_str().unwrap()));
                };
                if let Some(thought) = delta.get("reasoningContent") {
                    for (name, piece) in thought.as_object().unwrap() {
                        add(&mut block["reasoningContent"]["reasoningText"][name], piece);
                    }
                } else if let Some(piece) = delta.get("text") {
                    add(&mut block["text"], piece);
                } else {
                    let piece = delta["toolUse"]["input"].as_str().unwrap();
                    inputs.last_mut().unwrap().push_str(piece);
                }
            }
            "contentBlockStop" => {
                assert!(is_open && index == Some(blocks.len() as u64 - 1));
                is_open = false;
            }
            _ => assert!(!is_open),
        }
    }
    for (block, input) in blocks.iter_mut().zip(inputs) {
        if block.get("toolUse").is_some() {
            block["toolUse"]["input"] = serde_json::from_str(&input).unwrap();
        }
    }
    blocks
}

#[tokio::test]
async fn an_answer_has_the_documented_shape_and_matches_the_books() {
    let simulator = start(Options::default()).await;
    let prompt = "[[sim: text=\"One answer.\", reasoning=3, cached=2, cache-write=1]]";
    let told = call(&simulator, WHOLE, &ask(prompt)).await;
    assert!(!told.header("x-amzn-requestid").is_empty());
    let body = told.json();
    let message = &body["output"]["message"];
    assert_eq!(message["role"], "assistant");
    let thought = &message["content"][0]["reasoningContent"]["reasoningText"];
    assert!(thought["text"].is_string() && thought["signature"].is_string());
    assert_eq!(message["content"][1], json!({"text": "One answer."}));
    assert_eq!(body["stopReason"], "end_turn");
    assert!(body["metrics"]["latencyMs"].is_u64());
    simulator.books().settled().await;
    let record = simulator.books().all().remove(0);
    let usage = |name: &str| body["usage"][name].as_u64().unwrap();
    assert_eq!(usage("cacheReadInputTokens"), 2);
    assert_eq!(usage("cacheWriteInputTokens"), 1);
    assert_eq!(usage("inputTokens") + 3, record.input_tokens);
    assert_eq!(usage("outputTokens"), record.output_tokens);
    assert_eq!(
        usage("totalTokens"),
        record.input_tokens + record.output_tokens
    );
    assert_eq!(
        (record.format.as_str(), record.model.as_deref()),
        ("bedrock", Some("sim-small"))
    );
}

#[tokio::test]
async fn the_path_names_the_model_whatever_is_in_its_name() {
    let simulator = start(Options::default()).await;
    let path = "/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Aprofile%2Fm/converse";
    assert_eq!(call(&simulator, path, &ask("x")).await.status, 200);
    simulator.books().settled().await;
    let model = simulator.books().all().remove(0).model;
    assert_eq!(
        model.as_deref(),
        Some("arn:aws:bedrock:us-east-1:1:profile/m")
    );
    let missing = call(&simulator, "/model/missing-x/converse", &ask("x")).await;
    assert_eq!(
        (missing.status.as_u16(), missing.header("x-amzn-errortype")),
        (404, "ResourceNotFoundException")
    );
}

#[tokio::test]
async fn a_stream_says_what_the_whole_answer_says() {
    let simulator = start(Options::default()).await;
    let body = tools(ask(
        "[[sim: text=\"Let me see.\", tool=get_weather, parallel=2, reasoning=2]]",
    ));
    let whole = call(&simulator, WHOLE, &body).await.json();
    let told = call(&simulator, STREAM, &body).await;
    assert_eq!(
        told.header("content-type"),
        "application/vnd.amazon.eventstream"
    );
    let (events, rest) = messages(&told);
    assert_eq!(rest, 0);
    for event in &events {
        assert_eq!(event.header(":message-type"), "event");
        assert_eq!(event.header(":content-type"), "application/json");
        let filling = event.json()["p"].as_str().map(str::len);
        assert!(filling.is_some_and(|length| length > 0));
    }
    assert_eq!(events[0].name(), "messageStart");
    assert_eq!(events[0].json()["role"], "assistant");
    let expected = whole["output"]["message"]["content"].as_array().unwrap();
    assert_eq!(expected.len(), 4);
    assert_eq!(&content(&events), expected);
    let [.., stop, last] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(
        (stop.name(), &stop.json()["stopReason"]),
        ("messageStop", &json!("tool_use"))
    );
    assert_eq!(
        (last.name(), &last.json()["usage"]),
        ("metadata", &whole["usage"])
    );
    assert_eq!(whole["stopReason"], "tool_use");
}

#[tokio::test]
async fn a_conversation_with_tools_goes_on() {
    let simulator = start(Options::default()).await;
    let mut body = tools(ask("What does get weather say?"));
    let answer = call(&simulator, WHOLE, &body).await.json();
    let message = answer["output"]["message"].clone();
    let called = &message["content"][0]["toolUse"];
    assert_eq!(called["name"], "get_weather");
    assert!(called["input"]["city"].is_string(), "{message}");
    let result = json!({"toolResult": {"toolUseId": called["toolUseId"], "content": [{"json": {"sky": "sunny"}}]}});
    let turns = body["messages"].as_array_mut().unwrap();
    turns.extend([message, user(&result)]);
    let answer = call(&simulator, WHOLE, &body).await.json();
    let text = answer["output"]["message"]["content"][0]["text"].as_str();
    assert!(text.is_some_and(|text| text.contains("sunny")), "{answer}");
    body.as_object_mut().unwrap().remove("toolConfig");
    let refused = call(&simulator, WHOLE, &body).await;
    assert_eq!(refused.status, 400);
    assert!(
        refused.json()["message"]
            .as_str()
            .unwrap()
            .contains("toolConfig")
    );
    for choice in [json!({"any": {}}), json!({"tool": {"name": "get_weather"}})] {
        let mut body = tools(ask("hello"));
        body["toolConfig"]["toolChoice"] = choice;
        let answer = call(&simulator, WHOLE, &body).await.json();
        assert_eq!(answer["stopReason"], "tool_use", "{body}");
    }
}

#[tokio::test]
async fn structured_output_follows_the_schema_in_its_string() {
    let simulator = start(Options::default()).await;
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let format = json!({"type": "json_schema", "structure": {"jsonSchema": {"name": "n", "schema": schema.to_string()}}});
    let body = with("outputConfig", json!({ "textFormat": format }));
    let answer = call(&simulator, WHOLE, &body).await.json();
    let text = answer["output"]["message"]["content"][0]["text"]
        .as_str()
        .unwrap();
    let value: Value = serde_json::from_str(text).unwrap();
    assert!(value["n"].is_i64(), "{text}");
}

#[tokio::test]
async fn an_answer_ends_for_each_documented_reason() {
    let simulator = start(Options::default()).await;
    let text = "[[sim: text=\"one two three four\"]]";
    for (mut body, inference, reason) in [
        (ask(text), json!({"maxTokens": 2}), "max_tokens"),
        (
            ask(text),
            json!({"stopSequences": ["three"]}),
            "stop_sequence",
        ),
        (ask("[[sim: refuse]]"), json!({}), "content_filtered"),
    ] {
        body["inferenceConfig"] = inference;
        let answer = call(&simulator, WHOLE, &body).await.json();
        assert_eq!(answer["stopReason"], reason, "{body}");
        let (events, _) = messages(&call(&simulator, STREAM, &body).await);
        let stop = events
            .iter()
            .find(|event| event.name() == "messageStop")
            .unwrap();
        assert_eq!(stop.json()["stopReason"], reason, "{body}");
    }
}

async fn refused(simulator: &Handle, body: &Value, part_of_message: &str) {
    for path in [WHOLE, STREAM] {
        let told = call(simulator, path, body).await;
        let error = (told.status.as_u16(), told.header("x-amzn-errortype"));
        assert_eq!(error, (400, "ValidationException"), "{body}");
        let error = told.json();
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(part_of_message), "{body}: {message}");
    }
}

#[tokio::test]
async fn messages_are_checked_as_the_service_does() {
    let simulator = start(Options::default()).await;
    let used = json!({"toolUse": {"toolUseId": "a", "name": "get_weather", "input": {}}});
    let result = json!({"toolResult": {"toolUseId": "a", "content": []}});
    let document =
        |name: &str| json!({"document": {"format": "txt", "name": name, "source": {"text": "x"}}});
    let text = json!({"text": "x"});
    for (body, part_of_message) in [
        (json!([]), "not an object"),
        (json!({}), "must start with a user message"),
        (said(&[assistant(&text)]), "must start with a user message"),
        (said(&[user(&text), user(&text)]), "must alternate"),
        (said(&[user(&json!({"text": " "}))]), "is blank"),
        (said(&[user(&json!({"odd": 1}))]), "Unknown member"),
        (
            said(&[user(&json!({"text": "x", "image": {}}))]),
            "Exactly one member",
        ),
        (said(&[user(&document("a.b"))]), "document file name"),
        (
            said(&[json!({"role": "user", "content": [document("a"), document("a")]})]),
            "same name",
        ),
        (
            tools(said(&[user(&text), assistant(&used), user(&text)])),
            "Expected toolResult blocks",
        ),
        (
            tools(said(&[user(&result)])),
            "exceeds the number of toolUse blocks",
        ),
        (
            said(&[user(&text), assistant(&used), user(&result)]),
            "toolConfig field must be defined",
        ),
    ] {
        refused(&simulator, &body, part_of_message).await;
    }
}

#[tokio::test]
async fn settings_are_checked_as_the_service_does() {
    let simulator = start(Options::default()).await;
    for (body, part_of_message) in [
        (with("system", json!([{"image": {}}])), "Unknown member"),
        (with("toolConfig", json!({"tools": []})), "length greater"),
        (
            with("inferenceConfig", json!({"maxTokens": 0})),
            "inferenceConfig.maxTokens",
        ),
        (
            with("inferenceConfig", json!({"temperature": 1.5})),
            "inferenceConfig.temperature",
        ),
        (
            with("inferenceConfig", json!({"stopSequences": [""]})),
            "inferenceConfig.stopSequences",
        ),
        (
            with(
                "additionalModelRequestFields",
                json!({"thinking": {"type": "enabled", "budget_tokens": 1}}),
            ),
            "budget_tokens",
        ),
        (
            with(
                "outputConfig",
                json!({"textFormat": {"structure": {"jsonSchema": {"schema": {}}}}}),
            ),
            "jsonSchema.schema",
        ),
        (ask("[[sim: nonsense]]"), "unknown entry"),
    ] {
        refused(&simulator, &body, part_of_message).await;
    }
}

#[tokio::test]
async fn a_key_comes_as_bearer_or_as_the_id_of_a_signature() {
    let simulator = start(Options::default().key(Secret::new("AKIASIM".to_owned()))).await;
    let refused = call(&simulator, WHOLE, &ask("x")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.header("x-amzn-errortype")),
        (403, "AccessDeniedException")
    );
    let signed = "AWS4-HMAC-SHA256 Credential=AKIASIM/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=00";
    for value in ["Bearer AKIASIM", signed] {
        let mut req = post(WHOLE, &ask("x"));
        req.headers_mut()
            .insert("authorization", value.parse().unwrap());
        assert_eq!(send(&simulator, req).await.status, 200, "{value}");
    }
}

fn faulty(fault: &str) -> Value {
    ask(&format!("[[sim: text=\"a b c d e f g h\", fault={fault}]]"))
}

#[tokio::test]
async fn a_status_names_its_exception() {
    let simulator = start(Options::default()).await;
    for (fault, name) in [
        ("403", "AccessDeniedException"),
        ("408", "ModelTimeoutException"),
        ("424", "ModelErrorException"),
        ("429", "ThrottlingException"),
        ("500", "InternalServerException"),
        ("503", "ServiceUnavailableException"),
    ] {
        for path in [WHOLE, STREAM] {
            let told = call(&simulator, path, &faulty(fault)).await;
            assert_eq!(told.status.as_str(), fault);
            assert_eq!(told.header("x-amzn-errortype"), name);
            assert!(told.json()["message"].is_string());
        }
    }
    let limited = call(&simulator, WHOLE, &faulty("429:2s")).await;
    assert_eq!(limited.header("retry-after"), "2");
}

#[tokio::test]
async fn faults_strike_streams_between_and_within_messages() {
    let simulator = start(Options::default()).await;
    let cut = call(&simulator, STREAM, &faulty("cut@3")).await;
    let (events, _) = messages(&cut);
    assert_eq!(
        (cut.whole, tokens(&events), ended(&events)),
        (false, 3, false)
    );
    for (fault, before) in [("error", 0), ("error@2", 2)] {
        let told = call(&simulator, STREAM, &faulty(fault)).await;
        let (events, rest) = messages(&told);
        assert_eq!((told.status.as_u16(), told.whole, rest), (200, true, 0));
        let (last, events) = events.split_last().unwrap();
        assert_eq!(last.header(":message-type"), "exception");
        assert_eq!(last.header(":exception-type"), "internalServerException");
        assert!(last.json()["message"].is_string());
        assert_eq!((tokens(events), ended(events)), (before, false));
    }
    let malformed = call(&simulator, STREAM, &faulty("malformed@2")).await;
    let (events, _) = messages(&malformed);
    let broken = events
        .iter()
        .filter(|event| serde_json::from_slice::<Value>(&event.payload).is_err());
    assert_eq!(broken.count(), 1);
    assert!(tokens(&events) == 8 && ended(&events));
    let truncated = call(&simulator, STREAM, &faulty("truncated@2")).await;
    let (events, rest) = messages(&truncated);
    assert!(truncated.whole && rest > 0 && !ended(&events));
    assert_eq!(tokens(&events), 2);
    let stalled = call(&simulator, STREAM, &faulty("stall@3:20ms")).await;
    let (events, rest) = messages(&stalled);
    assert!(rest == 0 && tokens(&events) == 8 && ended(&events));
    let empty = call(&simulator, STREAM, &faulty("empty")).await;
    assert!(empty.whole && empty.body.is_empty());
    let page = call(&simulator, STREAM, &faulty("wrong-type")).await;
    assert_eq!(page.header("content-type"), "text/html");
}

#[tokio::test]
async fn faults_strike_whole_answers() {
    let simulator = start(Options::default()).await;
    for fault in ["malformed", "truncated", "empty"] {
        let told = call(&simulator, WHOLE, &faulty(fault)).await;
        assert_eq!((told.status.as_u16(), told.whole), (200, true));
        assert!(
            serde_json::from_slice::<Value>(&told.body).is_err(),
            "{fault}"
        );
    }
    let cut = call(&simulator, WHOLE, &faulty("cut")).await;
    assert!(!cut.whole && !cut.body.is_empty());
    let failed = call(&simulator, WHOLE, &faulty("error")).await;
    assert_eq!(
        (failed.status.as_u16(), failed.header("x-amzn-errortype")),
        (500, "InternalServerException")
    );
    for path in [WHOLE, STREAM] {
        let reset = open(&simulator, post(path, &faulty("reset"))).await;
        assert!(reset.is_err());
    }
}
