//! Reads a request.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::super::items::{Item, item};
use super::tools::{tool, tool_choice};
use crate::exchange::{ChatRequest, Message, Part, Reasoning, ResponseFormat, Role};
use crate::format::{DecodeError, FormatId, Held};
use crate::loss::{Loss, Losses};
use crate::read;

pub(in crate::openai_responses) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(FormatId::OpenaiResponses),
        ..ChatRequest::default()
    };
    let mut instructions = None;
    reader.object(|r, key| {
        if key.as_str() == "instructions" {
            instructions = read::string(r)?.filter(|text| !text.is_empty());
            return Ok(());
        }
        member(r, &key, &mut request)
    })?;
    reader.finish()?;
    let instructions = instructions.map(Part::Text);
    request.system.splice(0..0, instructions);
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<(), DecodeError> {
    if let Some(held) = Held::by_member(key) {
        let json = read::raw(r)?;
        let asks = json.is_some_and(|json| !read::is_empty(json.get().as_bytes()));
        return if asks {
            Err(DecodeError::HeldByProvider(held))
        } else {
            Ok(())
        };
    }
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "input" => input(r, request)?,
        "tools" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                let tool = tool(r, &mut request.unread)?;
                request.tools.push(tool);
                Ok::<_, DecodeError>(())
            })?;
        }
        "tool_choice" => tool_choice(r, request)?,
        "parallel_tool_calls" => request.parallel_tool_calls = read::boolean(r)?,
        "max_output_tokens" => request.max_output_tokens = read::whole(r)?,
        "temperature" => request.sampling.temperature = read::number(r)?,
        "top_p" => request.sampling.top_p = read::number(r)?,
        "top_logprobs" => request.sampling.top_logprobs = read::whole(r)?,
        "text" if r.kind()? == Kind::Object => text(r, request)?,
        "reasoning" if r.kind()? == Kind::Object => reasoning(r, request)?,
        "include" if r.kind()? == Kind::Array => include(r, request)?,
        "user" => request.user = read::string(r)?,
        "metadata" => request.metadata = read::raw(r)?,
        "service_tier" => request.service_tier = read::string(r)?,
        "stream" => request.stream = read::boolean(r)?.unwrap_or_default(),
        // Whether events are padded against guesses by their length.
        "stream_options" => {}
        _ => {
            // A context that is too long is refused everywhere, unless asked otherwise.
            let is_default = |json: &RawValue| key == "truncation" && json.get() == "\"disabled\"";
            if let Some(json) = read::raw(r)?.filter(|json| !is_default(json)) {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

/// Instructions before the first turn stand outside the turns. What the model says, thinks
/// and calls in a row is one turn.
fn input(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        let parts = read::string(r)?.map(Part::Text).into_iter().collect();
        add(request, Role::User, parts);
        return Ok(());
    }
    r.array(|r, index| {
        let Item { role, parts, .. } = item(r, index, &mut request.unread)?;
        add(request, role, parts);
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}

fn add(request: &mut ChatRequest, role: Role, mut parts: Vec<Part>) {
    if role == Role::System && request.messages.is_empty() {
        request.system.append(&mut parts);
        return;
    }
    let name = None;
    match request.messages.last_mut() {
        Some(last) if last.role == role && role == Role::Assistant => last.parts.append(&mut parts),
        _ => request.messages.push(Message { role, name, parts }),
    }
}

fn text(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "verbosity" => request.verbosity = read::string(r)?,
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
    let (mut kind, mut name, mut description) = (None, None, None);
    let mut schema: Option<Box<RawValue>> = None;
    let mut strict = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "name" => name = read::string(r)?,
            "description" => description = read::string(r)?,
            "schema" => schema = read::raw(r)?,
            "strict" => strict = read::boolean(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(match (kind.as_deref(), schema) {
        (Some("text"), _) => Some(ResponseFormat::Text),
        (Some("json_object"), _) => Some(ResponseFormat::JsonObject),
        (Some("json_schema"), Some(schema)) => Some(ResponseFormat::JsonSchema {
            name: name.unwrap_or_default(),
            description,
            schema,
            strict,
        }),
        _ => {
            unread.add(Loss::Parameter("response_format"));
            None
        }
    })
}

fn reasoning(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "effort" => {
                request.reasoning = read::string(r)?.map(|word| match word.as_str() {
                    "none" => Reasoning::Off,
                    _ => Reasoning::Effort(word),
                });
            }
            // The older name of the same.
            "summary" | "generate_summary" => {
                let asked = read::string(r)?;
                request.reasoning_summary = request.reasoning_summary.take().or(asked);
            }
            other => read::unread(r, other, &mut request.unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// What the answer is to have in it. Encrypted reasoning comes wherever a provider has it.
fn include(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let mut others = false;
    let span = r.array(|r, _index| {
        match read::string(r)?.as_deref() {
            Some("message.output_text.logprobs") => request.sampling.logprobs = Some(true),
            Some("reasoning.encrypted_content") => {}
            _ => others = true,
        }
        Ok::<_, DecodeError>(())
    })?;
    if others {
        let json = read::raw_at(r, span)?;
        request.extras.push(("include".to_owned(), json));
    }
    Ok(())
}
