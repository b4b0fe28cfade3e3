//! Reads and checks a request as the API does, error texts included.

use serde_json::{Map, Value};

use crate::ask::{Ask, Kept, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::Refused;
use crate::text;

/// Tokens every answer costs beyond its messages.
const PRIMING_TOKENS: u64 = 3;
/// Tokens every message costs beyond its text.
const MESSAGE_TOKENS: u64 = 4;
/// What a picture costs.
const PICTURE_TOKENS: u64 = 85;
/// Stop sequences, at most.
const STOPS_MAX: usize = 5;

/// Reads a request.
pub(crate) fn read(body: &Value) -> Result<Ask, Refused> {
    let body = body
        .as_object()
        .ok_or_else(|| Refused::invalid("invalid request: an object is expected"))?;
    let model = match body.get("model").and_then(Value::as_str) {
        Some(model) if !model.is_empty() => model.to_owned(),
        _ => return Err(Refused::invalid("invalid request: model is required")),
    };
    if model.starts_with("missing-") {
        return Err(Refused::new(
            http::StatusCode::NOT_FOUND,
            format!(
                "model '{model}' not found, make sure the correct model ID was used and that you have access to the model."
            ),
        ));
    }
    let messages = messages(body)?;
    let tools = tools(body)?;
    let tool_choice = tool_choice(body, &tools)?;
    ranges(body)?;
    let (said, results) = ending(&messages);
    let (directive, prompt) =
        Directive::read(&said).map_err(|bad| Refused::invalid(bad.to_string()))?;
    Ok(Ask {
        model,
        stream: body
            .get("stream")
            .and_then(Value::as_bool)
            .unwrap_or_default(),
        include_usage: true,
        choices: 1,
        tokens_max: tokens_max(body)?,
        stop: stop(body)?,
        prompt: prompt.to_owned(),
        tool_result: (!results.is_empty()).then(|| results.join("\n")),
        directive,
        reasoning: reasoning(body)?,
        tool_choice,
        json: wanted_json(body)?,
        input_tokens: input_tokens(body, &messages),
        kept: Kept::default(),
        continued: None,
        tools,
    })
}

/// One message, checked.
struct Message<'a> {
    role: &'a str,
    content: &'a Value,
    /// What stands beside the content.
    rest: &'a Value,
}

fn messages(body: &Map<String, Value>) -> Result<Vec<Message<'_>>, Refused> {
    let list = body.get("messages").and_then(Value::as_array);
    let list = list
        .filter(|list| !list.is_empty())
        .ok_or_else(|| Refused::invalid("invalid request: list of messages must not be empty"))?;
    let mut open: Vec<&str> = Vec::new();
    let mut messages = Vec::with_capacity(list.len());
    for (place, message) in list.iter().enumerate() {
        let role = message
            .get("role")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let content = message.get("content").unwrap_or(&Value::Null);
        match role {
            "system" | "user" => check_said(content, role, place)?,
            "assistant" => {
                let calls = message.get("tool_calls").and_then(Value::as_array);
                let calls = calls.map_or(&[][..], Vec::as_slice);
                if calls.is_empty() && is_nothing(content) {
                    return Err(invalid(place, "must have content or tool calls"));
                }
                for call in calls {
                    let named = call.pointer("/function/name").and_then(Value::as_str);
                    let id = call.get("id").and_then(Value::as_str);
                    match (named, id) {
                        (Some(_), Some(id)) => open.push(id),
                        _ => return Err(invalid(place, "has a tool call without an id or a name")),
                    }
                }
            }
            "tool" => {
                let id = message.get("tool_call_id").and_then(Value::as_str);
                let at = open.iter().position(|open| Some(*open) == id);
                let Some(at) = at else {
                    let why = "has a tool_call_id that no tool call before it has";
                    return Err(invalid(place, why));
                };
                open.remove(at);
            }
            _ => {
                return Err(invalid(
                    place,
                    "has a role that is none of system, user, assistant, tool",
                ));
            }
        }
        messages.push(Message {
            role,
            content,
            rest: message,
        });
    }
    match messages.last() {
        Some(last) if !matches!(last.role, "user" | "tool" | "system") => Err(Refused::invalid(
            "invalid request: the last message must be from the user or a tool",
        )),
        _ => Ok(messages),
    }
}

