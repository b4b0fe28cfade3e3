//! Reads one message, of a request or of an answer.

use tollgate_wire::json::{Kind, Reader};

use super::super::parts::ENCRYPTED;
use super::super::reasoning::{Details, read_details};
use crate::exchange::{
    Document, DocumentContent, Image, Message, Part, Role, Seal, Thought, ToolCall, ToolResult,
};
use crate::format::{DecodeError, FormatId};
use crate::loss::Losses;
use crate::openai::data_url;
use crate::read;

/// The members of a message as they were met.
#[derive(Default)]
struct Met {
    role: Option<String>,
    name: Option<String>,
    content: Vec<Part>,
    reasoning: Option<String>,
    details: Details,
    refusal: Option<String>,
    calls: Vec<Part>,
    call_id: Option<String>,
}

/// Reads the message at `index` of a request.
pub(super) fn read_message(
    r: &mut Reader<'_>,
    index: u32,
    unread: &mut Losses,
) -> Result<Message, DecodeError> {
    let mut met = Met::default();
    r.object(|r, key| member(r, &key, &mut met, unread))?;
    let role = match met.role.as_deref() {
        Some("system" | "developer") => Role::System,
        Some("user") => Role::User,
        Some("assistant") => Role::Assistant,
        Some("tool" | "function") => Role::Tool,
        _ => {
            return Err(read::shape(
                format!("messages[{index}].role"),
                "missing or unknown",
            ));
        }
    };
    if role == Role::Tool {
        let written = met.call_id.or_else(|| met.name.take());
        let (call_id, _signature) = Seal::out_of_id(written.unwrap_or_default());
        let result = ToolResult {
            call_id,
            parts: met.content,
            is_error: false,
        };
        return Ok(Message {
            role,
            name: None,
            parts: vec![Part::ToolResult(result)],
        });
    }
    Ok(Message {
        role,
        name: met.name.take(),
        parts: met.into_parts(),
    })
}

/// Reads the message of an answer.
pub(in crate::openai_chat) fn read_answer(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Vec<Part>, DecodeError> {
    let mut met = Met::default();
    r.object(|r, key| member(r, &key, &mut met, unread))?;
    Ok(met.into_parts())
}

impl Met {
    /// What was said, in the order in which models say it.
    fn into_parts(mut self) -> Vec<Part> {
        let mut parts = self.details.into_parts(self.reasoning);
        parts.append(&mut self.content);
        parts.extend(
            self.refusal
                .filter(|text| !text.is_empty())
                .map(Part::Refusal),
        );
        parts.append(&mut self.calls);
        parts
    }
}

fn member(
    r: &mut Reader<'_>,
    key: &str,
    met: &mut Met,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    match key {
        "role" => met.role = read::string(r)?,
        "name" => met.name = read::string(r)?,
        "content" => met.content = content(r, unread)?,
        "reasoning_content" => met.reasoning = read::string(r)?.or_else(|| met.reasoning.take()),
        "reasoning" if r.kind()? == Kind::String => {
            let text = read::string(r)?;
            met.reasoning = met.reasoning.take().or(text);
        }
        "reasoning_details" | "thinking_blocks" => read_details(r, &mut met.details, unread)?,
        "refusal" => met.refusal = read::string(r)?,
        "tool_calls" if r.kind()? == Kind::Array => {
            r.array(|r, _index| {
                let call = tool_call(r, unread)?;
                met.calls.push(call);
                Ok::<_, DecodeError>(())
            })?;
        }
        "function_call" if r.kind()? == Kind::Object => {
            let (name, arguments) = function(r, unread)?;
            met.calls.push(Part::ToolCall(ToolCall {
                id: name.clone(),
                name,
                arguments,
                signature: None,
            }));
        }
        // Mistral's wish that the model goes on from a text, as the last one says anyhow.
        "prefix" => {}
        "tool_call_id" => met.call_id = read::string(r)?,
        other => read::unread(r, other, unread)?,
    }
    Ok(())
}

fn content(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Vec<Part>, DecodeError> {
    let mut parts = Vec::new();
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| part(r, &mut parts, unread))?;
        }
        Kind::Object => part(r, &mut parts, unread)?,
        _ => parts.extend(
            read::string(r)?
                .filter(|text| !text.is_empty())
                .map(Part::Text),
        ),
    }
    Ok(parts)
}

