//! The texts of content blocks, as requests, answers and streams share them.
//!
//! A member counts by its own name, whatever the `type` beside it says and wherever
//! that stands, with one exception: `data` is text in a `text` source, and elsewhere
//! only when it cannot be base64.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use crate::format::DecodeError;
use crate::view::{
    Field, Role, Speaker, Texts, address_of, everything, input_of, name_of, opaque, string_of,
    text_if, unknown,
};

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
        _ => everything(r, from, Field::Text, texts),
    }
}

/// What is known of a block once it is read. Members that say what is text, or are
/// one, come once: a second one could hide the first.
#[derive(Default)]
struct Block {
    kind: Option<Option<StrSpan>>,
    source: Option<Source>,
    text: Option<()>,
    thinking: Option<()>,
    content: Option<()>,
}

/// What is known of a `source`.
#[derive(Default)]
struct Source {
    kind: Option<Option<StrSpan>>,
    data: Option<Option<StrSpan>>,
    url: Option<()>,
    content: Option<()>,
}

/// Reads a block and gives its `type`.
pub(super) fn block(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<Option<StrSpan>, DecodeError> {
    let first = texts.spans.len();
    let mut block = Block::default();
    r.object(|r, key| member(r, &key, &mut block, texts, (from, &mut *has_image)))?;
    let kind = block.kind.flatten();
    let word = kind.map(|kind| r.text(kind));
    let is_image = word.as_deref() == Some("image");
    if is_image {
        *has_image = true;
        texts.image();
    }
    if let Some(source) = block.source {
        let kind = source.kind.flatten().map(|kind| r.text(kind));
        let is_text = kind.as_deref() == Some("text");
        if !is_text && !is_image && kind.as_deref() != Some("content") {
            texts.file();
        }
        if let Some(text) = source.data.flatten() {
            if is_text {
                texts.add(text, from, Field::Document);
            } else {
                texts.note_opaque(r, "data", text, from);
            }
        }
    }
    if word.as_deref() == Some("tool_result") {
        texts.set_role(first, Role::Tool);
    }
    Ok(kind)
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    block: &mut Block,
    texts: &mut Texts,
    (from, has_image): (Speaker, &mut bool),
) -> Result<(), DecodeError> {
    match key.as_str() {
        "type" => set_once(&mut block.kind, name_of(r, key, from, texts)?, key)?,
        "text" => {
            set_once(&mut block.text, (), key)?;
            text_if(r, from, Field::Text, texts)?;
        }
        "thinking" => {
            set_once(&mut block.thinking, (), key)?;
            text_if(r, from, Field::Reasoning, texts)?;
        }
        "name" => text_if(r, from, Field::ToolName, texts)?,
        "input" => input_of(r, from, texts)?,
        "title" | "context" => text_if(r, from, Field::Document, texts)?,
        "content" => {
            set_once(&mut block.content, (), key)?;
            content(r, from, texts, has_image)?;
        }
        "source" => set_once(&mut block.source, source(r, from, texts, has_image)?, key)?,
        "citations" => citations(r, from, texts)?,
        "stdout" | "stderr" => text_if(r, from, Field::Document, texts)?,
        "id" | "tool_use_id" | "file_id" | "signature" | "data" | "encrypted_content" => {
            opaque(r, key, from, texts)?;
        }
        "url" => address_of(r, from, texts)?,
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads a `source`.
fn source(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<Source, DecodeError> {
    let mut source = Source::default();
    let mut media_type = None;
    if r.kind()? != Kind::Object {
        everything(r, from, Field::Document, texts)?;
        return Ok(source);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => set_once(&mut source.kind, name_of(r, &key, from, texts)?, &key)?,
            "data" => set_once(&mut source.data, string_of(r, from, texts)?, &key)?,
            "media_type" => {
                if let Some(kind) = string_of(r, from, texts)? {
                    media_type = Some(kind);
                    texts.note_opaque(r, &key, kind, from);
                }
            }
            "url" => set_once(&mut source.url, address_of(r, from, texts)?, &key)?,
            "file_id" => opaque(r, &key, from, texts)?,
            "content" => {
                set_once(&mut source.content, (), &key)?;
                content(r, from, texts, has_image)?;
            }
            _ => unknown(r, &key, (from, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    let is_base64 = |kind: StrSpan| r.text(kind) == "base64";
    if let Some(media_type) = media_type.filter(|_| source.kind.flatten().is_some_and(is_base64)) {
        texts.encoded(&r.text(media_type));
    }
    Ok(source)
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
        "cited_text" | "document_title" | "title" => text_if(r, from, Field::Document, texts),
        "encrypted_index" | "file_id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Document), texts),
    })?;
    Ok(())
}
