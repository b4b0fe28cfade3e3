//! Finds characters that have no business in a text.
//!
//! Each character is a piece of its own; pieces of one kind that touch are one finding.
//! What is held back is one character whose neighbour decides, or the tags behind a black
//! flag: 28 bytes at most.

use wide::u8x16;

use super::kinds::{Judged, Neighbours, judge, may_be_found};
use super::{CharacterEntity, InputValidationOptions};
use crate::blocks::{BLOCK_BYTES, at_least, at_most, bits};
use crate::characters::char_at;
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

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
        let Window { from, last, .. } = *window;
        let text = window.whole();
        let unread = text.get(from..).unwrap_or_default();
        let is_utf8 = simdutf8::basic::from_utf8(unread).is_ok();
        let mut pieces = Pieces::resumed(carry, from);
        let mut suspects = Suspects::new(text, from, is_utf8);
        let mut at = from;
        loop {
            at = suspects.next(at);
            let judged = match char_at(text, at) {
                None => break,
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

/// The places where something begins that may be found: in UTF-8 a character whose first
/// bytes tell, in other bytes whatever is not printable ASCII.
struct Suspects<'t> {
    text: &'t [u8],
    is_utf8: bool,
    /// Where the block begins that was read last.
    block: usize,
    /// Its places.
    places: u64,
}

impl<'t> Suspects<'t> {
    fn new(text: &'t [u8], from: usize, is_utf8: bool) -> Self {
        let mut suspects = Self {
            text,
            is_utf8,
            block: from,
            places: 0,
        };
        suspects.places = suspects.read();
        suspects
    }

    /// The first one at or behind `from`, which is not before where it was last asked for;
    /// the end of the text when there is none.
    fn next(&mut self, from: usize) -> usize {
        let byte = |at: usize| self.text.get(at).copied().unwrap_or_default();
        let passed = from.saturating_sub(self.block);
        let seen = u32::try_from(passed).unwrap_or(u32::MAX);
        self.places &= u64::MAX.checked_shl(seen).unwrap_or_default();
        if passed > BLOCK_BYTES {
            self.block = from - BLOCK_BYTES;
        }
        loop {
            while self.places != 0 {
                let place = self.block + self.places.trailing_zeros() as usize;
                if !self.is_utf8 || may_be_found(byte(place), byte(place + 1)) {
                    return place;
                }
                self.places &= self.places - 1;
            }
            self.block += BLOCK_BYTES;
            if self.block >= self.text.len() {
                return self.text.len();
            }
            self.places = self.read();
        }
    }

    /// The places of the block.
    fn read(&self) -> u64 {
        let rest = self.text.get(self.block..).unwrap_or_default();
        let padded;
        let block = match rest.first_chunk() {
            Some(block) => block,
            None => {
                let mut bytes = [b' '; BLOCK_BYTES];
                bytes
                    .iter_mut()
                    .zip(rest)
                    .for_each(|(to, from)| *to = *from);
                padded = bytes;
                &padded
            }
        };
        if is_printable_block(block) {
            0
        } else if self.is_utf8 {
            bits(block, is_suspect)
        } else {
            !bits(block, is_printable)
        }
    }
}

#[inline]
fn is_printable_block(block: &[u8; BLOCK_BYTES]) -> bool {
    bits(block, is_printable) == u64::MAX
}

/// Printable ASCII, tabs and line ends.
#[inline]
fn is_printable(bytes: u8x16) -> u8x16 {
    let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    at_most(bytes - u8x16::splat(b' '), b'~' - b' ') | is(b'\t') | is(b'\n') | is(b'\r')
}

/// The first bytes of characters that may be found.
#[inline]
fn is_suspect(bytes: u8x16) -> u8x16 {
    let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte));
    let control = at_most(bytes, 0x1f) & !is_printable(bytes) | is(0x7f);
    let lead = is(0xc2) | is(0xcd) | is(0xd8) | at_most(bytes - u8x16::splat(0xe1), 2);
    control | lead | at_least(bytes, 0xee)
}

#[cfg(test)]
mod tests {
    use super::Suspects;
    use crate::detectors::input_validation::kinds::{Judged, Neighbours, judge};

    fn next_suspect(text: &[u8], from: usize, is_utf8: bool) -> usize {
        Suspects::new(text, from, is_utf8).next(from)
    }

    #[test]
    fn nothing_is_passed_over_that_may_be_found() {
        let private = ('\u{f0000}'..=char::MAX).step_by(997);
        for c in ('\0'..='\u{effff}').chain(private) {
            let text = c.to_string();
            let near = Neighbours {
                text: text.as_bytes(),
                at: 0,
                end: text.len(),
                last: true,
            };
            let is_fine = matches!(judge(c, &near), Judged::Fine(_));
            assert!(
                is_fine || next_suspect(text.as_bytes(), 0, true) == 0,
                "{c:?}"
            );
        }
    }

    #[test]
    fn what_may_be_found_is_seen_at_every_place() {
        for length in [3, 63, 64, 65, 200] {
            for place in (0..length - 2).step_by(7) {
                for suspect in [
                    "\0",
                    "\u{7f}",
                    "\u{200b}",
                    "\u{ad}",
                    "\u{e0041}",
                    "\u{feff}",
                ] {
                    let mut text = "é".repeat(length).into_bytes();
                    text.splice(place * 2..place * 2, suspect.bytes());
                    assert_eq!(next_suspect(&text, 0, true), place * 2);
                    let mut text = vec![b'x'; length];
                    text.splice(place..place, suspect.bytes());
                    assert_eq!(next_suspect(&text, 0, true), place);
                    assert_eq!(next_suspect(&text, 0, false), place);
                }
            }
        }
    }
}
