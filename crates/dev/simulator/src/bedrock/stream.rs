//! The streamed answer: messages from `messageStart` to `metadata`, one token each.
//!
//! Blocks of text and reasoning are not announced. Each message is filled up with a `p` of
//! some letters, as the real service does so that lengths tell nothing.

use serde_json::{Value, json};

use super::frame;
use super::response::{LATENCY_MS, id, signature, stop_reason, usage};
use crate::answer::{Answer, Choice};
use crate::ask::Finish;
use crate::play::Step;

/// What messages are filled up with.
const FILLING: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// All messages in order.
pub(crate) fn steps(answer: &Answer) -> Vec<Step> {
    let mut script = Script::default();
    script.event("messageStart", json!({"role": "assistant"}), 0);
    let choice = answer.choices.first();
    if let Some(choice) = choice {
        script.blocks(choice, &answer.tag);
    }
    let finish = choice.map_or(&Finish::Stop, |choice| &choice.finish);
    let reason = json!({"stopReason": stop_reason(finish)});
    script.event("messageStop", reason, 0);
    let metrics = json!({"latencyMs": LATENCY_MS});
    let metadata = json!({"metrics": metrics, "usage": usage(&answer.usage)});
    script.event("metadata", metadata, 0);
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
            for text in &choice.reasoning {
                self.delta(json!({"reasoningContent": {"text": text}}), 1);
            }
            let signature = signature(tag);
            self.delta(json!({"reasoningContent": {"signature": signature}}), 0);
            self.close();
        }
        if !choice.text.is_empty() {
            for text in &choice.text {
                self.delta(json!({"text": text}), 1);
            }
            self.close();
        }
        for call in &choice.calls {
            let start = json!({"toolUse": {"toolUseId": id(call), "name": call.name}});
            let start = json!({"contentBlockIndex": self.index, "start": start});
            self.event("contentBlockStart", start, 1);
            for input in &call.arguments {
                self.delta(json!({"toolUse": {"input": input}}), 1);
            }
            self.close();
        }
    }

    fn delta(&mut self, delta: Value, tokens: u64) {
        let delta = json!({"contentBlockIndex": self.index, "delta": delta});
        self.event("contentBlockDelta", delta, tokens);
    }

    fn close(&mut self) {
        let end = json!({"contentBlockIndex": self.index});
        self.event("contentBlockStop", end, 0);
        self.index += 1;
    }

    fn event(&mut self, name: &str, mut payload: Value, tokens: u64) {
        let length = 1 + self.steps.len() % FILLING.len();
        if let Some(payload) = payload.as_object_mut() {
            let filling = FILLING.get(..length).unwrap_or_default();
            payload.insert("p".to_owned(), json!(filling));
        }
        let message = frame::event(name, &payload.to_string());
        self.steps.push(Step::Write(message, tokens));
    }
}
