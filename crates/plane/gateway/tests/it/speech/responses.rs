//! OpenAI Responses.

use serde_json::{Value, json};

use super::usage_of;
use super::{Failed, Heard, Voice, add, frames, last_content, list, openai, schema, text_of};

pub(super) struct Spoken;

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "openai_responses"
    }

    fn path(&self, _streamed: bool) -> &'static str {
        "/v1/responses"
    }

    fn provider(&self) -> &'static str {
        "kind: openai_compatible, formats: [openai_responses], base_url: $AT/v1"
    }

    fn conversation(&self, turns: &[(&str, &str)]) -> Value {
        let mut body = json!({});
        for (role, text) in turns {
            match *role {
                "system" => body["instructions"] = json!(text),
                role => add(&mut body["input"], json!({"role": role, "content": text})),
            }
        }
        body
    }

    fn limit(&self, body: &mut Value, tokens: u64) {
        body["max_output_tokens"] = json!(tokens);
    }

    fn think(&self, body: &mut Value) {
        body["reasoning"] = json!({"effort": "low", "summary": "auto"});
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"type": "function", "name": tool, "description": "d",
            "parameters": schema(), "strict": false});
        add(&mut body["tools"], tool);
    }

    fn force(&self, body: &mut Value, tool: &str) -> bool {
        body["tool_choice"] = json!({"type": "function", "name": tool});
        true
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        for [id, name, arguments, _] in calls {
            let call = json!({"type": "function_call", "call_id": id, "name": name,
                "arguments": arguments});
            add(&mut body["input"], call);
        }
        for [id, _, _, result] in calls {
            let output = json!({"type": "function_call_output", "call_id": id, "output": result});
            add(&mut body["input"], output);
        }
    }

    fn follow(&self, body: &mut Value, answer: &Value, result: &str) {
        for item in list(&answer["output"]) {
            add(&mut body["input"], item.clone());
        }
        let calls = list(&answer["output"]).iter();
        for call in calls.filter(|item| item["type"] == "function_call") {
            let id = &call["call_id"];
            let output = json!({"type": "function_call_output", "call_id": id, "output": result});
            add(&mut body["input"], output);
        }
    }

    fn picture(&self, body: &mut Value, data: &str) {
        let text = |text: &str| json!({"type": "input_text", "text": text});
        let content = last_content(&mut body["input"], "content", text);
        let url = format!("data:image/png;base64,{data}");
        add(
            content,
            json!({"type": "input_image", "image_url": url, "detail": "auto"}),
        );
    }

    fn whole(&self, answer: &Value) -> Heard {
        let mut heard = Heard::default();
        for item in list(&answer["output"]) {
            match item["type"].as_str().unwrap() {
                "message" => {
                    for part in list(&item["content"]) {
                        heard.text += part["text"].as_str().unwrap_or_default();
                    }
                }
                "reasoning" => {
                    for part in list(&item["summary"]) {
                        heard.reasoning += part["text"].as_str().unwrap();
                    }
                }
                "function_call" => {
                    let call = (text_of(&item["name"]), text_of(&item["arguments"]));
                    heard.calls.push(call);
                }
                other => panic!("an unknown item {other}"),
            }
        }
        let reason = answer["incomplete_details"]["reason"].as_str();
        let finish = reason.or_else(|| answer["status"].as_str());
        heard.finish = finish.map(str::to_owned);
        heard.model = text_of(&answer["model"]);
        heard.usage = usage_of(&answer["usage"], &["input_tokens"], &["output_tokens"]);
        heard
    }

    /// Checks what SDKs rely on: items begin before their pieces, and the last event holds
    /// what the others said.
    fn event(&self, data: &Value, heard: &mut Heard) {
        assert!(!heard.has_ended, "an event after the end: {data}");
        let piece = || data["delta"].as_str().unwrap();
        match data["type"].as_str().unwrap() {
            "response.output_item.added" => {
                heard.open(&data["output_index"]);
                if data["item"]["type"] == "function_call" {
                    let name = text_of(&data["item"]["name"]);
                    heard.calls.push((name, String::new()));
                }
            }
            "response.output_item.done" => heard.close(&data["output_index"]),
            "response.output_text.delta" => heard.text += piece(),
            "response.reasoning_summary_text.delta" => heard.reasoning += piece(),
            "response.function_call_arguments.delta" => heard.go_on(&data["delta"]),
            "response.completed" | "response.incomplete" => {
                assert_eq!(heard.open_blocks, [0; 0], "the end within an item: {data}");
                let whole = self.whole(&data["response"]);
                assert_eq!(whole.text, heard.text, "{data}");
                assert_eq!(whole.reasoning, heard.reasoning, "{data}");
                assert_eq!(whole.calls, heard.calls, "{data}");
                *heard = whole;
                heard.has_ended = true;
            }
            // A provider's own error event has its members beside its type.
            "error" => {
                let error = match data.get("error") {
                    Some(_) => Failed::read(data),
                    None => Failed::bare(data),
                };
                heard.error = Some(error);
            }
            _ => {}
        }
    }

    fn events(&self, body: &[u8]) -> Vec<Value> {
        let events = frames::server_sent(body);
        // Errors that the provider tells are not counted. Pieces that were joined to find
        // something in them leave their numbers out.
        let counted = events.iter().filter(|event| event["type"] != "error");
        let numbers = counted.map(|event| event["sequence_number"].as_u64().unwrap());
        let numbers: Vec<u64> = numbers.collect();
        let is_sorted = numbers.is_sorted_by(|one, next| one < next);
        assert!(is_sorted, "{numbers:?} {}", String::from_utf8_lossy(body));
        events
    }

    fn error_kind(&self, status: u16) -> &'static str {
        openai::error_kind(status)
    }

    fn failing(&self, status: u16, message: &str) -> Value {
        openai::Spoken.failing(status, message)
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" | "tool_calls" => "completed",
            "length" => "max_output_tokens",
            _ => "content_filter",
        }
    }

    fn saying(&self, text: &str) -> Value {
        let part = json!({"type": "output_text", "text": text, "annotations": []});
        json!({"id": "r", "object": "response", "created_at": 1_767_225_600, "model": "m",
            "status": "completed", "error": null, "incomplete_details": null,
            "output": [{"type": "message", "id": "i", "role": "assistant", "status": "completed",
                "content": [part]}],
            "usage": {"input_tokens": 11, "input_tokens_details": {"cached_tokens": 0},
                "output_tokens": 3, "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": 14}})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let whole = self.saying(&pieces.concat());
        let item = &whole["output"][0];
        let part = &item["content"][0];
        let mut begun = whole.clone();
        begun["status"] = json!("in_progress");
        begun["output"] = json!([]);
        begun["usage"] = Value::Null;
        let (mut empty_item, mut empty_part) = (item.clone(), part.clone());
        empty_item["status"] = json!("in_progress");
        empty_item["content"] = json!([]);
        empty_part["text"] = json!("");
        let mut events = vec![
            json!({"type": "response.created", "response": begun}),
            json!({"type": "response.in_progress", "response": begun}),
            json!({"type": "response.output_item.added", "output_index": 0, "item": empty_item}),
            json!({"type": "response.content_part.added", "part": empty_part}),
        ];
        let delta = |piece: &&str| json!({"type": "response.output_text.delta", "delta": piece});
        events.extend(pieces.iter().map(delta));
        events.extend([
            json!({"type": "response.output_text.done", "text": part["text"]}),
            json!({"type": "response.content_part.done", "part": part}),
            json!({"type": "response.output_item.done", "output_index": 0, "item": item}),
            json!({"type": "response.completed", "response": whole}),
        ]);
        let mut out = Vec::new();
        for (place, mut event) in events.into_iter().enumerate() {
            event["sequence_number"] = json!(place);
            let kind = event["type"].as_str().unwrap();
            if kind.contains("content_part") || kind.contains("output_text") {
                event["item_id"] = json!("i");
                event["output_index"] = json!(0);
                event["content_index"] = json!(0);
            }
            out.extend(frames::named(&event));
        }
        out
    }

    fn failing_event(&self, status: u16, message: &str) -> Vec<u8> {
        let code = self.error_kind(status);
        frames::named(&json!({"type": "error", "sequence_number": 0, "code": code,
            "message": message, "param": null}))
    }
}
