//! The streamed answer: named events from `message-start` to `message-end`, one token each.

use bytes::Bytes;
use serde_json::{Value, json};

use super::response::{call_id, finish_reason, id, usage};
use crate::answer::{Answer, Choice};
use crate::play::Step;

/// All events in order.
pub(crate) fn steps(answer: &Answer) -> Vec<Step> {
    let mut script = Script::default();
    let begun = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let start = json!({"id": id(answer), "delta": {"message": begun}});
    script.event("message-start", start, 0);
    if let Some(choice) = answer.choices.first() {
        script.parts(choice);
        let delta = json!({
            "finish_reason": finish_reason(&choice.finish),
            "usage": usage(&answer.usage),
        });
        script.event("message-end", json!({"id": id(answer), "delta": delta}), 0);
    }
    script.steps
}

#[derive(Default)]
struct Script {
    steps: Vec<Step>,
    /// Parts of the content so far.
    contents: usize,
}

impl Script {
    fn parts(&mut self, choice: &Choice) {
        if !choice.reasoning.is_empty() {
            self.content("thinking", &choice.reasoning);
        }
        if choice.calls.is_empty() {
            if !choice.text.is_empty() {
                self.content("text", &choice.text);
            }
            return;
        }
        for text in &choice.text {
            let delta = json!({"delta": {"message": {"tool_plan": text}}});
            self.event("tool-plan-delta", delta, 1);
        }
        for (index, call) in choice.calls.iter().enumerate() {
            let said =
                |calls: Value| json!({"index": index, "delta": {"message": {"tool_calls": calls}}});
            let function = json!({"name": call.name, "arguments": ""});
            let begun = json!({"id": call_id(call), "type": "function", "function": function});
            self.event("tool-call-start", said(begun), 1);
            for arguments in &call.arguments {
                let piece = json!({"function": {"arguments": arguments}});
                self.event("tool-call-delta", said(piece), 1);
            }
            self.event("tool-call-end", json!({"index": index}), 0);
        }
    }

    fn content(&mut self, kind: &str, tokens: &[String]) {
        let index = self.contents;
        self.contents += 1;
        let said =
            |content: Value| json!({"index": index, "delta": {"message": {"content": content}}});
        self.event("content-start", said(json!({"type": kind, kind: ""})), 0);
        for token in tokens {
            self.event("content-delta", said(json!({kind: token})), 1);
        }
        self.event("content-end", json!({"index": index}), 0);
    }

    fn event(&mut self, name: &str, mut data: Value, tokens: u64) {
        data["type"] = json!(name);
        let text = format!("event: {name}\ndata: {data}\n\n");
        self.steps.push(Step::Write(Bytes::from(text), tokens));
    }
}
