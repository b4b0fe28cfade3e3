//! Reads a request.

use tollgate_wire::json::{Kind, Reader};

use crate::cohere_chat::OWN;
use crate::cohere_chat::assistant::Assistant;
use crate::cohere_chat::document;
use crate::exchange::{
    ChatRequest, Message, Part, Reasoning, ResponseFormat, Role, Seal, Tool, ToolChoice, ToolResult,
};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;

/// What belongs to other members than the one where it stands.
#[derive(Default)]
struct Aside {
    documents: Vec<Part>,
    strict: Option<bool>,
}

pub(in crate::cohere_chat) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(OWN),
        ..ChatRequest::default()
    };
    let mut aside = Aside::default();
    reader.object(|r, key| member(r, &key, &mut request, &mut aside))?;
    reader.finish()?;
    if let Some(enforced) = aside.strict {
        for tool in &mut request.tools {
            if let Tool::Function { strict, .. } = tool {
                *strict = Some(enforced);
            }
        }
    }
    give(aside.documents, &mut request.messages);
    Ok(request)
}

/// Documents are given with what the user said last, but before any that stand in a turn:
/// answers name them by their number among all.
fn give(mut documents: Vec<Part>, messages: &mut Vec<Message>) {
    if documents.is_empty() {
        return;
    }
    let is_users = |message: &Message| message.role == Role::User;
    let has_some = |message: &Message| {
        let is_one = |part: &Part| matches!(part, Part::Document(_));
        is_users(message) && message.parts.iter().any(is_one)
    };
    let first = messages.iter().position(has_some);
    let place = first.or_else(|| messages.iter().rposition(is_users));
    if let Some(message) = place.and_then(|place| messages.get_mut(place)) {
        documents.append(&mut message.parts);
        message.parts = documents;
    } else {
        messages.push(Message {
            role: Role::User,
            name: None,
            parts: documents,
        });
    }
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    request: &mut ChatRequest,
    aside: &mut Aside,
) -> Result<(), DecodeError> {
    let is_list = r.kind()? == Kind::Array;
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "stream" => request.stream = read::boolean(r)?.unwrap_or_default(),
        "messages" => {
            r.array(|r, index| message(r, index, request))?;
        }
        "documents" if is_list => {
            r.array(|r, index| {
                let document = document::read(r, Some(index), &mut request.unread)?;
                aside.documents.push(Part::Document(document));
                Ok::<_, DecodeError>(())
            })?;
        }
        "tools" if is_list => {
            r.array(|r, _index| {
                request.tools.push(tool(r, &mut request.unread)?);
                Ok::<_, DecodeError>(())
            })?;
        }
        "strict_tools" => aside.strict = read::boolean(r)?.filter(|strict| *strict),
        "tool_choice" => request.tool_choice = tool_choice(r)?,
        "response_format" if r.kind()? == Kind::Object => response_format(r, request)?,
        "thinking" if r.kind()? == Kind::Object => thinking(r, request)?,
        "max_tokens" => request.max_output_tokens = read::whole(r)?,
        "stop_sequences" if is_list => {
            r.array(|r, _index| {
                request.stop.extend(read::string(r)?);
                Ok::<_, DecodeError>(())
            })?;
        }
        _ if sampling(r, key, request)? => {}
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

fn sampling(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<bool, DecodeError> {
    let sampling = &mut request.sampling;
    match key {
        "temperature" => sampling.temperature = read::number(r)?,
        "p" => sampling.top_p = read::number(r)?,
        "k" => sampling.top_k = read::whole(r)?,
        "frequency_penalty" => sampling.frequency_penalty = read::number(r)?,
        "presence_penalty" => sampling.presence_penalty = read::number(r)?,
        "logprobs" => sampling.logprobs = read::boolean(r)?,
        "seed" => {
            let seed = read::number(r)?;
            sampling.seed = seed.as_ref().and_then(serde_json::Number::as_i64);
            if seed.is_some() && sampling.seed.is_none() {
                request.unread.add(Loss::Parameter("seed"));
            }
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// System messages before the first turn are the instructions; later ones stay where they
/// are.
fn message(r: &mut Reader<'_>, index: u32, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut role, mut call_id) = (None, None);
    let mut said = Assistant::default();
    let unread = &mut request.unread;
    let seal = |text| Seal::read(OWN, text);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => role = read::string(r)?,
            "tool_call_id" => call_id = read::string(r)?,
            key if said.member(r, key, seal, unread)? => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let role = match role.as_deref() {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool") => Role::Tool,
        _ => {
            let path = format!("messages[{index}].role");
            return Err(read::shape(path, "missing or unknown"));
        }
    };
    let mut parts = said.into_parts(unread);
    if role == Role::Tool {
        let (call_id, _signature) = Seal::out_of_id(call_id.unwrap_or_default());
        parts = vec![Part::ToolResult(ToolResult {
            call_id,
            parts,
            is_error: false,
        })];
    }
    if role == Role::System && request.messages.is_empty() {
        request.system.extend(parts);
    } else {
        request.messages.push(Message {
            role,
            name: None,
            parts,
        });
    }
    Ok(())
}

fn tool(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Tool, DecodeError> {
    let mut kind = None;
    let (mut name, mut description, mut parameters) = (None, None, None);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "function" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "name" => name = read::string(r)?,
                        "description" => description = read::string(r)?,
                        "parameters" => parameters = read::raw(r)?,
                        other => read::unread(r, other, unread)?,
                    }
                    Ok(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(match name {
        Some(name) => Tool::Function {
            name,
            description,
            parameters,
            strict: None,
            cache: None,
        },
        None => Tool::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        },
    })
}

fn tool_choice(r: &mut Reader<'_>) -> Result<Option<ToolChoice>, DecodeError> {
    Ok(match read::string(r)?.as_deref() {
        None => None,
        Some("REQUIRED") => Some(ToolChoice::Required),
        Some("NONE") => Some(ToolChoice::None),
        Some(_) => return Err(read::shape("tool_choice", "expected REQUIRED or NONE")),
    })
}

fn response_format(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut kind, mut schema) = (None, None);
    let unread = &mut request.unread;
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "json_schema" | "schema" if r.kind()? == Kind::Object => schema = read::raw(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    request.response_format = match (kind.as_deref(), schema) {
        (Some("text"), _) => Some(ResponseFormat::Text),
        (Some("json_object"), None) => Some(ResponseFormat::JsonObject),
        (Some("json_object"), Some(schema)) => Some(ResponseFormat::JsonSchema {
            name: String::new(),
            description: None,
            schema,
            // This provider always enforces it.
            strict: Some(true),
        }),
        _ => {
            let json = read::raw_at(r, span)?;
            request.extras.push(("response_format".to_owned(), json));
            None
        }
    };
    Ok(())
}

fn thinking(r: &mut Reader<'_>, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let (mut kind, mut budget) = (None, None);
    let unread = &mut request.unread;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "token_budget" => budget = read::whole(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    request.reasoning = match (kind.as_deref(), budget) {
        (Some("disabled"), _) => Some(Reasoning::Off),
        (_, Some(tokens)) => Some(Reasoning::Budget(tokens)),
        (Some("enabled"), None) => Some(Reasoning::Adaptive),
        _ => {
            request.unread.add(Loss::Parameter("thinking"));
            None
        }
    };
    Ok(())
}
