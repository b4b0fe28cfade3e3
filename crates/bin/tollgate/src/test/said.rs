//! What an answer says, whichever way it came.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tollgate_formats::exchange::{BlockKind, Choice, Delta, Part, StreamEvent};

/// What one choice says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) refusal: String,
    pub(super) calls: Vec<Call>,
}

/// A tool call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    /// JSON text in one way of writing it, where it is JSON.
    pub(super) arguments: String,
}

/// JSON text without what it does not mean; any other text as it is.
pub(super) fn plain(json: &str) -> String {
    // Arguments of which no piece came are an empty object.
    if json.trim().is_empty() {
        return "{}".to_owned();
    }
    let read = serde_json::from_str::<Value>(json);
    read.map_or_else(|_| json.to_owned(), |value| value.to_string())
}

impl Said {
    /// As a line.
    pub(super) fn shown(&self) -> String {
        let mut shown = Vec::new();
        for (lead, text) in [
            ("", &self.text),
            ("reasoning ", &self.reasoning),
            ("refusal ", &self.refusal),
        ] {
            if !text.is_empty() {
                shown.push(format!("{lead}{text:?}"));
            }
        }
        for Call { name, arguments } in &self.calls {
            shown.push(format!("{name}({arguments})"));
        }
        if shown.is_empty() {
            return "nothing".to_owned();
        }
        shown.join(", ")
    }

    /// Adds a piece of a block; signatures say nothing.
    fn add(&mut self, kind: &BlockKind, call: usize, delta: &Delta) {
        let into = match (kind, delta) {
            (BlockKind::Text, Delta::Text(_)) => Some(&mut self.text),
            (BlockKind::Reasoning, Delta::Text(_)) => Some(&mut self.reasoning),
            (BlockKind::Refusal, Delta::Text(_)) => Some(&mut self.refusal),
            (BlockKind::ToolCall { .. }, Delta::Arguments(_)) => {
                self.calls.get_mut(call).map(|call| &mut call.arguments)
            }
            _ => None,
        };
        if let Some(into) = into {
            into.push_str(delta.text());
        }
    }

    /// For machines.
    pub(super) fn to_json(&self) -> Value {
        let call = |call: &Call| json!({"name": call.name, "arguments": call.arguments});
        let calls: Vec<Value> = self.calls.iter().map(call).collect();
        json!({
            "text": self.text,
            "reasoning": self.reasoning,
            "refusal": self.refusal,
            "tool_calls": calls,
        })
    }
}

/// What a whole answer says.
pub(super) fn of_choices(choices: &[Choice]) -> Vec<Said> {
    let of = |choice: &Choice| {
        let mut said = Said::default();
        for part in &choice.parts {
            match part {
                Part::Text(text) => said.text.push_str(text),
                Part::Reasoning(thought) => said.reasoning.push_str(&thought.text),
                Part::Refusal(text) => said.refusal.push_str(text),
                Part::ToolCall(call) => said.calls.push(Call {
                    name: call.name.clone(),
                    arguments: plain(&call.arguments),
                }),
                Part::Image(_)
                | Part::Document(_)
                | Part::Audio { .. }
                | Part::Video(_)
                | Part::Citation(_)
                | Part::CacheMark(_)
                | Part::ToolResult(_)
                | Part::Other { .. } => {}
            }
        }
        said
    };
    choices.iter().map(of).collect()
}

/// What a streamed answer says.
pub(super) fn of_events(events: &[StreamEvent]) -> Vec<Said> {
    let mut choices: BTreeMap<u32, Said> = BTreeMap::new();
    // By choice and block, and for a call its place among those of its choice.
    let mut blocks: BTreeMap<(u32, u32), (&BlockKind, usize)> = BTreeMap::new();
    for event in events {
        match event {
            StreamEvent::BlockStart {
                choice,
                block,
                kind,
            } => {
                let said = choices.entry(*choice).or_default();
                blocks.insert((*choice, *block), (kind, said.calls.len()));
                if let BlockKind::ToolCall { name, .. } = kind {
                    said.calls.push(Call {
                        name: name.clone(),
                        arguments: String::new(),
                    });
                }
            }
            StreamEvent::Delta {
                choice,
                block,
                delta,
            } => {
                let said = choices.entry(*choice).or_default();
                if let Some((kind, call)) = blocks.get(&(*choice, *block)) {
                    said.add(kind, *call, delta);
                }
            }
            StreamEvent::Finish { choice, .. } => {
                choices.entry(*choice).or_default();
            }
            StreamEvent::Start { .. }
            | StreamEvent::BlockEnd { .. }
            | StreamEvent::Logprobs { .. }
            | StreamEvent::Usage(_)
            | StreamEvent::Lost(_)
            | StreamEvent::Failure(_)
            | StreamEvent::End => {}
        }
    }
    let mut said: Vec<Said> = choices.into_values().collect();
    for call in said.iter_mut().flat_map(|said| &mut said.calls) {
        call.arguments = plain(&call.arguments);
    }
    said
}
