//! The unary answer: a message, why it ended, what it cost. The model is not named.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Call, Choice, Usage};
use crate::ask::Finish;

/// How long every answer took: the same always, so that answers are the same to the byte.
pub(super) const LATENCY_MS: u64 = 1;

/// The whole body.
pub(crate) fn message(answer: &Answer) -> Bytes {
    let choice = answer.choices.first();
    let content = choice
        .map(|choice| content(choice, &answer.tag))
        .unwrap_or_default();
    let finish = choice.map_or(&Finish::Stop, |choice| &choice.finish);
    let body = json!({
        "metrics": {"latencyMs": LATENCY_MS},
        "output": {"message": {"role": "assistant", "content": content}},
        "stopReason": stop_reason(finish),
        "usage": usage(&answer.usage),
    });
    Bytes::from(body.to_string())
}

fn content(choice: &Choice, tag: &str) -> Vec<Value> {
    let mut blocks = Vec::new();
    if !choice.reasoning.is_empty() {
        let text = choice.reasoning.concat();
        let thought = json!({"text": text, "signature": signature(tag)});
        blocks.push(json!({"reasoningContent": {"reasoningText": thought}}));
    }
    if !choice.text.is_empty() {
        blocks.push(json!({"text": choice.text.concat()}));
    }
    for call in &choice.calls {
        // Arguments that are no JSON, because the token limit cut them or a directive wrote
        // them so, show as an empty object.
        let input: Value =
            serde_json::from_str(&call.arguments.concat()).unwrap_or_else(|_cut| json!({}));
        let used = json!({"toolUseId": id(call), "name": call.name, "input": input});
        blocks.push(json!({"toolUse": used}));
    }
    blocks
}

/// The id of a call.
pub(super) fn id(call: &Call) -> String {
    format!("tooluse_{}", call.tag)
}

/// Stands for the provider's proof that it wrote the reasoning; callers send it back as it is.
pub(super) fn signature(tag: &str) -> String {
    format!("YmVkcm9jaw{tag}{tag}==")
}

/// Why the message ended.
pub(super) fn stop_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop => "end_turn",
        Finish::StopSequence(_) => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::ToolCalls => "tool_use",
        Finish::Refusal => "content_filtered",
    }
}

/// What it cost. Input tokens leave out what the cache read and wrote; the total has them.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "inputTokens": usage.input - usage.cached - usage.cache_written,
        "outputTokens": usage.output,
        "totalTokens": usage.input + usage.output,
        "cacheReadInputTokens": usage.cached,
        "cacheWriteInputTokens": usage.cache_written,
    })
}
