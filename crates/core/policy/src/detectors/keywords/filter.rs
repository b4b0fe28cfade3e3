//! Skips what begins no word of a list.
//!
//! A word can begin at few places of a text, and what stands there is looked up in a
//! table of the first bytes of all words. The table may say yes too often, never too
//! seldom: who asks looks closer.

use std::sync::LazyLock;

use super::Kind;
use crate::blocks::{BLOCK_BYTES, Block, Joiner};
use crate::characters::{fold, is_word};

/// How many first bytes the large table knows.
const LONG: usize = 4;

/// The beginnings of all words of some lists.
#[derive(Debug)]
pub(super) struct Filter {
    /// Bits by hash of four bytes, for words that begin with four bytes or more before a
    /// space.
    long: Vec<u64>,
    shift: u32,
    /// Bits by two bytes, for shorter ones.
    short: Option<Vec<u64>>,
    whole_words: bool,
    /// Whether words begin with ASCII characters that belong to no word, such as `#`.
    symbols: bool,
}

impl Filter {
    /// A filter for words in their normal form.
    pub(super) fn new(kind: Kind, words: &[String]) -> Self {
        let mut long = Vec::new();
        let mut short = Vec::new();
        let mut symbols = false;
        let variants = Variants::new(kind);
        for word in words {
            let solid = word.split(' ').next().unwrap_or_default();
            symbols |= solid.starts_with(|c: char| c.is_ascii() && !is_word(c));
            if solid.len() >= LONG {
                variants.add(solid, &mut Vec::new(), LONG, &mut long);
            } else {
                variants.add(solid, &mut Vec::new(), 2, &mut short);
            }
        }
        long.sort_unstable();
        long.dedup();
        let bits = (long.len() * 16)
            .next_power_of_two()
            .clamp(1 << 12, 1 << 20);
        let mut filter = Self {
            long: vec![0; bits / 64],
            shift: 32 - bits.trailing_zeros(),
            short: (!short.is_empty()).then(|| vec![0; 1024]),
            whole_words: kind.whole_words,
            symbols,
        };
        for bytes in long {
            let bit = filter.long_bit(bytes);
            set(&mut filter.long, bit);
        }
        if let Some(table) = &mut filter.short {
            for bytes in short {
                set(table, (bytes & 0xffff) as usize);
            }
        }
        filter
    }

    /// The first place from `from` on where a word may begin; the end of the text when
    /// there is none.
    pub(super) fn next(&self, text: &[u8], from: usize) -> usize {
        let mut at = from;
        while at < text.len() {
            let mut places = self.places(text, at);
            while places != 0 {
                let place = at + places.trailing_zeros() as usize;
                if self.may_begin(text, place) {
                    return place;
                }
                places &= places - 1;
            }
            at += BLOCK_BYTES;
        }
        text.len()
    }

    /// Whether the bytes at `place` begin a word of the lists, or are too few to say.
    #[inline]
    fn may_begin(&self, text: &[u8], place: usize) -> bool {
        let Some(bytes) = text
            .get(place..)
            .and_then(|rest| rest.first_chunk::<LONG>())
        else {
            return true;
        };
        let folded = fold_bytes(*bytes);
        let short = self.short.as_ref();
        is_set(&self.long, self.long_bit(folded))
            || short.is_some_and(|table| is_set(table, (folded & 0xffff) as usize))
            || folded & 0x8080_8000 != 0 && may_hide(*bytes)
    }

    #[inline]
    const fn long_bit(&self, bytes: u32) -> usize {
        (bytes.wrapping_mul(0x9e37_79b1) >> self.shift) as usize
    }

    /// A bit for each of the [`BLOCK_BYTES`] bytes from `at` on where a word of a text begins.
    #[inline]
    fn places(&self, text: &[u8], at: usize) -> u64 {
        let block = Block::new(text, at);
        if !self.whole_words {
            return block.characters();
        }
        let mut places = block.word_starts(Joiner::Underscore);
        if self.symbols {
            places |= block.symbols();
        }
        places
    }
}

/// Lists the first bytes that a word may be written with.
struct Variants {
    /// Characters behind those that they fold to, in order; without ASCII capitals, which
    /// [`fold_bytes`] folds.
    alike: &'static [(char, char)],
}

/// Where the characters are that fold to another one.
const FOLDING: [std::ops::RangeInclusive<u32>; 9] = [
    0x80..=0x5ff,
    0x10a0..=0x10ff,
    0x13a0..=0x13ff,
    0x1c80..=0x1cbf,
    0x1e00..=0x1fff,
    0x2100..=0x2fff,
    0xa640..=0xabbf,
    0xff21..=0xff3a,
    0x1_0400..=0x1_f000,
];

static ALIKE: LazyLock<Vec<(char, char)>> = LazyLock::new(|| {
    let characters = FOLDING.into_iter().flatten().filter_map(char::from_u32);
    let folded = characters.map(|c| (fold(c), c));
    let mut alike: Vec<(char, char)> = folded.filter(|(to, c)| to != c).collect();
    alike.sort_unstable();
    alike
});

