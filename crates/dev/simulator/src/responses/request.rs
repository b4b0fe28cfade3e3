//! Reads and checks a request as the API does.

use serde_json::{Map, Value};

use crate::ask::{Ask, Kept, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::{Refused, kind};
use crate::text;

/// Tokens every answer costs beyond its items, and every item beyond its text.
const PRIMING_TOKENS: u64 = 3;
const ITEM_TOKENS: u64 = 4;
const MEDIUM_TOKENS: u64 = 85;
/// The API's own least limit of an answer.
const OUTPUT_TOKENS_MIN: u64 = 16;

/// What the encrypted reasoning of this provider begins with.
pub(super) const SEAL: &str = "c2ltdWxhdG9y";

/// Reads a request.
pub(crate) fn read(body: &Value) -> Result<Ask, Refused> {
    let body = body.as_object().ok_or_else(|| {
        Refused::invalid("We could not parse the JSON body of your request: it is not an object.")
    })?;
    let model = match body.get("model") {
        Some(Value::String(model)) if !model.is_empty() => model.clone(),
        None | Some(Value::Null) => return Err(missing("model")),
        Some(other) => return Err(wrong_type("model", "a string", other)),
    };
    if model.starts_with("missing-") {
        let message = format!("The requested model '{model}' does not exist.");
        return Err(Refused::invalid(message)
            .param("model")
            .code("model_not_found"));
    }
    let items = items(body)?;
    // Some agents instruct behind what the user said.
    let instructs = |item: &Value| {
        let role = item.get("role").and_then(Value::as_str);
        matches!(role, Some("system" | "developer"))
    };
    let mut said = items.iter().rev();
    let last = said.find(|item| !instructs(item)).copied().cloned();
    let last = last.unwrap_or_default();
    let is_result = last.get("type").and_then(Value::as_str) == Some("function_call_output");
    let member = if is_result { "output" } else { "content" };
    let said = match &last {
        Value::String(text) => text.clone(),
        item => texts(item.get(member)).join("\n"),
    };
    let (directive, prompt) =
        Directive::read(&said).map_err(|bad| Refused::invalid(bad.to_string()))?;
    let tools = tools(body)?;
    let listed: u64 = items
        .iter()
        .map(|item| ITEM_TOKENS + item_tokens(item))
        .sum();
    let more = ["instructions", "tools"].map(|name| body.get(name).map_or(0, tokens));
    Ok(Ask {
        stream: flag(body, "stream", false)?,
        include_usage: true,
        choices: 1,
        tokens_max: tokens_max(body)?,
        stop: Vec::new(),
        prompt: prompt.to_owned(),
        tool_result: is_result.then(|| said.clone()),
        directive,
        tool_choice: tool_choice(body, &tools)?,
        tools,
        reasoning: reasoning(body),
        json: wanted_json(body)?,
        input_tokens: PRIMING_TOKENS + listed + more.iter().sum::<u64>(),
        continued: None,
        kept: Kept {
            encrypted: includes(body, "reasoning.encrypted_content"),
            background: flag(body, "background", false)?,
            store: flag(body, "store", true)?,
            earlier: body
                .get("previous_response_id")
                .and_then(Value::as_str)
                .map(str::to_owned),
            input: items.into_iter().cloned().collect(),
        },
        model,
    })
}

/// The items, a text alone as the message that it stands for; checked, and rightly paired.
fn items(body: &Map<String, Value>) -> Result<Vec<&Value>, Refused> {
    let list = match body.get("input") {
        None | Some(Value::Null) => return Err(missing("input")),
        Some(text @ Value::String(_)) => return Ok(vec![text]),
        Some(Value::Array(list)) => list,
        Some(other) => {
            return Err(wrong_type(
                "input",
                "one of a string or array of objects",
                other,
            ));
        }
    };
    let mut called: Vec<&str> = Vec::new();
    for (place, item) in list.iter().enumerate() {
        let at = format!("input[{place}]");
        if !item.is_object() {
            return Err(wrong_type(&at, "an object", item));
        }
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let required = |name: &str| text(name).ok_or_else(|| missing(&format!("{at}.{name}")));
        match text("type").unwrap_or("message") {
            "message" => message(item, &at)?,
            "function_call" => {
                required("name")?;
                required("arguments")?;
                called.push(required("call_id")?);
            }
            "function_call_output" => {
                let id = required("call_id")?;
                if item.get("output").is_none() {
                    return Err(missing(&format!("{at}.output")));
                }
                let earlier = body.get("previous_response_id").is_some();
                if !earlier && !called.contains(&id) {
                    let text =
                        format!("No tool call found for function call output with call_id {id}.");
                    return Err(Refused::invalid(text).param("input"));
                }
            }
            "reasoning" => thought(item, &at)?,
            other => {
                let text = format!(
                    "Invalid value: '{other}'. Supported values are: 'message', 'function_call', 'function_call_output', and 'reasoning'."
                );
                return Err(Refused::invalid(text)
                    .param(format!("{at}.type"))
                    .code("invalid_value"));
            }
        }
    }
    Ok(list.iter().collect())
}

/// Only what this provider encrypted can be read by it.
fn thought(item: &Value, at: &str) -> Result<(), Refused> {
    if item.get("summary").is_none() {
        return Err(missing(&format!("{at}.summary")));
    }
    match item.get("encrypted_content").and_then(Value::as_str) {
        Some(sealed) if !sealed.starts_with(SEAL) => Err(Refused::invalid(
            "The encrypted content could not be verified. Reason: Encrypted content could not be decrypted or parsed.",
        )
        .code("invalid_encrypted_content")),
        _ => Ok(()),
    }
}

fn message(item: &Value, at: &str) -> Result<(), Refused> {
    let role = item.get("role").and_then(Value::as_str);
    let role = role.ok_or_else(|| missing(&format!("{at}.role")))?;
    if !["user", "assistant", "system", "developer"].contains(&role) {
        let text = format!(
            "Invalid value: '{role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
        );
        return Err(Refused::invalid(text)
            .param(format!("{at}.role"))
            .code("invalid_value"));
    }
    let parts = match item.get("content") {
        Some(Value::String(_)) => return Ok(()),
        Some(Value::Array(parts)) => parts,
        None => return Err(missing(&format!("{at}.content"))),
        Some(other) => {
            let wanted = "one of a string or array of objects";
            return Err(wrong_type(&format!("{at}.content"), wanted, other));
        }
    };
    let known: &[&str] = match role {
        "assistant" => &["output_text", "refusal"],
        _ => &["input_text", "input_image", "input_file", "input_audio"],
    };
    for (place, part) in parts.iter().enumerate() {
        let kind = part.get("type").and_then(Value::as_str).unwrap_or_default();
        if !known.contains(&kind) {
            let known: Vec<String> = known.iter().map(|known| format!("'{known}'")).collect();
            let text = format!(
                "Invalid value: '{kind}'. Supported values are: {}.",
                known.join(", ")
            );
            return Err(Refused::invalid(text)
                .param(format!("{at}.content[{place}].type"))
                .code("invalid_value"));
        }
    }
    Ok(())
}

fn texts(content: Option<&Value>) -> Vec<&str> {
    match content {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(parts)) => parts
            .iter()
            .filter_map(|part| part.get("text")?.as_str())
            .collect(),
        _ => Vec::new(),
    }
}

