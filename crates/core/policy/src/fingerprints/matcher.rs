//! Finds records: from each start of a word the letters are read as long as a record of
//! the lists may begin so; at the ends of words where one may end, the hash decides.

use std::collections::HashMap;
use std::sync::Arc;

use super::hashes::{Hash, Hashes, PREFIX_LETTERS, Salt};
use super::normal::{is_boundary, letter};
use super::{LETTERS_MAX, SEPARATORS_MAX};
use crate::blocks::{BLOCK_BYTES, Block, Joiner};
use crate::characters::{char_at, char_before, whole_len};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

/// Bits of the filter for each record.
const FILTER_BITS: usize = 16;

#[derive(Debug)]
pub(super) struct FingerprintMatcher {
    entities: Vec<Entity>,
    salt: Salt,
    /// Bits by the hash of the first letters.
    filter: Vec<u64>,
    /// The lengths of the records that begin with letters of this hash, as bits, in order.
    lengths: Vec<(u32, u64)>,
    records: HashMap<Hash, u16>,
}

impl FingerprintMatcher {
    pub(super) fn new(salt: Salt, lists: &[(Arc<str>, Hashes)]) -> Self {
        let mut entities: Vec<Entity> = Vec::new();
        let mut records = HashMap::new();
        let mut hints = Vec::new();
        for (name, hashes) in lists {
            let known = entities.iter().position(|known| known.name == *name);
            let entity = known.unwrap_or(entities.len());
            if known.is_none() {
                entities.push(Entity::new(name));
            }
            let entity = u16::try_from(entity).unwrap_or(u16::MAX);
            for (hash, hint) in hashes.records() {
                records.entry(*hash).or_insert(entity);
                hints.push(*hint);
            }
        }
        hints.sort_unstable();
        let bits = (hints.len() * FILTER_BITS).next_power_of_two();
        let mut matcher = Self {
            entities,
            salt,
            filter: vec![0; bits.clamp(1 << 12, 1 << 22) / 64],
            lengths: Vec::new(),
            records,
        };
        for hint in hints {
            let (word, bit) = matcher.filter_bit(hint.prefix);
            if let Some(word) = matcher.filter.get_mut(word) {
                *word |= bit;
            }
            let length = 1 << hint.letters.min(63);
            match matcher.lengths.last_mut() {
                Some((prefix, lengths)) if *prefix == hint.prefix => *lengths |= length,
                _ => matcher.lengths.push((hint.prefix, length)),
            }
        }
        matcher
    }

    const fn filter_bit(&self, prefix: u32) -> (usize, u64) {
        let place = prefix as usize % (self.filter.len() * 64);
        (place / 64, 1 << (place % 64))
    }

    /// The lengths that a record with these first letters may have, as bits.
    fn lengths(&self, first: &[char; PREFIX_LETTERS]) -> u64 {
        let prefix = self.salt.prefix(first);
        let (word, bit) = self.filter_bit(prefix);
        if self.filter.get(word).is_none_or(|word| word & bit == 0) {
            return 0;
        }
        let known = self
            .lengths
            .binary_search_by_key(&prefix, |(prefix, _)| *prefix);
        let known = known.ok().and_then(|at| self.lengths.get(at));
        known.map_or(0, |(_, lengths)| *lengths)
    }

    /// Reads the longest record that begins at `start`.
    fn read(&self, text: &[u8], start: usize, last: bool) -> Read {
        let mut letters = ['\0'; LETTERS_MAX];
        let mut count = 0;
        let mut separators = 0;
        let mut lengths = u64::MAX;
        let mut longest = Read::Nothing;
        let mut at = start;
        while let Some((c, next)) = char_at(text, at) {
            at = next;
            let Some(small) = c.and_then(letter) else {
                separators += 1;
                if separators > SEPARATORS_MAX {
                    return longest;
                }
                continue;
            };
            separators = 0;
            let Some(slot) = letters.get_mut(count) else {
                return longest;
            };
            *slot = small;
            count += 1;
            if count == PREFIX_LETTERS {
                lengths = letters.first_chunk().map_or(0, |first| self.lengths(first));
            }
            if count < PREFIX_LETTERS {
                continue;
            }
            if lengths >> count == 0 {
                return longest;
            }
            if lengths >> count & 1 == 1 {
                let after = char_at(text, at);
                if after.is_none() && !last {
                    return Read::Undecided;
                }
                let letters = letters.get(..count).unwrap_or_default();
                if is_boundary(c, after.and_then(|(c, _)| c))
                    && let Some(entity) = self.records.get(&self.salt.hash_of(letters))
                {
                    longest = Read::Record(at, *entity);
                }
            }
            if lengths >> count == 1 {
                return longest;
            }
        }
        if last { longest } else { Read::Undecided }
    }
}

/// What stands at the start of a word.
enum Read {
    /// A record that ends at this offset, of this entity.
    Record(usize, u16),
    Nothing,
    /// What follows decides.
    Undecided,
}

impl Matcher for FingerprintMatcher {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        let Window { text, from, last } = *window;
        let end = if last {
            text.len()
        } else {
            whole_len(text).max(from)
        };
        let text = text.get(..end).unwrap_or_default();
        let mut block = from;
        while block < end {
            let mut starts = Block::new(text, block).word_starts(Joiner::None);
            while starts != 0 {
                let at = block + starts.trailing_zeros() as usize;
                starts &= starts - 1;
                if !begins(text, at) {
                    continue;
                }
                match self.read(text, at, last) {
                    Read::Undecided => return Cursor { at, carry: 0 },
                    Read::Nothing => {}
                    Read::Record(end, entity) => found.push(Finding {
                        start: at,
                        end,
                        entity,
                        score: Score::CERTAIN,
                        extent: Extent::Whole,
                    }),
                }
            }
            block += BLOCK_BYTES;
        }
        Cursor { at: end, carry: 0 }
    }
}

/// Whether a word begins at the character that begins at `at`.
#[inline]
fn begins(text: &[u8], at: usize) -> bool {
    let ascii = |at: usize| text.get(at).is_some_and(u8::is_ascii);
    if ascii(at) && at.checked_sub(1).is_none_or(ascii) {
        return true;
    }
    let before = char_before(text, at).and_then(|(c, _)| c);
    let c = char_at(text, at).and_then(|(c, _)| c);
    c.and_then(letter).is_some() && is_boundary(before, c)
}
