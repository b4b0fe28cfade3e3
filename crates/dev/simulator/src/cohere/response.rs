//! The unary answer: a message, why it ended, what it cost. The model is not named.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Call, Choice, Usage};
use crate::ask::Finish;

/// The whole body.
pub(crate) fn message(answer: &Answer) -> Bytes {
    let choice = answer.choices.first();
    let finish = choice.map_or(&Finish::Stop, |choice| &choice.finish);
    let body = json!({
        "id": id(answer),
        "finish_reason": finish_reason(finish),
        "message": choice.map(said),
        "usage": usage(&answer.usage),
    });
    Bytes::from(body.to_string())
}

/// Before calls a model plans; what else it says is content.
fn said(choice: &Choice) -> Value {
    let mut content = Vec::new();
    if !choice.reasoning.is_empty() {
        content.push(json!({"type": "thinking", "thinking": choice.reasoning.concat()}));
    }
    let mut message = json!({"role": "assistant"});
    if choice.calls.is_empty() {
        if !choice.text.is_empty() {
            content.push(json!({"type": "text", "text": choice.text.concat()}));
        }
    } else {
        let calls = choice.calls.iter().map(|call| {
            let function = json!({"name": call.name, "arguments": call.arguments.concat()});
            json!({"id": call_id(call), "type": "function", "function": function})
        });
        message["tool_calls"] = calls.collect();
        if !choice.text.is_empty() {
            message["tool_plan"] = json!(choice.text.concat());
        }
    }
    if !content.is_empty() {
        message["content"] = Value::Array(content);
    }
    message
}

/// The id of the answer, in the shape of a UUID.
pub(super) fn id(answer: &Answer) -> String {
    let tag = &answer.tag;
    let part = |from: usize, to: usize| tag.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-4000-8000-{}{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(0, 8)
    )
}

/// The id of a call begins with the name of its tool.
pub(super) fn call_id(call: &Call) -> String {
    format!("{}_{}", call.name, call.tag)
}

/// Why the message ended.
pub(super) fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop => "COMPLETE",
        Finish::StopSequence(_) => "STOP_SEQUENCE",
        Finish::Length => "MAX_TOKENS",
        Finish::ToolCalls => "TOOL_CALL",
        Finish::Refusal => "ERROR_TOXIC",
    }
}

/// What it cost. Fewer tokens are billed than the model read: its own preamble is not.
pub(super) fn usage(usage: &Usage) -> Value {
    let tokens = |input: u64| json!({"input_tokens": input, "output_tokens": usage.output});
    json!({
        "billed_units": tokens(usage.input.saturating_sub(3)),
        "tokens": tokens(usage.input),
        "cached_tokens": usage.cached,
    })
}
