//! The texts of one message, as requests and answers share them.
//!
//! A member counts by its own name, whatever the `type` beside it says and wherever
//! that stands: a text that hides behind a wrong type is still read by some provider.

use tollgate_wire::json::{Key, Kind, Reader};

use crate::format::DecodeError;
use crate::view::{
    Field, Speaker, Texts, address_of, everything, input_of, name_of, opaque, parts, strings_of,
    text_if, unknown,
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
        "content" => parts(r, from, texts, |r, from, texts| {
            part(r, from, texts, has_image)
        })?,
        "reasoning_content" | "reasoning" | "thinking" => {
            strings_of(r, from, Field::Reasoning, texts)?;
        }
        "reasoning_details" | "thinking_blocks" => reasoning_details(r, from, texts)?,
        "refusal" => text_if(r, from, Field::Refusal, texts)?,
        "name" => text_if(r, from, Field::Metadata, texts)?,
        "tool_calls" if r.kind()? == Kind::Array => {
            r.array(|r, _index| tool_call(r, from, texts))?;
        }
        "function_call" => tool_call(r, from, texts)?,
        "audio" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "transcript" => text_if(r, from, Field::Text, texts),
                "id" | "data" => opaque(r, &key, from, texts),
                _ => unknown(r, &key, (from, Field::Metadata), texts),
            })?;
        }
        "tool_call_id" => opaque(r, key, from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

fn part(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    r.object(|r, key| part_member(r, &key, from, texts, has_image))?;
    Ok(())
}

fn part_member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "text" => text_if(r, from, Field::Text, texts)?,
        "refusal" => text_if(r, from, Field::Refusal, texts)?,
        "thinking" => strings_of(r, from, Field::Reasoning, texts)?,
        "image_url" => {
            *has_image = true;
            texts.image();
            media(r, from, texts)?;
        }
        "type" => {
            let kind = name_of(r, key, from, texts)?.map(|kind| r.text(kind));
            *has_image |= matches!(kind.as_deref(), Some("image" | "input_image"));
        }
        "file" | "input_audio" => {
            texts.file();
            media(r, from, texts)?;
        }
        "filename" | "title" => text_if(r, from, Field::Document, texts)?,
        "content" => parts(r, from, texts, |r, from, texts| {
            part(r, from, texts, has_image)
        })?,
        "signature" => opaque(r, key, from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads an image, an audio or a file, whose data nobody reads as text.
fn media(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return address_of(r, from, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "filename" => text_if(r, from, Field::Document, texts),
        "url" => address_of(r, from, texts),
        "data" | "file_data" | "file_id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads a tool call, its `function` or `custom` inside, or the older `function_call`.
fn tool_call(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::ToolInput, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "function" | "custom" => tool_call(r, from, texts),
        "name" => text_if(r, from, Field::ToolName, texts),
        "arguments" if r.kind()? == Kind::String => text_if(r, from, Field::ToolArguments, texts),
        // Some servers write the arguments as plain JSON.
        "arguments" | "input" => input_of(r, from, texts),
        "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads `reasoning_details` or `thinking_blocks`.
fn reasoning_details(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return everything(r, from, Field::Reasoning, texts);
    }
    r.array(|r, _index| {
        if r.kind()? != Kind::Object {
            return everything(r, from, Field::Reasoning, texts);
        }
        r.object::<DecodeError>(|r, key| match key.as_str() {
            "text" | "summary" | "thinking" => text_if(r, from, Field::Reasoning, texts),
            "id" | "data" | "signature" => opaque(r, &key, from, texts),
            _ => unknown(r, &key, (from, Field::Reasoning), texts),
        })?;
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}
