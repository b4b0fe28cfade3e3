//! The members of a request that somebody acts on: found in one pass, changed by splices.
//!
//! Who acts names them by *paths*: names of members, from the request inwards, with a dot
//! between them (`inferenceConfig.topP`); `include.[word]` is the text `word` in a list.
//! A member that is `null` is as one that is not there, but for its room.

mod read;
mod splice;

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::{Edit, Span};

use crate::format::{ChatFormat, DecodeError, Dialect};
use crate::prompt::Places;

/// The members of a request at some paths, and what is to be changed in it.
#[derive(Debug)]
pub struct Members<'b> {
    body: &'b [u8],
    /// What paths lead into, what is around it first; the request itself before all.
    groups: SmallVec<[Group; 2]>,
    /// Edits within values that stay.
    inner: Vec<Edit>,
}

/// An object or a list with the members of some paths.
#[derive(Debug)]
struct Group {
    /// Its own path; empty for the request itself.
    path: &'static str,
    form: Form,
    /// The whole of it; where there is none, nothing.
    span: Span,
    items: Vec<Item>,
    /// Members to put in, with commas between them.
    added: Vec<u8>,
}

/// What stands where a group is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Object,
    List,
    Null,
    /// Another value, of which nothing can be a member.
    Other,
    /// Nothing; it is to be written.
    Absent,
}

/// A member of an object, or an element of a list.
#[derive(Debug)]
struct Item {
    /// The path that means it, if one does.
    path: Option<&'static str>,
    /// Its name with the quotes; empty where it has none.
    name: Span,
    value: Span,
    kind: Kind,
    is_kept: bool,
    new_name: Option<&'static str>,
    new_value: Option<Bytes>,
}

/// The value of a member.
#[derive(Clone, Copy, Debug)]
pub struct Value<'b> {
    body: &'b [u8],
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

impl<'b> Value<'b> {
    /// A reader in front of it; its places are those of the request.
    pub(crate) fn reader(self) -> Result<Reader<'b>, DecodeError> {
        Ok(Reader::at(self.body, self.span)?)
    }

    /// True where it is more than this, as a number in any notation or as a text that some
    /// servers take for one. A text that spells no number is: what a server makes of it is
    /// not known.
    #[must_use]
    pub fn exceeds(self, most: u32) -> bool {
        match self.number() {
            Some(number) => number.is_nan() || number > f64::from(most),
            None => self.kind == Kind::String,
        }
    }

    /// The number that it is, or that it spells as a text. `None` for anything else.
    pub(crate) fn number(self) -> Option<f64> {
        match self.kind {
            Kind::Number => str::from_utf8(self.span.of(self.body)).ok()?.parse().ok(),
            Kind::String => {
                let mut reader = Reader::at(self.body, self.span).ok()?;
                let text = reader.string().ok()?;
                reader.text(text).trim().parse().ok()
            }
            _ => None,
        }
    }
}

impl<'b> Members<'b> {
    /// The parameters of a conversation's request, as the format has them for servers of
    /// a dialect.
    ///
    /// # Errors
    /// When the body is not one JSON object.
    pub fn of(
        format: &dyn ChatFormat,
        dialect: Dialect,
        body: &'b [u8],
    ) -> Result<Self, DecodeError> {
        Places::of(format, dialect).members(body)
    }

    /// The value at a path, unless it is `null`: the first, where it is written twice.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<Value<'b>> {
        let mut values = self.at(path).map(|item| self.value_of(item));
        values.find(|value| value.kind != Kind::Null)
    }

    /// Takes away what is at a path, with one of the commas beside it. True where that
    /// said something.
    pub fn remove(&mut self, path: &str) -> bool {
        let mut said = false;
        for item in self.at_mut(path) {
            item.is_kept = false;
            said |= item.kind != Kind::Null;
        }
        said
    }

    /// Gives what is at a path the last name of another path within the same object,
    /// unless that one says something itself: then it stays, and the first one is taken
    /// away. True where the two differed, so that what the first one said is lost.
    pub fn rename(&mut self, from: &'static str, to: &'static str) -> bool {
        let Some(theirs) = self.value(from) else {
            self.remove(from);
            return false;
        };
        if let Some(ours) = self.value(to) {
            let differs = ours.span.of(self.body) != theirs.span.of(self.body);
            self.remove(from);
            return differs;
        }
        self.remove(to);
        for item in self.at_mut(from) {
            item.path = Some(to);
            item.new_name = Some(last_name(to));
        }
        false
    }

    /// Writes another value wherever `with` says so for what is at a path, `null` too.
    /// True where it did.
    pub fn replace(&mut self, path: &str, with: impl Fn(Value<'b>) -> Option<Bytes>) -> bool {
        let body = self.body;
        let mut is_replaced = false;
        for item in self.at_mut(path) {
            let (span, kind) = (item.value, item.kind);
            if let Some(json) = with(Value { body, span, kind }) {
                item.new_value = Some(json);
                is_replaced = true;
            }
        }
        is_replaced
    }

    fn at(&self, path: &str) -> impl Iterator<Item = &Item> {
        let items = self.groups.iter().flat_map(|group| &group.items);
        items.filter(move |item| item.is_kept && item.path == Some(path))
    }

    fn at_mut(&mut self, path: &str) -> impl Iterator<Item = &mut Item> {
        let items = self.groups.iter_mut().flat_map(|group| &mut group.items);
        items.filter(move |item| item.is_kept && item.path == Some(path))
    }

    fn value_of(&self, item: &Item) -> Value<'b> {
        Value {
            body: self.body,
            span: item.value,
            kind: item.kind,
        }
    }
}

/// The path of what a member is in, empty for the request itself, and the member's name.
fn split(path: &'static str) -> (&'static str, &'static str) {
    let name = match path.find(".[") {
        Some(dot) => path.get(dot + 1..),
        None => path.rsplit('.').next(),
    };
    let name = name.unwrap_or(path);
    let outer = path.strip_suffix(name).unwrap_or_default();
    (outer.strip_suffix('.').unwrap_or(outer), name)
}

/// The name of the member that a path leads to.
#[must_use]
pub fn last_name(path: &'static str) -> &'static str {
    split(path).1
}

/// The error for something else than an object where one is written into.
fn not_an_object(path: &'static str) -> DecodeError {
    crate::read::shape(path, "not an object")
}

#[cfg(test)]
mod tests;
