//! The places in a request at which a prompt is put in, in one pass.

use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use super::SystemPlace;
use crate::format::DecodeError;
use crate::read;

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// The values of parameters.
    values: Vec<Value>,
    /// The objects that members may be put into, the request itself first.
    pub(super) outers: Vec<Outer>,
    /// System texts, in order: of messages those before any other.
    pub(super) system: Vec<Content>,
    /// One past the `[` of the messages, and whether there are none.
    pub(super) messages: Option<(u32, bool)>,
}

/// The value of a parameter.
#[derive(Clone, Copy)]
pub(super) struct Value {
    path: &'static str,
    pub(super) span: Span,
    pub(super) is_null: bool,
}

/// An object that members may be put into.
pub(super) struct Outer {
    /// Its name; empty for the request itself.
    pub(super) name: &'static str,
    /// The value, and whether it is an object without members; `None` there for `null`.
    pub(super) place: Option<(Span, Option<bool>)>,
    /// The members to put in.
    pub(super) members: Vec<Vec<u8>>,
}

/// The content of a system text.
#[derive(Clone)]
pub(super) enum Content {
    /// `null`: the whole of it.
    Nothing(Span),
    /// A string.
    Text(StrSpan),
    /// A list of blocks.
    List { span: Span, is_empty: bool },
}

impl Found {
    pub(super) fn values_at<'f>(
        &'f self,
        paths: &'static [&'static str],
    ) -> impl Iterator<Item = Value> + 'f {
        let values = self.values.iter().copied();
        values.filter(move |value| paths.contains(&value.path))
    }

    /// The first of these paths whose object is there.
    pub(super) fn place_of(&self, paths: &[&'static str]) -> Option<&'static str> {
        let is_there = |path: &&&'static str| {
            let mut outers = self.outers.iter();
            outers.any(|outer| outer.name == split(path).0 && outer.place.is_some())
        };
        paths.iter().find(is_there).copied()
    }

    /// Notes a member that is to be written at a path where none is.
    pub(super) fn insert(&mut self, path: &'static str, value: Vec<u8>) {
        let (outer, inner) = split(path);
        let mut member = super::string(inner);
        member.push(b':');
        member.extend_from_slice(&value);
        self.outer(outer).members.push(member);
    }

    fn outer(&mut self, name: &'static str) -> &mut Outer {
        let known = self.outers.iter().position(|outer| outer.name == name);
        let index = known.unwrap_or_else(|| {
            self.outers.push(Outer {
                name,
                place: None,
                members: Vec::new(),
            });
            self.outers.len() - 1
        });
        &mut self.outers[index]
    }
}

/// The object that a path leads into, empty for the request itself, and the member there.
fn split(path: &'static str) -> (&'static str, &'static str) {
    path.split_once('.').unwrap_or(("", path))
}

/// Looks for system text and for what is at `paths`.
pub(super) fn scan(
    body: &[u8],
    system: SystemPlace,
    paths: impl Iterator<Item = &'static str>,
) -> Result<Found, DecodeError> {
    let messages = match system {
        SystemPlace::Messages(name) => Some(name),
        SystemPlace::Text(_) | SystemPlace::Blocks(_) => None,
    };
    let texts: Vec<&'static str> = system.paths().collect();
    let wanted: Vec<&'static str> = paths.chain(system.paths()).collect();
    let mut found = Found::default();
    let mut r = Reader::new(body)?;
    let mut is_empty = true;
    let root = r.object::<DecodeError>(|r, key| {
        is_empty = false;
        let name = key.as_str();
        if messages == Some(name) {
            return leading(r, &mut found);
        }
        if let Some(path) = wanted.iter().find(|path| **path == name) {
            return value(r, path, texts.contains(path), &mut found);
        }
        let outer = wanted.iter().map(|path| split(path).0);
        match outer.into_iter().find(|outer| *outer == name) {
            Some(outer) => inside(r, outer, (&wanted, &texts), &mut found),
            None => Ok(()),
        }
    })?;
    r.finish()?;
    found.outer("").place = Some((root, Some(is_empty)));
    Ok(found)
}

/// Reads an object of the request that parameters may be in.
fn inside(
    r: &mut Reader<'_>,
    outer: &'static str,
    (wanted, texts): (&[&'static str], &[&'static str]),
    found: &mut Found,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Object => {
            let mut is_empty = true;
            let span = r.object::<DecodeError>(|r, key| {
                is_empty = false;
                let mut paths = wanted.iter();
                let path = paths.find(|path| split(path) == (outer, key.as_str()));
                path.map_or(Ok(()), |path| value(r, path, texts.contains(path), found))
            })?;
            found.outer(outer).place = Some((span, Some(is_empty)));
        }
        Kind::Null => found.outer(outer).place = Some((r.skip()?, None)),
        _ => return Err(read::shape(outer, "not an object")),
    }
    Ok(())
}

fn value(
    r: &mut Reader<'_>,
    path: &'static str,
    is_text: bool,
    found: &mut Found,
) -> Result<(), DecodeError> {
    if is_text {
        found.system.push(content(r, path)?);
        return Ok(());
    }
    let is_null = r.kind()? == Kind::Null;
    let span = r.skip()?;
    found.values.push(Value {
        path,
        span,
        is_null,
    });
    Ok(())
}

/// Reads the messages; those of the system that come first have its text.
fn leading(r: &mut Reader<'_>, found: &mut Found) -> Result<(), DecodeError> {
    let mut is_leading = true;
    let mut is_empty = true;
    let span = r.array::<DecodeError>(|r, _turn| {
        is_empty = false;
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
            let text =
                text.ok_or_else(|| read::shape("messages", "a system message without text"))?;
            found.system.push(text);
        }
        Ok(())
    })?;
    found.messages = Some((span.start + 1, is_empty));
    Ok(())
}

fn content(r: &mut Reader<'_>, path: &'static str) -> Result<Content, DecodeError> {
    content_if(r)?.ok_or_else(|| read::shape(path, "neither text nor a list"))
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
