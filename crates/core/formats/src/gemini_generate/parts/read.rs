//! Reads contents.

use tollgate_wire::json::{Key, Kind, Reader};

use crate::exchange::{
    Document, DocumentContent, Image, Part, Source, Thought, ToolCall, ToolResult,
};
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;
use crate::spelling::camel;

/// A content as it was met.
#[derive(Default)]
pub(in crate::gemini_generate) struct Content {
    pub(in crate::gemini_generate) role: Option<String>,
    pub(in crate::gemini_generate) pieces: Vec<Piece>,
}

/// A part as it was met. Ids of calls and results are empty where none was given.
pub(in crate::gemini_generate) struct Piece {
    pub(in crate::gemini_generate) part: Part,
    /// Its `thoughtSignature`, as written.
    pub(in crate::gemini_generate) signature: Option<String>,
    /// The function that a result is of.
    pub(in crate::gemini_generate) function: String,
}

/// The members of a part, whatever it is.
#[derive(Default)]
struct Met {
    part: Option<Part>,
    /// What it is where it has no canonical part: the name of its member.
    other: Option<String>,
    thought: bool,
    signature: Option<String>,
    function: String,
    unread: Losses,
}

/// Reads a content; in the place of an instruction it may be a string.
pub(in crate::gemini_generate) fn read_content(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Content, DecodeError> {
    let mut content = Content::default();
    if r.kind()? == Kind::String {
        let text = read::string(r)?.unwrap_or_default();
        content.pieces.push(Piece::of(Part::Text(text)));
        return Ok(content);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => content.role = read::string(r)?,
            "parts" if r.kind()? == Kind::Array => {
                r.array(|r, _index| part(r, &mut content.pieces, unread))?;
            }
            "parts" if r.kind()? == Kind::Object => part(r, &mut content.pieces, unread)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(content)
}

impl Piece {
    const fn of(part: Part) -> Self {
        Self {
            part,
            signature: None,
            function: String::new(),
        }
    }
}

/// The canonical parts of a piece. A signature stands before what it belongs to, unless
/// that has a place for it.
pub(in crate::gemini_generate) fn into_parts(
    piece: Piece,
    read_signature: fn(String) -> Thought,
) -> impl Iterator<Item = Part> {
    let (mut before, mut part) = (None, piece.part);
    if let Some(signed) = piece.signature.map(read_signature) {
        match &mut part {
            Part::Reasoning(thought) => {
                *thought = Thought {
                    text: std::mem::take(&mut thought.text),
                    ..signed
                };
            }
            Part::ToolCall(call) if signed.signature.is_some() => call.signature = signed.signature,
            _ => before = Some(Part::Reasoning(signed)),
        }
    }
    let says_nothing = match &part {
        Part::Text(text) => text.is_empty(),
        Part::Reasoning(thought) => {
            thought.text.is_empty() && !thought.is_bound() && thought.id.is_none()
        }
        _ => false,
    };
    before.into_iter().chain((!says_nothing).then_some(part))
}

fn part(
    r: &mut Reader<'_>,
    pieces: &mut Vec<Piece>,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    let mut met = Met::default();
    let span = r.object(|r, key| member(r, &key, &mut met))?;
    let part = match (met.part, met.other) {
        (Some(Part::Text(text)), None) if met.thought => Part::Reasoning(Thought::plain(text)),
        (Some(part), None) => part,
        (None, None) => Part::Text(String::new()),
        (_, Some(kind)) => {
            pieces.push(Piece {
                part: Part::Other {
                    kind,
                    json: read::raw_at(r, span)?,
                },
                signature: None,
                function: String::new(),
            });
            return Ok(());
        }
    };
    unread.extend(&met.unread);
    pieces.push(Piece {
        part,
        signature: met.signature.filter(|text| !text.is_empty()),
        function: met.function,
    });
    Ok(())
}

fn member(r: &mut Reader<'_>, key: &Key<'_>, met: &mut Met) -> Result<(), DecodeError> {
    let name = camel(key);
    if r.kind()? == Kind::Null {
        return Ok(());
    }
    match &*name {
        "text" => met.part = read::string(r)?.map(Part::Text),
        "thought" => met.thought = read::boolean(r)?.unwrap_or_default(),
        "thoughtSignature" => met.signature = read::string(r)?,
        "inlineData" => match inline(r, &mut met.unread)? {
            Some(part) => met.part = Some(part),
            None => met.other = Some(name.into_owned()),
        },
        "fileData" => match file(r, &mut met.unread)? {
            Some(part) => met.part = Some(part),
            None => met.other = Some(name.into_owned()),
        },
        "functionCall" => met.part = Some(Part::ToolCall(call(r, &mut met.unread)?)),
        "functionResponse" => {
            let (result, function) = response(r, &mut met.unread)?;
            met.part = Some(Part::ToolResult(result));
            met.function = function;
        }
        "videoMetadata" | "mediaResolution" | "partMetadata" => {
            read::unread(r, &name, &mut met.unread)?;
        }
        _ => met.other = Some(name.into_owned()),
    }
    Ok(())
}

/// What is known of bytes, inline or elsewhere.
#[derive(Default)]
struct Blob {
    media_type: String,
    data: Option<String>,
    url: Option<String>,
    title: Option<String>,
}

fn blob(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Blob, DecodeError> {
    let mut blob = Blob::default();
    r.object::<DecodeError>(|r, key| {
        match &*camel(&key) {
            "mimeType" => blob.media_type = read::string(r)?.unwrap_or_default(),
            "data" => blob.data = read::string(r)?,
            "fileUri" => blob.url = read::string(r)?,
            "displayName" => blob.title = read::string(r)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(blob)
}

fn inline(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let Blob {
        media_type,
        data: Some(base64),
        title,
        ..
    } = blob(r, unread)?
    else {
        return Ok(None);
    };
    Ok(Some(match family(&media_type) {
        "image" => Part::Image(Image::Inline {
            media_type,
            base64,
            detail: None,
        }),
        "audio" => Part::Audio { media_type, base64 },
        "video" => Part::Video(Source::Inline { media_type, base64 }),
        _ => Part::Document(Document {
            title,
            content: DocumentContent::File { media_type, base64 },
        }),
    }))
}

/// A file that the provider fetches, or has.
fn file(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Part>, DecodeError> {
    let Blob {
        media_type,
        url: Some(url),
        title,
        ..
    } = blob(r, unread)?
    else {
        return Ok(None);
    };
    Ok(match family(&media_type) {
        "image" => Some(Part::Image(Image::Url { url, detail: None })),
        "video" => Some(Part::Video(Source::Url(url))),
        "audio" => None,
        _ => Some(Part::Document(Document {
            title,
            content: DocumentContent::Url(url),
        })),
    })
}

fn family(media_type: &str) -> &str {
    media_type.split('/').next().unwrap_or_default()
}

fn call(r: &mut Reader<'_>, unread: &mut Losses) -> Result<ToolCall, DecodeError> {
    let mut call = ToolCall {
        id: String::new(),
        name: String::new(),
        arguments: "{}".to_owned(),
        signature: None,
    };
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => call.id = read::string(r)?.unwrap_or_default(),
            "name" => call.name = read::string(r)?.unwrap_or_default(),
            "args" => {
                if let Some(args) = read::raw(r)? {
                    args.get().clone_into(&mut call.arguments);
                }
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(call)
}

/// The result of a call, and whose it is.
fn response(r: &mut Reader<'_>, unread: &mut Losses) -> Result<(ToolResult, String), DecodeError> {
    let mut function = String::new();
    let mut result = ToolResult {
        call_id: String::new(),
        parts: Vec::new(),
        is_error: false,
    };
    let mut media = Vec::new();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => result.call_id = read::string(r)?.unwrap_or_default(),
            "name" => function = read::string(r)?.unwrap_or_default(),
            "response" if r.kind()? == Kind::Object => said(r, &mut result)?,
            "response" => {
                let text = read::raw(r)?.map(|json| json.get().to_owned());
                result.parts.extend(text.map(Part::Text));
            }
            "parts" if r.kind()? == Kind::Array => {
                r.array(|r, _index| part(r, &mut media, unread))?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    for piece in media {
        match piece.part {
            part @ (Part::Image(_) | Part::Document(_) | Part::Audio { .. } | Part::Video(_)) => {
                result.parts.push(part);
            }
            _ => unread.add(Loss::Content("tool_result")),
        }
    }
    Ok((result, function))
}

/// What a function said: its one `output` or `error` as text, any other object as JSON.
fn said(r: &mut Reader<'_>, result: &mut ToolResult) -> Result<(), DecodeError> {
    let (mut members, mut output, mut error) = (0, None, None);
    let span = r.object::<DecodeError>(|r, key| {
        members += 1;
        if r.kind()? == Kind::String {
            match key.as_str() {
                "output" => output = read::string(r)?,
                "error" => error = read::string(r)?,
                _ => {}
            }
        }
        Ok(())
    })?;
    result.is_error = members == 1 && error.is_some();
    let text = match output.or(error).filter(|_| members == 1) {
        Some(text) => text,
        None => read::raw_at(r, span)?.get().to_owned(),
    };
    result.parts.push(Part::Text(text));
    Ok(())
}
