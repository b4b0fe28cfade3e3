//! The system text of a request: where it is, and what of it is there.

use smallvec::SmallVec;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use crate::format::DecodeError;
use crate::members::Value;
use crate::read;

/// The content of a system text.
#[derive(Clone, Copy)]
pub(super) enum Content {
    /// `null`: the whole of it.
    Nothing(Span),
    /// A string.
    Text(StrSpan),
    /// A list of blocks.
    List { span: Span, is_empty: bool },
}

/// The messages of a request.
#[derive(Default)]
pub(super) struct Messages {
    /// One past the `[`.
    pub(super) inside: u32,
    pub(super) is_empty: bool,
    /// The first and the last of the system's before any other, if there are such.
    pub(super) leading: Option<(Content, Option<Content>)>,
}

/// Reads the prompts of a request: one text, or a list of them.
pub(super) fn prompts(
    value: Option<Value<'_>>,
    name: &str,
) -> Result<SmallVec<[StrSpan; 1]>, DecodeError> {
    let no_text = || read::shape(name, "not a text");
    let value = value.ok_or_else(no_text)?;
    let mut prompts = SmallVec::new();
    let mut reader = value.reader()?;
    let mut take = |r: &mut Reader<'_>| {
        if r.kind()? != Kind::String {
            return Err(no_text());
        }
        prompts.push(r.string()?);
        Ok(())
    };
    if value.kind == Kind::Array {
        reader.array::<DecodeError>(|r, _index| take(r))?;
    } else {
        take(&mut reader)?;
    }
    Ok(prompts)
}

/// Reads the messages; those of the system that come first have its text.
pub(super) fn messages(value: Option<Value<'_>>, name: &str) -> Result<Messages, DecodeError> {
    let value = value.filter(|value| value.kind == Kind::Array);
    let value = value.ok_or_else(|| read::shape(name, "not a list"))?;
    let mut found = Messages {
        inside: value.span.start + 1,
        is_empty: true,
        leading: None,
    };
    let mut is_leading = true;
    value.reader()?.array::<DecodeError>(|r, _turn| {
        found.is_empty = false;
        if !is_leading {
            return Ok(());
        }
        let mut is_system = false;
        let mut text = None;
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "role" => {
                    let role = read::string_span(r)?;
                    let role = role.map(|role| r.text(role));
                    is_system = matches!(role.as_deref(), Some("system" | "developer"));
                }
                "content" => text = content_if(r)?,
                _ => {}
            }
            Ok(())
        })?;
        is_leading = is_system;
        if is_system {
            let text = text.ok_or_else(|| read::shape(name, "a system message without text"))?;
            found.leading = Some(match found.leading {
                Some((first, _)) => (first, Some(text)),
                None => (text, None),
            });
        }
        Ok(())
    })?;
    Ok(found)
}

/// Reads a system text that is in no message.
pub(super) fn content(value: Value<'_>, path: &str) -> Result<Content, DecodeError> {
    let content = content_if(&mut value.reader()?)?;
    content.ok_or_else(|| read::shape(path, "neither text nor a list"))
}

/// The content, if it is of a kind that texts can be put into.
fn content_if(r: &mut Reader<'_>) -> Result<Option<Content>, DecodeError> {
    Ok(match r.kind()? {
        Kind::Null => Some(Content::Nothing(r.skip()?)),
        Kind::String => Some(Content::Text(r.string()?)),
        Kind::Array => {
            let mut is_empty = true;
            let span = r.array::<DecodeError>(|_, _| {
                is_empty = false;
                Ok(())
            })?;
            Some(Content::List { span, is_empty })
        }
        _ => None,
    })
}
