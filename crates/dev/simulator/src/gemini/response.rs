//! The unary answer, and what the events of a stream have in common with it.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::answer::{Answer, Call, Choice, Usage};
use crate::ask::{Ask, Finish};

/// Begins what stands for the provider's proof that it thought so; callers send it back as
/// it is.
const SIGNATURE: &str = "c2ltdWxhdG9y";

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let candidate = |(index, choice): (usize, &Choice)| {
        json!({
            "content": {"parts": parts(ask, choice, &answer.tag), "role": "model"},
            "finishReason": finish_reason(&choice.finish),
            "index": index,
        })
    };
    let candidates: Vec<Value> = answer.choices.iter().enumerate().map(candidate).collect();
    let usage = usage(&answer.usage, answer.usage.output, answer.usage.reasoning);
    Bytes::from(response(ask, answer, candidates, usage).to_string())
}

/// An answer, or an event of one.
pub(super) fn response(ask: &Ask, answer: &Answer, candidates: Vec<Value>, usage: Value) -> Value {
    json!({
        "candidates": candidates,
        "usageMetadata": usage,
        "modelVersion": ask.model,
        "responseId": format!("sim{}", answer.tag),
    })
}

fn parts(ask: &Ask, choice: &Choice, tag: &str) -> Vec<Value> {
    let mut parts = Vec::new();
    let thinks = !choice.reasoning.is_empty();
    if thinks {
        parts.push(json!({"text": choice.reasoning.concat(), "thought": true}));
    }
    if !choice.text.is_empty() || choice.calls.is_empty() {
        let mut part = json!({"text": choice.text.concat()});
        if thinks && choice.calls.is_empty() {
            part["thoughtSignature"] = json!(signature(tag));
        }
        parts.push(part);
    }
    let calls = choice.calls.iter().enumerate();
    parts.extend(calls.map(|(place, call)| function_call(ask, call, place == 0, tag)));
    parts
}

/// A call, which always comes whole. Arguments that are no JSON, because the token limit
/// cut them or a directive wrote them so, show as an empty object. Newer models give an id.
pub(super) fn function_call(ask: &Ask, call: &Call, is_first: bool, tag: &str) -> Value {
    let arguments = serde_json::from_str(&call.arguments.concat());
    let arguments = arguments.ok().filter(Value::is_object);
    let mut part = json!({"functionCall": {
        "name": call.name,
        "args": arguments.unwrap_or_else(|| json!({})),
    }});
    if ask.model.starts_with("gemini-3") {
        part["functionCall"]["id"] = json!(call.tag);
    }
    if is_first {
        part["thoughtSignature"] = json!(signature(tag));
    }
    part
}

/// A signature of this answer.
pub(super) fn signature(tag: &str) -> String {
    format!("{SIGNATURE}{tag}{tag}")
}

/// Whether a signature is one that was given here.
pub(super) fn is_signature(text: &str) -> bool {
    let tags = text.strip_prefix(SIGNATURE).unwrap_or_default();
    !tags.is_empty() && tags.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Counts so far. Thoughts stand beside the answer; what is zero is not written.
pub(super) fn usage(usage: &Usage, output: u64, thoughts: u64) -> Value {
    let mut counts = json!({
        "promptTokenCount": usage.input,
        "totalTokenCount": usage.input + output,
    });
    for (name, count) in [
        ("candidatesTokenCount", output - thoughts),
        ("cachedContentTokenCount", usage.cached),
        ("thoughtsTokenCount", thoughts),
    ] {
        if count > 0 {
            counts[name] = json!(count);
        }
    }
    counts
}

/// Why the candidate ended. A stop text and a call are the usual end.
pub(super) fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::ToolCalls => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::Refusal => "SAFETY",
    }
}
