//! Reads a request.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::fields;
use crate::bedrock_converse::OWN;
use crate::bedrock_converse::blocks::{read_content, read_mark};
use crate::exchange::{ChatRequest, Reasoning, ResponseFormat, Tool, ToolChoice};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;
use crate::turns::message;

pub(in crate::bedrock_converse) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(OWN),
        ..ChatRequest::default()
    };
    let mut effort = None;
    reader.object(|r, key| member(r, &key, &mut request, &mut effort))?;
    reader.finish()?;
    request.reasoning = match (request.reasoning.take(), effort) {
        (None | Some(Reasoning::Adaptive), Some(effort)) => Some(Reasoning::Effort(effort)),
        (mode, None) => mode,
        (mode, Some(_effort)) => {
            request.unread.add(Loss::Parameter("outputConfig.effort"));
            mode
        }
    };
    Ok(request)
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    request: &mut ChatRequest,
    effort: &mut Option<String>,
) -> Result<(), DecodeError> {
    let is_object = r.kind()? == Kind::Object;
    match key {
        "messages" => {
            r.array(|r, index| message(r, index, request, read_content))?;
        }
        "system" => request.system = read_content(r, &mut request.unread)?,
        "inferenceConfig" if is_object => inference(r, request)?,
        "toolConfig" if is_object => tool_config(r, request)?,
        fields::NAME if is_object => fields::read(r, request)?,
        "outputConfig" if is_object => output_config(r, request, effort)?,
        "serviceTier" if is_object => {
            r.object::<DecodeError>(|r, key| {
                if key.as_str() == "type" {
                    request.service_tier = read::string(r)?;
                }
                Ok(())
            })?;
        }
        "requestMetadata" if is_object => request.metadata = read::raw(r)?,
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

fn inference(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "maxTokens" => request.max_output_tokens = read::whole(r)?,
            "temperature" => request.sampling.temperature = read::number(r)?,
            "topP" => request.sampling.top_p = read::number(r)?,
            "stopSequences" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    request.stop.extend(read::string(r)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

fn tool_config(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "tools" if r.kind()? == Kind::Array => {
                r.array(|r, _index| tool(r, request))?;
            }
            "toolChoice" if r.kind()? == Kind::Object => tool_choice(r, request)?,
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads one of the tools, or a cache point behind one.
fn tool(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut kind = None;
    let mut function = None;
    let mut mark = None;
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "toolSpec" if r.kind()? == Kind::Object => {
                function = specified(r, &mut request.unread)?;
            }
            "cachePoint" => mark = Some(read_mark(r)?),
            _ => {}
        }
        kind = Some(key.to_string());
        Ok(())
    })?;
    match (function, mark) {
        (Some(function), _) => request.tools.push(function),
        (None, Some(mark)) => match request.tools.last_mut() {
            Some(Tool::Function { cache, .. }) => *cache = Some(mark),
            _ => request.unread.add(Loss::Parameter("cache_control")),
        },
        (None, None) => request.tools.push(Tool::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        }),
    }
    Ok(())
}

fn specified(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Tool>, DecodeError> {
    let (mut name, mut description) = (None, None);
    let (mut parameters, mut strict) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "name" => name = read::string(r)?,
            "description" => description = read::string(r)?,
            "strict" => strict = read::boolean(r)?,
            "inputSchema" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "json" => parameters = read::raw(r)?,
                        other => read::unread(r, other, unread)?,
                    }
                    Ok(())
                })?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(name.map(|name| Tool::Function {
        name,
        description,
        parameters,
        strict,
        cache: None,
    }))
}

fn tool_choice(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut choice = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "auto" => choice = Some(ToolChoice::Auto),
            "any" => choice = Some(ToolChoice::Required),
            "tool" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "name" {
                        choice = read::string(r)?.map(ToolChoice::Tool);
                    }
                    Ok(())
                })?;
            }
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    request.tool_choice = choice;
    Ok(())
}

fn output_config(
    r: &mut Reader<'_>,
    request: &mut ChatRequest,
    effort: &mut Option<String>,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "effort" => *effort = read::string(r)?,
            "textFormat" if r.kind()? == Kind::Object => {
                request.response_format = text_format(r, &mut request.unread)?;
            }
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads the form of the answer; its schema is JSON text in a string.
fn text_format(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Option<ResponseFormat>, DecodeError> {
    let (mut schema, mut name, mut description) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        if key.as_str() != "structure" || r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| {
            if key.as_str() != "jsonSchema" || r.kind()? != Kind::Object {
                return read::unread(r, &key, unread);
            }
            r.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "schema" => schema = read::string(r)?.and_then(|text| checked(&text)),
                    "name" => name = read::string(r)?,
                    "description" => description = read::string(r)?,
                    other => read::unread(r, other, unread)?,
                }
                Ok(())
            })?;
            Ok(())
        })?;
        Ok(())
    })?;
    if schema.is_none() {
        unread.add(Loss::Parameter("response_format"));
    }
    Ok(schema.map(|schema| ResponseFormat::JsonSchema {
        name: name.unwrap_or_default(),
        description,
        schema,
        // This provider always enforces it.
        strict: Some(true),
    }))
}

/// JSON text that every format reads: an object, and not nested too deep.
fn checked(text: &str) -> Option<Box<RawValue>> {
    serde_json::from_str(read::object_text(text)?).ok()
}
