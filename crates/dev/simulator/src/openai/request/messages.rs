//! The messages of a request: checked, and counted.

use serde_json::{Map, Value};

use super::{missing, wrong_type};
use crate::refused::Refused;
use crate::text;

/// Tokens every message costs beyond its text.
const MESSAGE_TOKENS: u64 = 4;
/// What a picture, a sound or a file costs.
const MEDIUM_TOKENS: u64 = 85;

/// All messages, in order and rightly paired.
pub(super) fn messages(body: &Map<String, Value>) -> Result<Vec<&Map<String, Value>>, Refused> {
    let list = match body.get("messages") {
        None => return Err(missing("messages")),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong_type("messages", "an array of objects", other)),
    };
    if list.is_empty() {
        return Err(Refused::invalid(
            "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        )
        .param("messages")
        .code("empty_array"));
    }
    // Calls of the last assistant message that no tool message answered yet.
    let mut unanswered: Vec<&str> = Vec::new();
    let mut after_calls = false;
    let mut messages = Vec::with_capacity(list.len());
    for (place, message) in list.iter().enumerate() {
        let at = format!("messages[{place}]");
        let message = message
            .as_object()
            .ok_or_else(|| wrong_type(&at, "an object", message))?;
        check_message(message, &at)?;
        if role(Some(&message)) == "tool" {
            let id = message.get("tool_call_id").and_then(Value::as_str);
            let id = id.ok_or_else(|| missing(&format!("{at}.tool_call_id")))?;
            if !after_calls {
                let text = "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.";
                return Err(Refused::invalid(text).param(format!("{at}.role")));
            }
            unanswered.retain(|call| *call != id);
        } else {
            answered(&unanswered, &at)?;
            unanswered = call_ids(message);
            after_calls = !unanswered.is_empty();
        }
        messages.push(message);
    }
    answered(&unanswered, "messages")?;
    Ok(messages)
}

fn answered(unanswered: &[&str], at: &str) -> Result<(), Refused> {
    if unanswered.is_empty() {
        return Ok(());
    }
    Err(Refused::invalid(format!(
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each \
         'tool_call_id'. The following tool_call_ids did not have response messages: {}",
        unanswered.join(", ")
    ))
    .param(at))
}

fn call_ids(message: &Map<String, Value>) -> Vec<&str> {
    let calls = message.get("tool_calls").and_then(Value::as_array);
    calls
        .into_iter()
        .flatten()
        .filter_map(|call| call.get("id")?.as_str())
        .collect()
}

fn check_message(message: &Map<String, Value>, at: &str) -> Result<(), Refused> {
    let role = match message.get("role") {
        None => return Err(missing(&format!("{at}.role"))),
        Some(Value::String(role)) => role.as_str(),
        Some(other) => return Err(wrong_type(&format!("{at}.role"), "a string", other)),
    };
    if ![
        "system",
        "developer",
        "user",
        "assistant",
        "tool",
        "function",
    ]
    .contains(&role)
    {
        return Err(Refused::invalid(format!(
            "Invalid value: '{role}'. Supported values are: 'system', 'assistant', 'user', 'function', 'tool', and 'developer'."
        ))
        .param(format!("{at}.role"))
        .code("invalid_value"));
    }
    check_calls(message, at)?;
    let at = format!("{at}.content");
    match message.get("content") {
        Some(Value::String(_)) => Ok(()),
        Some(Value::Array(parts)) => parts
            .iter()
            .enumerate()
            .try_for_each(|(place, part)| check_part(part, &format!("{at}[{place}]"))),
        None | Some(Value::Null) if role == "assistant" => Ok(()),
        None => Err(missing(&at)),
        Some(other) => Err(wrong_type(
            &at,
            "one of a string or array of objects",
            other,
        )),
    }
}

fn check_calls(message: &Map<String, Value>, at: &str) -> Result<(), Refused> {
    let calls = match message.get("tool_calls") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::Array(calls)) => calls,
        Some(other) => {
            return Err(wrong_type(
                &format!("{at}.tool_calls"),
                "an array of objects",
                other,
            ));
        }
    };
    for (place, call) in calls.iter().enumerate() {
        let at = format!("{at}.tool_calls[{place}]");
        for path in ["/id", "/type", "/function/name", "/function/arguments"] {
            let field = format!("{at}{}", path.replace('/', "."));
            match call.pointer(path) {
                Some(Value::String(_)) => {}
                None => return Err(missing(&field)),
                Some(other) => return Err(wrong_type(&field, "a string", other)),
            }
        }
    }
    Ok(())
}

fn check_part(part: &Value, at: &str) -> Result<(), Refused> {
    let part_type = part
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| missing(&format!("{at}.type")))?;
    let path = match part_type {
        "text" => "/text",
        "image_url" => "/image_url/url",
        "refusal" => "/refusal",
        "input_audio" => "/input_audio/data",
        "file" => return Ok(()),
        other => {
            return Err(Refused::invalid(format!(
                "Invalid value: '{other}'. Supported values are: 'text', 'image_url', 'input_audio', 'refusal', and 'file'."
            ))
            .param(format!("{at}.type"))
            .code("invalid_value"));
        }
    };
    match part.pointer(path) {
        Some(Value::String(_)) => Ok(()),
        None => Err(missing(&format!("{at}{}", path.replace('/', ".")))),
        Some(other) => Err(wrong_type(
            &format!("{at}{}", path.replace('/', ".")),
            "a string",
            other,
        )),
    }
}

/// The role of a message; empty without one.
pub(super) fn role<'a>(message: Option<&&'a Map<String, Value>>) -> &'a str {
    message
        .and_then(|message| message.get("role")?.as_str())
        .unwrap_or_default()
}

/// The text of the last message.
pub(super) fn last_text(messages: &[&Map<String, Value>]) -> String {
    // Some agents instruct behind what the user said.
    let instructs = |message: &Map<String, Value>| {
        let role = message.get("role").and_then(Value::as_str);
        matches!(role, Some("system" | "developer"))
    };
    let mut said = messages.iter().rev();
    let last = said.find(|message| !instructs(message));
    let content = last.and_then(|message| message.get("content"));
    texts(content).collect::<Vec<_>>().join("\n")
}

fn texts(content: Option<&Value>) -> impl Iterator<Item = &str> {
    let whole = content.and_then(Value::as_str);
    let parts = content.and_then(Value::as_array).into_iter().flatten();
    whole
        .into_iter()
        .chain(parts.filter_map(|part| part.get("text")?.as_str()))
}

/// What a message costs, in tokens.
pub(super) fn message_tokens(message: &Map<String, Value>) -> u64 {
    let content = message.get("content");
    let parts = content.and_then(Value::as_array).into_iter().flatten();
    let media = parts.filter(|part| part.get("text").is_none()).count() as u64;
    let calls = message
        .get("tool_calls")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let calls = calls.filter_map(|call| call.get("function"));
    let calls = calls.flat_map(|call| {
        ["name", "arguments"].map(|key| call.get(key).and_then(Value::as_str).unwrap_or_default())
    });
    let texts: u64 = texts(content).chain(calls).map(text::count).sum();
    MESSAGE_TOKENS + texts + media * MEDIUM_TOKENS
}
