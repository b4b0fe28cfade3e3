//! Gemini's `generateContent`, streamed as server-sent events.

use serde_json::{Value, json};

use super::{Failed, Heard, Voice, add, frames, list, schema, text_of};
use crate::ask::Told;

pub(super) struct Spoken;

impl Voice for Spoken {
    fn label(&self) -> &'static str {
        "gemini_generate"
    }

    fn path(&self, streamed: bool) -> &'static str {
        if streamed {
            "/v1beta/models/{model}:streamGenerateContent?alt=sse"
        } else {
            "/v1beta/models/{model}:generateContent"
        }
    }

    fn provider(&self) -> &'static str {
        "kind: gemini, base_url: $AT"
    }

    fn credential(&self) -> (&'static str, &'static str) {
        ("x-goog-api-key", "")
    }

    fn conversation(&self, turns: &[(&str, &str)]) -> Value {
        let mut body = json!({});
        for (role, text) in turns {
            let parts = json!([{ "text": text }]);
            match *role {
                "system" => body["systemInstruction"] = json!({ "parts": parts }),
                role => {
                    let role = if role == "user" { "user" } else { "model" };
                    add(&mut body["contents"], json!({"role": role, "parts": parts}));
                }
            }
        }
        body
    }

    fn limit(&self, body: &mut Value, tokens: u64) {
        body["generationConfig"]["maxOutputTokens"] = json!(tokens);
    }

    fn think(&self, body: &mut Value) {
        body["generationConfig"]["thinkingConfig"] =
            json!({"includeThoughts": true, "thinkingBudget": 1024});
    }

    fn offer(&self, body: &mut Value, tool: &str) {
        let tool = json!({"name": tool, "description": "d", "parameters": schema()});
        let tools = &mut body["tools"];
        if tools.is_null() {
            *tools = json!([{"functionDeclarations": []}]);
        }
        add(&mut tools[0]["functionDeclarations"], tool);
    }

    fn force(&self, body: &mut Value, tool: &str) -> bool {
        body["toolConfig"] =
            json!({"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": [tool]}});
        true
    }

    fn called(&self, body: &mut Value, calls: &[[&str; 4]]) {
        let made = calls.iter().map(|[_, name, arguments, _]| {
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            json!({"functionCall": {"name": name, "args": arguments}})
        });
        let results = calls.iter().map(|[_, name, _, result]| {
            json!({"functionResponse": {"name": name, "response": {"output": result}}})
        });
        let (made, results): (Vec<_>, Vec<_>) = (made.collect(), results.collect());
        add(
            &mut body["contents"],
            json!({"role": "model", "parts": made}),
        );
        add(
            &mut body["contents"],
            json!({"role": "user", "parts": results}),
        );
    }

    fn follow(&self, body: &mut Value, answer: &Value, result: &str) {
        let content = &answer["candidates"][0]["content"];
        add(&mut body["contents"], content.clone());
        let calls = list(&content["parts"]).iter();
        let results = calls
            .filter_map(|part| part.get("functionCall"))
            .map(|call| {
                let mut response = json!({"name": call["name"], "response": {"output": result}});
                if call["id"].is_string() {
                    response["id"] = call["id"].clone();
                }
                json!({"functionResponse": response})
            });
        let results: Vec<_> = results.collect();
        add(
            &mut body["contents"],
            json!({"role": "user", "parts": results}),
        );
    }

    fn picture(&self, body: &mut Value, data: &str) {
        let turn = body["contents"].as_array_mut().unwrap().last_mut().unwrap();
        let picture = json!({"inlineData": {"mimeType": "image/png", "data": data}});
        add(&mut turn["parts"], picture);
    }

    fn whole(&self, answer: &Value) -> Heard {
        let mut heard = Heard::default();
        self.event(answer, &mut heard);
        heard.has_ended = false;
        heard
    }

    /// Every event is an answer with what is new in it.
    fn event(&self, data: &Value, heard: &mut Heard) {
        assert!(!heard.has_ended, "an event after the end: {data}");
        if data.get("error").is_some() {
            heard.error = Some(failed(data));
            return;
        }
        let candidate = &data["candidates"][0];
        for part in list(&candidate["content"]["parts"]) {
            let said = part["text"].as_str().unwrap_or_default();
            if part["thought"] == true {
                heard.reasoning += said;
            } else {
                heard.text += said;
            }
            if let Some(call) = part.get("functionCall") {
                let called = (text_of(&call["name"]), call["args"].to_string());
                heard.calls.push(called);
            }
        }
        if let Some(finish) = candidate["finishReason"].as_str() {
            heard.finish = Some(finish.to_owned());
            heard.has_ended = true;
        }
        if let Some(model) = data["modelVersion"].as_str() {
            model.clone_into(&mut heard.model);
        }
        let usage = &data["usageMetadata"];
        let count = |name: &str| usage[name].as_u64();
        if let Some(input) = count("promptTokenCount") {
            let said = count("candidatesTokenCount").unwrap_or_default();
            let thought = count("thoughtsTokenCount").unwrap_or_default();
            heard.usage = Some((input, said + thought));
        }
    }

    fn error(&self, told: &Told) -> Failed {
        let body = told.json();
        assert_eq!(body["error"]["code"], told.status, "{body}");
        failed(&body)
    }

    fn error_kind(&self, status: u16) -> &'static str {
        match status {
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            408 | 504 => "DEADLINE_EXCEEDED",
            409 => "ABORTED",
            429 => "RESOURCE_EXHAUSTED",
            400..=499 => "INVALID_ARGUMENT",
            502 | 503 | 529 => "UNAVAILABLE",
            _ => "INTERNAL",
        }
    }

    fn failing(&self, status: u16, message: &str) -> Value {
        let word = self.error_kind(status);
        json!({"error": {"code": status, "message": message, "status": word}})
    }

    fn finish(&self, reason: &str) -> &'static str {
        match reason {
            "stop" | "tool_calls" => "STOP",
            "length" => "MAX_TOKENS",
            _ => "SAFETY",
        }
    }

    fn saying(&self, text: &str) -> Value {
        let content = json!({"role": "model", "parts": [{"text": text}]});
        json!({"candidates": [{"content": content, "finishReason": "STOP", "index": 0}],
            "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 3,
                "totalTokenCount": 14},
            "modelVersion": "m", "responseId": "r"})
    }

    fn telling(&self, pieces: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for (place, piece) in pieces.iter().enumerate() {
            let mut event = self.saying(piece);
            if place + 1 < pieces.len() {
                let candidate = event["candidates"][0].as_object_mut().unwrap();
                candidate.remove("finishReason");
                event["usageMetadata"] = json!({"promptTokenCount": 11, "totalTokenCount": 11});
            }
            out.extend(frames::data(&event));
        }
        out
    }
}

fn failed(body: &Value) -> Failed {
    let error = &body["error"];
    let reasons = list(&error["details"]).iter();
    Failed {
        kind: text_of(&error["status"]),
        message: text_of(&error["message"]),
        code: reasons
            .filter_map(|detail| detail["reason"].as_str())
            .next()
            .map(str::to_owned),
    }
}
