//! What only Gemini's format has: names for results, signatures on any part, calls without
//! ids, schemas of its own.

use serde_json::{Value, json};
use tollgate_formats::exchange::{Finish, StreamEvent};
use tollgate_formats::view::{EventKind, EventView, Field};
use tollgate_formats::{AnswerOptions, Dialect, Endpoint, FormatId, Losses};
use tollgate_wire::framing::Framing;
use tollgate_wire::sse::Event;

use crate::collect::collect;
use crate::load::{chats, codec, decode, encode, events, file, json as value, options};

const GEMINI: FormatId = FormatId::GeminiGenerate;

fn translate(from: FormatId, to: FormatId, body: &Value) -> (Value, String) {
    let mut losses = Losses::default();
    let request = codec(from)
        .decode_request(body.to_string().as_bytes())
        .unwrap();
    let body = codec(to).encode_request(&request, Dialect::Original, &mut losses);
    (value(&body), losses.to_string())
}

/// An answer of Gemini's as a client of another format sends it back.
fn sent_back(through: FormatId, streamed: bool) -> Value {
    let mut losses = Losses::default();
    if streamed {
        let canonical = decode(GEMINI, &events(&[&file(GEMINI, "thinking_tools.sse")]));
        let (text, _) = encode(through, &canonical);
        return match through {
            FormatId::OpenaiChat => openai_collected(&text),
            FormatId::AnthropicMessages => anthropic_collected(&text),
            FormatId::GeminiGenerate => gemini_collected(&text),
            FormatId::BedrockConverse => bedrock_collected(&text),
            FormatId::OpenaiResponses => data(&text).last().unwrap()["response"]["output"].clone(),
            FormatId::CohereChat => cohere_collected(&text),
            other => panic!("{other:?} is no chat"),
        };
    }
    let answer = codec(GEMINI)
        .decode_answer(&file(GEMINI, "answer.json"))
        .unwrap();
    let told = value(&codec(through).encode_answer(&answer, &options(), &mut losses));
    match through {
        FormatId::OpenaiChat => told["choices"][0]["message"].clone(),
        FormatId::AnthropicMessages => json!({"role": "assistant", "content": told["content"]}),
        FormatId::GeminiGenerate => told["candidates"][0]["content"].clone(),
        FormatId::BedrockConverse => told["output"]["message"].clone(),
        FormatId::OpenaiResponses => told["output"].clone(),
        FormatId::CohereChat => told["message"].clone(),
        other => panic!("{other:?} is no chat"),
    }
}

fn data(text: &str) -> Vec<Value> {
    let events = events(&[text.as_bytes()]);
    let json = events.iter().filter(|event| event.data() != b"[DONE]");
    json.map(|event| value(event.data())).collect()
}

fn openai_collected(text: &str) -> Value {
    let (mut content, mut details, mut calls) = (String::new(), Vec::new(), Vec::<Value>::new());
    for chunk in data(text) {
        let delta = &chunk["choices"][0]["delta"];
        content += delta["content"].as_str().unwrap_or_default();
        details.extend(
            delta["reasoning_details"]
                .as_array()
                .into_iter()
                .flatten()
                .cloned(),
        );
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let arguments = call["function"]["arguments"].as_str().unwrap();
            if call.get("id").is_some() {
                calls.push(call.clone());
            } else {
                let last = &mut calls.last_mut().unwrap()["function"]["arguments"];
                *last = json!(format!("{}{arguments}", last.as_str().unwrap()));
            }
        }
    }
    json!({"role": "assistant", "content": content, "reasoning_details": details, "tool_calls": calls})
}

fn anthropic_collected(text: &str) -> Value {
    let mut blocks: Vec<Value> = Vec::new();
    let mut input = String::new();
    for event in data(text) {
        match event["type"].as_str().unwrap() {
            "content_block_start" => blocks.push(event["content_block"].clone()),
            "content_block_delta" => {
                let block = blocks.last_mut().unwrap();
                for name in ["text", "thinking", "signature"] {
                    if let Some(piece) = event["delta"][name].as_str() {
                        let text = block[name].as_str().unwrap_or_default();
                        block[name] = json!(format!("{text}{piece}"));
                    }
                }
                input += event["delta"]["partial_json"].as_str().unwrap_or_default();
            }
            "content_block_stop" if !input.is_empty() => {
                blocks.last_mut().unwrap()["input"] = value(std::mem::take(&mut input).as_bytes());
            }
            _ => {}
        }
    }
    json!({"role": "assistant", "content": blocks})
}

