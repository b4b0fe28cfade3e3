//! Reads a request.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::message::read_message;
use crate::exchange::{ChatRequest, Reasoning, ResponseFormat, Role, Tool, ToolChoice};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Loss, Losses};
use crate::read;

pub(in crate::openai_chat) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(FormatId::OpenaiChat),
        ..ChatRequest::default()
    };
    let mut max_completion_tokens = None;
    reader.object(|r, key| {
        if key.as_str() == "max_completion_tokens" {
            max_completion_tokens = read::whole(r)?;
            return Ok(());
        }
        member(r, &key, &mut request)
    })?;
    reader.finish()?;
    request.max_output_tokens = max_completion_tokens.or(request.max_output_tokens);
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "messages" => messages(r, request)?,
        "tools" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                let tool = tool(r, &mut request.unread)?;
                request.tools.push(tool);
                Ok::<_, DecodeError>(())
            })?;
        }
        "tool_choice" => match tool_choice(r)? {
            Choice::Known(choice) => request.tool_choice = choice,
            Choice::Other(json) => request.extras.push((key.to_owned(), json)),
        },
        "parallel_tool_calls" => request.parallel_tool_calls = read::boolean(r)?,
        "max_tokens" => request.max_output_tokens = read::whole(r)?,
        "stop" => request.stop = stop(r)?,
        "response_format" => match response_format(r, &mut request.unread)? {
            Choice::Known(form) => request.response_format = form,
            Choice::Other(json) => request.extras.push((key.to_owned(), json)),
        },
        "reasoning_effort" => {
            request.reasoning = read::string(r)?.map(|word| match word.as_str() {
                "none" => Reasoning::Off,
                _ => Reasoning::Effort(word),
            });
        }
        // Mistral's older word.
        "prompt_mode" => match read::raw(r)? {
            Some(json) if json.get() == "\"reasoning\"" => {
                request.reasoning.get_or_insert(Reasoning::Adaptive);
            }
            other => request
                .extras
                .extend(other.map(|json| (key.to_owned(), json))),
        },
        "user" => request.user = read::string(r)?,
        "metadata" => request.metadata = read::raw(r)?,
        "service_tier" => request.service_tier = read::string(r)?,
        "verbosity" => request.verbosity = read::string(r)?,
        "stream" => request.stream = read::boolean(r)?.unwrap_or_default(),
        // Usage is always reported to us, and hidden from a caller that did not ask.
        "stream_options" => {}
        _ if sampling(r, key, request)? => {}
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

/// Reads a member about sampling. False for others, which are not read.
pub(crate) fn sampling(
    r: &mut Reader<'_>,
    key: &str,
    request: &mut ChatRequest,
) -> Result<bool, DecodeError> {
    let sampling = &mut request.sampling;
    match key {
        "temperature" => sampling.temperature = read::number(r)?,
        "top_p" => sampling.top_p = read::number(r)?,
        "top_k" => sampling.top_k = read::whole(r)?,
        // The second is Mistral's.
        "seed" | "random_seed" => {
            let seed = read::number(r)?;
            sampling.seed = seed.as_ref().and_then(serde_json::Number::as_i64);
            if seed.is_some() && sampling.seed.is_none() {
                request.unread.add(Loss::Parameter("seed"));
            }
        }
        "frequency_penalty" => sampling.frequency_penalty = read::number(r)?,
        "presence_penalty" => sampling.presence_penalty = read::number(r)?,
        "n" => sampling.choices = read::whole(r)?,
        "logprobs" if matches!(r.kind()?, Kind::Bool | Kind::Null) => {
            sampling.logprobs = read::boolean(r)?;
        }
        "top_logprobs" => sampling.top_logprobs = read::whole(r)?,
        _ => return Ok(false),
    }
    Ok(true)
}

/// System and developer messages before the first turn are the instructions; later
/// ones stay where they are.
fn messages(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.array(|r, index| {
        let message = read_message(r, index, &mut request.unread)?;
        if message.role == Role::System && request.messages.is_empty() {
            request.system.extend(message.parts);
        } else {
            request.messages.push(message);
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

/// A value that is known, or one to be kept as it is.
enum Choice<T> {
    Known(T),
    Other(Box<RawValue>),
}

fn tool(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let mut kind = None;
    let mut function = None;
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "function" => function = Some(tool_function(r, unread)?),
            _ => {}
        }
        Ok(())
    })?;
    match function {
        Some(function) => Ok(function),
        None => Ok(Tool::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        }),
    }
}

fn tool_function(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let mut name = None;
    let (mut description, mut parameters, mut strict) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "name" => name = read::string(r)?,
            "description" => description = read::string(r)?,
            "parameters" => parameters = read::raw(r)?,
            "strict" => strict = read::boolean(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let name = name.ok_or_else(|| read::shape("tools[].function.name", "missing"))?;
    Ok(Tool::Function {
        name,
        description,
        parameters,
        strict,
        cache: None,
    })
}

fn tool_choice(r: &mut Reader<'_>) -> Result<Choice<Option<ToolChoice>>, DecodeError> {
    if r.kind()? != Kind::Object {
        let word = read::string(r)?;
        return Ok(Choice::Known(match word.as_deref() {
            None => None,
            Some("auto") => Some(ToolChoice::Auto),
            Some("none") => Some(ToolChoice::None),
            // `any` is Mistral's word.
            Some("required" | "any") => Some(ToolChoice::Required),
            Some(_) => {
                return Err(read::shape(
                    "tool_choice",
                    "expected auto, none or required",
                ));
            }
        }));
    }
    let mut name = None;
    let span = r.object::<DecodeError>(|r, key| {
        if key.as_str() == "function" {
            r.object::<DecodeError>(|r, key| {
                if key.as_str() == "name" {
                    name = read::string(r)?;
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    match name {
        Some(name) => Ok(Choice::Known(Some(ToolChoice::Tool(name)))),
        None => Ok(Choice::Other(read::raw_at(r, span)?)),
    }
}

/// Reads one stop text, or several.
pub(crate) fn stop(r: &mut Reader<'_>) -> Result<Vec<String>, DecodeError> {
    let mut stop = Vec::new();
    if r.kind()? == Kind::Array {
        r.array(|r, _index| {
            stop.extend(read::string(r)?);
            Ok::<_, DecodeError>(())
        })?;
    } else {
        stop.extend(read::string(r)?);
    }
    Ok(stop)
}

fn response_format(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Choice<Option<ResponseFormat>>, DecodeError> {
    if read::null(r)? {
        return Ok(Choice::Known(None));
    }
    let mut kind = None;
    let mut schema = None;
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "json_schema" => schema = Some(json_schema(r, unread)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(match (kind.as_deref(), schema) {
        (Some("text"), _) => Choice::Known(Some(ResponseFormat::Text)),
        (Some("json_object"), _) => Choice::Known(Some(ResponseFormat::JsonObject)),
        (Some("json_schema"), Some(Some(format))) => Choice::Known(Some(format)),
        _ => Choice::Other(read::raw_at(r, span)?),
    })
}

fn json_schema(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Option<ResponseFormat>, DecodeError> {
    let mut name = None;
    let (mut schema, mut strict, mut description) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "name" => name = read::string(r)?,
            "schema" => schema = read::raw(r)?,
            "strict" => strict = read::boolean(r)?,
            "description" => description = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(schema.map(|schema| ResponseFormat::JsonSchema {
        name: name.unwrap_or_default(),
        description,
        schema,
        strict,
    }))
}
