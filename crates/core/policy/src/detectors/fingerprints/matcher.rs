//! Finds records: from each start of a word the letters are read as long as a record of
//! the lists may begin so; at the ends of words where one may end, the hash decides.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::hashes::{Hash, Hint, PREFIX_LETTERS, Salt};
use super::normal::{is_boundary, letter};
use super::{LETTERS_MAX, SEPARATORS_MAX};
use crate::blocks::{BLOCK_BYTES, Block, Joiner};
use crate::characters::{char_at, char_before};
use crate::detector::{Cursor, Entity, Extent, Finding, Matcher, Score, Window};

/// Bits of the filter for each record.
const FILTER_BITS: usize = 16;

/// The records of an entity.
pub(super) type Opened = (Arc<str>, Vec<(Hash, Hint)>);

#[derive(Debug)]
pub(super) struct FingerprintMatcher {
    salt: Salt,
    /// Bits by the hash of the first letters.
    filter: Vec<u64>,
    /// The lengths of the records that begin with letters of this hash, as bits, in order.
    lengths: Vec<(u32, u64)>,
    records: HashMap<Hash, u16>,
}

impl FingerprintMatcher {
    pub(super) fn new(salt: Salt, lists: &[Opened]) -> Self {
        let entities = entities(lists.iter().map(|(name, _)| &**name));
        let mut records = HashMap::new();
        let mut hints = Vec::new();
        for (name, opened) in lists {
            let entity = entities.iter().position(|known| known.name == *name);
            let entity = entity.and_then(|entity| u16::try_from(entity).ok());
            let entity = entity.unwrap_or(u16::MAX);
            for (hash, hint) in opened {
                records.entry(*hash).or_insert(entity);
                hints.push(*hint);
            }
        }
        hints.sort_unstable();
        let bits = (hints.len() * FILTER_BITS).next_power_of_two();
        let mut matcher = Self {
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
    #[inline]
    fn read(&self, text: &[u8], start: usize, last: bool) -> Read {
        let mut letters = Letters::new(text, start);
        let mut first = ['\0'; PREFIX_LETTERS];
        for slot in &mut first {
            *slot = match letters.next_letter() {
                Next::Letter(letter) => letter,
                Next::Other => return Read::Nothing,
                Next::End if last => return Read::Nothing,
                Next::End => return Read::Undecided,
            };
        }
        match self.lengths(&first) {
            0 => Read::Nothing,
            lengths => self.read_on(&mut letters, &first, lengths, last),
        }
    }

    /// Reads on behind the first letters, where records of some lengths begin so.
    fn read_on(
        &self,
        letters: &mut Letters<'_>,
        first: &[char; PREFIX_LETTERS],
        lengths: u64,
        last: bool,
    ) -> Read {
        let mut all = ['\0'; LETTERS_MAX];
        all.iter_mut().zip(first).for_each(|(to, from)| *to = *from);
        let mut count = first.len();
        let mut longest = Read::Nothing;
        loop {
            if lengths >> count & 1 == 1 {
                let after = char_at(letters.text, letters.at);
                if after.is_none() && !last {
                    return Read::Undecided;
                }
                let read = all.get(..count).unwrap_or_default();
                if is_boundary(letters.last, after.and_then(|(c, _)| c))
                    && let Some(entity) = self.records.get(&self.salt.hash_of(read))
                {
                    longest = Read::Record(letters.at, *entity);
                }
            }
            if lengths >> count <= 1 {
                return longest;
            }
            match letters.next_letter() {
                Next::Letter(letter) => {
                    if let Some(slot) = all.get_mut(count) {
                        *slot = letter;
                    }
                    count += 1;
                }
                Next::End if !last => return Read::Undecided,
                Next::End | Next::Other => return longest,
            }
        }
    }
}

/// Reads the letters of a text, past what may stand between those of a record.
struct Letters<'t> {
    text: &'t [u8],
    at: usize,
    /// The letter that was read last, as it is written.
    last: Option<char>,
}

/// What comes next.
enum Next {
    Letter(char),
    /// More other characters than a record may have.
    Other,
    /// The end of the text.
    End,
}

impl<'t> Letters<'t> {
    const fn new(text: &'t [u8], at: usize) -> Self {
        Self {
            text,
            at,
            last: None,
        }
    }

    #[inline]
    fn next_letter(&mut self) -> Next {
        for _ in 0..=SEPARATORS_MAX {
            let Some((c, next)) = char_at(self.text, self.at) else {
                return Next::End;
            };
            self.at = next;
            if let Some(letter) = c.and_then(letter) {
                self.last = c;
                return Next::Letter(letter);
            }
        }
        Next::Other
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

/// One entity for each name.
fn entities<'n>(names: impl Iterator<Item = &'n str>) -> Vec<Entity> {
    let mut entities: Vec<Entity> = Vec::new();
    for name in names {
        if entities.iter().all(|known| *known.name != *name) {
            entities.push(Entity::new(name));
        }
    }
    entities
}

/// A matcher that waits for its salt.
#[derive(Debug)]
pub(super) struct Salted {
    entities: Vec<Entity>,
    matcher: OnceLock<FingerprintMatcher>,
}

impl Salted {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        Self {
            entities: entities(names),
            matcher: OnceLock::new(),
        }
    }

    /// Gives it what the salt opens. A second time changes nothing.
    pub(super) fn open(&self, matcher: FingerprintMatcher) {
        self.matcher.get_or_init(|| matcher);
    }
}

impl Matcher for Salted {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn scan(&self, window: &Window<'_>, carry: u64, found: &mut Vec<Finding>) -> Cursor {
        if let Some(matcher) = self.matcher.get() {
            return matcher.scan(window, found);
        }
        // What cannot be checked must not pass.
        let (start, end) = (window.from, window.text.len());
        if start < end {
            found.push(Finding {
                start,
                end,
                entity: 0,
                score: Score::CERTAIN,
                extent: if carry == 0 {
                    Extent::Begins
                } else {
                    Extent::Continues
                },
            });
        }
        Cursor { at: end, carry: 1 }
    }
}

impl FingerprintMatcher {
    fn scan(&self, window: &Window<'_>, found: &mut Vec<Finding>) -> Cursor {
        let Window { from, last, .. } = *window;
        let text = window.whole();
        let end = text.len();
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
