//! The streamed answer: named events from `message_start` to `message_stop`, one token each.

use bytes::Bytes;
use serde_json::{Value, json};

use super::response::{envelope, signature, stop_reason, usage};
use crate::answer::{Answer, Choice};
use crate::ask::Ask;
use crate::play::Step;

/// All events in order.
pub(crate) fn steps(ask: &Ask, answer: &Answer) -> Vec<Step> {
    let mut script = Script::default();
    script.event(
        "message_start",
        json!({"message": envelope(ask, answer)}),
        0,
    );
    if let Some(choice) = answer.choices.first() {
        script.blocks(choice, &answer.tag);
        let (reason, sequence) = stop_reason(&choice.finish);
        let delta = json!({"stop_reason": reason, "stop_sequence": sequence});
        let usage = usage(&answer.usage, answer.usage.output);
        script.event("message_delta", json!({"delta": delta, "usage": usage}), 0);
    }
    script.event("message_stop", json!({}), 0);
    script.steps
}

#[derive(Default)]
struct Script {
    steps: Vec<Step>,
    /// Blocks closed so far.
    index: usize,
}

impl Script {
    fn blocks(&mut self, choice: &Choice, tag: &str) {
        if !choice.reasoning.is_empty() {
            self.open(
                json!({"type": "thinking", "thinking": "", "signature": ""}),
                0,
            );
            for piece in &choice.reasoning {
                self.delta(json!({"type": "thinking_delta", "thinking": piece}), 1);
            }
            self.delta(
                json!({"type": "signature_delta", "signature": signature(tag)}),
                0,
            );
            self.close();
        }
        if !choice.text.is_empty() {
            self.open(json!({"type": "text", "text": ""}), 0);
            for piece in &choice.text {
                self.delta(json!({"type": "text_delta", "text": piece}), 1);
            }
            self.close();
        }
        for call in &choice.calls {
            let id = format!("toolu_{}", call.tag);
            self.open(
                json!({"type": "tool_use", "id": id, "name": call.name, "input": {}}),
                1,
            );
            self.delta(json!({"type": "input_json_delta", "partial_json": ""}), 0);
            for piece in &call.arguments {
                self.delta(
                    json!({"type": "input_json_delta", "partial_json": piece}),
                    1,
                );
            }
            self.close();
        }
    }

    fn open(&mut self, block: Value, tokens: u64) {
        let index = self.index;
        self.event(
            "content_block_start",
            json!({"index": index, "content_block": block}),
            tokens,
        );
        if index == 0 {
            self.event("ping", json!({}), 0);
        }
    }

    fn delta(&mut self, delta: Value, tokens: u64) {
        let index = self.index;
        self.event(
            "content_block_delta",
            json!({"index": index, "delta": delta}),
            tokens,
        );
    }

    fn close(&mut self) {
        let index = self.index;
        self.event("content_block_stop", json!({"index": index}), 0);
        self.index += 1;
    }

    /// The data of an event repeats its name as `type`.
    fn event(&mut self, name: &str, mut data: Value, tokens: u64) {
        data["type"] = json!(name);
        self.steps.push(Step::Write(
            Bytes::from(format!("event: {name}\ndata: {data}\n\n")),
            tokens,
        ));
    }
}
