//! Cohere chat, version 2.

use serde_json::{Value, json};

use super::{Failed, Heard, Voice, add, frames, last_content, list, schema, text_of, usage_of};
use crate::ask::Told;

pub(super) struct Spoken;

fn usage(usage: &Value) -> Option<(u64, u64)> {
    usage_of(
        &usage["billed_units"],
        &["input_tokens"],
        &["output_tokens"],
    )
}

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "cohere_chat"
    }

    fn path(&self, _streamed: bool) -> &'static str {
        "/v2/chat"
    }

    fn unbilled(&self) -> u64 {
        // What it adds to a prompt, in the simulator.
        3
    }

    fn provider(&self) -> &'static str {
        "kind: cohere, base_url: $AT"
    }

    fn conversation(&self, turns: &[(&str, &str)]) -> Value {
        let said = turns.iter();
        let said = said.map(|(role, text)| json!({"role": role, "content": text}));
        json!({"messages": said.collect::<Vec<_>>()})
    }

    fn limit(&self, body: &mut Value, tokens: u64) {
        body["max_tokens"] = json!(tokens);
    }

    fn think(&self, body: &mut Value) {
        body["thinking"] = json!({"type": "enabled"});
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"name": tool, "description": "d", "parameters": schema()});
        add(
            &mut body["tools"],
            json!({"type": "function", "function": tool}),
        );
    }

    fn force(&self, body: &mut Value, _tool: &str) -> bool {
        body["tool_choice"] = json!("REQUIRED");
        false
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        let turns = &mut body["messages"];
        let made = calls.iter().map(|[id, name, arguments, _]| {
            json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
        });
        let made: Vec<Value> = made.collect();
        add(
            turns,
            json!({"role": "assistant", "tool_plan": "I look.", "tool_calls": made}),
        );
        for [id, _, _, result] in calls {
            let content = json!([{"type": "document", "document": {"data": {"text": result}}}]);
            add(
                turns,
                json!({"role": "tool", "tool_call_id": id, "content": content}),
            );
        }
    }

    fn follow(&self, body: &mut Value, answer: &Value, result: &str) {
        let message = &answer["message"];
        add(&mut body["messages"], message.clone());
        for call in list(&message["tool_calls"]) {
            let turn = json!({"role": "tool", "tool_call_id": call["id"], "content": result});
            add(&mut body["messages"], turn);
        }
    }

    fn picture(&self, body: &mut Value, data: &str) {
        let text = |text: &str| json!({"type": "text", "text": text});
        let content = last_content(&mut body["messages"], "content", text);
        let url = format!("data:image/png;base64,{data}");
        add(
            content,
            json!({"type": "image_url", "image_url": {"url": url}}),
        );
    }

    fn whole(&self, answer: &Value) -> Heard {
        let message = &answer["message"];
        let mut heard = Heard {
            finish: answer["finish_reason"].as_str().map(str::to_owned),
            usage: usage(&answer["usage"]),
            ..Heard::default()
        };
        for part in list(&message["content"]) {
            heard.text += part["text"].as_str().unwrap_or_default();
            heard.reasoning += part["thinking"].as_str().unwrap_or_default();
        }
        for call in list(&message["tool_calls"]) {
            let function = &call["function"];
            let call = (text_of(&function["name"]), text_of(&function["arguments"]));
            heard.calls.push(call);
        }
        heard
    }

    fn event(&self, data: &Value, heard: &mut Heard) {
        assert!(!heard.has_ended, "an event after the end: {data}");
        let message = &data["delta"]["message"];
        match data["type"].as_str().unwrap() {
            "content-start" => heard.open(&data["index"]),
            "content-delta" => {
                heard.text += message["content"]["text"].as_str().unwrap_or_default();
                let thought = &message["content"]["thinking"];
                heard.reasoning += thought.as_str().unwrap_or_default();
            }
            "tool-call-start" => {
                heard.open(&data["index"]);
                let function = &message["tool_calls"]["function"];
                let call = (text_of(&function["name"]), text_of(&function["arguments"]));
                heard.calls.push(call);
            }
            "tool-call-delta" => heard.go_on(&message["tool_calls"]["function"]["arguments"]),
            "content-end" | "tool-call-end" => heard.close(&data["index"]),
            "message-end" => {
                let delta = &data["delta"];
                if let Some(message) = delta["error"].as_str() {
                    heard.error = Some(Failed {
                        message: message.to_owned(),
                        ..Failed::default()
                    });
                    return;
                }
                assert_eq!(heard.open_blocks, [0; 0], "the end within a part: {data}");
                heard.finish = delta["finish_reason"].as_str().map(str::to_owned);
                heard.usage = usage(&delta["usage"]);
                heard.has_ended = true;
            }
            _ => {}
        }
    }

    fn error(&self, told: &Told) -> Failed {
        Failed::bare(&told.json())
    }

    fn error_kind(&self, _status: u16) -> &'static str {
        ""
    }

    fn failing(&self, _status: u16, message: &str) -> Value {
        json!({"id": "c", "message": message})
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" => "COMPLETE",
            "length" => "MAX_TOKENS",
            "tool_calls" => "TOOL_CALL",
            _ => "ERROR_TOXIC",
        }
    }

    fn saying(&self, text: &str) -> Value {
        let message = json!({"role": "assistant", "content": [{"type": "text", "text": text}]});
        json!({"id": "c", "finish_reason": "COMPLETE", "message": message,
            "usage": {"billed_units": {"input_tokens": 11, "output_tokens": 3},
                "tokens": {"input_tokens": 14, "output_tokens": 3}}})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let begun = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": []});
        let mut out = frames::named(
            &json!({"type": "message-start", "id": "c", "delta": {"message": begun}}),
        );
        let content = |kind: &str, content: Value| {
            frames::named(&json!({"type": kind, "index": 0,
                "delta": {"message": {"content": content}}}))
        };
        out.extend(content(
            "content-start",
            json!({"type": "text", "text": ""}),
        ));
        for piece in pieces {
            out.extend(content("content-delta", json!({ "text": piece })));
        }
        out.extend(frames::named(&json!({"type": "content-end", "index": 0})));
        let usage = &self.saying("")["usage"];
        out.extend(frames::named(&json!({"type": "message-end", "id": "c",
            "delta": {"finish_reason": "COMPLETE", "usage": usage}})));
        out
    }

    fn failing_event(&self, _status: u16, message: &str) -> Vec<u8> {
        frames::named(&json!({"type": "message-end",
            "delta": {"finish_reason": "ERROR", "error": message}}))
    }
}