/// Pictures, sounds and files cost what they cost, however long.
fn item_tokens(item: &Value) -> u64 {
    let part = |part: &Value| match part.get("type").and_then(Value::as_str) {
        Some("input_image" | "input_file" | "input_audio") => MEDIUM_TOKENS,
        _ => part.get("text").map_or(0, tokens),
    };
    match item.get("content") {
        Some(Value::Array(parts)) => parts.iter().map(part).sum(),
        Some(text) => tokens(text),
        None => tokens(item),
    }
}

fn tokens(value: &Value) -> u64 {
    match value {
        Value::String(text) => text::count(text),
        other => text::count(&other.to_string()),
    }
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let list = match body.get("tools") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(list)) => list,
        Some(other) => return Err(wrong_type("tools", "an array of objects", other)),
    };
    let mut tools = Vec::new();
    for (place, tool) in list.iter().enumerate() {
        let at = format!("tools[{place}]");
        match tool.get("type").and_then(Value::as_str) {
            Some("function") => {
                let name = tool.get("name").and_then(Value::as_str);
                tools.push(Tool {
                    name: name
                        .ok_or_else(|| missing(&format!("{at}.name")))?
                        .to_owned(),
                    schema: tool.get("parameters").cloned().unwrap_or_default(),
                });
            }
            // The provider's own are accepted and never used.
            Some(_) => {}
            None => return Err(missing(&format!("{at}.type"))),
        }
    }
    Ok(tools)
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refused> {
    let choice = match body.get("tool_choice") {
        None | Some(Value::Null) => return Ok(ToolChoice::Auto),
        Some(choice) => choice,
    };
    match choice.as_str() {
        Some("auto") => return Ok(ToolChoice::Auto),
        Some("none") => return Ok(ToolChoice::Never),
        Some("required") => return Ok(ToolChoice::Any),
        _ => {}
    }
    match choice.get("name").and_then(Value::as_str) {
        Some(name) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        Some(_) => {
            let text = "Tool choice 'function' not found in 'tools' parameter.";
            Err(Refused::invalid(text).param("tool_choice"))
        }
        None => Err(Refused::invalid("Invalid value for 'tool_choice'.")
            .param("tool_choice")
            .code("invalid_value")),
    }
}

