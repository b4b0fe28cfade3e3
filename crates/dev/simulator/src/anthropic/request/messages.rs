//! The messages of a request: checked, and counted.

use serde_json::{Map, Value};

use super::{required, wrong_type};
use crate::refused::Refused;
use crate::text;

/// Tokens every message costs beyond its text.
pub(super) const MESSAGE_TOKENS: u64 = 4;
/// What a picture or a document costs.
const MEDIUM_TOKENS: u64 = 85;

/// One turn of the conversation, checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    role: &'a str,
    pub(super) content: &'a Value,
}

/// All messages, in order and rightly paired.
pub(super) fn messages(body: &Map<String, Value>) -> Result<Vec<Message<'_>>, Refused> {
    let list = match body.get("messages") {
        None => return Err(required("messages")),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong_type("messages", "list")),
    };
    if list.is_empty() {
        return Err(Refused::invalid(
            "messages: at least one message is required",
        ));
    }
    let mut messages: Vec<Message<'_>> = Vec::with_capacity(list.len());
    for (place, message) in list.iter().enumerate() {
        let at = format!("messages.{place}");
        let role = message
            .get("role")
            .ok_or_else(|| required(&format!("{at}.role")))?;
        let role = match role.as_str() {
            Some(role @ ("user" | "assistant")) => role,
            Some("system") => {
                return Err(Refused::invalid(
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` \
                     parameter, not \"system\" as an input message role.",
                ));
            }
            _ => {
                return Err(Refused::invalid(format!(
                    "{at}.role: Input should be 'user' or 'assistant'"
                )));
            }
        };
        let content = message
            .get("content")
            .ok_or_else(|| required(&format!("{at}.content")))?;
        check_content(content, &at)?;
        check_pairs(messages.last(), content, &at)?;
        messages.push(Message { role, content });
    }
    if messages
        .first()
        .is_some_and(|message| message.role != "user")
    {
        return Err(Refused::invalid(
            "messages: first message must use the \"user\" role",
        ));
    }
    // A conversation may not end with calls either: nobody answered them.
    check_pairs(messages.last(), &Value::Null, "messages")?;
    Ok(messages)
}

fn check_content(content: &Value, at: &str) -> Result<(), Refused> {
    let blocks = match content {
        Value::String(_) => return Ok(()),
        Value::Array(blocks) => blocks,
        _ => {
            return Err(Refused::invalid(format!(
                "{at}.content: Input should be a valid list"
            )));
        }
    };
    for (place, block) in blocks.iter().enumerate() {
        let at = format!("{at}.content.{place}");
        let kind = block.get("type").and_then(Value::as_str);
        let fields: &[&str] = match kind.ok_or_else(|| required(&format!("{at}.type")))? {
            "text" if block.get("text").and_then(Value::as_str) == Some("") => {
                return Err(Refused::invalid(
                    "messages: text content blocks must be non-empty",
                ));
            }
            "text" => &["/text"],
            "image" | "document" => &["/source/type"],
            "tool_use" => &["/id", "/name"],
            "tool_result" => &["/tool_use_id"],
            "thinking" => &["/thinking", "/signature"],
            // Newer kinds of blocks are taken as they are.
            _ => &[],
        };
        for path in fields {
            let field = format!("{at}{}", path.replace('/', "."));
            match block.pointer(path) {
                Some(Value::String(_)) => {}
                None => return Err(required(&field)),
                Some(_) => return Err(wrong_type(&field, "string")),
            }
        }
        if kind == Some("tool_use") && !block.get("input").is_some_and(Value::is_object) {
            return Err(wrong_type(&format!("{at}.input"), "dictionary"));
        }
    }
    Ok(())
}

/// Calls are answered in the very next message, and only calls are answered.
fn check_pairs(before: Option<&Message<'_>>, content: &Value, at: &str) -> Result<(), Refused> {
    let calls = before.filter(|message| message.role == "assistant");
    let calls = calls
        .map(|message| strings(message.content, "tool_use", "id"))
        .unwrap_or_default();
    let answers = strings(content, "tool_result", "tool_use_id");
    let unanswered: Vec<_> = calls
        .iter()
        .filter(|call| !answers.contains(call))
        .copied()
        .collect();
    if !unanswered.is_empty() {
        return Err(Refused::invalid(format!(
            "{at}: `tool_use` ids were found without `tool_result` blocks immediately after: {}. Each \
             `tool_use` block must have a corresponding `tool_result` block in the next message.",
            unanswered.join(", ")
        )));
    }
    match answers.iter().find(|answer| !calls.contains(answer)) {
        None => Ok(()),
        Some(stray) => Err(Refused::invalid(format!(
            "{at}.content: unexpected `tool_use_id` found in `tool_result` blocks: {stray}. Each \
             `tool_result` block must have a corresponding `tool_use` block in the previous message."
        ))),
    }
}

/// What a message or a system prompt costs, in tokens.
pub(super) fn content_tokens(content: &Value) -> u64 {
    let blocks = match content {
        Value::String(text) => return text::count(text),
        Value::Array(blocks) => blocks,
        _ => return 0,
    };
    let tokens = |block: &Value| match block.get("type").and_then(Value::as_str) {
        Some("image" | "document") => MEDIUM_TOKENS,
        Some("tool_use") => {
            let name = block
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default();
            text::count(name)
                + block
                    .get("input")
                    .map_or(0, |input| text::count(&input.to_string()))
        }
        // Two levels: the content of a tool result is text or blocks, never results again.
        Some("tool_result") => result_texts(block)
            .iter()
            .map(|result| text::count(result))
            .sum(),
        _ => ["text", "thinking"]
            .iter()
            .filter_map(|key| block.get(key)?.as_str())
            .map(text::count)
            .sum(),
    };
    blocks.iter().map(tokens).sum()
}

/// The text of a message: as it is, or that of its blocks of this kind.
pub(super) fn texts<'a>(content: &'a Value, kind: &str) -> Vec<&'a str> {
    match content {
        Value::String(text) => vec![text],
        blocks => strings(blocks, kind, "text"),
    }
}

/// One field of all blocks of a kind.
fn strings<'a>(content: &'a Value, kind: &str, field: &str) -> Vec<&'a str> {
    let blocks = content.as_array().into_iter().flatten();
    let of_kind = blocks.filter(|block| block.get("type").and_then(Value::as_str) == Some(kind));
    of_kind
        .filter_map(|block| block.get(field)?.as_str())
        .collect()
}

/// The texts of all tool results in a message.
pub(super) fn results(content: &Value) -> Vec<&str> {
    let blocks = content.as_array().into_iter().flatten();
    let results =
        blocks.filter(|block| block.get("type").and_then(Value::as_str) == Some("tool_result"));
    results
        .flat_map(|result| {
            let texts = result_texts(result);
            if texts.is_empty() { vec![""] } else { texts }
        })
        .collect()
}

fn result_texts(result: &Value) -> Vec<&str> {
    result
        .get("content")
        .map(|content| texts(content, "text"))
        .unwrap_or_default()
}
