//! Reads content blocks.

use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{
    Document, DocumentContent, Image, Part, Seal, Thought, ToolCall, ToolResult,
};
use crate::format::{DecodeError, FormatId};
use crate::loss::Losses;
use crate::read;

/// The members of a block as they were met, whatever its type.
#[derive(Default)]
struct Met {
    kind: Option<String>,
    text: Option<String>,
    thinking: Option<String>,
    signature: Option<String>,
    data: Option<String>,
    id: Option<String>,
    name: Option<String>,
    input: Option<Box<RawValue>>,
    tool_use_id: Option<String>,
    content: Vec<Part>,
    is_error: bool,
    source: Source,
    title: Option<String>,
    cache: Option<Box<RawValue>>,
    /// What has no place in the canonical model, should the type have one.
    unread: Losses,
}

#[derive(Default)]
struct Source {
    kind: Option<String>,
    media_type: Option<String>,
    data: Option<String>,
    url: Option<String>,
}

/// Reads content: a string or an array of blocks.
pub(in crate::anthropic_messages) fn read_content(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Vec<Part>, DecodeError> {
    let mut parts = Vec::new();
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| block(r, &mut parts, unread))?;
        }
        Kind::Object => block(r, &mut parts, unread)?,
        _ => parts.extend(
            read::string(r)?
                .filter(|text| !text.is_empty())
                .map(Part::Text),
        ),
    }
    Ok(parts)
}

fn block(
    r: &mut Reader<'_>,
    parts: &mut Vec<Part>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    let mut met = Met::default();
    let span = r.object(|r, key| member(r, &key, &mut met))?;
    let cache = met.cache.take();
    let rest = std::mem::take(&mut met.unread);
    let kind = met.kind.take().unwrap_or_default();
    match known(&kind, met) {
        Some(part) => {
            unread.extend(&rest);
            parts.push(part);
            parts.extend(cache.map(Part::CacheMark));
        }
        // Kept whole, with its marker.
        None => parts.push(Part::Other {
            kind,
            json: read::raw_at(r, span)?,
        }),
    }
    Ok(())
}

fn member(r: &mut Reader<'_>, key: &str, met: &mut Met) -> Result<(), DecodeError> {
    match key {
        "type" => met.kind = read::string(r)?,
        "text" => met.text = read::string(r)?,
        "thinking" => met.thinking = read::string(r)?,
        "signature" => met.signature = read::string(r)?.filter(|text| !text.is_empty()),
        "data" => met.data = read::string(r)?,
        "id" => met.id = read::string(r)?,
        "name" => met.name = read::string(r)?,
        "input" => met.input = read::raw(r)?,
        "tool_use_id" => met.tool_use_id = read::string(r)?,
        "content" => met.content = read_content(r, &mut met.unread)?,
        "is_error" => met.is_error = read::boolean(r)?.unwrap_or_default(),
        "source" if r.kind()? == Kind::Object => met.source = source(r, &mut met.unread)?,
        "title" => met.title = read::string(r)?,
        "cache_control" => met.cache = read::raw(r)?,
        // Says that the model called the tool itself, which is the rule.
        "caller" => {}
        other => read::unread(r, other, &mut met.unread)?,
    }
    Ok(())
}

fn source(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Source, DecodeError> {
    let mut source = Source::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => source.kind = read::string(r)?,
            "media_type" => source.media_type = read::string(r)?,
            "data" => source.data = read::string(r)?,
            "url" => source.url = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(source)
}

fn seal(text: String) -> Seal {
    Seal::read(FormatId::AnthropicMessages, text)
}

/// The canonical part, where there is one for this type and its members are there.
fn known(kind: &str, met: Met) -> Option<Part> {
    Some(match kind {
        "text" => Part::Text(met.text?),
        "thinking" => Part::Reasoning(Thought {
            text: met.thinking.unwrap_or_default(),
            signature: met.signature.map(seal),
            ..Thought::default()
        }),
        "redacted_thinking" => Part::Reasoning(Thought {
            encrypted: Some(seal(met.data?)),
            ..Thought::default()
        }),
        "tool_use" => {
            let (id, signature) = Seal::out_of_id(met.id.unwrap_or_default());
            Part::ToolCall(ToolCall {
                id,
                signature,
                name: met.name?,
                arguments: met
                    .input
                    .map_or_else(|| "{}".to_owned(), |input| input.get().to_owned()),
            })
        }
        "tool_result" => Part::ToolResult(ToolResult {
            call_id: Seal::out_of_id(met.tool_use_id?).0,
            parts: met.content,
            is_error: met.is_error,
        }),
        "image" => Part::Image(image(met.source)?),
        "document" => Part::Document(Document {
            title: met.title,
            content: document(met.source)?,
        }),
        _ => return None,
    })
}

fn image(source: Source) -> Option<Image> {
    match source.kind.as_deref()? {
        "url" => Some(Image::Url {
            url: source.url?,
            detail: None,
        }),
        "base64" => Some(Image::Inline {
            media_type: source.media_type?,
            base64: source.data?,
            detail: None,
        }),
        _ => None,
    }
}

fn document(source: Source) -> Option<DocumentContent> {
    match source.kind.as_deref()? {
        "text" => Some(DocumentContent::Text(source.data?)),
        "url" => Some(DocumentContent::Url(source.url?)),
        "base64" => Some(DocumentContent::File {
            media_type: source.media_type?,
            base64: source.data?,
        }),
        _ => None,
    }
}
