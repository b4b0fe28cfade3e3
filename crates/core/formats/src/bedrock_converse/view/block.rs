//! The texts of content blocks, as requests, answers and streams share them.
//!
//! A member counts by its own name, wherever it stands in its block.

use tollgate_wire::json::{Key, Kind, Reader, set_once};

use crate::format::DecodeError;
use crate::view::{
    Field, Role, Speaker, Texts, address_of, everything, input_of, json, opaque, string_of,
    text_if, unknown,
};

/// Reads content: an array of blocks, one block, or a text.
pub(super) fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::String => text_if(r, from, Field::Text, texts),
        Kind::Array => r
            .array(|r, _index| content(r, from, texts, has_image))
            .map(|_span| ()),
        Kind::Object => block(r, from, texts, has_image),
        _ => everything(r, from, Field::Text, texts),
    }
}

/// Members that are a text, or have one, come once: a second one could hide the first.
#[derive(Default)]
struct Once {
    text: Option<()>,
    json: Option<()>,
    content: Option<()>,
}

/// Reads a block.
pub(super) fn block(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    let mut once = Once::default();
    r.object(|r, key| member(r, &key, &mut once, texts, (from, &mut *has_image)))?;
    Ok(())
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    once: &mut Once,
    texts: &mut Texts,
    (from, has_image): (Speaker, &mut bool),
) -> Result<(), DecodeError> {
    let is_object = r.kind()? == Kind::Object;
    match key.as_str() {
        "text" if is_object => {
            // What a guardrail of the provider is to look at.
            set_once(&mut once.text, (), key)?;
            block(r, from, texts, has_image)?;
        }
        "text" => {
            set_once(&mut once.text, (), key)?;
            text_if(r, from, Field::Text, texts)?;
        }
        "json" => {
            set_once(&mut once.json, (), key)?;
            if r.kind()? == Kind::String {
                text_if(r, from, Field::Text, texts)?;
            } else if let Some(text) = json(r)? {
                texts.add(text, from, Field::Members);
            }
        }
        "image" => {
            *has_image = true;
            texts.image();
            file(r, from, texts)?;
        }
        "document" | "video" | "audio" => {
            texts.file();
            file(r, from, texts)?;
        }
        "toolUse" if is_object => tool_use(r, from, texts)?,
        "toolResult" if is_object => {
            let from = Speaker {
                role: Role::Tool,
                ..from
            };
            block(r, from, texts, has_image)?;
        }
        "reasoningContent" if is_object => reasoning(r, from, texts)?,
        "citationsContent" | "guardContent" if is_object => block(r, from, texts, has_image)?,
        "content" => {
            set_once(&mut once.content, (), key)?;
            content(r, from, texts, has_image)?;
        }
        "citations" => citations(r, from, texts)?,
        "searchResult" if is_object => search_result(r, from, texts)?,
        "toolUseId" => opaque(r, "tool_use_id", from, texts)?,
        // A word, as a format is one.
        "status" => opaque(r, "format", from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

fn tool_use(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "name" => text_if(r, from, Field::ToolName, texts),
        "input" => input_of(r, from, texts),
        "toolUseId" => opaque(r, "tool_use_id", from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

fn reasoning(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    let mut text = None;
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "reasoningText" if r.kind()? == Kind::Object => reasoning(r, from, texts),
        "text" => {
            set_once(&mut text, (), &key)?;
            text_if(r, from, Field::Reasoning, texts)
        }
        "signature" => opaque(r, "signature", from, texts),
        "redactedContent" => opaque(r, "data", from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads an image, a document, sound or a video: its name and what it says of itself.
fn file(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::Document, texts);
    }
    let (mut is_text, mut has_bytes) = (false, false);
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "name" | "context" => text_if(r, from, Field::Document, texts),
        "format" => {
            if let Some(word) = string_of(r, from, texts)? {
                is_text |= matches!(&*r.text(word), "txt" | "md" | "csv" | "html");
                texts.note_opaque(r, "format", word, from);
            }
            Ok(())
        }
        "source" if r.kind()? == Kind::Object => {
            has_bytes |= source(r, from, texts)?;
            Ok(())
        }
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    if is_text && has_bytes {
        texts.encoded("text/plain");
    }
    Ok(())
}

/// Reads where a file is, and whether that is here, as bytes.
fn source(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<bool, DecodeError> {
    let (mut text, mut has_bytes) = (None, false);
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "bytes" => {
            has_bytes = true;
            opaque(r, "data", from, texts)
        }
        "text" => {
            set_once(&mut text, (), &key)?;
            text_if(r, from, Field::Document, texts)
        }
        "content" => documents(r, from, texts),
        "s3Location" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "uri" => address_of(r, from, texts),
                _ => unknown(r, &key, (from, Field::Metadata), texts),
            })?;
            Ok(())
        }
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(has_bytes)
}

/// Reads an array of objects with a `text`.
fn documents(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| documents(r, from, texts))?;
        }
        Kind::Object => {
            let mut text = None;
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "text" => {
                    set_once(&mut text, (), &key)?;
                    text_if(r, from, Field::Document, texts)
                }
                _ => unknown(r, &key, (from, Field::Document), texts),
            })?;
        }
        _ => text_if(r, from, Field::Document, texts)?,
    }
    Ok(())
}

fn search_result(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "source" | "title" => text_if(r, from, Field::Document, texts),
        "content" => documents(r, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

fn citations(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return everything(r, from, Field::Document, texts);
    }
    r.array(|r, _index| citation(r, from, texts))?;
    Ok(())
}

/// Reads a citation: it repeats text of a document.
pub(super) fn citation(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::Document, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "title" | "source" => text_if(r, from, Field::Document, texts),
        "sourceContent" => documents(r, from, texts),
        _ => unknown(r, &key, (from, Field::Document), texts),
    })?;
    Ok(())
}