fn bedrock_collected(text: &str) -> Value {
    let mut blocks: Vec<Value> = Vec::new();
    let mut input = String::new();
    for event in events(&[text.as_bytes()]) {
        let data = value(event.data());
        match event.name().unwrap() {
            "contentBlockStart" => blocks.push(data["start"].clone()),
            "contentBlockDelta" => {
                if blocks.len() as u64 == data["contentBlockIndex"].as_u64().unwrap() {
                    blocks.push(json!({}));
                }
                let (block, delta) = (blocks.last_mut().unwrap(), &data["delta"]);
                if let Some(piece) = delta["text"].as_str() {
                    let text = block["text"].as_str().unwrap_or_default();
                    block["text"] = json!(format!("{text}{piece}"));
                }
                for name in ["text", "signature"] {
                    if let Some(piece) = delta["reasoningContent"][name].as_str() {
                        let thought = &mut block["reasoningContent"]["reasoningText"];
                        let text = thought[name].as_str().unwrap_or_default();
                        thought[name] = json!(format!("{text}{piece}"));
                    }
                }
                input += delta["toolUse"]["input"].as_str().unwrap_or_default();
            }
            "contentBlockStop" if !input.is_empty() => {
                let call = &mut blocks.last_mut().unwrap()["toolUse"];
                call["input"] = value(std::mem::take(&mut input).as_bytes());
            }
            _ => {}
        }
    }
    json!({"role": "assistant", "content": blocks})
}

/// A message of what the events hold.
fn cohere_collected(text: &str) -> Value {
    let (mut content, mut calls) = (Vec::<Value>::new(), Vec::<Value>::new());
    let join = |whole: &mut Value, piece: &Value| {
        if let Some(piece) = piece.as_str() {
            *whole = json!(format!("{}{piece}", whole.as_str().unwrap_or_default()));
        }
    };
    for event in data(text) {
        let message = &event["delta"]["message"];
        match event["type"].as_str().unwrap() {
            "content-start" => content.push(message["content"].clone()),
            "content-delta" => {
                for name in ["text", "thinking", "signature"] {
                    join(
                        &mut content.last_mut().unwrap()[name],
                        &message["content"][name],
                    );
                }
            }
            "tool-call-start" => calls.push(message["tool_calls"].clone()),
            "tool-call-delta" => {
                let function = &mut calls.last_mut().unwrap()["function"];
                join(
                    &mut function["arguments"],
                    &message["tool_calls"]["function"]["arguments"],
                );
            }
            _ => {}
        }
    }
    for part in &mut content {
        part.as_object_mut()
            .unwrap()
            .retain(|_name, value| !value.is_null());
    }
    json!({"role": "assistant", "content": content, "tool_calls": calls})
}

/// As Google's SDKs keep a streamed turn: each event is a content of its own.
fn gemini_collected(text: &str) -> Value {
    data(text)
        .iter()
        .map(|answer| answer["candidates"][0]["content"].clone())
        .collect()
}

