//! One walk over a body along all of its paths.

use smallvec::SmallVec;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader};

use super::{PathStep, TextPath, TextPaths};
use crate::format::DecodeError;
use crate::view::{Field, Lane, Members, TextPiece, is_plain_key, is_telling, json};

/// A walk over one body.
pub(super) struct Walk<'p> {
    paths: &'p [TextPath],
    /// The body is whole: what a path leads to is one text. Of a stream each place is one,
    /// which goes on from event to event.
    is_whole: bool,
    found: &'p mut dyn FnMut(TextPiece),
}

/// How far the paths have come at one value.
#[derive(Clone, Debug, Default)]
struct Here {
    /// The paths that lead here or further down: which, and how many steps were made.
    under_way: SmallVec<[(u8, u8); 4]>,
    /// All that is below is text.
    is_text: bool,
}

impl Here {
    fn is_nothing(&self) -> bool {
        !self.is_text && self.under_way.is_empty()
    }
}

impl<'p> Walk<'p> {
    /// Walks over a whole body.
    pub(super) fn over(
        paths: &'p TextPaths,
        body: &[u8],
        found: &'p mut dyn FnMut(TextPiece),
    ) -> Result<(), DecodeError> {
        Self::new(paths, true, found).root(Reader::new(body)?)
    }

    /// Walks over the data of an event.
    pub(super) fn over_event(
        paths: &'p TextPaths,
        data: &[u8],
        found: &'p mut dyn FnMut(TextPiece),
    ) -> Result<(), DecodeError> {
        Self::new(paths, false, found).root(Reader::of_event(data)?)
    }

    fn new(paths: &'p TextPaths, is_whole: bool, found: &'p mut dyn FnMut(TextPiece)) -> Self {
        Self {
            paths: paths.as_slice(),
            is_whole,
            found,
        }
    }

    fn root(mut self, mut r: Reader<'_>) -> Result<(), DecodeError> {
        let mut here = Here::default();
        for nth in 0..self.paths.len() {
            self.arrive(&mut here, u8::try_from(nth).unwrap_or(u8::MAX), 0);
        }
        if here.is_nothing() {
            r.skip()?;
        } else {
            self.value(&mut r, &here, Lane::of(0, 0, Field::Text))?;
        }
        Ok(r.finish()?)
    }

    /// Reads a value to which paths lead.
    fn value(&mut self, r: &mut Reader<'_>, here: &Here, lane: Lane) -> Result<(), DecodeError> {
        match r.kind()? {
            // A path that leads further down met another shape: its text may be this.
            Kind::String => {
                let text = r.string()?;
                self.found(text, lane);
            }
            Kind::Array | Kind::Object if self.is_whole && self.is_text(here) => {
                if let Some(text) = json(r)? {
                    self.found(text, lane);
                }
            }
            Kind::Number => {
                let is_named = self.is_named(here);
                let text = json(r)?.filter(|text| is_named || is_telling(text.span.of(r.bytes())));
                if let Some(text) = text {
                    self.found(text, lane);
                }
            }
            Kind::Array => {
                let below = self.below(here, |step| matches!(step, PathStep::Elements), is_list);
                r.array(|r, index| self.value(r, &below, lane.element(index)))?;
            }
            Kind::Object => self.object(r, here, lane)?,
            Kind::Bool | Kind::Null => {
                r.skip()?;
            }
        }
        Ok(())
    }

    fn object(&mut self, r: &mut Reader<'_>, here: &Here, lane: Lane) -> Result<(), DecodeError> {
        let mut members = Members::default();
        r.object::<DecodeError>(|r, key| {
            let leads = |step: &PathStep| match step {
                PathStep::Member(name) => **name == *key,
                PathStep::Members => true,
                PathStep::Elements | PathStep::Rest => false,
            };
            let below = self.below(here, leads, is_object);
            if below.is_nothing() {
                return Ok(());
            }
            if below.is_text && !is_plain_key(&key) {
                self.key(&key, lane);
            }
            self.value(r, &below, lane.below(&key))?;
            members.add(key)
        })?;
        Ok(())
    }

    /// How far the paths come with one step down. A path that ends here, or that a value
    /// of this kind is not meant by, makes all below a text.
    fn below(
        &self,
        here: &Here,
        leads: impl Fn(&PathStep) -> bool,
        is_meant: impl Fn(&PathStep) -> bool,
    ) -> Here {
        let mut below = Here {
            is_text: here.is_text,
            ..Here::default()
        };
        for (path, done) in &here.under_way {
            match self.step(*path, *done) {
                Some(step) if leads(step) => self.arrive(&mut below, *path, *done + 1),
                Some(step) if is_meant(step) => {}
                Some(_) | None => below.is_text = true,
            }
        }
        below
    }

    /// Notes that a path has come to a value.
    fn arrive(&self, here: &mut Here, path: u8, done: u8) {
        if self.step(path, done) == Some(&PathStep::Rest) {
            here.is_text = true;
        } else {
            here.under_way.push((path, done));
        }
    }

    fn step(&self, path: u8, done: u8) -> Option<&'p PathStep> {
        self.paths
            .get(usize::from(path))?
            .steps
            .get(usize::from(done))
    }

    /// Whether all that stands here is text.
    fn is_text(&self, here: &Here) -> bool {
        here.is_text || self.is_named(here)
    }

    /// Whether a path ends at this very value.
    fn is_named(&self, here: &Here) -> bool {
        let mut paths = here.under_way.iter();
        paths.any(|(path, done)| self.step(*path, *done).is_none())
    }

    fn found(&mut self, text: StrSpan, lane: Lane) {
        let field = Field::Text;
        if !text.span.is_empty() {
            (self.found)(TextPiece { lane, field, text });
        }
    }

    fn key(&mut self, key: &Key<'_>, lane: Lane) {
        (self.found)(TextPiece {
            lane,
            field: Field::Metadata,
            text: key.span(),
        });
    }
}

/// Whether a step speaks of the elements of a list.
const fn is_list(step: &PathStep) -> bool {
    matches!(step, PathStep::Elements)
}

/// Whether a step speaks of the members of an object.
const fn is_object(step: &PathStep) -> bool {
    matches!(step, PathStep::Member(_) | PathStep::Members)
}