fn tokens_max(body: &Map<String, Value>) -> Result<Option<usize>, Refused> {
    let value = match body.get("max_output_tokens") {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let name = "max_output_tokens";
    let most = value
        .as_u64()
        .ok_or_else(|| wrong_type(name, "an integer", value))?;
    if most < OUTPUT_TOKENS_MIN {
        let text = format!(
            "Invalid '{name}': integer below minimum value. Expected a value >= {OUTPUT_TOKENS_MIN}, but got {most} instead."
        );
        return Err(Refused::invalid(text)
            .param(name)
            .code("integer_below_min_value"));
    }
    Ok(Some(usize::try_from(most).unwrap_or(usize::MAX)))
}

fn reasoning(body: &Map<String, Value>) -> usize {
    let reasoning = body.get("reasoning");
    match reasoning.and_then(|asked| asked.get("effort")?.as_str()) {
        None | Some("none") => 0,
        Some("minimal") => 4,
        Some("low") => 8,
        Some("medium") => 16,
        Some(_) => 32,
    }
}

/// `Value::Null` stands for any object.
fn wanted_json(body: &Map<String, Value>) -> Result<Option<Value>, Refused> {
    let Some(format) = body.get("text").and_then(|text| text.get("format")) else {
        return Ok(None);
    };
    match format.get("type").and_then(Value::as_str) {
        Some("json_object") => Ok(Some(Value::Null)),
        Some("json_schema") => {
            if format.get("name").and_then(Value::as_str).is_none() {
                return Err(missing("text.format.name"));
            }
            let schema = format.get("schema").cloned();
            schema
                .map(Some)
                .ok_or_else(|| missing("text.format.schema"))
        }
        Some("text") => Ok(None),
        _ => Err(Refused::invalid("Invalid value for 'text.format.type'.")
            .param("text.format.type")
            .code("invalid_value")),
    }
}

fn includes(body: &Map<String, Value>, wanted: &str) -> bool {
    let list = body.get("include").and_then(Value::as_array);
    list.is_some_and(|list| list.iter().any(|entry| entry == wanted))
}

fn flag(body: &Map<String, Value>, name: &str, default: bool) -> Result<bool, Refused> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(default),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(other) => Err(wrong_type(name, "a boolean", other)),
    }
}

fn missing(param: &str) -> Refused {
    Refused::invalid(format!("Missing required parameter: '{param}'."))
        .param(param)
        .code("missing_required_parameter")
}

fn wrong_type(param: &str, expected: &str, found: &Value) -> Refused {
    let message = format!(
        "Invalid type for '{param}': expected {expected}, but got {} instead.",
        kind(found)
    );
    Refused::invalid(message).param(param).code("invalid_type")
}
