//! Reads and checks a request as the API does, error texts included.

use serde_json::{Map, Value};

use crate::ask::{Ask, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::Refused;
use crate::text;

/// Tokens every message costs beyond its text, and every answer beyond its messages.
const MESSAGE_TOKENS: u64 = 4;
const PRIMING_TOKENS: u64 = 3;
/// What a picture or a document costs.
const MEDIUM_TOKENS: u64 = 85;

/// What the request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// `POST /v1/messages`.
    Create,
    /// `POST /v1/messages/count_tokens`: `max_tokens` is not needed.
    CountTokens,
}

/// Reads a request.
pub(crate) fn read(body: &Value, operation: Operation) -> Result<Ask, Refused> {
    let body = body.as_object().ok_or_else(|| {
        Refused::invalid("The request body is not valid JSON: an object is expected")
    })?;
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => model.clone(),
        None => return Err(required("model")),
        Some(_) => return Err(wrong_type("model", "string")),
    };
    if model.starts_with("missing-") {
        return Err(Refused::new(
            http::StatusCode::NOT_FOUND,
            format!("model: {model}"),
        ));
    }
    let messages = messages(body)?;
    let tokens_max = match body.get("max_tokens") {
        Some(most) => Some(positive(most, "max_tokens")?),
        None if operation == Operation::CountTokens => None,
        None => return Err(required("max_tokens")),
    };
    let tools = tools(body)?;
    let tool_choice = tool_choice(body, &tools)?;
    ranges(body)?;
    let last = messages.last();
    let last_text = last
        .map(|message| texts(message.content, "text").join("\n"))
        .unwrap_or_default();
    let (directive, prompt) =
        Directive::read(&last_text).map_err(|bad| Refused::invalid(bad.to_string()))?;
    let results = last
        .map(|message| results(message.content))
        .unwrap_or_default();
    Ok(Ask {
        stream: flag(body, "stream")?,
        include_usage: true,
        choices: 1,
        tokens_max,
        stop: stop(body)?,
        prompt: prompt.to_owned(),
        tool_result: (!results.is_empty()).then(|| results.join("\n")),
        directive,
        reasoning: reasoning(body, tokens_max, &tool_choice)?,
        tool_choice,
        tools,
        json: wanted_json(body),
        input_tokens: input_tokens(body, &messages),
        model,
    })
}

struct Message<'a> {
    role: &'a str,
    content: &'a Value,
}

fn messages(body: &Map<String, Value>) -> Result<Vec<Message<'_>>, Refused> {
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

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let list = match body.get("tools") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong_type("tools", "list")),
    };
    let mut tools = Vec::with_capacity(list.len());
    for (place, tool) in list.iter().enumerate() {
        let at = format!("tools.{place}");
        let name = tool.get("name").and_then(Value::as_str);
        let name = name.ok_or_else(|| required(&format!("{at}.custom.name")))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 128 || !name.chars().all(plain) {
            return Err(Refused::invalid(format!(
                "{at}.custom.name: String should match pattern '^[a-zA-Z0-9_-]{{1,128}}$'"
            )));
        }
        let own = tool
            .get("type")
            .and_then(Value::as_str)
            .is_none_or(|kind| kind == "custom");
        let schema = match tool.get("input_schema") {
            Some(schema) => schema.clone(),
            None if own => return Err(required(&format!("{at}.custom.input_schema"))),
            None => Value::Null,
        };
        if own && schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(required(&format!("{at}.custom.input_schema.type")));
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema,
        });
    }
    Ok(tools)
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refused> {
    let choice = match body.get("tool_choice") {
        None | Some(Value::Null) => return Ok(ToolChoice::Auto),
        Some(choice) => choice,
    };
    let kind = choice.get("type").and_then(Value::as_str);
    if tools.is_empty() && kind != Some("none") {
        return Err(Refused::invalid(
            "tool_choice may only be specified while providing tools",
        ));
    }
    match (kind, choice.get("name").and_then(Value::as_str)) {
        (Some("auto"), _) => Ok(ToolChoice::Auto),
        (Some("none"), _) => Ok(ToolChoice::Never),
        (Some("any"), _) => Ok(ToolChoice::Any),
        (Some("tool"), Some(name)) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        (Some("tool"), Some(name)) => Err(Refused::invalid(format!(
            "Tool '{name}' not found in provided tools"
        ))),
        (Some("tool"), None) => Err(required("tool_choice.tool.name")),
        _ => Err(Refused::invalid(
            "tool_choice: Input tag does not match any of the expected tags: 'auto', 'any', 'tool', 'none'",
        )),
    }
}

