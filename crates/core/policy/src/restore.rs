//! Brings the originals of an exchange back into its answer.
//!
//! It looks for what placeholders look like, `[ENTITY_1]`; whether one stands for
//! anything only the vault of the exchange knows. Holds back at most 80 bytes, and only
//! behind a `[`.

use std::sync::Arc;

use memchr::memchr;

use crate::detector::{Cursor, Detector, Entity, Extent, Finding, Matcher, Score, Window};

/// The longest placeholder, in bytes.
const PLACEHOLDER_BYTES_MAX: usize = 80;

/// The detector of placeholders. No rule names it: it works wherever a rule has the style
/// [`Style::Restore`](crate::Style::Restore).
#[derive(Debug)]
pub struct Restorer {
    matchers: [Arc<dyn Matcher>; 1],
}

impl Default for Restorer {
    fn default() -> Self {
        Self {
            matchers: [Arc::new(Placeholders {
                entities: [Entity::new("placeholder")],
            })],
        }
    }
}

impl Detector for Restorer {
    fn name(&self) -> &'static str {
        "restore"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}

#[derive(Debug)]
struct Placeholders {
    entities: [Entity; 1],
}

impl Matcher for Placeholders {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let mut at = from;
        while let Some(bracket) = memchr(b'[', text.get(at..).unwrap_or_default()) {
            let start = at + bracket;
            let rest = text.get(start + 1..).unwrap_or_default();
            let name = rest.iter().take(PLACEHOLDER_BYTES_MAX);
            let name = name.take_while(|byte| is_name(**byte)).count();
            match rest.get(name) {
                Some(b']') => found.push(Finding {
                    start,
                    end: start + name + 2,
                    entity: 0,
                    score: Score::CERTAIN,
                    extent: Extent::Whole,
                }),
                None if !last && name < PLACEHOLDER_BYTES_MAX => {
                    return Cursor {
                        at: start,
                        carry: 0,
                    };
                }
                _ => {}
            }
            at = start + 1;
        }
        Cursor {
            at: text.len(),
            carry: 0,
        }
    }
}

const fn is_name(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_'
}