/// The next request of a client of this format, with a result for each call.
fn next_request(through: FormatId, said: Value) -> Value {
    match through {
        FormatId::OpenaiChat => {
            let mut messages = vec![json!({"role": "user", "content": "u"}), said.clone()];
            for call in said["tool_calls"].as_array().unwrap() {
                messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "ok"}));
            }
            json!({"model": "gemini-3-pro", "messages": messages})
        }
        FormatId::AnthropicMessages => {
            let calls = said["content"].as_array().unwrap().iter();
            let calls = calls.filter(|block| block["type"] == "tool_use");
            let results = calls.map(
                |call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": "ok"}),
            );
            let results: Vec<Value> = results.collect();
            json!({"model": "gemini-3-pro", "max_tokens": 9, "messages": [
                {"role": "user", "content": "u"}, said, {"role": "user", "content": results}]})
        }
        FormatId::OpenaiResponses => {
            let said = said.as_array().unwrap();
            let calls = said.iter().filter(|item| item["type"] == "function_call");
            let results = calls.map(
                |call| json!({"type": "function_call_output", "call_id": call["call_id"], "output": "ok"}),
            );
            let mut input = vec![json!({"role": "user", "content": "u"})];
            input.extend(said.iter().cloned().chain(results));
            json!({"model": "gemini-3-pro", "input": input})
        }
        FormatId::GeminiGenerate => {
            let mut contents = vec![json!({"role": "user", "parts": [{"text": "u"}]})];
            match said {
                Value::Array(list) => contents.extend(list),
                said => contents.push(said),
            }
            let parts = contents
                .iter()
                .flat_map(|content| content["parts"].as_array().unwrap());
            let calls = parts.filter(|part| part.get("functionCall").is_some());
            // Clients that make results by hand name the function and nothing else.
            let results = calls.map(|part| {
                json!({"functionResponse": {"name": part["functionCall"]["name"], "response": {"output": "ok"}}})
            });
            let results: Vec<Value> = results.collect();
            contents.push(json!({"role": "user", "parts": results}));
            json!({"contents": contents})
        }
        FormatId::BedrockConverse => {
            let calls = said["content"].as_array().unwrap().iter();
            let calls = calls.filter_map(|block| block["toolUse"]["toolUseId"].as_str());
            let results = calls
                .map(|id| json!({"toolResult": {"toolUseId": id, "content": [{"text": "ok"}]}}));
            let results: Vec<Value> = results.collect();
            json!({"messages": [{"role": "user", "content": [{"text": "u"}]}, said, {"role": "user", "content": results}]})
        }
        FormatId::CohereChat => {
            let mut said = said;
            // Clients send back what was said, and not what backed it.
            said.as_object_mut().unwrap().remove("citations");
            let mut messages = vec![json!({"role": "user", "content": "u"}), said.clone()];
            for call in said["tool_calls"].as_array().unwrap() {
                messages.push(json!({"role": "tool", "tool_call_id": call["id"], "content": "ok"}));
            }
            json!({"model": "gemini-3-pro", "messages": messages})
        }
        other => panic!("{other:?} is no chat"),
    }
}

fn parts(content: &Value) -> &[Value] {
    content["parts"].as_array().unwrap()
}

#[test]
fn signatures_survive_a_client_of_every_format() {
    for through in chats() {
        for streamed in [false, true] {
            let body = next_request(through, sent_back(through, streamed));
            let (body, losses) = translate(through, GEMINI, &body);
            assert_eq!(losses, "", "{through:?} {streamed}");
            let said = parts(&body["contents"][1]);
            let call = said
                .iter()
                .find(|part| part.get("functionCall").is_some())
                .unwrap();
            assert_eq!(call["thoughtSignature"], "c2lnMg==", "{said:?}");
            let signed: Vec<&Value> = said
                .iter()
                .filter(|part| part["thoughtSignature"] == "c2lnMQ==")
                .collect();
            assert_eq!(signed.len(), 1, "{through:?} {said:?}");
            assert!(signed[0]["text"].is_string() && signed[0].get("thought").is_none());
        }
    }
}

#[test]
fn results_find_their_calls_by_name_and_order_and_made_ids_stay_here() {
    for through in chats() {
        for streamed in [false, true] {
            let body = next_request(through, sent_back(through, streamed));
            let (body, _) = translate(through, GEMINI, &body);
            let text = body.to_string();
            assert!(
                !text.contains("call_gm_") && !text.contains("__seal_"),
                "{text}"
            );
            let names = |content: &Value, member: &str| -> Vec<String> {
                let called = parts(content).iter().filter_map(|part| part.get(member));
                called
                    .map(|call| format!("{} {}", call["name"], call["id"]))
                    .collect()
            };
            let (called, answered) = (
                names(&body["contents"][1], "functionCall"),
                names(&body["contents"][2], "functionResponse"),
            );
            assert_eq!(called, answered, "{through:?}");
            assert!(called.len() >= 2, "{called:?}");
        }
    }
}

