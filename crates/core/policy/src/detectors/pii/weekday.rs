//! English names of weekdays, which count as dates. Holds back at most nine bytes.

use memchr::memmem::Finder;

use super::shape::word_start;
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

const NAMES: [&[u8]; 7] = [
    b"monday",
    b"tuesday",
    b"wednesday",
    b"thursday",
    b"friday",
    b"saturday",
    b"sunday",
];
const BYTES_MAX: usize = 9;

/// How sure a weekday is.
pub(super) const SCORE: Score = Score::percent(50);

#[derive(Debug)]
pub(super) struct Weekday {
    entities: [Entity; 1],
    days: Finder<'static>,
}

impl Weekday {
    pub(super) fn new() -> Self {
        Self {
            entities: [Entity::new("date_time")],
            days: Finder::new(b"day"),
        }
    }
}

impl Matcher for Weekday {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let rest = text.get(from..).unwrap_or_default();
        for place in self.days.find_iter(rest) {
            let end = from + place + 3;
            let Some(start) = word_start(text, end, BYTES_MAX).filter(|start| *start >= from)
            else {
                continue;
            };
            let inside = match text.get(end) {
                Some(byte) => byte.is_ascii_alphanumeric(),
                None => !last,
            };
            if !inside && text.get(start..end).is_some_and(is_name) {
                found.push(Finding {
                    start,
                    end,
                    entity: 0,
                    score: SCORE,
                    extent: Extent::Whole,
                });
            }
        }
        let open = word_start(text, text.len(), BYTES_MAX).filter(|start| {
            let open = text.get(*start..).unwrap_or_default();
            let begins = |name: &&[u8]| {
                name.get(..open.len())
                    .is_some_and(|head| head.eq_ignore_ascii_case(open))
            };
            !last && NAMES.iter().any(begins)
        });
        Cursor {
            at: open.unwrap_or(text.len()).max(from),
            carry: 0,
        }
    }
}

fn is_name(word: &[u8]) -> bool {
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}
