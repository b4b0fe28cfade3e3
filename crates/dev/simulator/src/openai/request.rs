//! Reads and checks a request as the API does, error texts included.

use serde_json::{Map, Value};

mod messages;

use crate::ask::{Ask, Kept, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::{Refused, kind};
use crate::text;
use messages::{last_text, message_tokens, messages, role};

/// Tokens every answer costs beyond its messages.
const PRIMING_TOKENS: u64 = 3;
/// The API's own limit of `n`.
pub(super) const CHOICES_MAX: u64 = 128;

/// Reads a request.
pub(crate) fn read(body: &Value) -> Result<Ask, Refused> {
    let body = body.as_object().ok_or_else(|| {
        Refused::invalid("We could not parse the JSON body of your request: it is not an object.")
    })?;
    let model = model_of(body)?;
    let messages = messages(body)?;
    let tools = tools(body)?;
    let stream = flag(body, "stream")?;
    let include_usage = usage_wanted(body, stream)?;
    ranges(body)?;
    let tools_text = body
        .get("tools")
        .map_or(0, |tools| text::count(&tools.to_string()));
    let last = last_text(&messages);
    let (directive, prompt) =
        Directive::read(&last).map_err(|bad| Refused::invalid(bad.to_string()))?;
    Ok(Ask {
        stream,
        include_usage,
        choices: usize::try_from(whole(body, "n", 1, CHOICES_MAX)?.unwrap_or(1)).unwrap_or(1),
        tokens_max: tokens_max(body)?,
        stop: stop(body)?,
        prompt: prompt.to_owned(),
        tool_result: (role(messages.last()) == "tool").then(|| last.clone()),
        directive,
        tool_choice: tool_choice(body, &tools)?,
        tools,
        reasoning: reasoning(body),
        json: wanted_json(body)?,
        input_tokens: messages
            .iter()
            .map(|message| message_tokens(message))
            .sum::<u64>()
            + tools_text
            + PRIMING_TOKENS,
        kept: Kept::default(),
        continued: None,
        model,
    })
}

/// The model that is asked.
pub(super) fn model_of(body: &Map<String, Value>) -> Result<String, Refused> {
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => model.clone(),
        None | Some(Value::Null) => {
            return Err(Refused::invalid("you must provide a model parameter"));
        }
        Some(other) => return Err(wrong_type("model", "a string", other)),
    };
    if model.starts_with("missing-") {
        let message =
            format!("The model `{model}` does not exist or you do not have access to it.");
        return Err(Refused::new(http::StatusCode::NOT_FOUND, message).code("model_not_found"));
    }
    Ok(model)
}

/// Is usage wanted in the stream?
pub(super) fn usage_wanted(body: &Map<String, Value>, stream: bool) -> Result<bool, Refused> {
    let options = body.get("stream_options");
    let options = options.filter(|options| !options.is_null());
    if options.is_some() && !stream {
        return Err(Refused::invalid(
            "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
        )
        .param("stream_options"));
    }
    let wanted = options.and_then(|options| options.get("include_usage"));
    Ok(wanted == Some(&Value::Bool(true)))
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let list = match body.get("tools") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong_type("tools", "an array of objects", other)),
    };
    let mut tools = Vec::with_capacity(list.len());
    for (place, tool) in list.iter().enumerate() {
        let at = format!("tools[{place}]");
        if tool.get("type").is_none() {
            return Err(missing(&format!("{at}.type")));
        }
        let name = tool.pointer("/function/name").and_then(Value::as_str);
        let name = name.ok_or_else(|| missing(&format!("{at}.function.name")))?;
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(Refused::invalid(format!(
                "Invalid '{at}.function.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
            ))
            .param(format!("{at}.function.name"))
            .code("invalid_value"));
        }
        let schema = tool
            .pointer("/function/parameters")
            .cloned()
            .unwrap_or_default();
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
    if tools.is_empty() {
        return Err(
            Refused::invalid("'tool_choice' is only allowed when 'tools' are specified.")
                .param("tool_choice"),
        );
    }
    match choice {
        Value::String(word) if word == "auto" => Ok(ToolChoice::Auto),
        Value::String(word) if word == "none" => Ok(ToolChoice::Never),
        Value::String(word) if word == "required" => Ok(ToolChoice::Any),
        _ => match choice.pointer("/function/name").and_then(Value::as_str) {
            Some(name) if tools.iter().any(|tool| tool.name == name) => {
                Ok(ToolChoice::Named(name.to_owned()))
            }
            Some(_) => Err(Refused::invalid(
                "Tool choice 'function' not found in 'tools' parameter.",
            )
            .param("tool_choice")),
            None => Err(Refused::invalid("Invalid value for 'tool_choice'.")
                .param("tool_choice")
                .code("invalid_value")),
        },
    }
}

