//! The texts of one message, as requests and answers share them.

use tollgate_wire::json::{Key, Kind, Reader};

use crate::format::DecodeError;
use crate::view::{
    Field, Speaker, Texts, address_of, everything, input_of, name_of, opaque, parts, setting,
    strings_of, text_if, unknown,
};

/// Reads one member of a message, or of an answer's message.
pub(super) fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "content" => content(r, from, texts, has_image)?,
        "tool_plan" => text_if(r, from, Field::Text, texts)?,
        "tool_calls" => list(r, from, Field::ToolInput, texts, call)?,
        "citations" => list(r, from, Field::Document, texts, citation)?,
        "tool_call_id" => opaque(r, key, from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

type ReadOne = fn(&mut Reader<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>;

fn list(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
    one: ReadOne,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return everything(r, from, field, texts);
    }
    r.array(|r, _index| {
        if r.kind()? == Kind::Object {
            one(r, from, texts)
        } else {
            everything(r, from, field, texts)
        }
    })?;
    Ok(())
}

/// Reads a content.
pub(super) fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    parts(r, from, texts, |r, from, texts| {
        part(r, from, texts, has_image)
    })
}

/// Reads a part of a content. A member counts by its own name, whatever the `type` beside
/// it says.
fn part(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "text" => text_if(r, from, Field::Text, texts)?,
            "thinking" => text_if(r, from, Field::Reasoning, texts)?,
            "image_url" => {
                *has_image = true;
                texts.image();
                image(r, from, texts)?;
            }
            "document" => document(r, from, texts)?,
            "type" => {
                name_of(r, &key, from, texts)?;
            }
            "signature" | "data" => opaque(r, &key, from, texts)?,
            _ => unknown(r, &key, (from, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    Ok(())
}

fn image(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return address_of(r, from, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "url" => address_of(r, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a document: a text, or an object whose `data` say something, keys and all.
pub(super) fn document(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return strings_of(r, from, Field::Document, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "data" => strings_of(r, from, Field::Document, texts),
        "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a tool call, or the `function` in one.
pub(super) fn call(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "function" if r.kind()? == Kind::Object => call(r, from, texts),
        "name" => text_if(r, from, Field::ToolName, texts),
        "arguments" if r.kind()? == Kind::String => text_if(r, from, Field::ToolArguments, texts),
        "arguments" => input_of(r, from, texts),
        "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a citation: it repeats a passage, and what backs it.
pub(super) fn citation(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "text" => text_if(r, from, Field::Document, texts),
        "sources" => list(r, from, Field::Document, texts, source),
        "start" | "end" | "content_index" => setting(r, from, texts),
        _ => unknown(r, &key, (from, Field::Document), texts),
    })?;
    Ok(())
}

fn source(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "document" | "tool_output" => strings_of(r, from, Field::Document, texts),
        "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Document), texts),
    })?;
    Ok(())
}
