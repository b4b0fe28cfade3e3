//! Reads and checks a request as the service does, error texts included.

use http::StatusCode;
use serde_json::{Map, Value};

mod messages;

use crate::ask::{Ask, Tool, ToolChoice};
use crate::directive::Directive;
use crate::refused::Refused;
use crate::text;
use messages::{MESSAGE_TOKENS, Message, check_content, content_tokens, messages, results, texts};

/// Tokens every answer costs beyond its messages.
const PRIMING_TOKENS: u64 = 3;

/// Reads a request for the model in the path.
pub(crate) fn read(body: &Value, model: &str, stream: bool) -> Result<Ask, Refused> {
    let body = body
        .as_object()
        .ok_or_else(|| Refused::invalid("The request body is not an object."))?;
    if model.is_empty() || model.starts_with("missing-") {
        return Err(Refused::new(
            StatusCode::NOT_FOUND,
            "Could not resolve the foundation model from the provided model identifier.",
        ));
    }
    let messages = messages(body)?;
    system(body)?;
    let tools = tools(body)?;
    if tools.is_empty() && messages.iter().any(Message::has_tool_blocks) {
        return Err(Refused::invalid(
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ));
    }
    let tool_choice = tool_choice(body, &tools)?;
    let limits = Limits::read(body)?;
    let last = messages.last();
    let said = last.map(|last| texts(last.content).join("\n"));
    let said = said.unwrap_or_default();
    let (directive, prompt) =
        Directive::read(&said).map_err(|bad| Refused::invalid(bad.to_string()))?;
    let results = last.map(|last| results(last.content)).unwrap_or_default();
    Ok(Ask {
        kept: crate::ask::Kept::default(),
        continued: None,
        model: model.to_owned(),
        stream,
        include_usage: true,
        choices: 1,
        reasoning: reasoning(body, limits.tokens_max, &tool_choice)?,
        tokens_max: limits.tokens_max,
        stop: limits.stop,
        prompt: prompt.to_owned(),
        tool_result: (!results.is_empty()).then(|| results.join("\n")),
        directive,
        tool_choice,
        json: wanted_json(body)?,
        input_tokens: input_tokens(body, &messages),
        tools,
    })
}

fn system(body: &Map<String, Value>) -> Result<(), Refused> {
    let Some(system) = body.get("system").filter(|system| !system.is_null()) else {
        return Ok(());
    };
    check_content(system, "system", &["text", "guardContent", "cachePoint"])
}

fn tools(body: &Map<String, Value>) -> Result<Vec<Tool>, Refused> {
    let Some(config) = body.get("toolConfig").filter(|config| !config.is_null()) else {
        return Ok(Vec::new());
    };
    let list = config.get("tools").and_then(Value::as_array);
    let list = list.filter(|list| !list.is_empty()).ok_or_else(|| {
        violated(
            "toolConfig.tools",
            "Member must have length greater than or equal to 1",
        )
    })?;
    let mut tools = Vec::with_capacity(list.len());
    for (place, tool) in list.iter().enumerate() {
        let at = format!("toolConfig.tools.{}.member", place + 1);
        let Some(spec) = tool.get("toolSpec") else {
            let known = ["cachePoint", "systemTool"];
            if known.iter().any(|known| tool.get(known).is_some()) {
                continue;
            }
            return Err(violated(&at, "Unknown member of the union"));
        };
        let name = spec.get("name").and_then(Value::as_str).unwrap_or_default();
        if !is_name(name) {
            return Err(violated(
                &format!("{at}.toolSpec.name"),
                "Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
            ));
        }
        if spec.get("description").and_then(Value::as_str) == Some("") {
            return Err(violated(
                &format!("{at}.toolSpec.description"),
                "Member must have length greater than or equal to 1",
            ));
        }
        let schema = spec
            .get("inputSchema")
            .and_then(|schema| schema.get("json"));
        let schema = schema.filter(|schema| schema.is_object()).ok_or_else(|| {
            Refused::invalid(format!(
                "The value at {at}.toolSpec.inputSchema.json must be an object."
            ))
        })?;
        if schema.get("type").and_then(Value::as_str) != Some("object") {
            return Err(Refused::invalid(format!(
                "The value at {at}.toolSpec.inputSchema.json.type must be one of the following: object."
            )));
        }
        tools.push(Tool {
            name: name.to_owned(),
            schema: schema.clone(),
        });
    }
    Ok(tools)
}

fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !name.is_empty() && name.len() <= 64 && name.chars().all(plain)
}

fn tool_choice(body: &Map<String, Value>, tools: &[Tool]) -> Result<ToolChoice, Refused> {
    let choice = body
        .get("toolConfig")
        .and_then(|config| config.get("toolChoice"));
    let choice = match choice {
        None | Some(Value::Null) => return Ok(ToolChoice::Auto),
        Some(choice) => choice,
    };
    if choice.get("auto").is_some() {
        return Ok(ToolChoice::Auto);
    }
    if choice.get("any").is_some() {
        return Ok(ToolChoice::Any);
    }
    let name = choice.get("tool").and_then(|tool| tool.get("name"));
    match name.and_then(Value::as_str) {
        Some(name) if tools.iter().any(|tool| tool.name == name) => {
            Ok(ToolChoice::Named(name.to_owned()))
        }
        Some(name) => Err(Refused::invalid(format!(
            "The tool {name} of toolConfig.toolChoice.tool is not among the tools."
        ))),
        None => Err(violated(
            "toolConfig.toolChoice",
            "Unknown member of the union",
        )),
    }
}

