//! Where the texts of a JSON body stand that no wire format describes.
//!
//! A path is written by whoever knows the body: `inputs[].text`. Bodies are not always
//! as they were described, so a path errs on the side of reading: what it leads to is
//! read whole, and where a body has another shape than the path says, all that stands
//! there is read. What no path leads to is passed over.

mod walk;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use tollgate_wire::sse::Event;

use crate::format::DecodeError;
use crate::view::{
    AnswerView, EventKind, EventView, RequestView, Role, TextPiece, TextSpan, of_unknown,
};
use walk::Walk;

/// How many paths one message may have.
pub const PATHS_MAX: usize = 32;

/// How long a path may be, in bytes.
const PATH_BYTES_MAX: usize = 200;

/// How many steps a path may have: bodies nest to 128 levels, those that people write
/// paths for to a few.
const STEPS_MAX: usize = 16;

/// A way from the root of a JSON body to its texts.
///
/// `.` leads to a member, `[]` to each element of a list, `*` to each member, and `**`,
/// as the last step, to all that is below. What is no string is read as the JSON that it is,
/// keys and values in each other's context; of an event of a stream every string below, keys
/// that are more than a name, and numbers of eight digits and more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextPath {
    steps: Vec<PathStep>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PathStep {
    /// The member of this name.
    Member(Box<str>),
    /// Each member.
    Members,
    /// Each element.
    Elements,
    /// Everything below.
    Rest,
}

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextPathError {
    /// Nothing is written.
    #[error("it is empty")]
    Empty,
    /// It is too long.
    #[error("it has over {PATH_BYTES_MAX} bytes")]
    TooLong,
    /// It goes too deep.
    #[error("it has over {STEPS_MAX} steps")]
    TooDeep,
    /// Something follows `**`.
    #[error("`**` stands for all that is below, so nothing can follow it")]
    AfterRest,
    /// Nothing stands between two dots.
    #[error("a step of it is empty")]
    EmptyStep,
    /// A step is none.
    #[error("`{0}` is no step of it")]
    Step(String),
}

impl FromStr for TextPath {
    type Err = TextPathError;

    fn from_str(written: &str) -> Result<Self, TextPathError> {
        if written.is_empty() {
            return Err(TextPathError::Empty);
        }
        if written.len() > PATH_BYTES_MAX {
            return Err(TextPathError::TooLong);
        }
        let mut steps = Vec::new();
        for (nth, part) in written.split('.').enumerate() {
            let name = part.trim_end_matches("[]");
            let lists = (part.len() - name.len()) / "[]".len();
            match name {
                // A body that is a list itself.
                "" if nth == 0 && lists > 0 => {}
                "**" if lists > 0 => return Err(TextPathError::AfterRest),
                "**" => steps.push(PathStep::Rest),
                "*" => steps.push(PathStep::Members),
                _ if is_name(name) => steps.push(PathStep::Member(name.into())),
                "" if lists == 0 => return Err(TextPathError::EmptyStep),
                _ => return Err(TextPathError::Step(part.to_owned())),
            }
            steps.extend(std::iter::repeat_n(PathStep::Elements, lists));
        }
        if steps.len() > STEPS_MAX {
            return Err(TextPathError::TooDeep);
        }
        let rest = steps.iter().position(|step| *step == PathStep::Rest);
        if rest.is_some_and(|at| at + 1 < steps.len()) {
            return Err(TextPathError::AfterRest);
        }
        Ok(Self { steps })
    }
}

/// Whether a text can be the name of a member in a path.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '[' | ']' | '*');
    !text.is_empty() && text.chars().all(is_plain)
}

impl fmt::Display for TextPath {
    /// As it was written.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, step) in self.steps.iter().enumerate() {
            if nth > 0 && *step != PathStep::Elements {
                f.write_str(".")?;
            }
            match step {
                PathStep::Member(name) => f.write_str(name)?,
                PathStep::Members => f.write_str("*")?,
                PathStep::Elements => f.write_str("[]")?,
                PathStep::Rest => f.write_str("**")?,
            }
        }
        Ok(())
    }
}

/// The places of the texts of one kind of message. Empty where nobody named any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextPaths(Arc<[TextPath]>);

impl TextPaths {
    /// These paths; those beyond [`PATHS_MAX`] are left out.
    #[must_use]
    pub fn new(mut paths: Vec<TextPath>) -> Self {
        paths.truncate(PATHS_MAX);
        Self(paths.into())
    }

    /// Every string: what is read of a body of which nothing is known.
    #[must_use]
    pub fn everything() -> Self {
        let steps = vec![PathStep::Rest];
        Self([TextPath { steps }].into())
    }

    /// Whether no place is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paths, in the order in which they were written.
    #[must_use]
    pub fn as_slice(&self) -> &[TextPath] {
        &self.0
    }

    /// Finds the texts of a request; its turns and the tools that it offers are read as
    /// most formats have them.
    ///
    /// # Errors
    /// As [`TextPaths::view_answer`].
    pub fn view_request(&self, body: &[u8]) -> Result<RequestView, DecodeError> {
        let texts = self.texts(body, Role::User)?;
        let (turns, offers) = of_unknown(body)?;
        Ok(RequestView {
            texts,
            turns,
            offers,
            ..RequestView::default()
        })
    }

    /// Finds the texts of a whole answer.
    ///
    /// # Errors
    /// When the body is no JSON, and when an object on the way names a member twice:
    /// whoever reads it may take another one of the two than is meant.
    pub fn view_answer(&self, body: &[u8]) -> Result<AnswerView, DecodeError> {
        let texts = self.texts(body, Role::Assistant)?;
        Ok(AnswerView {
            texts,
            ..AnswerView::default()
        })
    }

    /// Finds the pieces of text that one event carries: each place is one text, which
    /// goes on from event to event.
    ///
    /// # Errors
    /// As [`TextPaths::view_answer`], for an event that has data.
    pub fn view_event(&self, event: &Event, view: &mut EventView) -> Result<(), DecodeError> {
        const END_MARK: &[u8] = b"[DONE]";
        view.clear();
        let data = event.data();
        view.kind = match data {
            b"" => EventKind::Other,
            END_MARK => EventKind::End,
            _ => EventKind::Content,
        };
        if view.kind != EventKind::Content {
            return Ok(());
        }
        let pieces = &mut view.pieces;
        Walk::over_event(self, data, &mut |piece| pieces.push(piece))
    }

    fn texts(&self, body: &[u8], role: Role) -> Result<Vec<TextSpan>, DecodeError> {
        let mut texts = Vec::new();
        let mut add = |TextPiece { text, field, .. }| {
            texts.push(TextSpan {
                text,
                role,
                field,
                turn: 0,
            });
        };
        Walk::over(self, body, &mut add)?;
        Ok(texts)
    }
}

#[cfg(test)]
mod tests;
