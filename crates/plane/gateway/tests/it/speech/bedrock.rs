//! Bedrock's `Converse` and `ConverseStream`.

use serde_json::{Value, json};

use super::{Failed, Heard, Voice, add, frames, list, schema, text_of, usage_of};
use crate::ask::Told;

pub(super) struct Spoken;

fn usage(usage: &Value) -> Option<(u64, u64)> {
    let input = [
        "inputTokens",
        "cacheReadInputTokens",
        "cacheWriteInputTokens",
    ];
    usage_of(usage, &input, &["outputTokens"])
}

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "bedrock_converse"
    }

    fn path(&self, streamed: bool) -> &'static str {
        if streamed {
            "/model/{model}/converse-stream"
        } else {
            "/model/{model}/converse"
        }
    }

    fn provider(&self) -> &'static str {
        "kind: openai_compatible, formats: [bedrock_converse], base_url: $AT"
    }

    fn conversation(&self, turns: &[(&str, &str)]) -> Value {
        let mut body = json!({});
        for (role, text) in turns {
            let content = json!([{ "text": text }]);
            match *role {
                "system" => body["system"] = content,
                role => add(
                    &mut body["messages"],
                    json!({"role": role, "content": content}),
                ),
            }
        }
        body
    }

    fn limit(&self, body: &mut Value, tokens: u64) {
        body["inferenceConfig"]["maxTokens"] = json!(tokens);
    }

    fn think(&self, body: &mut Value) {
        self.limit(body, 2000);
        body["additionalModelRequestFields"] =
            json!({"thinking": {"type": "enabled", "budget_tokens": 1024}});
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"toolSpec": {"name": tool, "description": "d",
            "inputSchema": {"json": schema()}}});
        add(&mut body["toolConfig"]["tools"], tool);
    }

    fn force(&self, body: &mut Value, tool: &str) -> bool {
        body["toolConfig"]["toolChoice"] = json!({"tool": {"name": tool}});
        true
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        let made = calls.iter().map(|[id, name, arguments, _]| {
            let input: Value = serde_json::from_str(arguments).unwrap();
            json!({"toolUse": {"toolUseId": id, "name": name, "input": input}})
        });
        let results = calls.iter().map(|[id, _, _, result]| {
            json!({"toolResult": {"toolUseId": id, "content": [{"text": result}]}})
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
        let message = &answer["output"]["message"];
        add(&mut body["messages"], message.clone());
        let calls = list(&message["content"]).iter();
        let results = calls.filter_map(|block| block.get("toolUse")).map(|call| {
            json!({"toolResult": {"toolUseId": call["toolUseId"], "content": [{"text": result}]}})
        });
        let results: Vec<_> = results.collect();
        add(
            &mut body["messages"],
            json!({"role": "user", "content": results}),
        );
    }

    fn picture(&self, body: &mut Value, data: &str) {
        let turn = body["messages"].as_array_mut().unwrap().last_mut().unwrap();
        let picture = json!({"image": {"format": "png", "source": {"bytes": data}}});
        add(&mut turn["content"], picture);
    }

    fn whole(&self, answer: &Value) -> Heard {
        let mut heard = Heard {
            finish: answer["stopReason"].as_str().map(str::to_owned),
            usage: usage(&answer["usage"]),
            ..Heard::default()
        };
        for block in list(&answer["output"]["message"]["content"]) {
            heard.text += block["text"].as_str().unwrap_or_default();
            let thought = &block["reasoningContent"]["reasoningText"]["text"];
            heard.reasoning += thought.as_str().unwrap_or_default();
            if let Some(call) = block.get("toolUse") {
                let called = (text_of(&call["name"]), call["input"].to_string());
                heard.calls.push(called);
            }
        }
        heard
    }

    fn events(&self, body: &[u8]) -> Vec<Value> {
        frames::messages(body)
    }

    fn ends_an_event(&self, _body: &[u8]) -> bool {
        // One that is cut off is not read.
        true
    }

    /// Usage comes after the end; only blocks of calls are announced.
    fn event(&self, data: &Value, heard: &mut Heard) {
        let (name, payload) = data.as_object().unwrap().iter().next().unwrap();
        assert!(
            !heard.has_ended || name == "metadata",
            "after the end: {data}"
        );
        match name.as_str() {
            "contentBlockStart" => {
                heard.open(&payload["contentBlockIndex"]);
                let name = text_of(&payload["start"]["toolUse"]["name"]);
                heard.calls.push((name, String::new()));
            }
            "contentBlockDelta" => {
                let delta = &payload["delta"];
                let index = payload["contentBlockIndex"].as_u64().unwrap();
                if !heard.open_blocks.contains(&index) {
                    assert!(delta.get("toolUse").is_none(), "{data}");
                    heard.open_blocks.push(index);
                }
                heard.text += delta["text"].as_str().unwrap_or_default();
                let thought = &delta["reasoningContent"]["text"];
                heard.reasoning += thought.as_str().unwrap_or_default();
                if delta.get("toolUse").is_some() {
                    heard.go_on(&delta["toolUse"]["input"]);
                }
            }
            "contentBlockStop" => heard.close(&payload["contentBlockIndex"]),
            "messageStop" => {
                assert_eq!(heard.open_blocks, [0; 0], "the end within a block: {data}");
                heard.finish = payload["stopReason"].as_str().map(str::to_owned);
                heard.has_ended = true;
            }
            "metadata" => heard.usage = usage(&payload["usage"]),
            "messageStart" => assert_eq!(payload["role"], "assistant"),
            name => {
                let kind = name.strip_prefix("exception ");
                let kind = kind.unwrap_or_else(|| panic!("an unknown event {name}"));
                let failed = Failed::bare(payload);
                let kind = kind.to_owned();
                heard.error = Some(Failed { kind, ..failed });
            }
        }
    }

    fn stream_type(&self) -> &'static str {
        "application/vnd.amazon.eventstream"
    }

    fn error(&self, told: &Told) -> Failed {
        let kind = told.header("x-amzn-errortype");
        Failed {
            kind: kind.unwrap_or_default().to_owned(),
            ..Failed::bare(&told.json())
        }
    }

    fn error_kind(&self, status: u16) -> &'static str {
        match status {
            401 | 403 => "AccessDeniedException",
            404 => "ResourceNotFoundException",
            408 | 504 => "ModelTimeoutException",
            424 => "ModelErrorException",
            429 => "ThrottlingException",
            400..=499 => "ValidationException",
            503 | 529 => "ServiceUnavailableException",
            _ => "InternalServerException",
        }
    }

    fn failing(&self, _status: u16, message: &str) -> Value {
        json!({ "message": message })
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" => "end_turn",
            "length" => "max_tokens",
            "tool_calls" => "tool_use",
            _ => "guardrail_intervened",
        }
    }

    fn saying(&self, text: &str) -> Value {
        let message = json!({"role": "assistant", "content": [{"text": text}]});
        json!({"output": {"message": message}, "stopReason": "end_turn",
            "metrics": {"latencyMs": 1},
            "usage": {"inputTokens": 11, "outputTokens": 3, "totalTokens": 14}})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let event = |name: &str, payload: Value| frames::message("event", name, &payload);
        let mut out = event("messageStart", json!({"role": "assistant"}));
        for piece in pieces {
            let delta = json!({"contentBlockIndex": 0, "delta": {"text": piece}});
            out.extend(event("contentBlockDelta", delta));
        }
        out.extend(event("contentBlockStop", json!({"contentBlockIndex": 0})));
        out.extend(event("messageStop", json!({"stopReason": "end_turn"})));
        let usage = &self.saying("")["usage"];
        let metadata = json!({"metrics": {"latencyMs": 1}, "usage": usage});
        out.extend(event("metadata", metadata));
        out
    }

    fn nothing(&self, bytes: usize) -> Vec<u8> {
        let begin = json!({"role": "assistant", "p": "x".repeat(bytes)});
        frames::message("event", "messageStart", &begin)
    }

    fn failing_event(&self, status: u16, message: &str) -> Vec<u8> {
        let kind = match status {
            400 => "validationException",
            _ => "internalServerException",
        };
        frames::message("exception", kind, &self.failing(status, message))
    }
}
