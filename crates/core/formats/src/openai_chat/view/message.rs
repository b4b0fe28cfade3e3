//! The texts of one message, as requests and answers share them.
//!
//! A member counts by its own name, whatever the `type` beside it says and wherever
//! that stands: a text that hides behind a wrong type is still read by some provider.

use tollgate_wire::json::{Kind, Reader, set_once};

use crate::format::DecodeError;
use crate::read;
use crate::view::{Field, Role, Speaker, Texts, strings_of, text_if};

/// Reads a message of a request.
pub(super) fn message(
    r: &mut Reader<'_>,
    turn: u32,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    let first = texts.spans.len();
    let mut role = None;
    let speaker = Speaker {
        role: Role::User,
        turn,
    };
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "role" {
            let word = r.string()?;
            return Ok(set_once(&mut role, role_of(&r.text(word)), &key)?);
        }
        member(r, &key, speaker, texts, has_image)
    })?;
    texts.set_role(first, role.unwrap_or(Role::User));
    Ok(())
}

/// An unknown role is inspected as the user's.
fn role_of(word: &str) -> Role {
    match word {
        "system" | "developer" => Role::System,
        "assistant" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        _ => Role::User,
    }
}

/// Reads one member of a message, or of an answer's message.
pub(super) fn member(
    r: &mut Reader<'_>,
    key: &str,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key {
        "content" => content(r, from, texts, has_image)?,
        "reasoning_content" | "reasoning" => strings_of(r, from, Field::Reasoning, texts)?,
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
                _ => Ok(()),
            })?;
        }
        _ => {}
    }
    Ok(())
}

fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::String => texts.add(r.string()?, from, Field::Text),
        Kind::Array => {
            r.array(|r, _index| part(r, from, texts, has_image))?;
        }
        // Some servers take a single part without its array.
        Kind::Object => part(r, from, texts, has_image)?,
        _ => {}
    }
    Ok(())
}

fn part(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::String => {
            texts.add(r.string()?, from, Field::Text);
            return Ok(());
        }
        Kind::Object => {}
        _ => return Ok(()),
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "text" => text_if(r, from, Field::Text, texts)?,
            "refusal" => text_if(r, from, Field::Refusal, texts)?,
            "thinking" => strings_of(r, from, Field::Reasoning, texts)?,
            "image_url" => *has_image = true,
            "type" => {
                let kind = read::string_if(r)?.map(|kind| r.text(kind));
                *has_image |= matches!(kind.as_deref(), Some("image" | "input_image"));
            }
            "file" if r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| match key.as_str() {
                    "filename" => text_if(r, from, Field::Document, texts),
                    _ => Ok(()),
                })?;
            }
            "filename" | "title" => text_if(r, from, Field::Document, texts)?,
            "content" => content(r, from, texts, has_image)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads a tool call, its `function` or `custom` inside, or the older `function_call`.
fn tool_call(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "function" | "custom" => tool_call(r, from, texts),
        "name" => text_if(r, from, Field::ToolName, texts),
        // Some servers write the arguments as plain JSON.
        "arguments" if r.kind()? != Kind::String => strings_of(r, from, Field::ToolInput, texts),
        "arguments" => text_if(r, from, Field::ToolArguments, texts),
        "input" => strings_of(r, from, Field::ToolInput, texts),
        _ => Ok(()),
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
        return Ok(());
    }
    r.array(|r, _index| {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object::<DecodeError>(|r, key| match key.as_str() {
            "text" | "summary" | "thinking" => text_if(r, from, Field::Reasoning, texts),
            _ => Ok(()),
        })?;
        Ok::<_, DecodeError>(())
    })?;
    Ok(())
}
