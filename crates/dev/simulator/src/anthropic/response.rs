//! The unary answer: a `message`.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Choice, Usage};
use crate::ask::{Ask, Finish};

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let mut body = envelope(ask, answer);
    if let Some(choice) = answer.choices.first() {
        body["content"] = content(choice, &answer.tag);
        let (reason, sequence) = stop_reason(&choice.finish);
        body["stop_reason"] = json!(reason);
        body["stop_sequence"] = json!(sequence);
    }
    body["usage"] = usage(&answer.usage, answer.usage.output);
    Bytes::from(body.to_string())
}

/// The message before its first block.
pub(super) fn envelope(ask: &Ask, answer: &Answer) -> Value {
    json!({
        "id": format!("msg_{}", answer.tag),
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": null,
        "stop_sequence": null,
        "usage": usage(&answer.usage, 1),
    })
}

fn content(choice: &Choice, tag: &str) -> Value {
    let mut blocks = Vec::new();
    if !choice.reasoning.is_empty() {
        blocks.push(json!({
            "type": "thinking",
            "thinking": choice.reasoning.concat(),
            "signature": signature(tag),
        }));
    }
    if !choice.text.is_empty() {
        blocks.push(json!({"type": "text", "text": choice.text.concat()}));
    }
    for call in &choice.calls {
        // Arguments that the token limit cut are no JSON: the real API shows what it has.
        let input = serde_json::from_str(&call.arguments.concat()).unwrap_or_else(|_cut| json!({}));
        blocks.push(json!({
            "type": "tool_use",
            "id": format!("toolu_{}", call.tag),
            "name": call.name,
            "input": input,
        }));
    }
    Value::Array(blocks)
}

/// Stands for the provider's proof that it wrote the reasoning; callers send it back as it is.
pub(super) fn signature(tag: &str) -> String {
    format!("c2ltdWxhdG9y{tag}{tag}==")
}

/// Why the message ended, and the stop sequence that ended it.
pub(super) fn stop_reason(finish: &Finish) -> (&'static str, Option<&str>) {
    match finish {
        Finish::Stop => ("end_turn", None),
        Finish::StopSequence(sequence) => ("stop_sequence", Some(sequence)),
        Finish::Length => ("max_tokens", None),
        Finish::ToolCalls => ("tool_use", None),
        Finish::Refusal => ("refusal", None),
    }
}

/// What it cost so far. Unlike OpenAI's, input tokens leave out what the cache read and wrote.
pub(super) fn usage(usage: &Usage, output: u64) -> Value {
    json!({
        "input_tokens": usage.input - usage.cached - usage.cache_written,
        "cache_creation_input_tokens": usage.cache_written,
        "cache_read_input_tokens": usage.cached,
        "output_tokens": output,
        "service_tier": "standard",
    })
}
