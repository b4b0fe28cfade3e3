//! Reads and checks a request as the API does, error texts included.
//!
//! The API refuses members that it does not know, and so does this.

mod contents;
mod known;

use http::StatusCode;
use serde_json::{Map, Value};

use crate::ask::{Ask, Kept, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::Refused;
use crate::text;
use contents::{content_tokens, contents, results, texts};
use known::{CONFIG, DECLARATION, REQUEST, check_names, member};

/// Tokens every answer costs beyond its messages.
const PRIMING_TOKENS: u64 = 3;

/// What the path says.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    /// The model.
    pub(crate) model: String,
    /// Whether the answer is streamed.
    pub(crate) stream: bool,
}

/// Reads a request.
pub(crate) fn read(body: &Value, path: Path) -> Result<Ask, Refused> {
    let body = body
        .as_object()
        .ok_or_else(|| Refused::invalid("Invalid JSON payload received. Expected an object."))?;
    let Path { model, stream } = path;
    if model.starts_with("missing-") {
        return Err(Refused::new(
            StatusCode::NOT_FOUND,
            format!(
                "models/{model} is not found for API version v1beta, or is not supported for \
                 generateContent. Call ListModels to see the list of available models and their \
                 supported methods."
            ),
        ));
    }
    check_names(body, REQUEST, "")?;
    let contents = contents(body, &model)?;
    let tools = tools(body)?;
    let tool_choice = tool_choice(body)?;
    let config = member(body, "generationConfig").and_then(Value::as_object);
    let nothing = Map::new();
    let config = config.unwrap_or(&nothing);
    check_names(config, CONFIG, "generation_config")?;
    let last = contents.last().copied().unwrap_or(&Value::Null);
    let last_text = texts(last).join("\n");
    let (directive, prompt) =
        Directive::read(&last_text).map_err(|bad| Refused::invalid(bad.to_string()))?;
    let results = results(last);
    Ok(Ask {
        stream,
        include_usage: true,
        choices: range(config, "candidateCount", 1..=8)?.unwrap_or(1),
        tokens_max: range(config, "maxOutputTokens", 1..=usize::MAX)?,
        stop: stop(config)?,
        prompt: prompt.to_owned(),
        tool_result: (!results.is_empty()).then(|| results.join("\n")),
        directive,
        reasoning: reasoning(config)?,
        tool_choice,
        json: wanted_json(config)?,
        kept: Kept::default(),
        continued: None,
        input_tokens: input_tokens(body, &contents),
        tools,
        model,
    })
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let mut tools = Vec::new();
    for tool in list(member(body, "tools")) {
        let Some(tool) = tool.as_object() else {
            return Err(Refused::invalid("Invalid value at 'tools'"));
        };
        for declaration in list(member(tool, "functionDeclarations")) {
            let Some(declaration) = declaration.as_object() else {
                return Err(Refused::invalid("Invalid value at 'tools[0]'"));
            };
            check_names(
                declaration,
                DECLARATION,
                "tools[0].function_declarations[0]",
            )?;
            let name = member(declaration, "name").and_then(Value::as_str);
            let name = name.unwrap_or_default();
            let plain = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
            let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
            if !begins || name.len() > 64 || !name.chars().all(plain) {
                return Err(Refused::invalid(format!(
                    "* GenerateContentRequest.tools[0].function_declarations[{}].name: Invalid function name. \
                     Must start with a letter or an underscore.",
                    tools.len()
                )));
            }
            let schema = member(declaration, "parametersJsonSchema").cloned();
            let schema = schema.or_else(|| member(declaration, "parameters").map(plain_schema));
            tools.push(Tool {
                name: name.to_owned(),
                schema: schema.unwrap_or_default(),
            });
        }
    }
    Ok(tools)
}

/// Gemini's own dialect of schemas has its types in capitals.
fn plain_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let plain = members.iter().map(|(name, value)| match value {
                Value::String(kind) if name == "type" => {
                    (name.clone(), Value::from(kind.to_ascii_lowercase()))
                }
                value => (name.clone(), plain_schema(value)),
            });
            Value::Object(plain.collect())
        }
        Value::Array(list) => list.iter().map(plain_schema).collect(),
        other => other.clone(),
    }
}

