//! Anthropic Messages.

use serde_json::{Value, json};

use super::{Failed, Heard, Voice, add, frames, last_content, list, schema, text_of, usage_of};
use crate::ask::Told;

pub(super) struct Spoken;

fn usage(usage: &Value) -> Option<(u64, u64)> {
    let input = [
        "input_tokens",
        "cache_read_input_tokens",
        "cache_creation_input_tokens",
    ];
    usage_of(usage, &input, &["output_tokens"])
}

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "anthropic_messages"
    }

    fn path(&self, _streamed: bool) -> &'static str {
        "/v1/messages"
    }

    fn provider(&self) -> &'static str {
        "kind: anthropic, base_url: $AT"
    }

    fn credential(&self) -> (&'static str, &'static str) {
        ("x-api-key", "")
    }

    fn conversation(&self, turns: &[(&str, &str)]) -> Value {
        let mut body = json!({"max_tokens": 200});
        for (role, text) in turns {
            match *role {
                "system" => body["system"] = json!(text),
                role => add(
                    &mut body["messages"],
                    json!({"role": role, "content": text}),
                ),
            }
        }
        body
    }

    fn limit(&self, body: &mut Value, tokens: u64) {
        body["max_tokens"] = json!(tokens);
    }

    fn think(&self, body: &mut Value) {
        body["max_tokens"] = json!(2000);
        body["thinking"] = json!({"type": "enabled", "budget_tokens": 1024});
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"name": tool, "description": "d", "input_schema": schema()});
        add(&mut body["tools"], tool);
    }

    fn force(&self, body: &mut Value, tool: &str) -> bool {
        body["tool_choice"] = json!({"type": "tool", "name": tool});
        true
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        let made = calls.iter().map(|[id, name, arguments, _]| {
            let input: Value = serde_json::from_str(arguments).unwrap();
            json!({"type": "tool_use", "id": id, "name": name, "input": input})
        });
        let results = calls.iter().map(|[id, _, _, result]| {
            json!({"type": "tool_result", "tool_use_id": id, "content": result})
        });
        let (made, results): (Vec<_>, Vec<_>) = (made.collect(), results.collect());
        add(
            &mut body["messages"],
            json!({"role": "assistant", "content": made}),
        );
        add(
            &mut body["messages"],
            json!({"role": "user", "content": results}),
        );
    }

    fn follow(&self, body: &mut Value, answer: &Value, result: &str) {
        let content = &answer["content"];
        add(
            &mut body["messages"],
            json!({"role": "assistant", "content": content}),
        );
        let calls = list(content).iter();
        let calls = calls.filter(|block| block["type"] == "tool_use");
        let results = calls.map(
            |call| json!({"type": "tool_result", "tool_use_id": call["id"], "content": result}),
        );
        let results: Vec<_> = results.collect();
        add(
            &mut body["messages"],
            json!({"role": "user", "content": results}),
        );
    }

    fn picture(&self, body: &mut Value, data: &str) {
        let text = |text: &str| json!({"type": "text", "text": text});
        let content = last_content(&mut body["messages"], "content", text);
        let source = json!({"type": "base64", "media_type": "image/png", "data": data});
        add(content, json!({"type": "image", "source": source}));
    }

    fn whole(&self, answer: &Value) -> Heard {
        let mut heard = Heard {
            finish: answer["stop_reason"].as_str().map(str::to_owned),
            model: text_of(&answer["model"]),
            usage: usage(&answer["usage"]),
            ..Heard::default()
        };
        for block in list(&answer["content"]) {
            match block["type"].as_str().unwrap() {
                "text" => heard.text += block["text"].as_str().unwrap(),
                "thinking" => heard.reasoning += block["thinking"].as_str().unwrap(),
                "tool_use" => {
                    let call = (text_of(&block["name"]), block["input"].to_string());
                    heard.calls.push(call);
                }
                "redacted_thinking" => assert!(block["data"].is_string(), "{block}"),
                other => panic!("an unknown block {other}"),
            }
        }
        heard
    }

    /// Checks the order of events as well: SDKs fail on a delta outside of its block.
    fn event(&self, data: &Value, heard: &mut Heard) {
        assert!(!heard.has_ended, "an event after the end: {data}");
        match data["type"].as_str().unwrap() {
            "error" => heard.error = Some(Failed::read(data)),
            "message_start" => {
                let message = &data["message"];
                heard.model = text_of(&message["model"]);
                heard.usage = usage(&message["usage"]);
            }
            "content_block_start" => {
                heard.open(&data["index"]);
                let block = &data["content_block"];
                if block["type"] == "tool_use" {
                    heard.calls.push((text_of(&block["name"]), String::new()));
                }
            }
            "content_block_stop" => heard.close(&data["index"]),
            "content_block_delta" => {
                let delta = &data["delta"];
                assert!(
                    heard.open_blocks.contains(&data["index"].as_u64().unwrap()),
                    "{data}"
                );
                heard.text += delta["text"].as_str().unwrap_or_default();
                heard.reasoning += delta["thinking"].as_str().unwrap_or_default();
                if delta["partial_json"].is_string() {
                    heard.go_on(&delta["partial_json"]);
                }
            }
            "message_delta" => {
                assert!(
                    heard.open_blocks.is_empty(),
                    "the end within a block: {data}"
                );
                heard.finish = data["delta"]["stop_reason"].as_str().map(str::to_owned);
                // What is not told again is as it was.
                let (input, _) = heard.usage.unwrap_or_default();
                let input = usage(&data["usage"]).map_or(input, |(input, _)| input);
                let output = data["usage"]["output_tokens"].as_u64();
                heard.usage = output.map(|output| (input, output)).or(heard.usage);
            }
            "message_stop" => heard.has_ended = true,
            _ => {}
        }
    }

    fn error(&self, told: &Told) -> Failed {
        let body = told.json();
        assert_eq!(body["type"], "error", "{body}");
        Failed::read(&body)
    }

    fn error_kind(&self, status: u16) -> &'static str {
        match status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            408 | 504 => "timeout_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            503 | 529 => "overloaded_error",
            400..=499 => "invalid_request_error",
            _ => "api_error",
        }
    }

    fn failing(&self, status: u16, message: &str) -> Value {
        let kind = self.error_kind(status);
        json!({"type": "error", "error": {"type": kind, "message": message}})
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" => "end_turn",
            "length" => "max_tokens",
            "tool_calls" => "tool_use",
            _ => "refusal",
        }
    }

    fn saying(&self, text: &str) -> Value {
        json!({"id": "m", "type": "message", "role": "assistant", "model": "m",
            "content": [{"type": "text", "text": text}], "stop_reason": "end_turn",
            "stop_sequence": null, "usage": {"input_tokens": 11, "output_tokens": 3}})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let mut message = self.saying("");
        message["content"] = json!([]);
        message["stop_reason"] = Value::Null;
        message["usage"]["output_tokens"] = json!(1);
        let mut out = frames::named(&json!({"type": "message_start", "message": message}));
        out.extend(frames::named(
            &json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "text", "text": ""}}),
        ));
        for piece in pieces {
            out.extend(frames::named(
                &json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "text_delta", "text": piece}}),
            ));
            out.extend(frames::named(&json!({"type": "ping"})));
        }
        out.extend(frames::named(
            &json!({"type": "content_block_stop", "index": 0}),
        ));
        out.extend(frames::named(&json!({"type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": null},
            "usage": {"output_tokens": 3}})));
        out.extend(frames::named(&json!({"type": "message_stop"})));
        out
    }

    fn failing_event(&self, status: u16, message: &str) -> Vec<u8> {
        frames::named(&self.failing(status, message))
    }
}
