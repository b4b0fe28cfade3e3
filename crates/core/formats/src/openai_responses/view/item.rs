//! The texts of one item, as requests, answers and events share them.
//!
//! A member counts by its own name, whatever the `type` beside it says and wherever that
//! stands: a text that hides behind a wrong type is still read by some provider.

use tollgate_wire::json::{Key, Kind, Reader, set_once};
use tollgate_wire::{Span, StrSpan};

use crate::format::DecodeError;
use crate::view::{
    Field, Role, Speaker, Texts, address_of, everything, input_of, name_of, opaque, role_in,
    text_if, tool, tools, unknown,
};

/// What is collected from items.
pub(super) struct Found<'f> {
    pub(super) texts: &'f mut Texts,
    pub(super) has_image: bool,
    /// The probabilities of tokens, of answers; in a request they are texts.
    pub(super) logprobs: Option<&'f mut Vec<Span>>,
}

impl<'f> Found<'f> {
    pub(super) const fn new(texts: &'f mut Texts) -> Self {
        Self {
            texts,
            has_image: false,
            logprobs: None,
        }
    }
}

/// What an item says of itself.
#[derive(Default)]
pub(super) struct Item {
    /// Its type.
    pub(super) kind: Option<StrSpan>,
    /// How many parts its content has, or its summary.
    pub(super) parts: u32,
}

/// Reads an item. The role of its texts is `from`'s, unless the item says another.
pub(super) fn item(
    r: &mut Reader<'_>,
    from: Speaker,
    found: &mut Found<'_>,
) -> Result<Item, DecodeError> {
    if r.kind()? != Kind::Object {
        text_if(r, from, Field::Text, found.texts)?;
        return Ok(Item::default());
    }
    let first = found.texts.spans.len();
    let mut item = Item::default();
    let (mut kind, mut role) = (None, None);
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "type" => Ok(set_once(
            &mut kind,
            name_of(r, &key, from, found.texts)?,
            &key,
        )?),
        "role" => Ok(set_once(&mut role, role_in(r, from, found.texts)?, &key)?),
        _ => member(r, &key, from, found, &mut item),
    })?;
    item.kind = kind.flatten();
    let word = item.kind.map(|kind| r.text(kind));
    let word = word.as_deref().unwrap_or("message");
    found
        .texts
        .set_role(first, role.unwrap_or_else(|| speaker(word, from.role)));
    if word == "reasoning" {
        let mine = found.texts.spans.iter_mut().skip(first);
        for span in mine.filter(|span| span.field == Field::Text) {
            span.field = Field::Reasoning;
        }
    }
    Ok(item)
}

/// Who speaks in an item that does not say so.
fn speaker(kind: &str, otherwise: Role) -> Role {
    match kind {
        "message" => otherwise,
        kind if kind.ends_with("_output") => Role::Tool,
        _ => Role::Assistant,
    }
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    found: &mut Found<'_>,
    item: &mut Item,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "content" => item.parts = item.parts.max(content(r, from, Field::Text, found)?),
        "summary" => item.parts = item.parts.max(content(r, from, Field::Reasoning, found)?),
        "output" => {
            content(r, from, Field::Text, found)?;
        }
        "name" => text_if(r, from, Field::ToolName, found.texts)?,
        "arguments" if r.kind()? == Kind::String => {
            text_if(r, from, Field::ToolArguments, found.texts)?;
        }
        "arguments" | "input" => input_of(r, from, found.texts)?,
        "id" | "call_id" | "encrypted_content" => opaque(r, key, from, found.texts)?,
        // What a search for tools has found is offered from then on.
        "tools" if r.kind()? == Kind::Array => tools(r, found.texts, tool)?,
        // A picture that a tool of the provider's has made.
        "result" => opaque(r, "data", from, found.texts)?,
        _ => unknown(r, key, (from, Field::Metadata), found.texts)?,
    }
    Ok(())
}

/// Reads content and gives the number of its parts.
fn content(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    found: &mut Found<'_>,
) -> Result<u32, DecodeError> {
    match r.kind()? {
        Kind::String => {
            found.texts.add(r.string()?, from, field);
            Ok(1)
        }
        Kind::Array => {
            let mut parts = 0;
            r.array(|r, index| {
                parts = index.saturating_add(1);
                part(r, from, field, found)
            })?;
            Ok(parts)
        }
        Kind::Object => part(r, from, field, found).map(|()| 1),
        _ => everything(r, from, field, found.texts).map(|()| 0),
    }
}

/// Reads a part.
pub(super) fn part(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    found: &mut Found<'_>,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::String => {
            found.texts.add(r.string()?, from, field);
            return Ok(());
        }
        Kind::Object => {}
        _ => return everything(r, from, field, found.texts),
    }
    r.object(|r, key| part_member(r, &key, from, field, found))?;
    Ok(())
}

fn part_member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    field: Field,
    found: &mut Found<'_>,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "text" => text_if(r, from, field, found.texts)?,
        "refusal" => text_if(r, from, Field::Refusal, found.texts)?,
        "type" => {
            let kind = name_of(r, key, from, found.texts)?.map(|kind| r.text(kind));
            found.has_image |= kind.as_deref() == Some("input_image");
        }
        "image_url" => {
            found.has_image = true;
            found.texts.image();
            media(r, from, found)?;
        }
        "file_url" => {
            found.texts.file();
            address_of(r, from, found.texts)?;
        }
        "input_audio" => {
            found.texts.file();
            media(r, from, found)?;
        }
        "filename" => text_if(r, from, Field::Document, found.texts)?,
        "file_data" | "file_id" => {
            found.texts.file();
            opaque(r, key, from, found.texts)?;
        }
        "annotations" => annotations(r, from, found.texts)?,
        "logprobs" if found.logprobs.is_some() => logprobs(r, found)?,
        // Content of content, as tools write it.
        "content" => {
            content(r, from, field, found)?;
        }
        _ => unknown(r, key, (from, Field::Metadata), found.texts)?,
    }
    Ok(())
}

/// Takes note of the probabilities of tokens, where there are any.
fn logprobs(r: &mut Reader<'_>, found: &mut Found<'_>) -> Result<(), DecodeError> {
    let span = r.skip()?;
    let says = !crate::read::is_empty(span.of(r.bytes()));
    if let Some(spans) = found.logprobs.as_deref_mut().filter(|_| says) {
        spans.push(span);
    }
    Ok(())
}

/// Reads an image or a sound, whose data nobody reads as text.
fn media(r: &mut Reader<'_>, from: Speaker, found: &mut Found<'_>) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return address_of(r, from, found.texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "url" => address_of(r, from, found.texts),
        "data" => opaque(r, &key, from, found.texts),
        _ => unknown(r, &key, (from, Field::Metadata), found.texts),
    })?;
    Ok(())
}

fn annotations(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Array {
        return everything(r, from, Field::Document, texts);
    }
    r.array(|r, _index| annotation(r, from, texts))?;
    Ok(())
}

/// Reads an annotation: it names a source.
pub(super) fn annotation(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return everything(r, from, Field::Document, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "title" | "filename" | "quote" => text_if(r, from, Field::Document, texts),
        "url" => address_of(r, from, texts),
        "file_id" => opaque(r, &key, from, texts),
        _ => unknown(r, &key, (from, Field::Document), texts),
    })?;
    Ok(())
}
