//! A text in windows, and what is found in each.
//!
//! Windows follow each other from the start of the text. One is as long as the text
//! allows: all of it, or at most the window's size up to the end of a sentence, a space, a
//! character. Where it ends depends on the text alone, so that a stream is judged like the
//! whole. Holds what is not yet a window, and with [`SafetyHold::Text`] all of the text, up
//! to [`HELD_BYTES_MAX`].

use std::sync::Arc;

use super::glance::may_matter;
use super::{
    ContentSafetyOptions, HELD_BYTES_MAX, Model, SafetyCategory, SafetyHold, SafetyLimit,
    WINDOW_BYTES, WINDOW_BYTES_RANGE, severity,
};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

/// Rules with a lower limit look at everything closely.
const GLANCE_LIMIT: Score = Score::percent(30);

/// Judges window after window.
#[derive(Debug)]
pub(super) struct Windows {
    model: Arc<Model>,
    categories: Vec<SafetyCategory>,
    entities: Vec<Entity>,
    limit: SafetyLimit,
    /// Whether windows that the first glance finds harmless are done with.
    glances: bool,
    /// The largest window.
    window_bytes: usize,
    /// How much text follows a window's start, at least, before it is judged.
    held_bytes: usize,
}

impl Windows {
    pub(super) fn new(
        options: &ContentSafetyOptions,
        categories: Vec<SafetyCategory>,
        model: Arc<Model>,
    ) -> Self {
        let (window_bytes, held_bytes) = match options.hold {
            SafetyHold::Window(bytes) => {
                let bytes = bytes.clamp(*WINDOW_BYTES_RANGE.start(), *WINDOW_BYTES_RANGE.end());
                (bytes, bytes)
            }
            SafetyHold::Text => (WINDOW_BYTES, HELD_BYTES_MAX),
        };
        let entities = categories
            .iter()
            .map(|category| Entity::new(category.name()));
        Self {
            entities: entities.collect(),
            model,
            categories,
            limit: options.limit,
            glances: match options.limit {
                SafetyLimit::Severity(_) => true,
                SafetyLimit::Probability(limit) => limit >= GLANCE_LIMIT,
            },
            window_bytes,
            held_bytes,
        }
    }

    fn judge(&self, window: &[u8], start: usize, found: &mut Vec<Finding>) {
        if self.glances && !may_matter(&self.model, window) {
            return;
        }
        let scores = self.model.scores(window);
        for (entity, category) in (0..).zip(&self.categories) {
            let probability = scores.get(category.head()).copied().unwrap_or_default();
            let score = hundredths(probability);
            let is_found = match self.limit {
                SafetyLimit::Probability(limit) => score >= limit,
                SafetyLimit::Severity(limit) => {
                    severity(&self.model, &scores, *category).is_some_and(|found| found >= limit)
                }
            };
            if is_found {
                found.push(Finding {
                    start,
                    end: start + window.len(),
                    entity,
                    score,
                    extent: Extent::Whole,
                });
            }
        }
    }
}

impl Matcher for Windows {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn held_bytes_max(&self) -> usize {
        self.held_bytes
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if !last && rest.len() <= self.held_bytes {
                break;
            }
            let (judged, _) = rest.split_at(window_end(rest, self.window_bytes));
            self.judge(judged, at, found);
            at += judged.len();
        }
        Cursor { at, carry: 0 }
    }
}

/// Where the window at the start of `text` ends, at most `bytes_max` on.
pub(super) fn window_end(text: &[u8], bytes_max: usize) -> usize {
    let Some(most) = text.get(..bytes_max).filter(|_| text.len() > bytes_max) else {
        return text.len();
    };
    let half = bytes_max / 2;
    let ends_sentence = |place: &usize| {
        let before = place.checked_sub(1).and_then(|before| most.get(before));
        match most.get(*place) {
            Some(b'\n') => true,
            Some(b' ') => matches!(before, Some(b'.' | b'!' | b'?')),
            _ => false,
        }
    };
    let is_space = |place: &usize| most.get(*place).is_some_and(u8::is_ascii_whitespace);
    let places = || (half..bytes_max).rev();
    places()
        .find(ends_sentence)
        .or_else(|| places().find(is_space))
        .map_or_else(|| character_end(text, bytes_max), |place| place + 1)
}

/// The start of the character that `at` is within, or `at` where there is none.
fn character_end(text: &[u8], at: usize) -> usize {
    let is_start = |place: &usize| text.get(*place).is_none_or(|byte| byte & 0xc0 != 0x80);
    (at.saturating_sub(3)..=at)
        .rev()
        .find(is_start)
        .unwrap_or(at)
}

/// A probability as a score, rounded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100 by the clamp"
)]
fn hundredths(probability: f32) -> Score {
    Score::percent((probability * 100.0).round().clamp(0.0, 100.0) as u8)
}
