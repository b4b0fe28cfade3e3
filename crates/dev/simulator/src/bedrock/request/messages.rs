//! The messages of a request: checked, and counted.

use serde_json::{Map, Value};

use super::violated;
use crate::refused::Refused;
use crate::text;

/// Tokens every message costs beyond its text.
pub(super) const MESSAGE_TOKENS: u64 = 4;
/// What a picture, a sound or a document costs.
const MEDIUM_TOKENS: u64 = 85;

/// The kinds of blocks.
const KINDS: &[&str] = &[
    "text",
    "image",
    "document",
    "video",
    "audio",
    "toolUse",
    "toolResult",
    "guardContent",
    "cachePoint",
    "reasoningContent",
    "citationsContent",
    "searchResult",
    "toolAddition",
    "toolRemoval",
];

/// One turn of the conversation, checked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message<'a> {
    role: &'a str,
    pub(super) content: &'a Value,
}

impl Message<'_> {
    pub(super) fn has_tool_blocks(&self) -> bool {
        let mut blocks = blocks(self.content);
        blocks.any(|block| block.get("toolUse").is_some() || block.get("toolResult").is_some())
    }
}

/// All messages, in order and rightly paired.
pub(super) fn messages(body: &Map<String, Value>) -> Result<Vec<Message<'_>>, Refused> {
    let list = body.get("messages").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty()).ok_or_else(|| {
        Refused::invalid("A conversation must start with a user message. Try again with a conversation that starts with a user message.")
    })?;
    let mut messages: Vec<Message<'_>> = Vec::with_capacity(list.len());
    let mut names = Vec::new();
    for (place, message) in list.iter().enumerate() {
        let at = format!("messages.{}", place + 1);
        let role = message.get("role").and_then(Value::as_str);
        let Some(role @ ("user" | "assistant")) = role else {
            return Err(violated(
                &format!("{at}.member.role"),
                "Member must satisfy enum value set: [user, assistant]",
            ));
        };
        let turn = if place % 2 == 0 { "user" } else { "assistant" };
        if role != turn {
            return Err(Refused::invalid(if place == 0 {
                "A conversation must start with a user message. Try again with a conversation that starts with a user message."
            } else {
                "A conversation must alternate between user and assistant roles. Make sure the conversation alternates between user and assistant roles and try again."
            }));
        }
        let content = message.get("content").unwrap_or(&Value::Null);
        check_content(content, &format!("{at}.member.content"), KINDS)?;
        for block in blocks(content) {
            let name = block.pointer("/document/name").and_then(Value::as_str);
            if let Some(name) = name {
                if names.contains(&name) {
                    return Err(Refused::invalid(
                        "The request contains documents with the same name. Each document needs a name of its own.",
                    ));
                }
                names.push(name);
            }
        }
        check_pairs(messages.last(), content)?;
        messages.push(Message { role, content });
    }
    check_pairs(messages.last(), &Value::Null)?;
    Ok(messages)
}

/// A list of objects, each with one member of these kinds.
pub(super) fn check_content(content: &Value, at: &str, kinds: &[&str]) -> Result<(), Refused> {
    let list = content.as_array().filter(|list| !list.is_empty());
    let list = list.ok_or_else(|| {
        Refused::invalid(format!(
            "The content field in the Message object at {at} is empty. Add a ContentBlock object to the content field and try again."
        ))
    })?;
    for (place, block) in list.iter().enumerate() {
        let at = format!("{at}.{}", place + 1);
        let members = block.as_object().map(Map::iter).into_iter().flatten();
        let mut members = members.filter(|(_, value)| !value.is_null());
        let (Some((kind, value)), None) = (members.next(), members.next()) else {
            return Err(violated(&at, "Exactly one member of the union must be set"));
        };
        if !kinds.contains(&kind.as_str()) {
            return Err(violated(&at, "Unknown member of the union"));
        }
        check_block(kind, value, &at)?;
    }
    Ok(())
}

fn check_block(kind: &str, value: &Value, at: &str) -> Result<(), Refused> {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    match kind {
        "text" if value.as_str().is_none_or(|text| text.trim().is_empty()) => {
            Err(Refused::invalid(format!(
                "The text field in the ContentBlock object at {at} is blank. Add text to the text field, and try again."
            )))
        }
        "image" => check_file(value, &["png", "jpeg", "gif", "webp"], at),
        "document" => {
            let plain = |c: char| c.is_ascii_alphanumeric() || " \t-()[]".contains(c);
            let name = text("name").unwrap_or_default();
            if name.is_empty() || name.contains("  ") || !name.chars().all(plain) {
                return Err(Refused::invalid(
                    "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character.",
                ));
            }
            let formats = [
                "pdf", "csv", "doc", "docx", "xls", "xlsx", "html", "txt", "md",
            ];
            check_file(value, &formats, at)
        }
        "toolUse" => {
            let id = text("toolUseId").unwrap_or_default();
            check_id(id, at)?;
            if text("name").is_none_or(str::is_empty)
                || !value.get("input").is_some_and(Value::is_object)
            {
                return Err(Refused::invalid(format!(
                    "The format of the value at {at}.toolUse.input is invalid. Provide a json object for the field and try again."
                )));
            }
            Ok(())
        }
        "toolResult" => {
            check_id(text("toolUseId").unwrap_or_default(), at)?;
            match value.get("content") {
                Some(Value::Array(_)) => Ok(()),
                _ => Err(violated(
                    &format!("{at}.toolResult.content"),
                    "Member must not be null",
                )),
            }
        }
        "reasoningContent" => {
            let inner = value.pointer("/reasoningText/text");
            match (inner, value.get("redactedContent")) {
                (Some(Value::String(_)), None) | (None, Some(Value::String(_))) => Ok(()),
                _ => Err(violated(
                    &format!("{at}.reasoningContent"),
                    "Exactly one member of the union must be set",
                )),
            }
        }
        "cachePoint" if text("type") != Some("default") => Err(violated(
            &format!("{at}.cachePoint.type"),
            "Member must satisfy enum value set: [default]",
        )),
        _ => Ok(()),
    }
}

