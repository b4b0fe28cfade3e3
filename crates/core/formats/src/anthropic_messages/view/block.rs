//! The texts of content blocks, as requests, answers and streams share them.
//!
//! A member counts by its own name, whatever the `type` beside it says and wherever
//! that stands, with one exception: `data` is text only in a `text` source, and
//! base64 elsewhere.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::read;
use crate::view::{Field, Role, Speaker, Texts, strings_of, text_if};

/// Reads content: a string, an array of blocks, or one block.
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
        Kind::Object => block(r, from, texts, has_image).map(|_kind| ()),
        _ => Ok(()),
    }
}

/// Reads a block and gives its `type`.
pub(super) fn block(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<Option<StrSpan>, DecodeError> {
    let first = texts.spans.len();
    let mut kind = None;
    let mut data = None;
    let mut data_is_text = false;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => {
                kind = read::string_if(r)?;
                *has_image |= kind.is_some_and(|kind| r.text(kind) == "image");
            }
            "text" => text_if(r, from, Field::Text, texts)?,
            "thinking" => text_if(r, from, Field::Reasoning, texts)?,
            "name" => text_if(r, from, Field::ToolName, texts)?,
            "input" => strings_of(r, from, Field::ToolInput, texts)?,
            "title" | "context" => text_if(r, from, Field::Document, texts)?,
            "content" => content(r, from, texts, has_image)?,
            "source" => (data, data_is_text) = source(r, from, texts, has_image)?,
            "citations" => citations(r, from, texts)?,
            "stdout" | "stderr" => text_if(r, from, Field::Document, texts)?,
            _ => {}
        }
        Ok(())
    })?;
    if let Some(text) = data.filter(|_| data_is_text) {
        texts.add(text, from, Field::Document);
    }
    if kind.is_some_and(|kind| r.text(kind) == "tool_result") {
        texts.set_role(first, Role::Tool);
    }
    Ok(kind)
}

/// Reads a `source` and gives its `data`, with whether that is text.
fn source(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(Option<StrSpan>, bool), DecodeError> {
    let mut data = None;
    let mut is_text = false;
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "type" => {
                    let kind = read::string_if(r)?;
                    is_text = kind.is_some_and(|kind| r.text(kind) == "text");
                }
                "data" => data = read::string_if(r)?,
                "content" => content(r, from, texts, has_image)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok((data, is_text))
}

fn citations(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? == Kind::Array {
        r.array(|r, _index| citation(r, from, texts))?;
    }
    Ok(())
}

/// Reads a citation: it repeats text of a document.
pub(super) fn citation(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "cited_text" | "document_title" | "title" => text_if(r, from, Field::Document, texts),
        _ => Ok(()),
    })?;
    Ok(())
}
