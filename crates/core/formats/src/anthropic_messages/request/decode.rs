//! Reads a request.

use tollgate_wire::json::{Kind, Reader};

use crate::anthropic_messages::blocks::read_content;
use crate::exchange::{ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice};
use crate::format::{DecodeError, FormatId, Held};
use crate::loss::{Loss, Losses};
use crate::read;
use crate::turns::message;

/// What is told in two places and joined at the end.
#[derive(Default)]
struct Thinking {
    mode: Option<Reasoning>,
    effort: Option<String>,
}

pub(in crate::anthropic_messages) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(FormatId::AnthropicMessages),
        ..ChatRequest::default()
    };
    let mut thinking = Thinking::default();
    reader.object(|r, key| member(r, &key, &mut request, &mut thinking))?;
    reader.finish()?;
    request.reasoning = match (thinking.mode, thinking.effort) {
        (None | Some(Reasoning::Adaptive), Some(effort)) => Some(Reasoning::Effort(effort)),
        (mode, None) => mode,
        (mode, Some(_effort)) => {
            request.unread.add(Loss::Parameter("output_config.effort"));
            mode
        }
    };
    Ok(request)
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    request: &mut ChatRequest,
    thinking: &mut Thinking,
) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "max_tokens" => request.max_output_tokens = read::whole(r)?,
        "messages" => {
            r.array(|r, index| message(r, index, request, read_content))?;
        }
        "system" => request.system = read_content(r, &mut request.unread)?,
        "tools" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                let tool = tool(r, &mut request.unread)?;
                request.tools.push(tool);
                Ok::<_, DecodeError>(())
            })?;
        }
        "tool_choice" if r.kind()? == Kind::Object => tool_choice(r, request)?,
        "stop_sequences" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                request.stop.extend(read::string(r)?);
                Ok::<_, DecodeError>(())
            })?;
        }
        "temperature" => request.sampling.temperature = read::number(r)?,
        "top_p" => request.sampling.top_p = read::number(r)?,
        "top_k" => request.sampling.top_k = read::whole(r)?,
        "thinking" if r.kind()? == Kind::Object => thinking.mode = mode(r, &mut request.unread)?,
        "output_config" if r.kind()? == Kind::Object => output_config(r, request, thinking)?,
        "metadata" if r.kind()? == Kind::Object => metadata(r, request)?,
        "service_tier" => request.service_tier = read::string(r)?,
        "thread" if r.kind()? != Kind::Null => {
            return Err(DecodeError::HeldByProvider(Held::Thread));
        }
        "stream" => request.stream = read::boolean(r)?.unwrap_or_default(),
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

fn tool(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let (mut kind, mut name, mut description) = (None, None, None);
    let (mut parameters, mut strict, mut cache) = (None, None, None);
    let mut rest = Losses::default();
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "name" => name = read::string(r)?,
            "description" => description = read::string(r)?,
            "input_schema" => parameters = read::raw(r)?,
            "strict" => strict = read::boolean(r)?,
            "cache_control" => cache = read::raw(r)?,
            other => read::unread(r, other, &mut rest)?,
        }
        Ok(())
    })?;
    match (kind.as_deref(), name) {
        (None | Some("custom"), Some(name)) => {
            unread.extend(&rest);
            Ok(Tool::Function {
                name,
                description,
                parameters,
                strict,
                cache,
            })
        }
        _ => Ok(Tool::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        }),
    }
}

fn tool_choice(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut kind, mut name, mut alone) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "name" => name = read::string(r)?,
            "disable_parallel_tool_use" => alone = read::boolean(r)?,
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    request.parallel_tool_calls = alone.map(|alone| !alone);
    request.tool_choice = match (kind.as_deref(), name) {
        (Some("auto"), _) => Some(ToolChoice::Auto),
        (Some("any"), _) => Some(ToolChoice::Required),
        (Some("none"), _) => Some(ToolChoice::None),
        (Some("tool"), Some(name)) => Some(ToolChoice::Tool(name)),
        _ => {
            return Err(read::shape(
                "tool_choice.type",
                "expected auto, any, none or tool",
            ));
        }
    };
    Ok(())
}

fn mode(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Reasoning>, DecodeError> {
    let (mut kind, mut budget) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "budget_tokens" => budget = read::whole(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(match (kind.as_deref(), budget) {
        (Some("enabled"), Some(tokens)) => Some(Reasoning::Budget(tokens)),
        (Some("enabled" | "adaptive"), _) => Some(Reasoning::Adaptive),
        (Some("disabled"), _) => Some(Reasoning::Off),
        _ => {
            unread.add(Loss::Parameter("thinking"));
            None
        }
    })
}

fn output_config(
    r: &mut Reader<'_>,
    request: &mut ChatRequest,
    thinking: &mut Thinking,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "effort" => thinking.effort = read::string(r)?,
            "format" if r.kind()? == Kind::Object => {
                request.response_format = format(r, &mut request.unread)?;
            }
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

fn format(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<ResponseFormat>, DecodeError> {
    let (mut schema, mut name) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "schema" => schema = read::raw(r)?,
            "name" => name = read::string(r)?,
            "type" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    if schema.is_none() {
        unread.add(Loss::Parameter("output_config.format"));
    }
    Ok(schema.map(|schema| ResponseFormat::JsonSchema {
        name: name.unwrap_or_default(),
        description: None,
        schema,
        // This provider always enforces it.
        strict: Some(true),
    }))
}

fn metadata(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "user_id" => request.user = read::string(r)?,
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}