fn tool_choice(body: &Map<String, Value>) -> Result<ToolChoice, Refused> {
    let config = member(body, "toolConfig").and_then(Value::as_object);
    let config = config.and_then(|config| member(config, "functionCallingConfig")?.as_object());
    let Some(config) = config else {
        return Ok(ToolChoice::Auto);
    };
    let allowed = list(member(config, "allowedFunctionNames"));
    let mode = member(config, "mode").and_then(Value::as_str);
    if !allowed.is_empty() && !matches!(mode, Some("ANY" | "VALIDATED")) {
        return Err(Refused::invalid(
            "Function calling config is set without function_calling_mode set to ANY; allowed_function_names \
             should be set only when the mode is ANY.",
        ));
    }
    match (mode, allowed) {
        (None | Some("AUTO" | "VALIDATED" | "MODE_UNSPECIFIED"), _) => Ok(ToolChoice::Auto),
        (Some("NONE"), _) => Ok(ToolChoice::Never),
        (Some("ANY"), [Value::String(name)]) => Ok(ToolChoice::Named(name.clone())),
        (Some("ANY"), _) => Ok(ToolChoice::Any),
        (Some(other), _) => Err(Refused::invalid(format!(
            "Invalid value at 'tool_config.function_calling_config.mode', \"{other}\""
        ))),
    }
}

/// Tokens of thoughts to show.
fn reasoning(config: &Map<String, Value>) -> Result<usize, Refused> {
    let thinking = member(config, "thinkingConfig").and_then(Value::as_object);
    let Some(thinking) = thinking else {
        return Ok(0);
    };
    let budget = member(thinking, "thinkingBudget").and_then(Value::as_i64);
    let level = member(thinking, "thinkingLevel").and_then(Value::as_str);
    if budget.is_some() && level.is_some() {
        return Err(Refused::invalid(
            "You can only set only one of thinking budget and thinking level.",
        ));
    }
    let known = ["MINIMAL", "LOW", "MEDIUM", "HIGH"];
    if level.is_some_and(|level| !known.contains(&level.to_ascii_uppercase().as_str())) {
        return Err(Refused::invalid(
            "Invalid value at 'generation_config.thinking_config.thinking_level'",
        ));
    }
    let shown = member(thinking, "includeThoughts").and_then(Value::as_bool);
    let thinks = budget != Some(0);
    Ok(if thinks && shown == Some(true) { 16 } else { 0 })
}

/// Structured output, in either dialect of schemas.
fn wanted_json(config: &Map<String, Value>) -> Result<Option<Value>, Refused> {
    let kind = member(config, "responseMimeType").and_then(Value::as_str);
    let own = member(config, "responseSchema").map(plain_schema);
    let json = member(config, "responseJsonSchema").cloned();
    let schema = json.or(own);
    match (kind, schema) {
        (Some("application/json"), schema) => Ok(Some(schema.unwrap_or_default())),
        (None | Some("text/plain" | "text/x.enum"), None) => Ok(None),
        (_, Some(_)) => Err(Refused::invalid(
            "* GenerateContentRequest.generation_config.response_mime_type: response_schema needs application/json",
        )),
        (Some(other), None) => Err(Refused::invalid(format!(
            "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are `text/plain`, \
             `application/json`, not `{other}`"
        ))),
    }
}

fn stop(config: &Map<String, Value>) -> Result<Vec<String>, Refused> {
    let stop = list(member(config, "stopSequences"));
    if stop.len() > 5 {
        return Err(Refused::invalid(
            "Unable to submit request because it has more than 5 stop sequences.",
        ));
    }
    let text = |stop: &Value| stop.as_str().map(str::to_owned);
    stop.iter()
        .map(text)
        .collect::<Option<_>>()
        .ok_or_else(|| Refused::invalid("Invalid value at 'generation_config.stop_sequences'"))
}

fn range(
    config: &Map<String, Value>,
    name: &str,
    range: std::ops::RangeInclusive<usize>,
) -> Result<Option<usize>, Refused> {
    for (name, most) in [("temperature", 2.0), ("topP", 1.0)] {
        let number = member(config, name).and_then(Value::as_f64);
        if number.is_some_and(|number| !(0.0..=most).contains(&number)) {
            return Err(Refused::invalid(format!(
                "* GenerateContentRequest.generation_config.{name}: must be in the range [0.0, {most:.1}]"
            )));
        }
    }
    let Some(value) = member(config, name) else {
        return Ok(None);
    };
    let whole = value.as_u64().and_then(|whole| usize::try_from(whole).ok());
    match whole {
        Some(whole) if range.contains(&whole) => Ok(Some(whole)),
        _ => Err(Refused::invalid(format!(
            "* GenerateContentRequest.generation_config.{name}: out of range"
        ))),
    }
}

fn input_tokens(body: &Map<String, Value>, contents: &[&Value]) -> u64 {
    let system = member(body, "systemInstruction").map_or(0, content_tokens);
    let tools = member(body, "tools").map_or(0, |tools| text::count(&tools.to_string()));
    let contents: u64 = contents.iter().map(|content| content_tokens(content)).sum();
    PRIMING_TOKENS + system + tools + contents
}

/// The elements of a list; none where it is absent.
fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