#[test]
fn what_other_providers_want_back_is_kept_by_a_gemini_client() {
    let anthropic = FormatId::AnthropicMessages;
    let canonical = decode(
        anthropic,
        &events(&[&file(anthropic, "thinking_tools.sse")]),
    );
    let (text, _) = encode(GEMINI, &canonical);
    let body = next_request(GEMINI, gemini_collected(&text));
    let (back, losses) = translate(GEMINI, anthropic, &body);
    assert_eq!(losses, "");
    let answer = codec(anthropic)
        .decode_answer(&file(anthropic, "answer.json"))
        .unwrap();
    let told = value(&codec(GEMINI).encode_answer(&answer, &options(), &mut Losses::default()));
    let body = next_request(GEMINI, told["candidates"][0]["content"].clone());
    let (whole, _) = translate(GEMINI, anthropic, &body);
    let blocks = whole["messages"][1]["content"].as_array().unwrap();
    assert_eq!(
        blocks[0],
        json!({"type": "thinking", "thinking": "Let me see", "signature": "sig=="})
    );
    assert_eq!(
        blocks[1],
        json!({"type": "redacted_thinking", "data": "enc=="})
    );
    let blocks = back["messages"][1]["content"].as_array().unwrap();
    let kinds: Vec<&str> = blocks
        .iter()
        .map(|block| block["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[0], "thinking");
    assert!(
        blocks[0]["signature"].as_str().unwrap().len() > 1,
        "{blocks:?}"
    );
    assert!(kinds.contains(&"tool_use"), "{kinds:?}");
}

#[test]
fn a_call_that_nobody_signed_is_marked_where_a_model_refuses_it() {
    let body = |model: &str| {
        let call = |id: &str| json!({"id": id, "type": "function", "function": {"name": "f", "arguments": "{}"}});
        json!({"model": model, "messages": [{"role": "user", "content": "u"},
            {"role": "assistant", "content": null, "tool_calls": [call("a"), call("b")]},
            {"role": "tool", "tool_call_id": "a", "content": "1"}, {"role": "tool", "tool_call_id": "b", "content": "2"}]})
    };
    for (model, signature) in [
        ("gemini-3-pro", json!("skip_thought_signature_validator")),
        ("gemini-2.5-pro", Value::Null),
    ] {
        let (body, _) = translate(FormatId::OpenaiChat, GEMINI, &body(model));
        let said = parts(&body["contents"][1]);
        assert_eq!(said[0]["thoughtSignature"], signature);
        assert_eq!(said[1]["thoughtSignature"], Value::Null);
        assert_eq!(said[0]["functionCall"]["id"], "a");
    }
}

#[test]
fn a_plain_request_loses_nothing() {
    let (body, losses) = translate(
        FormatId::OpenaiChat,
        GEMINI,
        &json!({
            "model": "m", "temperature": 1.5, "stop": "END", "max_completion_tokens": 7, "seed": -3, "n": 2, "stream": true,
            "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}],
            "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "$defs": {}}}}],
            "tool_choice": {"type": "function", "function": {"name": "f"}},
            "response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}},
        }),
    );
    assert_eq!(losses, "");
    assert_eq!(
        body,
        json!({
            "systemInstruction": {"parts": [{"text": "s"}]},
            "contents": [{"role": "user", "parts": [{"text": "u"}]}],
            "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {"type": "object", "$defs": {}}}]}],
            "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
            "generationConfig": {"temperature": 1.5, "stopSequences": ["END"], "maxOutputTokens": 7, "seed": -3,
                "candidateCount": 2, "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
        })
    );
}

#[test]
fn members_in_snake_case_are_the_same_members() {
    let camel = json!({"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "AA=="}}]}],
        "systemInstruction": {"parts": [{"text": "s"}]},
        "tools": [{"functionDeclarations": [{"name": "f", "parametersJsonSchema": {}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
        "generationConfig": {"maxOutputTokens": 5, "thinkingConfig": {"thinkingBudget": 0}}});
    let snake = json!({"contents": [{"parts": [{"inline_data": {"mime_type": "image/png", "data": "AA=="}}]}],
        "system_instruction": {"parts": [{"text": "s"}]},
        "tools": [{"function_declarations": [{"name": "f", "parameters_json_schema": {}}]}],
        "tool_config": {"function_calling_config": {"mode": "any", "allowed_function_names": ["f"]}},
        "generation_config": {"max_output_tokens": 5, "thinking_config": {"thinking_budget": 0}}});
    for to in chats() {
        assert_eq!(translate(GEMINI, to, &camel), translate(GEMINI, to, &snake));
    }
    let texts = |body: &Value| {
        let view = GEMINI
            .format()
            .view_request(body.to_string().as_bytes(), true);
        let view = view.unwrap();
        assert!(view.has_image);
        view.texts.iter().map(|text| text.field).collect::<Vec<_>>()
    };
    assert_eq!(texts(&camel), texts(&snake));
}

#[test]
fn what_two_parsers_could_read_differently_is_refused() {
    for body in [
        r#"{"contents":[],"contents":[]}"#,
        r#"{"contents":[],"model":"a","model":"b"}"#,
        r#"{"contents":[],"systemInstruction":{},"system_instruction":{}}"#,
        r#"{"contents":[{"role":"user","role":"model","parts":[]}]}"#,
        r#"{"contents":[{"parts":[],"parts":[]}]}"#,
        r#"{"contents":[{"parts":[{"text":"a","text":"b"}]}]}"#,
        r#"{"contents":{}}"#,
        r#"{"contents":[],"MODEL":"x"}"#,
        r#"{"model":"a"}"#,
        "[]",
    ] {
        for texts in [false, true] {
            assert!(
                GEMINI
                    .format()
                    .view_request(body.as_bytes(), texts)
                    .is_err(),
                "{body}"
            );
        }
    }
}

#[test]
fn a_query_says_how_a_stream_is_framed() {
    let format = GEMINI.format();
    for (query, framing) in [
        (Some("alt=sse"), Framing::ServerSentEvents),
        (Some("key=x&alt=sse"), Framing::ServerSentEvents),
        (Some("alt=json"), Framing::JsonArray),
        (Some("xalt=sse"), Framing::JsonArray),
        (None, Framing::JsonArray),
    ] {
        assert_eq!(format.framing_asked(query), framing);
    }
    assert_eq!(format.framing(), Framing::ServerSentEvents);
}

#[test]
fn the_paths_of_both_apis_name_the_model_and_say_whether_it_streams() {
    let find = |path: &str| {
        let endpoints = GEMINI.format().endpoints().iter();
        let found = endpoints.filter_map(|endpoint: &Endpoint| {
            let model = Endpoint::model_in(endpoint.path, path)??;
            Some((model.to_owned(), endpoint.streams))
        });
        found.collect::<Vec<_>>()
    };
    for (path, model, streams) in [
        ("/v1beta/models/a-1:generateContent", "a-1", false),
        ("/v1/models/p/a:streamGenerateContent", "p/a", true),
        (
            "/v1beta1/projects/p-1/locations/global/publishers/google/models/a:generateContent",
            "a",
            false,
        ),
        (
            "/v1beta1/publishers/google/models/a:streamGenerateContent",
            "a",
            true,
        ),
    ] {
        assert_eq!(find(path), [(model.to_owned(), Some(streams))], "{path}");
    }
    for path in [
        "/v1beta1/projects//locations/global/publishers/google/models/a:generateContent",
        "/v1beta1/projects/p/q/locations/global/publishers/google/models/a:generateContent",
        "/v1beta/models/:generateContent",
        "/v1beta/models/a:countTokens",
    ] {
        assert_eq!(find(path), [], "{path}");
    }
}

#[test]
fn the_word_of_an_error_is_googles() {
    for (status, word) in [
        (400, "INVALID_ARGUMENT"),
        (401, "UNAUTHENTICATED"),
        (403, "PERMISSION_DENIED"),
        (404, "NOT_FOUND"),
        (413, "INVALID_ARGUMENT"),
        (429, "RESOURCE_EXHAUSTED"),
        (500, "INTERNAL"),
        (503, "UNAVAILABLE"),
        (504, "DEADLINE_EXCEEDED"),
    ] {
        let failure = tollgate_formats::FailureAnswer {
            class: tollgate_types::ErrorClass::Internal,
            status,
            message: "why".into(),
            code: Some("policy_violation".into()),
            param: None,
            request_id: None,
        };
        let body = value(&GEMINI.format().encode_failure(&failure));
        assert_eq!(body["error"]["code"], status);
        assert_eq!(body["error"]["status"], word);
        assert_eq!(body["error"]["details"][0]["reason"], "policy_violation");
        let event = GEMINI.format().encode_failure_event(&failure);
        crate::check::stream(GEMINI, str::from_utf8(&event).unwrap());
    }
    let refused = br#"{"error":{"code":400,"message":"API key not valid.","status":"INVALID_ARGUMENT",
        "details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#;
    let failure = GEMINI.format().decode_failure(400, refused);
    assert_eq!(
        failure.class,
        tollgate_types::ErrorClass::ProviderCredential
    );
    assert!(!failure.message.contains("API key"));
}

#[test]
fn usage_adds_what_stands_beside() {
    let usage = |text: &str| {
        let body = format!(r#"{{"candidates":[],"usageMetadata":{text}}}"#);
        let view = GEMINI.format().view_answer(body.as_bytes(), false).unwrap();
        let answer = codec(GEMINI).decode_answer(body.as_bytes()).unwrap();
        assert_eq!(view.usage, answer.usage);
        view.usage.map(|usage| {
            (
                usage.input,
                usage.output,
                usage.cached_input,
                usage.reasoning,
            )
        })
    };
    let all = r#"{"promptTokenCount":10,"toolUsePromptTokenCount":2,"candidatesTokenCount":5,"thoughtsTokenCount":3,"cachedContentTokenCount":4}"#;
    assert_eq!(usage(all), Some((12, 8, 4, 3)));
    // Zero is not written; what is missing to the total is the answer.
    assert_eq!(usage(r#"{"promptTokenCount":10}"#), Some((10, 0, 0, 0)));
    assert_eq!(
        usage(r#"{"promptTokenCount":10,"totalTokenCount":17,"thoughtsTokenCount":3}"#),
        Some((10, 7, 0, 3))
    );
    assert_eq!(
        usage(r#"{"promptTokenCount":3,"cachedContentTokenCount":4}"#),
        Some((3, 0, 0, 0))
    );
    for unknown in [
        "{}",
        "null",
        "7",
        r#"{"candidatesTokenCount":3}"#,
        r#"{"promptTokenCount":-1}"#,
    ] {
        assert_eq!(usage(unknown), None, "{unknown}");
    }
}

#[test]
fn every_finish_reason_is_known() {
    for (word, reason) in [
        ("STOP", Finish::Stop),
        ("MAX_TOKENS", Finish::Length),
        ("SAFETY", Finish::ContentFilter),
        ("RECITATION", Finish::ContentFilter),
        ("BLOCKLIST", Finish::ContentFilter),
        ("PROHIBITED_CONTENT", Finish::ContentFilter),
        ("SPII", Finish::ContentFilter),
        ("IMAGE_SAFETY", Finish::ContentFilter),
        (
            "MALFORMED_FUNCTION_CALL",
            Finish::Other("MALFORMED_FUNCTION_CALL".to_owned()),
        ),
        ("LANGUAGE", Finish::Other("LANGUAGE".to_owned())),
    ] {
        assert_eq!(GEMINI.format().read_finish(word), reason);
    }
}

#[test]
fn an_error_is_no_answer() {
    for body in ["{}", r#"{"error":{"code":500}}"#, r#"{"models":[]}"#, "[]"] {
        assert!(
            GEMINI.format().view_answer(body.as_bytes(), false).is_err(),
            "{body}"
        );
        assert!(
            codec(GEMINI).decode_answer(body.as_bytes()).is_err(),
            "{body}"
        );
    }
    let blocked =
        br#"{"promptFeedback":{"blockReason":"OTHER"},"usageMetadata":{"promptTokenCount":5}}"#;
    let answer = codec(GEMINI).decode_answer(blocked).unwrap();
    assert_eq!(answer.choices[0].finish, Some(Finish::ContentFilter));
}

#[test]
fn an_event_says_what_it_holds() {
    let view = |data: &str| {
        let mut view = EventView {
            all_texts: true,
            ..EventView::default()
        };
        let event = Event::from_parts(None, data.as_bytes());
        GEMINI.format().view_event(&event, &mut view).unwrap();
        let fields: Vec<(Field, u32)> = view
            .pieces
            .iter()
            .map(|piece| (piece.field, piece.lane.choice))
            .collect();
        (view.kind, fields, view.only_text)
    };
    let of = |part: &str| {
        format!(
            r#"{{"candidates":[{{"content":{{"parts":[{part}],"role":"model"}},"index":1}}],"usageMetadata":{{"promptTokenCount":1}}}}"#
        )
    };
    assert_eq!(
        view(&of(r#"{"text":"a"}"#)),
        (EventKind::Content, vec![(Field::Text, 1)], true)
    );
    assert_eq!(
        view(&of(r#"{"thought":true,"text":"a"}"#)),
        (EventKind::Content, vec![(Field::Reasoning, 1)], true)
    );
    assert_eq!(
        view(&of(r#"{"text":"a","thoughtSignature":"x"}"#)),
        (EventKind::Content, vec![(Field::Text, 1)], false)
    );
    assert_eq!(
        view(&of(r#"{"functionCall":{"args":{"a":1},"name":"f"}}"#)),
        (
            EventKind::Content,
            vec![(Field::ToolName, 1), (Field::ToolArguments, 1)],
            false
        )
    );
    assert_eq!(
        view(&of(r#"{"text":""}"#)),
        (EventKind::Preamble, vec![], false)
    );
    assert_eq!(
        view(r#"{"promptFeedback":{"blockReason":"SAFETY"}}"#).0,
        EventKind::Finish
    );
    assert_eq!(view(r#"{"error":{"code":500}}"#).0, EventKind::Error);
}

#[test]
fn a_stop_reason_and_its_usage_are_one_event() {
    let canonical = decode(
        FormatId::OpenaiChat,
        &events(&[&file(FormatId::OpenaiChat, "text.sse")]),
    );
    let (text, _) = encode(GEMINI, &canonical);
    let last = data(&text).pop().unwrap();
    assert!(
        last["candidates"][0]["finishReason"].is_string() && last["usageMetadata"].is_object(),
        "{last}"
    );
    assert_eq!(
        last["candidates"][0]["content"]["parts"],
        json!([{"text": ""}])
    );
}

#[test]
fn calls_that_wait_for_their_end_are_bounded() {
    let mut encoder = codec(GEMINI).stream_encoder(options());
    let (mut out, mut losses) = (bytes::BytesMut::new(), Losses::default());
    let begin = StreamEvent::BlockStart {
        choice: 0,
        block: 0,
        kind: tollgate_formats::exchange::BlockKind::ToolCall {
            id: "a".to_owned(),
            name: "f".to_owned(),
            signature: None,
        },
    };
    encoder.push(&begin, &mut out, &mut losses);
    let piece = StreamEvent::Delta {
        choice: 0,
        block: 0,
        delta: tollgate_formats::exchange::Delta::Arguments("x".repeat(1 << 20)),
    };
    for _ in 0..8 {
        encoder.push(&piece, &mut out, &mut losses);
    }
    encoder.push(&StreamEvent::End, &mut out, &mut losses);
    let text = str::from_utf8(&out).unwrap();
    crate::check::stream(GEMINI, text);
    assert!(
        text.contains("\"error\"") && text.len() < 1000,
        "{}",
        text.len()
    );
}

#[test]
fn what_comes_after_the_end_is_named() {
    let frames = [
        r#"{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"responseId":"r"}"#,
        r#"{"candidates":[{"content":{"parts":[{"text":"b"}]}}],"usageMetadata":{"promptTokenCount":3}}"#,
    ]
    .map(|data| Event::from_parts(None, data.as_bytes()));
    let canonical = decode(GEMINI, &frames);
    let said = collect(&canonical);
    assert_eq!(said.blocks.len(), 1);
    assert_eq!(said.usage.unwrap().input, 3);
    assert!(
        canonical
            .iter()
            .any(|event| matches!(event, StreamEvent::Lost(loss) if loss.name() == "stray_delta"))
    );
}

#[test]
fn a_signature_behind_the_text_is_not_the_last_block_of_a_message() {
    let event = |part: Value, finish: Option<&str>| {
        let mut candidate = json!({"index": 0, "content": {"role": "model", "parts": [part]}});
        if let Some(finish) = finish {
            candidate["finishReason"] = json!(finish);
        }
        let data = json!({"candidates": [candidate], "responseId": "r", "modelVersion": "m"});
        format!("data: {data}\n\n")
    };
    let signature = json!({"text": "", "thoughtSignature": "c2ln"});
    let call = json!({"functionCall": {"name": "f", "args": {}}});
    let kinds = |text: &str| -> Vec<Value> {
        let canonical = decode(GEMINI, &events(&[text.as_bytes()]));
        let message = anthropic_collected(&encode(FormatId::AnthropicMessages, &canonical).0);
        let content = message["content"].as_array().unwrap();
        content.iter().map(|block| block["type"].clone()).collect()
    };
    let text = event(json!({"text": "Hi."}), None);
    let last = format!("{text}{}", event(signature.clone(), Some("STOP")));
    assert_eq!(kinds(&last), ["text"]);
    let between = format!(
        "{text}{}{}",
        event(signature.clone(), None),
        event(call, Some("STOP"))
    );
    assert_eq!(kinds(&between), ["text", "thinking", "tool_use"]);

    let whole = json!({"responseId": "r", "modelVersion": "m", "candidates": [{"index": 0,
        "finishReason": "STOP", "content": {"role": "model", "parts": [{"text": "Hi."}, signature]}}]});
    let answer = codec(GEMINI)
        .decode_answer(whole.to_string().as_bytes())
        .unwrap();
    let mut losses = Losses::default();
    let told = codec(FormatId::AnthropicMessages).encode_answer(&answer, &options(), &mut losses);
    assert_eq!(value(&told)["content"].as_array().map(Vec::len), Some(1));
    assert_eq!(losses.to_string(), "reasoning_signature");
}

#[test]
fn a_signature_of_converse_has_a_text_beside_it() {
    let text = "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"\", \"thoughtSignature\": \"c2ln\"}]}, \"finishReason\": \"STOP\"}]}\n\n";
    let canonical = decode(GEMINI, &events(&[text.as_bytes()]));
    let message = bedrock_collected(&encode(FormatId::BedrockConverse, &canonical).0);
    let thought = &message["content"][0]["reasoningContent"]["reasoningText"];
    assert_eq!(thought["text"], "", "{message}");
    assert!(thought["signature"].is_string(), "{message}");
}

#[test]
fn a_source_is_not_told_again_and_again_at_any_length() {
    let answer = |title: &str| {
        let chunks = json!([{"web": {"uri": "https://x.example", "title": title}}]);
        let segment = json!({"startIndex": 0, "endIndex": 5, "text": "hello"});
        let indices = vec![0; 100];
        let support = json!({"segment": segment, "groundingChunkIndices": indices});
        let supports = vec![support; 20];
        let grounding = json!({"groundingChunks": chunks, "groundingSupports": supports});
        json!({"candidates": [{
            "content": {"role": "model", "parts": [{"text": "hello"}]},
            "finishReason": "STOP",
            "groundingMetadata": grounding,
        }]})
        .to_string()
    };
    let gemini = FormatId::GeminiGenerate.chat().unwrap();
    let responses = FormatId::OpenaiResponses.chat().unwrap();
    for (title, cited, losses_expected) in [
        ("t".to_owned(), 256, &[][..]),
        ("t".repeat(100_000), 0, &["citation"][..]),
    ] {
        let decoded = gemini.decode_answer(answer(&title).as_bytes()).unwrap();
        let mut losses = Losses::default();
        let out = responses.encode_answer(&decoded, &AnswerOptions::default(), &mut losses);
        let out = String::from_utf8(out.to_vec()).unwrap();
        assert_eq!(out.matches("url_citation").count(), cited);
        let names: Vec<String> = losses.iter().map(ToString::to_string).collect();
        assert_eq!(names, losses_expected);
    }
}
