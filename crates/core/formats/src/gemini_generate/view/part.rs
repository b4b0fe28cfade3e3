//! The texts of contents and their parts, as requests and whole answers share them.
//!
//! A member counts by its own name, in camel or snake case, whatever stands beside it.

use tollgate_wire::json::{Key, Kind, Reader, set_once};

use crate::format::DecodeError;
use crate::spelling::camel;
use crate::view::{
    Field, Role, Speaker, Texts, address_of, everything, input_of, opaque, role_in, string_of,
    strings_of, text_if, unknown,
};

/// Reads a content, and gives its role; in the place of an instruction it may be a string.
pub(super) fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<Option<Role>, DecodeError> {
    let (mut role, mut listed) = (None, None);
    match r.kind()? {
        Kind::Object => {}
        Kind::String => {
            text_if(r, from, Field::Text, texts)?;
            return Ok(None);
        }
        _ => {
            everything(r, from, Field::Text, texts)?;
            return Ok(None);
        }
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" if r.kind()? == Kind::String => {
                set_once(&mut role, role_in(r, from, texts)?, &key)?;
            }
            "role" => {
                everything(r, from, Field::Metadata, texts)?;
                set_once(&mut role, Role::User, &key)?;
            }
            "parts" => {
                parts(r, from, texts, has_image)?;
                set_once(&mut listed, (), &key)?;
            }
            _ => unknown(r, &key, (from, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    Ok(role)
}

/// Reads a list of parts, or one part.
fn parts(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| part(r, from, texts, has_image))?;
            Ok(())
        }
        _ => part(r, from, texts, has_image),
    }
}

/// Members that come once: a second one could hide the first.
#[derive(Default)]
struct Part {
    text: Option<()>,
    thought: Option<bool>,
    call: Option<()>,
    result: Option<()>,
}

fn part(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return text_if(r, from, Field::Text, texts);
    }
    let first = texts.spans.len();
    let mut part = Part::default();
    r.object(|r, key| member(r, &key, &mut part, (from, &mut *texts, &mut *has_image)))?;
    if part.thought == Some(true) {
        let said = texts.spans.iter_mut().skip(first);
        for span in said.filter(|span| span.field == Field::Text && span.role != Role::Tool) {
            span.field = Field::Reasoning;
        }
    }
    Ok(())
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    part: &mut Part,
    (from, texts, has_image): (Speaker, &mut Texts, &mut bool),
) -> Result<(), DecodeError> {
    let name = camel(key);
    match &*name {
        "text" => {
            set_once(&mut part.text, (), key)?;
            text_if(r, from, Field::Text, texts)?;
        }
        "thought" if r.kind()? == Kind::Bool => set_once(&mut part.thought, r.bool()?, key)?,
        "thoughtSignature" => opaque(r, &name, from, texts)?,
        "inlineData" | "fileData" => blob(r, from, texts, has_image)?,
        "functionCall" => {
            set_once(&mut part.call, (), key)?;
            call(r, from, texts)?;
        }
        "functionResponse" => {
            set_once(&mut part.result, (), key)?;
            result(r, from, texts, has_image)?;
        }
        "executableCode" | "codeExecutionResult" => code(r, from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads bytes, inline or elsewhere, which nobody reads as text.
fn blob(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::Document, texts);
    }
    let (mut is_here, mut media_type) = (false, None);
    r.object::<DecodeError>(|r, key| {
        let name = camel(&key);
        match &*name {
            "mimeType" => {
                if let Some(kind) = string_of(r, from, texts)? {
                    media_type = Some(kind);
                    if r.text(kind).starts_with("image/") {
                        *has_image = true;
                        texts.image();
                    } else {
                        texts.file();
                    }
                    texts.note_opaque(r, &name, kind, from);
                }
                Ok(())
            }
            "data" => {
                is_here = true;
                opaque(r, &name, from, texts)
            }
            "fileUri" => address_of(r, from, texts),
            "displayName" => text_if(r, from, Field::Document, texts),
            _ => unknown(r, &key, (from, Field::Metadata), texts),
        }
    })?;
    if let Some(kind) = media_type.filter(|_| is_here) {
        texts.encoded(&r.text(kind));
    }
    Ok(())
}

fn call(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::ToolInput, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "name" => text_if(r, from, Field::ToolName, texts),
        "args" => input_of(r, from, texts),
        "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}

fn result(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    let tool = Speaker {
        role: Role::Tool,
        ..from
    };
    if r.kind()? != Kind::Object {
        return everything(r, tool, Field::Text, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "name" => text_if(r, tool, Field::ToolName, texts),
        "response" => strings_of(r, tool, Field::Text, texts),
        "parts" => parts(r, tool, texts, has_image),
        "id" => opaque(r, &key, tool, texts),
        _ => unknown(r, &key, (tool, Field::Metadata), texts),
    })?;
    Ok(())
}

/// Reads code that the model runs at its provider, or what came of it.
fn code(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::Document, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "code" | "output" => text_if(r, from, Field::Document, texts),
        "language" | "outcome" | "id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Metadata), texts),
    })?;
    Ok(())
}
