//! Words before a number that say what it is.
//!
//! What stands in the [`CONTEXT_BYTES`] before a number is brought into one form
//! (small letters, one space for everything that is no letter or digit, also where a
//! small letter meets a capital, so that `"cardNumber":`, `card_number=` and `Card
//! number` are alike) and searched once for the words of all kinds.
//! A word counts from its beginning; one of up to four letters counts as a whole only.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use smallvec::SmallVec;

use crate::detector::LEFT_CONTEXT_BYTES;

/// How far before a number a word may stand.
const CONTEXT_BYTES: usize = 64;

const _: () = assert!(CONTEXT_BYTES <= LEFT_CONTEXT_BYTES);

/// Words of up to this many bytes are looked for as a whole.
const WHOLE_BYTES_MAX: usize = 4;

/// The words of all kinds.
#[derive(Debug)]
pub(super) struct Words {
    search: Option<AhoCorasick>,
    /// By pattern: the kinds that it speaks for.
    kinds: Vec<Vec<u16>>,
    count: usize,
}

impl Words {
    /// The words of each of `count` kinds, in pairs of kind and word.
    pub(super) fn new<'w>(count: usize, words: impl Iterator<Item = (usize, &'w str)>) -> Self {
        let mut patterns: Vec<String> = Vec::new();
        let mut kinds: Vec<Vec<u16>> = Vec::new();
        for (kind, word) in words {
            let kind = u16::try_from(kind).unwrap_or(u16::MAX);
            let pattern = pattern(word);
            match patterns.iter().position(|known| *known == pattern) {
                Some(known) => {
                    if let Some(kinds) = kinds.get_mut(known) {
                        kinds.push(kind);
                    }
                }
                None => {
                    patterns.push(pattern);
                    kinds.push(vec![kind]);
                }
            }
        }
        let search = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .kind(Some(AhoCorasickKind::DFA))
            .build(&patterns)
            .ok()
            .filter(|_| !patterns.is_empty());
        Self {
            search,
            kinds,
            count,
        }
    }

    /// What the words before `start` say.
    pub(super) fn before(&self, text: &[u8], start: usize) -> Hints {
        let near = text
            .get(start.saturating_sub(CONTEXT_BYTES)..start)
            .unwrap_or_default();
        let mut hints = Hints::default();
        let Some(search) = &self.search else {
            return hints;
        };
        // Without a branch in the loop: the compiler makes it vector instructions.
        let letters = near.iter().fold(0, |letters, byte| letters | (byte & 0xc0));
        if letters == 0 {
            return hints;
        }
        hints.distances.resize(self.count, FAR);
        let plain = Plain::of(near);
        let bytes = plain.bytes();
        for found in search.find_overlapping_iter(bytes) {
            let distance = u8::try_from(bytes.len() - found.end().min(bytes.len())).unwrap_or(FAR);
            for kind in self
                .kinds
                .get(found.pattern().as_usize())
                .into_iter()
                .flatten()
            {
                if let Some(nearest) = hints.distances.get_mut(usize::from(*kind)) {
                    *nearest = distance.min(*nearest);
                }
            }
        }
        hints
    }
}

/// What is looked for in place of a word.
fn pattern(word: &str) -> String {
    let begin = if word.starts_with(|c: char| c.is_ascii()) {
        " "
    } else {
        ""
    };
    let end = if word.len() <= WHOLE_BYTES_MAX && word.is_ascii() {
        " "
    } else {
        ""
    };
    format!("{begin}{word}{end}")
}

/// Further away than any word.
pub(super) const FAR: u8 = u8::MAX;

/// What the words before a number say.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// For each kind, how many bytes before the number its nearest word ends. Empty
    /// when there are no words.
    distances: SmallVec<[u8; 128]>,
}

impl Hints {
    /// How many bytes before the number the nearest word of a kind ends; [`FAR`] when
    /// there is none.
    pub(super) fn distance(&self, kind: usize) -> u8 {
        self.distances.get(kind).copied().unwrap_or(FAR)
    }
}

/// A text in one form.
struct Plain {
    bytes: [u8; 2 * CONTEXT_BYTES + 2],
    length: usize,
}

impl Plain {
    fn of(text: &[u8]) -> Self {
        let mut plain = Self {
            bytes: [b' '; 2 * CONTEXT_BYTES + 2],
            length: 1,
        };
        let mut before = b' ';
        for byte in text {
            if byte.is_ascii_uppercase() && before.is_ascii_lowercase() {
                plain.space();
            }
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => plain.push(byte.to_ascii_lowercase()),
                // The capitals of U+00C0 to U+00DE.
                0x80..=0x9e if before == 0xc3 && *byte != 0x97 => plain.push(byte + 0x20),
                0x80.. => plain.push(*byte),
                _ => plain.space(),
            }
            before = *byte;
        }
        plain.space();
        plain
    }

    fn push(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.length) {
            *slot = byte;
            self.length += 1;
        }
    }

    fn space(&mut self) {
        if self.bytes().last() != Some(&b' ') {
            self.push(b' ');
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{FAR, Plain, Words};

    #[test]
    fn keys_and_prose_are_alike() {
        for text in [
            "Card number: ",
            "\"cardNumber\":",
            "card_number=",
            "CARD-NUMBER\t",
        ] {
            assert_eq!(
                Plain::of(text.as_bytes()).bytes(),
                b" card number ",
                "{text}"
            );
        }
        assert_eq!(
            Plain::of("T\u{c9}L".as_bytes()).bytes(),
            " t\u{e9}l ".as_bytes()
        );
    }

    #[test]
    fn the_nearest_word_counts() {
        let words = [
            (0, "ssn"),
            (1, "passport"),
            (0, "social"),
            (2, "\u{7535}\u{8bdd}"),
        ];
        let words = Words::new(3, words.into_iter());
        let before = |text: &str| {
            let hints = words.before(text.as_bytes(), text.len());
            [0, 1, 2].map(|kind| hints.distance(kind))
        };
        assert_eq!(before("my ssn "), [0, FAR, FAR]);
        assert_eq!(before("ssn, no: passports "), [13, 2, FAR]);
        assert_eq!(before("lessn "), [FAR, FAR, FAR]);
        assert_eq!(before("ssns "), [FAR, FAR, FAR]);
        assert_eq!(before("\u{6211}\u{7684}\u{7535}\u{8bdd}"), [FAR, FAR, 1]);
        assert_eq!(before("123 456 "), [FAR, FAR, FAR]);
    }
}