/// What `inferenceConfig` says.
struct Limits {
    tokens_max: Option<usize>,
    stop: Vec<String>,
}

impl Limits {
    fn read(body: &Map<String, Value>) -> Result<Self, Refused> {
        let config = match body.get("inferenceConfig") {
            None | Some(Value::Null) => &Value::Null,
            Some(config @ Value::Object(_)) => config,
            Some(_) => return Err(Refused::invalid("inferenceConfig: an object is expected.")),
        };
        let tokens_max = match config.get("maxTokens") {
            None | Some(Value::Null) => None,
            Some(most) => match most.as_u64() {
                Some(most @ 1..) => Some(usize::try_from(most).unwrap_or(usize::MAX)),
                _ => {
                    return Err(violated(
                        "inferenceConfig.maxTokens",
                        "Member must have value greater than or equal to 1",
                    ));
                }
            },
        };
        for name in ["temperature", "topP"] {
            let value = config.get(name).filter(|value| !value.is_null());
            let number = value.map_or(Some(0.0), Value::as_f64);
            if number.is_none_or(|number| !(0.0..=1.0).contains(&number)) {
                return Err(violated(
                    &format!("inferenceConfig.{name}"),
                    "Member must have value less than or equal to 1",
                ));
            }
        }
        let stop = config.get("stopSequences").and_then(Value::as_array);
        let stop = stop.into_iter().flatten().map(|stop| match stop.as_str() {
            Some(stop) if !stop.is_empty() => Ok(stop.to_owned()),
            _ => Err(violated(
                "inferenceConfig.stopSequences",
                "Member must have length greater than or equal to 1",
            )),
        });
        Ok(Self {
            tokens_max,
            stop: stop.collect::<Result<_, _>>()?,
        })
    }
}

/// Tokens of reasoning to show: as Claude is asked for them, or Nova.
fn reasoning(
    body: &Map<String, Value>,
    tokens_max: Option<usize>,
    choice: &ToolChoice,
) -> Result<usize, Refused> {
    let fields = body.get("additionalModelRequestFields");
    let of = |name: &str| fields.and_then(|fields| fields.get(name));
    if of("reasoning_effort").is_some() {
        return Ok(16);
    }
    let asked = of("thinking").or_else(|| of("reasoning_config"));
    let Some(asked) = asked.or_else(|| of("reasoningConfig")) else {
        return Ok(0);
    };
    match asked.get("type").and_then(Value::as_str) {
        Some("disabled") => return Ok(0),
        Some("adaptive") => {}
        Some("enabled") => {
            let budget = asked.get("budget_tokens").and_then(Value::as_u64);
            let budget = budget.and_then(|budget| usize::try_from(budget).ok());
            if budget.is_some_and(|budget| budget < 1024) {
                return Err(Refused::invalid(
                    "The model returned the following errors: thinking.enabled.budget_tokens: Input should be greater than or equal to 1024",
                ));
            }
            if let (Some(budget), Some(most)) = (budget, tokens_max)
                && most <= budget
            {
                return Err(Refused::invalid(
                    "The model returned the following errors: `max_tokens` must be greater than `thinking.budget_tokens`.",
                ));
            }
        }
        _ => {
            return Err(Refused::invalid(
                "The model returned the following errors: thinking: Input tag does not match any of the expected tags: 'adaptive', 'disabled', 'enabled'",
            ));
        }
    }
    if matches!(choice, ToolChoice::Any | ToolChoice::Named(_)) {
        return Err(Refused::invalid(
            "The model returned the following errors: Thinking may not be enabled when tool_choice forces tool use.",
        ));
    }
    Ok(16)
}

/// Structured output: the schema is JSON in a string.
fn wanted_json(body: &Map<String, Value>) -> Result<Option<Value>, Refused> {
    let format = body
        .get("outputConfig")
        .and_then(|config| config.get("textFormat"));
    let Some(format) = format.filter(|format| !format.is_null()) else {
        return Ok(None);
    };
    let schema = format.pointer("/structure/jsonSchema/schema");
    let schema = schema.and_then(Value::as_str).ok_or_else(|| {
        violated(
            "outputConfig.textFormat.structure.jsonSchema.schema",
            "Member must not be null",
        )
    })?;
    serde_json::from_str(schema)
        .map(Some)
        .map_err(|_bad| Refused::invalid("outputConfig.textFormat: the schema is not valid JSON."))
}

fn input_tokens(body: &Map<String, Value>, messages: &[Message<'_>]) -> u64 {
    let system = body
        .get("system")
        .map_or(0, |system| MESSAGE_TOKENS + content_tokens(system));
    let tools = body
        .get("toolConfig")
        .map_or(0, |config| text::count(&config.to_string()));
    let messages: u64 = messages
        .iter()
        .map(|message| MESSAGE_TOKENS + content_tokens(message.content))
        .sum();
    PRIMING_TOKENS + system + tools + messages
}

/// A constraint that the request does not keep.
fn violated(at: &str, constraint: &str) -> Refused {
    Refused::invalid(format!(
        "1 validation error detected: Value at '{at}' failed to satisfy constraint: {constraint}"
    ))
}
