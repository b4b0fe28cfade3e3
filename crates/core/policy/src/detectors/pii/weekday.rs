//! English names of weekdays, which count as dates. Holds back at most nine bytes.

use memchr::memmem::Finder;

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

/// The letters before `end`; longer than any name when there are more.
fn word(text: &[u8], end: usize) -> &[u8] {
    let near = text
        .get(end.saturating_sub(BYTES_MAX + 1)..end)
        .unwrap_or_default();
    let letters = near
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count();
    near.get(near.len() - letters..).unwrap_or_default()
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
            let name = word(text, end);
            let inside = match text.get(end) {
                Some(byte) => byte.is_ascii_alphanumeric(),
                None => !last,
            };
            if !inside && end - name.len() >= from && is_name(name) {
                found.push(Finding {
                    start: end - name.len(),
                    end,
                    entity: 0,
                    score: SCORE,
                    extent: Extent::Whole,
                });
            }
        }
        let open = word(text, text.len());
        let begins = |name: &&[u8]| {
            name.get(..open.len())
                .is_some_and(|head| head.eq_ignore_ascii_case(open))
        };
        let held = if !last && NAMES.iter().any(begins) {
            open.len()
        } else {
            0
        };
        Cursor {
            at: (text.len() - held).max(from),
            carry: 0,
        }
    }
}

fn is_name(word: &[u8]) -> bool {
    NAMES.iter().any(|name| name.eq_ignore_ascii_case(word))
}