fn is_nothing(content: &Value) -> bool {
    match content {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}

fn check_said(content: &Value, role: &str, place: usize) -> Result<(), Refused> {
    if is_nothing(content) {
        return Err(invalid(place, "must have content"));
    }
    for part in content.as_array().into_iter().flatten() {
        let is_known = match part.get("type").and_then(Value::as_str) {
            Some("text") => part.get("text").is_some_and(Value::is_string),
            Some("image_url") if role == "user" => {
                part.pointer("/image_url/url").is_some_and(Value::is_string)
            }
            _ => false,
        };
        if !is_known {
            return Err(invalid(place, "has content of an unknown type"));
        }
    }
    Ok(())
}

fn invalid(place: usize, why: &str) -> Refused {
    Refused::invalid(format!("invalid request: message at index {place} {why}"))
}

/// What the user said last, and what tools answered since.
fn ending(messages: &[Message<'_>]) -> (String, Vec<String>) {
    let mut results = Vec::new();
    for message in messages.iter().rev() {
        match message.role {
            "tool" => results.insert(0, texts(message.content).join("\n")),
            "user" if results.is_empty() => return (texts(message.content).join("\n"), results),
            _ => break,
        }
    }
    (String::new(), results)
}

/// The texts of a content: parts, and what documents say.
fn texts(content: &Value) -> Vec<String> {
    match content {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list
            .iter()
            .filter_map(|part| match part.get("text") {
                Some(text) => text.as_str().map(str::to_owned),
                None => part.pointer("/document/data").map(ToString::to_string),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let mut tools = Vec::new();
    for tool in body
        .get("tools")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let function = tool.get("function");
        let of = |name: &str| function.and_then(|function| function.get(name));
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        let name = of("name").and_then(Value::as_str).unwrap_or_default();
        if name.is_empty() || !name.chars().all(plain) {
            return Err(Refused::invalid(
                "invalid request: tool names can only contain certain characters (A-Za-z0-9_-)",
            ));
        }
        let schema = of("parameters").filter(|schema| schema.is_object());
        let schema = schema.ok_or_else(|| {
            Refused::invalid("invalid request: all elements in tools must have parameters")
        })?;
        tools.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refused> {
    match body.get("tool_choice") {
        None | Some(Value::Null) => Ok(ToolChoice::Auto),
        Some(choice) => match choice.as_str() {
            Some("REQUIRED" | "NONE") if tools.is_empty() => Err(Refused::invalid(
                "invalid request: tool_choice can only be used with tools",
            )),
            Some("REQUIRED") => Ok(ToolChoice::Any),
            Some("NONE") => Ok(ToolChoice::Never),
            _ => Err(Refused::invalid(
                "invalid request: tool_choice must be one of [REQUIRED, NONE]",
            )),
        },
    }
}

fn ranges(body: &Map<String, Value>) -> Result<(), Refused> {
    let ranges = [
        ("temperature", 0.0, 1.0),
        ("frequency_penalty", 0.0, 1.0),
        ("presence_penalty", 0.0, 1.0),
        ("p", 0.01, 0.99),
        ("k", 0.0, 500.0),
    ];
    for (name, least, most) in ranges {
        let Some(value) = body.get(name).filter(|value| !value.is_null()) else {
            continue;
        };
        let number = value.as_f64();
        if number.is_none_or(|number| !(least..=most).contains(&number)) {
            return Err(Refused::invalid(format!(
                "invalid request: {name} must be between {least} and {most} inclusive"
            )));
        }
    }
    Ok(())
}

fn tokens_max(body: &Map<String, Value>) -> Result<Option<usize>, Refused> {
    match body.get("max_tokens") {
        None | Some(Value::Null) => Ok(None),
        Some(most) => match most.as_u64() {
            Some(most @ 1..) => Ok(Some(usize::try_from(most).unwrap_or(usize::MAX))),
            _ => Err(Refused::invalid(
                "invalid request: max_tokens must be greater than 0",
            )),
        },
    }
}

fn stop(body: &Map<String, Value>) -> Result<Vec<String>, Refused> {
    let list = body.get("stop_sequences").and_then(Value::as_array);
    let stops: Vec<String> = list
        .into_iter()
        .flatten()
        .filter_map(|stop| stop.as_str().map(str::to_owned))
        .collect();
    if stops.len() > STOPS_MAX {
        return Err(Refused::invalid(format!(
            "invalid request: stop_sequences can have up to {STOPS_MAX} elements"
        )));
    }
    Ok(stops)
}

/// Tokens of thinking to show.
fn reasoning(body: &Map<String, Value>) -> Result<usize, Refused> {
    let Some(thinking) = body.get("thinking").filter(|thinking| !thinking.is_null()) else {
        return Ok(0);
    };
    match thinking.get("type").and_then(Value::as_str) {
        Some("disabled") => Ok(0),
        Some("enabled") if thinking.get("token_budget") == Some(&Value::from(0)) => Err(
            Refused::invalid("invalid request: thinking.token_budget must be a positive integer"),
        ),
        Some("enabled") => Ok(16),
        _ => Err(Refused::invalid(
            "invalid request: thinking.type must be one of [enabled, disabled]",
        )),
    }
}

fn wanted_json(body: &Map<String, Value>) -> Result<Option<Value>, Refused> {
    let Some(format) = body
        .get("response_format")
        .filter(|format| !format.is_null())
    else {
        return Ok(None);
    };
    let schema = ["json_schema", "schema"]
        .iter()
        .find_map(|name| format.get(name));
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(schema.cloned().unwrap_or_default())),
        _ => Err(Refused::invalid(
            "invalid request: response_format.type must be one of [text, json_object]",
        )),
    }
}

fn input_tokens(body: &Map<String, Value>, messages: &[Message<'_>]) -> u64 {
    let beside = ["tools", "documents"]
        .iter()
        .filter_map(|name| body.get(*name));
    let beside: u64 = beside.map(|value| text::count(&value.to_string())).sum();
    let messages: u64 = messages
        .iter()
        .map(|message| {
            let said: u64 = texts(message.content)
                .iter()
                .map(|said| text::count(said))
                .sum();
            let parts = message.content.as_array().into_iter().flatten();
            let pictures = parts.filter(|part| part.get("image_url").is_some()).count() as u64;
            let more = ["tool_plan", "tool_calls"]
                .iter()
                .filter_map(|name| message.rest.get(name));
            let more: u64 = more.map(|value| text::count(&value.to_string())).sum();
            MESSAGE_TOKENS + said + more + pictures * PICTURE_TOKENS
        })
        .sum();
    PRIMING_TOKENS + beside + messages
}
