//! Checks that the texts of an answer are JSON, and of the right form.
//!
//! Nothing can be said before a text ends, so all of it is held until then: an answer that
//! streams comes at once. A text that is not as it must be is one finding.

use serde_json::Value;
use tollgate_formats::view::Field;

use super::schema::Schema;
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};
use crate::place::{Place, Places};

/// What the texts of an answer must be.
#[derive(Clone, Debug, PartialEq)]
pub struct AnswerForm {
    /// A JSON Schema; `true` allows any JSON.
    pub schema: Value,
    /// The most bytes of a text: what is held while it streams.
    pub bytes_max: usize,
}

#[derive(Debug)]
pub(super) struct AnswerMatcher {
    entities: [Entity; 1],
    schema: Schema,
    bytes_max: usize,
}

impl AnswerMatcher {
    pub(super) fn new(schema: Schema, bytes_max: usize) -> Self {
        Self {
            entities: [Entity::new("invalid_answer")],
            schema,
            bytes_max,
        }
    }

    fn is_valid(&self, text: &[u8]) -> bool {
        text.len() <= self.bytes_max
            && serde_json::from_slice(text).is_ok_and(|value| self.schema.is_valid(&value))
    }
}

impl Matcher for AnswerMatcher {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn places(&self) -> Places {
        Places::of(&[Place::Of(Field::Text)])
    }

    fn held_bytes_max(&self) -> usize {
        self.bytes_max
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let at = if last { text.len() } else { from };
        let undecided = text.get(from..).unwrap_or_default();
        if last && !undecided.is_empty() && !self.is_valid(undecided) {
            found.push(Finding {
                start: from,
                end: text.len(),
                entity: 0,
                score: Score::CERTAIN,
                extent: Extent::Whole,
            });
        }
        Cursor { at, carry: 0 }
    }
}