fn part(r: &mut Reader<'_>, parts: &mut Vec<Part>, unread: &mut Losses) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        parts.extend(read::string(r)?.map(Part::Text));
        return Ok(());
    }
    let mut kind = None;
    let (mut known, mut cache, mut signature) = (None, None, None);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "text" => known = read::string(r)?.map(Part::Text),
            "refusal" => known = read::string(r)?.map(Part::Refusal),
            "thinking" => known = Some(Part::Reasoning(Thought::plain(thinking(r)?))),
            "signature" => signature = read::string(r)?.filter(|text| !text.is_empty()),
            "closed" => {}
            "image_url" => known = image(r, unread)?.map(Part::Image),
            "file" if r.kind()? == Kind::Object => known = file(r)?,
            "cache_control" => cache = read::raw(r)?,
            "input_audio" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    parts.push(match known {
        Some(Part::Reasoning(thought)) => Part::Reasoning(sealed(thought, signature)),
        Some(part) => part,
        None => Part::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        },
    });
    parts.extend(cache.map(Part::CacheMark));
    Ok(())
}

/// A thought with its one seal, which says by its first character that it is the thought.
fn sealed(thought: Thought, seal: Option<String>) -> Thought {
    let read = |text: &str| Seal::read(FormatId::OpenaiChat, text.to_owned());
    let encrypted = seal
        .as_deref()
        .and_then(|text| text.strip_prefix(ENCRYPTED));
    match (encrypted, &seal) {
        (Some(text), _) => Thought {
            encrypted: Some(read(text)),
            ..thought
        },
        (None, seal) => Thought {
            signature: seal.as_deref().map(read),
            ..thought
        },
    }
}

/// Reads what was thought, as Mistral's servers and clients have it: parts of the content that
/// hold parts. References in it say nothing that can be read.
pub(in crate::openai_chat) fn thinking(r: &mut Reader<'_>) -> Result<String, DecodeError> {
    let mut said = String::new();
    if r.kind()? != Kind::Array {
        said.extend(read::string(r)?);
        return Ok(said);
    }
    r.array(|r, _index| {
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "text" {
                said.extend(read::string(r)?);
            }
            Ok(())
        })?;
        Ok::<_, DecodeError>(())
    })?;
    Ok(said)
}

/// Reads an image: an object with its URL, or the URL alone.
pub(crate) fn image(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Image>, DecodeError> {
    let (mut url, mut detail) = (None, None);
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "url" => url = read::string(r)?,
                "detail" => detail = read::string(r)?,
                other => read::unread(r, other, unread)?,
            }
            Ok(())
        })?;
    } else {
        url = read::string(r)?;
    }
    Ok(url.map(|url| Image::at(url, detail)))
}

/// A file with its content inline; one that is uploaded elsewhere is not readable here.
fn file(r: &mut Reader<'_>) -> Result<Option<Part>, DecodeError> {
    let (mut data, mut title) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "file_data" => data = read::string(r)?,
            "filename" => title = read::string(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(data
        .as_deref()
        .and_then(data_url)
        .map(|(media_type, base64)| {
            let (media_type, base64) = (media_type.to_owned(), base64.to_owned());
            Part::Document(Document {
                title,
                content: DocumentContent::File { media_type, base64 },
            })
        }))
}

/// Reads a tool call; one that is no function is kept as it is.
pub(crate) fn tool_call(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Part, DecodeError> {
    let (mut id, mut kind, mut call) = (None, None, None);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => id = read::string(r)?,
            "type" => kind = read::string(r)?,
            "function" if r.kind()? == Kind::Object => call = Some(function(r, unread)?),
            // `index` is copied from stream chunks by clients that collect them.
            "index" | "custom" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let (id, signature) = Seal::out_of_id(id.unwrap_or_default());
    Ok(match call {
        Some((name, arguments)) => Part::ToolCall(ToolCall {
            id,
            name,
            arguments,
            signature,
        }),
        None => Part::Other {
            kind: kind.unwrap_or_default(),
            json: read::raw_at(r, span)?,
        },
    })
}

fn function(r: &mut Reader<'_>, unread: &mut Losses) -> Result<(String, String), DecodeError> {
    let (mut name, mut arguments) = (String::new(), String::new());
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "name" => name = read::string(r)?.unwrap_or_default(),
            // Some servers write the arguments as plain JSON.
            "arguments" if matches!(r.kind()?, Kind::Object | Kind::Array) => {
                arguments = read::any(r)?.get().to_owned();
            }
            "arguments" => arguments = read::string(r)?.unwrap_or_default(),
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok((name, arguments))
}