fn check_file(value: &Value, formats: &[&str], at: &str) -> Result<(), Refused> {
    let format = value.get("format").and_then(Value::as_str);
    if format.is_some_and(|format| !formats.contains(&format)) {
        return Err(violated(
            &format!("{at}.format"),
            &format!(
                "Member must satisfy enum value set: [{}]",
                formats.join(", ")
            ),
        ));
    }
    let source = value.get("source").and_then(Value::as_object);
    let bytes = source
        .and_then(|source| source.get("bytes"))
        .map(Value::as_str);
    match (source.map(Map::len), bytes) {
        (Some(1), Some(Some(bytes))) if is_base64(bytes) => Ok(()),
        (Some(1), None) => Ok(()),
        _ => Err(Refused::invalid(format!(
            "The source at {at} has no bytes in base64, no location and no text."
        ))),
    }
}

fn is_base64(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '+' || c == '/';
    !body.is_empty()
        && text.len().is_multiple_of(4)
        && text.len() - body.len() < 3
        && body.chars().all(plain)
}

fn check_id(id: &str, at: &str) -> Result<(), Refused> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.:-".contains(c);
    if id.is_empty() || id.len() > 64 || !id.chars().all(plain) {
        return Err(violated(
            &format!("{at}.toolUseId"),
            "Member must satisfy regular expression pattern: [a-zA-Z0-9_.:-]+",
        ));
    }
    Ok(())
}

/// Calls are answered in the very next message, and only calls are answered.
fn check_pairs(before: Option<&Message<'_>>, content: &Value) -> Result<(), Refused> {
    let calls = before.filter(|message| message.role == "assistant");
    let calls = calls
        .map(|message| strings(message.content, "/toolUse/toolUseId"))
        .unwrap_or_default();
    let answers = strings(content, "/toolResult/toolUseId");
    let unanswered: Vec<_> = calls
        .iter()
        .filter(|call| !answers.contains(call))
        .copied()
        .collect();
    if !unanswered.is_empty() {
        return Err(Refused::invalid(format!(
            "Expected toolResult blocks for the following Ids: {}",
            unanswered.join(", ")
        )));
    }
    if answers.iter().any(|answer| !calls.contains(answer)) {
        return Err(Refused::invalid(
            "The number of toolResult blocks exceeds the number of toolUse blocks of previous turn.",
        ));
    }
    Ok(())
}

/// What a message or a system prompt costs, in tokens.
pub(super) fn content_tokens(content: &Value) -> u64 {
    let tokens = |block: &Value| {
        let Some((kind, value)) = block.as_object().and_then(|block| block.iter().next()) else {
            return 0;
        };
        match kind.as_str() {
            "image" | "document" | "video" | "audio" => MEDIUM_TOKENS,
            "toolUse" => {
                let name = value
                    .get("name")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                let input = value
                    .get("input")
                    .map_or(0, |input| text::count(&input.to_string()));
                text::count(name) + input
            }
            "toolResult" => result_texts(value)
                .iter()
                .map(|text| text::count(text))
                .sum(),
            "reasoningContent" => value
                .pointer("/reasoningText/text")
                .and_then(Value::as_str)
                .map_or(0, text::count),
            _ => value.as_str().map_or(0, text::count),
        }
    };
    blocks(content).map(tokens).sum()
}

fn blocks(content: &Value) -> impl Iterator<Item = &Value> {
    content.as_array().into_iter().flatten()
}

/// The texts of a message.
pub(super) fn texts(content: &Value) -> Vec<&str> {
    strings(content, "/text")
}

/// One string of all blocks that have it.
fn strings<'a>(content: &'a Value, path: &str) -> Vec<&'a str> {
    blocks(content)
        .filter_map(|block| block.pointer(path)?.as_str())
        .collect()
}

/// The texts of all tool results in a message.
pub(super) fn results(content: &Value) -> Vec<String> {
    let results = blocks(content).filter_map(|block| block.get("toolResult"));
    results
        .flat_map(|result| {
            let texts = result_texts(result);
            if texts.is_empty() {
                vec![String::new()]
            } else {
                texts
            }
        })
        .collect()
}

fn result_texts(result: &Value) -> Vec<String> {
    let content = result.get("content").unwrap_or(&Value::Null);
    let text = |block: &Value| match (block.get("text"), block.get("json")) {
        (Some(text), _) => text.as_str().map(str::to_owned),
        (None, json) => json.map(Value::to_string),
    };
    blocks(content).filter_map(text).collect()
}
