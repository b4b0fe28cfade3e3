//! Finds the members: one pass over the request, and into what paths lead into.

use smallvec::SmallVec;
use tollgate_wire::Span;
use tollgate_wire::json::{Kind, Reader};

use super::{Form, Group, Item, Members};
use crate::format::DecodeError;
use crate::read::shape;
use crate::spelling::Spelling;

/// What members are looked for by.
#[derive(Clone, Copy)]
struct Wanted<'w> {
    paths: &'w [&'static str],
    spelling: Spelling,
}

impl<'b> Members<'b> {
    /// The members at these paths.
    ///
    /// # Errors
    /// When the body is not one JSON object.
    pub(crate) fn read(
        body: &'b [u8],
        paths: &[&'static str],
        spelling: Spelling,
    ) -> Result<Self, DecodeError> {
        let mut members = Self {
            body,
            groups: SmallVec::new(),
            inner: Vec::new(),
        };
        let mut reader = Reader::new(body)?;
        if reader.kind()? != Kind::Object {
            return Err(shape("request", "not an object"));
        }
        members.group(&mut reader, "", Wanted { paths, spelling })?;
        reader.finish()?;
        Ok(members)
    }

    /// Reads what a path leads into.
    fn group(
        &mut self,
        r: &mut Reader<'_>,
        path: &'static str,
        wanted: Wanted<'_>,
    ) -> Result<Span, DecodeError> {
        let index = self.groups.len();
        self.groups.push(Group::at(path));
        let (form, span, items) = match r.kind()? {
            Kind::Object => {
                let (span, items) = self.object(r, path, wanted)?;
                (Form::Object, span, items)
            }
            Kind::Array => {
                let (span, items) = list(r, path, wanted)?;
                (Form::List, span, items)
            }
            Kind::Null => (Form::Null, r.skip()?, Vec::new()),
            _ => (Form::Other, r.skip()?, Vec::new()),
        };
        if let Some(group) = self.groups.get_mut(index) {
            *group = Group {
                form,
                span,
                items,
                ..Group::at(path)
            };
        }
        Ok(span)
    }

    fn object(
        &mut self,
        r: &mut Reader<'_>,
        path: &'static str,
        wanted: Wanted<'_>,
    ) -> Result<(Span, Vec<Item>), DecodeError> {
        let mut items = Vec::new();
        let span = r.object::<DecodeError>(|r, key| {
            let (own, inside) = wanted.by(path, &wanted.spelling.of(&key));
            let kind = r.kind()?;
            let value = match inside {
                Some(inside) => self.group(r, inside, wanted)?,
                None => r.skip()?,
            };
            items.push(Item::new(own, (key.span().quoted(), value), kind));
            Ok(())
        })?;
        Ok((span, items))
    }
}

/// Reads a list, of which paths mean texts.
fn list(
    r: &mut Reader<'_>,
    path: &'static str,
    wanted: Wanted<'_>,
) -> Result<(Span, Vec<Item>), DecodeError> {
    let mut items = Vec::new();
    let span = r.array::<DecodeError>(|r, _index| {
        let kind = r.kind()?;
        let (own, value) = if kind == Kind::String {
            let text = r.string()?;
            let name = format!("[{}]", r.text(text));
            (wanted.by(path, &name).0, text.quoted())
        } else {
            (None, r.skip()?)
        };
        items.push(Item::new(own, (Span::at(value.start), value), kind));
        Ok(())
    })?;
    Ok((span, items))
}

impl Wanted<'_> {
    /// The path that means the member of this name in what is at `outer`, and the one that
    /// leads into it.
    fn by(self, outer: &str, name: &str) -> (Option<&'static str>, Option<&'static str>) {
        let (mut own, mut inside) = (None, None);
        for path in self.paths {
            let Some((here, is_end)) = step(path, outer, name) else {
                continue;
            };
            if is_end {
                own = Some(here);
            } else {
                inside = Some(here);
            }
        }
        (own, inside)
    }
}

/// The path up to the member of this name in what is at `outer`, if it leads there, and
/// whether it ends there.
fn step(path: &'static str, outer: &str, name: &str) -> Option<(&'static str, bool)> {
    let below = if outer.is_empty() {
        path
    } else {
        path.strip_prefix(outer)?.strip_prefix('.')?
    };
    let segment = match below.find('.') {
        Some(dot) if !below.starts_with('[') => below.get(..dot)?,
        _ => below,
    };
    let here = path.get(..path.len() - below.len() + segment.len())?;
    (segment == name).then_some((here, here.len() == path.len()))
}

impl Group {
    /// Nothing yet.
    pub(super) const fn at(path: &'static str) -> Self {
        Self {
            path,
            form: Form::Absent,
            span: Span::at(0),
            items: Vec::new(),
            added: Vec::new(),
        }
    }
}

impl Item {
    const fn new(path: Option<&'static str>, (name, value): (Span, Span), kind: Kind) -> Self {
        Self {
            path,
            name,
            value,
            kind,
            is_kept: true,
            new_name: None,
            new_value: None,
        }
    }
}