/// Tokens of thinking to show. The budget must leave room for an answer.
fn reasoning(
    body: &Map<String, Value>,
    tokens_max: Option<usize>,
    choice: &ToolChoice,
) -> Result<usize, Refused> {
    let Some(thinking) = body.get("thinking").filter(|thinking| !thinking.is_null()) else {
        return Ok(0);
    };
    match thinking.get("type").and_then(Value::as_str) {
        Some("disabled") => return Ok(0),
        Some("adaptive") => {}
        Some("enabled") => {
            let budget = thinking
                .get("budget_tokens")
                .ok_or_else(|| required("thinking.enabled.budget_tokens"))?;
            let budget = positive(budget, "thinking.enabled.budget_tokens")?;
            if budget < 1024 {
                return Err(Refused::invalid(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
                ));
            }
            if tokens_max.is_some_and(|most| most <= budget) {
                return Err(Refused::invalid(
                    "`max_tokens` must be greater than `thinking.budget_tokens`.",
                ));
            }
        }
        _ => {
            return Err(Refused::invalid(
                "thinking: Input tag does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'",
            ));
        }
    }
    if matches!(choice, ToolChoice::Any | ToolChoice::Named(_)) {
        return Err(Refused::invalid(
            "Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    Ok(16)
}

fn ranges(body: &Map<String, Value>) -> Result<(), Refused> {
    for name in ["temperature", "top_p"] {
        let number = match body.get(name) {
            None | Some(Value::Null) => continue,
            Some(value) => value.as_f64().ok_or_else(|| wrong_type(name, "number"))?,
        };
        if number < 0.0 {
            return Err(Refused::invalid(format!(
                "{name}: Input should be greater than or equal to 0"
            )));
        }
        if number > 1.0 {
            return Err(Refused::invalid(format!(
                "{name}: Input should be less than or equal to 1"
            )));
        }
    }
    Ok(())
}

fn stop(body: &Map<String, Value>) -> Result<Vec<String>, Refused> {
    let list = match body.get("stop_sequences") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(wrong_type("stop_sequences", "list")),
    };
    let text = |(place, stop): (usize, &Value)| {
        let stop = stop
            .as_str()
            .ok_or_else(|| wrong_type(&format!("stop_sequences.{place}"), "string"))?;
        if stop.trim().is_empty() {
            return Err(Refused::invalid(
                "stop_sequences: each stop sequence must contain non-whitespace",
            ));
        }
        Ok(stop.to_owned())
    };
    list.iter().enumerate().map(text).collect()
}

/// Structured output: `output_config.format`, or `output_format` as it was called in beta.
fn wanted_json(body: &Map<String, Value>) -> Option<Value> {
    let format = body
        .get("output_config")
        .and_then(|config| config.get("format"));
    let format = format.or_else(|| body.get("output_format"))?;
    let wanted = format.get("type").and_then(Value::as_str) == Some("json_schema");
    wanted.then(|| format.get("schema").cloned().unwrap_or_default())
}

fn input_tokens(body: &Map<String, Value>, messages: &[Message<'_>]) -> u64 {
    let system = body
        .get("system")
        .map_or(0, |system| MESSAGE_TOKENS + content_tokens(system));
    let tools = body
        .get("tools")
        .map_or(0, |tools| text::count(&tools.to_string()));
    let messages: u64 = messages
        .iter()
        .map(|message| MESSAGE_TOKENS + content_tokens(message.content))
        .sum();
    PRIMING_TOKENS + system + tools + messages
}

fn content_tokens(content: &Value) -> u64 {
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
fn texts<'a>(content: &'a Value, kind: &str) -> Vec<&'a str> {
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
fn results(content: &Value) -> Vec<&str> {
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

fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, Refused> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(wrong_type(name, "boolean")),
    }
}

fn positive(value: &Value, name: &str) -> Result<usize, Refused> {
    match (value.as_u64(), value.as_i64()) {
        (Some(number @ 1..), _) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
        (None, None) => Err(wrong_type(name, "integer")),
        _ => Err(Refused::invalid(format!(
            "{name}: must be greater than or equal to 1"
        ))),
    }
}

fn required(field: &str) -> Refused {
    Refused::invalid(format!("{field}: Field required"))
}

fn wrong_type(field: &str, expected: &str) -> Refused {
    Refused::invalid(format!("{field}: Input should be a valid {expected}"))
}
