//! The unary answer: a `response` with its output items.

use bytes::Bytes;
use serde_json::{Value, json};

use super::request::SEAL;
use crate::answer::{Answer, Call, Choice, Usage};
use crate::ask::{Ask, Finish};
use crate::format::CREATED;

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let body = if ask.kept.background && !ask.stream {
        envelope(ask, answer, "queued", Vec::new())
    } else {
        finished(ask, answer)
    };
    Bytes::from(body.to_string())
}

/// The answer when it is over.
pub(crate) fn finished(ask: &Ask, answer: &Answer) -> Value {
    let Some(choice) = answer.choices.first() else {
        return envelope(ask, answer, "completed", Vec::new());
    };
    let (status, reason) = ending(&choice.finish);
    let mut body = envelope(ask, answer, status, output(ask, answer, choice));
    if let Some(reason) = reason {
        body["incomplete_details"] = json!({ "reason": reason });
    }
    body["usage"] = usage(&answer.usage);
    body
}

/// The answer without what it says.
pub(crate) fn envelope(ask: &Ask, answer: &Answer, status: &str, output: Vec<Value>) -> Value {
    json!({
        "id": id(answer), "object": "response", "created_at": CREATED, "status": status,
        "background": ask.kept.background, "error": null, "incomplete_details": null,
        "instructions": null, "max_output_tokens": ask.tokens_max, "model": ask.model,
        "output": output, "parallel_tool_calls": true,
        "previous_response_id": ask.kept.earlier, "reasoning": {"effort": null, "summary": null},
        "service_tier": "default", "store": ask.kept.store, "temperature": 1.0,
        "text": {"format": {"type": "text"}}, "tool_choice": "auto", "tools": [],
        "top_p": 1.0, "truncation": "disabled", "usage": null, "user": null, "metadata": {},
    })
}

/// What the answer is called.
pub(crate) fn id(answer: &Answer) -> String {
    format!("resp_{}", answer.tag)
}

/// How an answer ends: its status, and why it is incomplete.
pub(super) fn ending(finish: &Finish) -> (&'static str, Option<&'static str>) {
    match finish {
        Finish::Length => ("incomplete", Some("max_output_tokens")),
        _ => ("completed", None),
    }
}

fn output(ask: &Ask, answer: &Answer, choice: &Choice) -> Vec<Value> {
    let mut items = Vec::new();
    if !choice.reasoning.is_empty() {
        items.push(thought(ask, answer, &choice.reasoning.concat()));
    }
    if !choice.text.is_empty() {
        let part = part(choice.refused, &choice.text.concat());
        items.push(said(answer, "completed", vec![part]));
    }
    let calls = choice.calls.iter();
    items.extend(calls.map(|one| call(one, "completed", &one.arguments.concat())));
    items
}

/// Reasoning, of which `text` is the summary; encrypted where that was asked for.
pub(super) fn thought(ask: &Ask, answer: &Answer, text: &str) -> Value {
    let summary = if text.is_empty() {
        json!([])
    } else {
        json!([{"type": "summary_text", "text": text}])
    };
    let mut item =
        json!({"id": format!("rs_{}", answer.tag), "type": "reasoning", "summary": summary});
    if ask.kept.encrypted {
        item["encrypted_content"] = json!(format!("{SEAL}{0}{0}==", answer.tag));
    }
    item
}

/// A message with these parts.
pub(super) fn said(answer: &Answer, status: &str, content: Vec<Value>) -> Value {
    json!({"id": format!("msg_{}", answer.tag), "type": "message", "status": status,
        "role": "assistant", "content": content})
}

/// The part of a message.
pub(super) fn part(refused: bool, text: &str) -> Value {
    if refused {
        json!({"type": "refusal", "refusal": text})
    } else {
        json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []})
    }
}

/// A call of a tool.
pub(super) fn call(call: &Call, status: &str, arguments: &str) -> Value {
    json!({"id": format!("fc_{}", call.tag), "type": "function_call", "status": status,
        "call_id": format!("call_{}", call.tag), "name": call.name, "arguments": arguments})
}

/// What it cost. Cached tokens are part of the input's, reasoning tokens of the output's.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input, "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    })
}
