//! Finds characters that have no business in a text.
//!
//! Each character is a piece of its own; pieces of one kind that touch are one finding.
//! What is held back is one character whose neighbour decides, or the tags behind a black
//! flag: 28 bytes at most.

use wide::u8x16;

use super::kinds::{Judged, Neighbours, judge, may_be_found};
use super::{CharacterEntity, InputValidationOptions};
use crate::characters::{char_at, whole_len};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

const LANE: usize = 16;
const BLOCK: usize = 4 * LANE;

#[derive(Debug)]
pub(super) struct CharacterMatcher {
    entities: Vec<Entity>,
    /// Where each of [`CharacterEntity::ALL`] stands among the entities.
    places: [Option<u16>; CharacterEntity::ALL.len()],
    threshold: u8,
}

impl CharacterMatcher {
    pub(super) fn new(options: &InputValidationOptions) -> Self {
        let mut entities = Vec::new();
        let places = CharacterEntity::ALL.map(|entity| {
            let place = u16::try_from(entities.len()).ok();
            let wanted = options.characters.contains(&entity);
            wanted.then(|| entities.push(Entity::removed(entity.name())))?;
            place
        });
        Self {
            entities,
            places,
            threshold: options.threshold,
        }
    }
}

impl Matcher for CharacterMatcher {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let end = if last {
            text.len()
        } else {
            whole_len(text).max(from)
        };
        let text = text.get(..end).unwrap_or_default();
        let mut pieces = Pieces::resumed(carry, from);
        let mut at = from;
        loop {
            at = printable_end(text, at);
            let judged = match char_at(text, at) {
                None => break,
                Some((Some(c), next)) if !may_be_found(first_byte(text, at)) => {
                    debug_assert!(!c.is_ascii_graphic());
                    Judged::Fine(next)
                }
                Some((Some(c), end)) => judge(
                    c,
                    &Neighbours {
                        text,
                        at,
                        end,
                        last,
                    },
                ),
                Some((None, next)) => Judged::Found(CharacterEntity::InvalidUtf8, 100, next),
            };
            match judged {
                Judged::Undecided => break,
                Judged::Fine(next) => at = next,
                Judged::Found(entity, score, next) => {
                    let place = self.places.get(entity as usize).copied().flatten();
                    if let Some(place) = place.filter(|_| score >= self.threshold) {
                        found.push(pieces.piece(place, score, at..next));
                    }
                    at = next;
                }
            }
        }
        Cursor {
            at,
            carry: pieces.carried(at),
        }
    }
}

fn first_byte(text: &[u8], at: usize) -> u8 {
    text.get(at).copied().unwrap_or_default()
}

/// Joins pieces to findings. What is remembered from window to window is the kind of the
/// piece that ended where the next window begins.
struct Pieces {
    before: Option<(u16, usize)>,
}

impl Pieces {
    fn resumed(carry: u64, from: usize) -> Self {
        let entity = carry
            .checked_sub(1)
            .and_then(|entity| u16::try_from(entity).ok());
        Self {
            before: entity.map(|entity| (entity, from)),
        }
    }

    fn piece(&mut self, entity: u16, score: u8, span: std::ops::Range<usize>) -> Finding {
        let continues = self.before == Some((entity, span.start));
        self.before = Some((entity, span.end));
        Finding {
            start: span.start,
            end: span.end,
            entity,
            score: Score::percent(score),
            extent: if continues {
                Extent::Continues
            } else {
                Extent::Begins
            },
        }
    }

    fn carried(&self, at: usize) -> u64 {
        let touching = self.before.filter(|(_, end)| *end == at);
        touching.map_or(0, |(entity, _)| u64::from(entity) + 1)
    }
}

/// The first place from `from` on that is neither printable ASCII nor a tab or line end.
fn printable_end(text: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(block) = text.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        match others(block) {
            0 => at += BLOCK,
            others => return at + others.trailing_zeros() as usize,
        }
    }
    let rest = text.get(at..).unwrap_or_default();
    let other = rest.iter().position(|byte| !is_printable(*byte));
    other.map_or(text.len(), |other| at + other)
}

/// A bit for each byte that is not [`is_printable`].
#[inline]
fn others(block: &[u8; BLOCK]) -> u64 {
    let (lanes, _none) = block.as_chunks::<LANE>();
    lanes.iter().rev().fold(0, |bits, lane| {
        let bytes = u8x16::new(*lane);
        let least = |value: u8x16, least: u8| value.max(u8x16::splat(least)).simd_eq(value);
        let most = |value: u8x16, most: u8| value.min(u8x16::splat(most)).simd_eq(value);
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
        let other = least(bytes, 0x7f) | most(bytes, 0x1f);
        let white = is(b'\t') | is(b'\n') | is(b'\r');
        bits << LANE | u64::from((other & !white).to_bitmask())
    })
}

const fn is_printable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::{is_printable, printable_end};

    #[test]
    fn printable_text_is_passed_over() {
        for byte in 0..=u8::MAX {
            for length in [3, 63, 64, 65, 200] {
                for place in (0..length).step_by(7) {
                    let mut text = vec![b'x'; length];
                    text[place] = byte;
                    let end = if is_printable(byte) { length } else { place };
                    assert_eq!(printable_end(&text, 0), end, "{byte:x} at {place}");
                }
            }
        }
    }
}