impl Variants {
    fn new(kind: Kind) -> Self {
        Self {
            alike: if kind.case_sensitive { &[] } else { &ALIKE },
        }
    }

    /// Adds what `rest` may begin with, behind `bytes`, until there are `wanted` bytes.
    fn add(&self, rest: &str, bytes: &mut Vec<u8>, wanted: usize, to: &mut Vec<u32>) {
        if let Some(first) = bytes.get(..wanted) {
            let mut chunk = [0; LONG];
            let slots = chunk.iter_mut().zip(first);
            slots.for_each(|(to, from)| *to = *from);
            to.push(fold_bytes(chunk));
            return;
        }
        let length = bytes.len();
        let mut characters = rest.chars();
        let Some(c) = characters.next() else {
            // The word ends: anything may follow.
            for byte in 0..=u8::MAX {
                bytes.push(byte);
                self.add("", bytes, wanted, to);
                bytes.truncate(length);
            }
            return;
        };
        let first = self.alike.partition_point(|(folded, _)| *folded < c);
        let rest_of_them = self.alike.get(first..).unwrap_or_default().iter();
        let others = rest_of_them.take_while(|(folded, _)| *folded == c);
        for variant in std::iter::once(c).chain(others.map(|(_, other)| *other)) {
            let mut encoded = [0; 4];
            bytes.extend_from_slice(variant.encode_utf8(&mut encoded).as_bytes());
            self.add(characters.as_str(), bytes, wanted, to);
            bytes.truncate(length);
        }
    }
}

/// Whether a character that is passed over may begin behind the first of these bytes.
const fn may_hide([_, second, third, fourth]: [u8; LONG]) -> bool {
    const fn begins(byte: u8) -> bool {
        matches!(byte, 0xc2 | 0xcd | 0xd8 | 0xe1 | 0xe2 | 0xef | 0xf3)
    }
    begins(second) || begins(third) || begins(fourth)
}

/// Small letters for capitals; other bytes may meet, too.
const fn fold_bytes(bytes: [u8; LONG]) -> u32 {
    u32::from_le_bytes(bytes) | 0x2020_2020
}

fn set(table: &mut [u64], bit: usize) {
    if let Some(word) = table.get_mut(bit / 64) {
        *word |= 1 << (bit % 64);
    }
}

#[inline]
fn is_set(table: &[u64], bit: usize) -> bool {
    table
        .get(bit / 64)
        .is_some_and(|word| word >> (bit % 64) & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::{Filter, Variants};
    use crate::characters::{fold, is_invisible};
    use crate::detectors::keywords::Kind;

    const KIND: Kind = Kind {
        case_sensitive: false,
        whole_words: true,
    };

    #[test]
    fn every_way_to_write_a_letter_is_known() {
        let variants = Variants::new(KIND);
        for c in '\u{80}'..=char::MAX {
            let folded = fold(c);
            assert!(
                folded == c || variants.alike.binary_search(&(folded, c)).is_ok(),
                "{c} {:x}",
                u32::from(c)
            );
        }
    }

    #[test]
    fn what_is_passed_over_hides_no_word() {
        let filter = Filter::new(KIND, &["secret".to_owned(), "ab c".to_owned()]);
        for word in ["secret", "ab c"] {
            for c in ('\0'..=char::MAX).filter(|c| is_invisible(*c)) {
                for place in 1..4 {
                    let text = format!("- {}{c}{} -", &word[..place], &word[place..]);
                    assert_eq!(filter.next(text.as_bytes(), 0), 2, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn places_are_those_of_the_definition() {
        let symbols = Filter::new(KIND, &["#word".to_owned()]);
        let anywhere = Kind {
            whole_words: false,
            ..KIND
        };
        let anywhere = Filter::new(anywhere, &["word".to_owned()]);
        let words = Filter::new(KIND, &["word".to_owned()]);
        let bytes: Vec<u8> = (0..=u8::MAX)
            .flat_map(|byte| [byte, b'x', b' ', byte])
            .collect();
        let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        for at in (0..bytes.len()).step_by(29) {
            for (bit, byte) in bytes[at..].iter().take(64).enumerate() {
                let before = (at + bit).checked_sub(1).map(|before| bytes[before]);
                let begins = word(*byte) && !before.is_some_and(word) || *byte >= 0xc0;
                let has = |filter: &Filter| filter.places(&bytes, at) >> bit & 1 == 1;
                assert_eq!(has(&words), begins, "{byte:x} behind {before:x?}");
                let symbol = byte.is_ascii() && !word(*byte);
                assert_eq!(has(&symbols), begins || symbol, "{byte:x}");
                assert_eq!(has(&anywhere), byte & 0xc0 != 0x80, "{byte:x}");
            }
        }
    }
}
