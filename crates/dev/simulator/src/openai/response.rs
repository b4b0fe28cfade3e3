//! The unary answer: a `chat.completion`.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::answer::{Answer, Choice, Usage};
use crate::ask::{Ask, Finish};
use crate::format::CREATED;

/// The whole body.
pub(crate) fn message(ask: &Ask, answer: &Answer) -> Bytes {
    let choices: Vec<_> = answer
        .choices
        .iter()
        .enumerate()
        .map(|(index, choice)| {
            json!({
                "index": index,
                "message": assistant(choice),
                "logprobs": null,
                "finish_reason": finish_reason(&choice.finish),
            })
        })
        .collect();
    let body = json!({
        "id": format!("chatcmpl-{}", answer.tag),
        "object": "chat.completion",
        "created": CREATED,
        "model": ask.model,
        "choices": choices,
        "usage": usage(&answer.usage),
        "service_tier": "default",
        "system_fingerprint": "fp_simulator",
    });
    Bytes::from(body.to_string())
}

fn assistant(choice: &Choice) -> Value {
    let text = choice.text.concat();
    let (content, refusal) = match (choice.refused, text.is_empty() && !choice.calls.is_empty()) {
        (true, _) => (Value::Null, json!(text)),
        (false, true) => (Value::Null, Value::Null),
        (false, false) => (json!(text), Value::Null),
    };
    let mut message = Map::new();
    message.insert("role".into(), json!("assistant"));
    message.insert("content".into(), content);
    message.insert("refusal".into(), refusal);
    message.insert("annotations".into(), json!([]));
    if !choice.reasoning.is_empty() {
        message.insert("reasoning_content".into(), json!(choice.reasoning.concat()));
    }
    if !choice.calls.is_empty() {
        let calls = choice.calls.iter().map(|call| {
            json!({
                "id": format!("call_{}", call.tag),
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments.concat()},
            })
        });
        message.insert("tool_calls".into(), calls.collect());
    }
    Value::Object(message)
}

/// Why a choice ended, in OpenAI's words. A refusal is a normal end; the message says it.
pub(super) fn finish_reason(finish: &Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::StopSequence(_) | Finish::Refusal => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
    }
}

/// What it cost. Cached tokens are part of the prompt's, reasoning tokens of the completion's.
pub(super) fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    })
}