fn tokens_max(body: &Map<String, Value>) -> Result<Option<usize>, Refused> {
    let newer = whole(body, "max_completion_tokens", 1, u64::MAX)?;
    let older = whole(body, "max_tokens", 1, u64::MAX)?;
    if newer.is_some() && older.is_some() {
        return Err(Refused::invalid(
            "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
        )
        .code("invalid_parameter_combination"));
    }
    Ok(newer
        .or(older)
        .map(|most| usize::try_from(most).unwrap_or(usize::MAX)))
}

pub(super) fn stop(body: &Map<String, Value>) -> Result<Vec<String>, Refused> {
    match body.get("stop") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(stop)) => Ok(vec![stop.clone()]),
        Some(Value::Array(list)) if list.len() <= 4 => list
            .iter()
            .map(|stop| {
                stop.as_str()
                    .map(str::to_owned)
                    .ok_or_else(|| wrong_type("stop", "an array of strings", stop))
            })
            .collect(),
        Some(Value::Array(_)) => Err(Refused::invalid(
            "Invalid 'stop': array too long. Expected an array with maximum length 4.",
        )
        .param("stop")
        .code("array_above_max_length")),
        Some(other) => Err(wrong_type(
            "stop",
            "one of a string or array of strings",
            other,
        )),
    }
}

pub(super) fn ranges(body: &Map<String, Value>) -> Result<(), Refused> {
    for (name, least, most) in [
        ("temperature", 0.0, 2.0),
        ("top_p", 0.0, 1.0),
        ("presence_penalty", -2.0, 2.0),
        ("frequency_penalty", -2.0, 2.0),
    ] {
        let number = match body.get(name) {
            None | Some(Value::Null) => continue,
            Some(value) => value
                .as_f64()
                .ok_or_else(|| wrong_type(name, "a decimal", value))?,
        };
        if !(least..=most).contains(&number) {
            let (side, bound, code) = if number < least {
                ("below minimum", least, "decimal_below_min_value")
            } else {
                ("above maximum", most, "decimal_above_max_value")
            };
            return Err(Refused::invalid(format!("Invalid '{name}': decimal {side} value. Expected a value {} {bound}, but got {number} instead.", if number < least { ">=" } else { "<=" })).param(name).code(code));
        }
    }
    Ok(())
}

fn reasoning(body: &Map<String, Value>) -> usize {
    match body.get("reasoning_effort").and_then(Value::as_str) {
        None | Some("none") => 0,
        Some("minimal") => 4,
        Some("low") => 8,
        Some("medium") => 16,
        Some(_) => 32,
    }
}

/// `Value::Null` stands for any object.
fn wanted_json(body: &Map<String, Value>) -> Result<Option<Value>, Refused> {
    let format = match body.get("response_format") {
        None | Some(Value::Null) => return Ok(None),
        Some(format) => format,
    };
    match format.get("type").and_then(Value::as_str) {
        Some("text") => Ok(None),
        Some("json_object") => Ok(Some(Value::Null)),
        Some("json_schema") => match format.pointer("/json_schema/schema") {
            Some(schema) => Ok(Some(schema.clone())),
            None => Err(missing("response_format.json_schema.schema")),
        },
        Some(other) => Err(Refused::invalid(format!("Invalid value: '{other}'. Supported values are: 'json_object', 'json_schema', and 'text'.")).param("response_format.type").code("invalid_value")),
        None => Err(missing("response_format.type")),
    }
}

pub(super) fn flag(body: &Map<String, Value>, name: &str) -> Result<bool, Refused> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(wrong_type(name, "a boolean", other)),
    }
}

pub(super) fn whole(
    body: &Map<String, Value>,
    name: &str,
    least: u64,
    most: u64,
) -> Result<Option<u64>, Refused> {
    let value = match body.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let number = match (value.as_u64(), value.as_i64()) {
        (Some(number), _) => number,
        (None, Some(_negative)) => 0,
        (None, None) => return Err(wrong_type(name, "an integer", value)),
    };
    if number < least {
        return Err(Refused::invalid(format!("Invalid '{name}': integer below minimum value. Expected a value >= {least}, but got {value} instead.")).param(name).code("integer_below_min_value"));
    }
    if number > most {
        return Err(Refused::invalid(format!("Invalid '{name}': integer above maximum value. Expected a value <= {most}, but got {value} instead.")).param(name).code("integer_above_max_value"));
    }
    Ok(Some(number))
}

pub(super) fn missing(param: &str) -> Refused {
    Refused::invalid(format!("Missing required parameter: '{param}'."))
        .param(param)
        .code("missing_required_parameter")
}

pub(super) fn wrong_type(param: &str, expected: &str, found: &Value) -> Refused {
    let message = format!(
        "Invalid type for '{param}': expected {expected}, but got {} instead.",
        kind(found)
    );
    Refused::invalid(message).param(param).code("invalid_type")
}
