//! Reads and checks a request as the API does, error texts included.

use serde_json::{Map, Value};

mod messages;

use crate::ask::{Ask, Kept, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::Refused;
use crate::text;
use messages::{MESSAGE_TOKENS, Message, content_tokens, messages, results, texts};

/// Tokens every answer costs beyond its messages.
const PRIMING_TOKENS: u64 = 3;

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
    if body.get("thread").is_some_and(|thread| !thread.is_null()) {
        let refused = Refused::invalid("thread: conversations are not held here");
        return Err(refused.code("thread_unsupported_request"));
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
        kept: Kept::default(),
        continued: None,
        model,
    })
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
