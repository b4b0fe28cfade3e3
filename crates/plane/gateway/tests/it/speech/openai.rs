//! OpenAI Chat Completions.

use serde_json::{Value, json};

use super::{Failed, Heard, Voice, add, frames, last_content, list, schema, text_of, usage_of};

pub(super) struct Spoken;

fn usage(usage: &Value) -> Option<(u64, u64)> {
    usage_of(usage, &["prompt_tokens"], &["completion_tokens"])
}

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "openai_chat"
    }

    fn path(&self, _streamed: bool) -> &'static str {
        "/v1/chat/completions"
    }

    fn provider(&self) -> &'static str {
        "kind: openai_compatible, base_url: $AT/v1"
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
        body["reasoning_effort"] = json!("low");
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"name": tool, "description": "d", "parameters": schema()});
        add(
            &mut body["tools"],
            json!({"type": "function", "function": tool}),
        );
    }

    fn force(&self, body: &mut Value, tool: &str) -> bool {
        body["tool_choice"] = json!({"type": "function", "function": {"name": tool}});
        true
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        let turns = &mut body["messages"];
        let made = calls.iter().map(|[id, name, arguments, _]| {
            json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}})
        });
        let made: Vec<Value> = made.collect();
        add(
            turns,
            json!({"role": "assistant", "content": null, "tool_calls": made}),
        );
        for [id, _, _, result] in calls {
            add(
                turns,
                json!({"role": "tool", "tool_call_id": id, "content": result}),
            );
        }
    }

    fn follow(&self, body: &mut Value, answer: &Value, result: &str) {
        let message = &answer["choices"][0]["message"];
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
        let choice = &answer["choices"][0];
        let message = &choice["message"];
        let calls = list(&message["tool_calls"]).iter().map(|call| {
            let function = &call["function"];
            (text_of(&function["name"]), text_of(&function["arguments"]))
        });
        Heard {
            text: text_of(&message["content"]),
            reasoning: text_of(&message["reasoning_content"]),
            calls: calls.collect(),
            finish: choice["finish_reason"].as_str().map(str::to_owned),
            model: text_of(&answer["model"]),
            usage: usage(&answer["usage"]),
            ..Heard::default()
        }
    }

    fn event(&self, data: &Value, heard: &mut Heard) {
        assert!(!heard.has_ended, "an event after the end: {data}");
        if data == "[DONE]" {
            heard.has_ended = true;
            return;
        }
        if data.get("error").is_some() {
            heard.error = Some(Failed::read(data));
            return;
        }
        heard.model = text_of(&data["model"]);
        heard.usage = usage(&data["usage"]).or(heard.usage);
        for choice in list(&data["choices"]) {
            let delta = &choice["delta"];
            heard.text += delta["content"].as_str().unwrap_or_default();
            heard.reasoning += delta["reasoning_content"].as_str().unwrap_or_default();
            for call in list(&delta["tool_calls"]) {
                let function = &call["function"];
                let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
                if index == heard.calls.len() {
                    assert!(call["id"].is_string(), "a call without an id: {call}");
                    let name = text_of(&function["name"]);
                    heard.calls.push((name, String::new()));
                }
                heard.calls[index].1 += function["arguments"].as_str().unwrap_or_default();
            }
            if let Some(finish) = choice["finish_reason"].as_str() {
                heard.finish = Some(finish.to_owned());
            }
        }
    }

    fn error_kind(&self, status: u16) -> &'static str {
        error_kind(status)
    }

    fn failing(&self, status: u16, message: &str) -> Value {
        let kind = error_kind(status);
        json!({"error": {"message": message, "type": kind, "param": null, "code": null}})
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" => "stop",
            "length" => "length",
            "tool_calls" => "tool_calls",
            _ => "content_filter",
        }
    }

    fn saying(&self, text: &str) -> Value {
        json!({"id": "c", "object": "chat.completion", "model": "m",
            "choices": [{"index": 0, "finish_reason": "stop",
                "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14}})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let chunk = |choices: Value| {
            let created = 1_767_225_600;
            json!({"id": "c", "object": "chat.completion.chunk", "created": created, "model": "m",
                "choices": choices})
        };
        let delta = |delta: Value| chunk(json!([{"index": 0, "delta": delta}]));
        let mut out = frames::data(&delta(json!({"role": "assistant", "content": ""})));
        for piece in pieces {
            out.extend(frames::data(&delta(json!({ "content": piece }))));
            out.extend(b": keep-alive\n\n");
        }
        let finish = json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]);
        out.extend(frames::data(&chunk(finish)));
        let mut last = chunk(json!([]));
        last["usage"] = json!({"prompt_tokens": 11, "completion_tokens": 3, "total_tokens": 14});
        out.extend(frames::data(&last));
        out.extend(b"data: [DONE]\n\n");
        out
    }
}

/// The `type` of OpenAI's errors.
pub(super) const fn error_kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}
