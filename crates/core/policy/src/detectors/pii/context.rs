//! Words before a number that say what it is.
//!
//! What stands in the [`CONTEXT_BYTES`] before a number is brought into one form
//! (small letters, one space for everything that is no letter or digit, also where a
//! small letter meets a capital, so that `"cardNumber":`, `card_number=` and `Card
//! number` are alike) and searched once for the words of all kinds.
//! A word counts from its beginning; one of up to four letters counts as a whole only.

use aho_corasick::{AhoCorasick, AhoCorasickKind, BuildError, MatchKind};
use smallvec::SmallVec;

use crate::detector::LEFT_CONTEXT_BYTES;
use crate::detectors::DetectorError;

/// How far before a number a word may stand.
const CONTEXT_BYTES: usize = 64;

// One byte more tells whether the first word is whole.
const _: () = assert!(CONTEXT_BYTES < LEFT_CONTEXT_BYTES);

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
    ///
    /// # Errors
    /// See [`pattern`]; when they are too many to be searched for together.
    pub(super) fn new<'w>(
        count: usize,
        words: impl Iterator<Item = (usize, &'w str)>,
    ) -> Result<Self, DetectorError> {
        let mut patterns: Vec<Vec<u8>> = Vec::new();
        let mut kinds: Vec<Vec<u16>> = Vec::new();
        for (kind, word) in words {
            let kind = u16::try_from(kind).unwrap_or(u16::MAX);
            let pattern = pattern(word)?;
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
            .map_err(|error| unsearchable(&error))?;
        Ok(Self {
            search: Some(search).filter(|_| !patterns.is_empty()),
            kinds,
            count,
        })
    }

    /// Whether there may be a word before `start`.
    pub(super) fn may_stand(&self, text: &[u8], start: usize) -> bool {
        self.search.is_some() && has_letters(near(text, start))
    }

    /// What the words before `start` say.
    pub(super) fn before(&self, text: &[u8], start: usize) -> Hints {
        let near = near(text, start);
        let mut hints = Hints::default();
        let Some(search) = self.search.as_ref().filter(|_| has_letters(near)) else {
            return hints;
        };
        hints.distances.resize(self.count, FAR);
        let before = (start - near.len()).checked_sub(1);
        let plain = Plain::of(before.and_then(|at| text.get(at)).copied(), near);
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

/// Where words before a number at `start` stand.
fn near(text: &[u8], start: usize) -> &[u8] {
    text.get(start.saturating_sub(CONTEXT_BYTES)..start)
        .unwrap_or_default()
}

fn has_letters(near: &[u8]) -> bool {
    // Without a branch in the loop: the compiler makes it vector instructions.
    near.iter().fold(0, |letters, byte| letters | (byte & 0xc0)) != 0
}

/// What is looked for in place of a word: the word in the form of a text.
///
/// # Errors
/// When it has neither letter nor digit, or does not fit into what stands before a number.
pub(super) fn pattern(word: &str) -> Result<Vec<u8>, DetectorError> {
    let wrong = |fact: &str, help: &str| DetectorError::Option {
        message: format!("the word `{word}` {fact}"),
        help: help.to_owned(),
    };
    if word.len() > CONTEXT_BYTES {
        let help = format!("write at most {CONTEXT_BYTES} bytes");
        return Err(wrong("is longer than what is read before a value", &help));
    }
    let plain = Plain::of(None, word.as_bytes());
    let plain = plain.bytes().trim_ascii();
    let mut pattern = Vec::with_capacity(plain.len() + 2);
    match plain.first() {
        Some(first) if first.is_ascii() => pattern.push(b' '),
        Some(_) => {}
        None => return Err(wrong("has no letter or digit", "remove it")),
    }
    pattern.extend_from_slice(plain);
    if plain.len() <= WHOLE_BYTES_MAX && plain.is_ascii() {
        pattern.push(b' ');
    }
    Ok(pattern)
}

/// That words cannot be searched for together.
pub(super) fn unsearchable(error: &BuildError) -> DetectorError {
    DetectorError::Option {
        message: format!("these words cannot be searched for: {error}"),
        help: "write fewer".to_owned(),
    }
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

/// Stands for the letter or digit before a text that is cut off there. UTF-8 has no such
/// byte, so no word begins with it.
const CUT: u8 = 0xff;

/// A text in one form.
struct Plain {
    bytes: [u8; 2 * CONTEXT_BYTES + 2],
    length: usize,
}

impl Plain {
    /// The form of a text behind this byte, if there is one.
    fn of(before: Option<u8>, text: &[u8]) -> Self {
        let mut plain = Self {
            bytes: [b' '; 2 * CONTEXT_BYTES + 2],
            length: 0,
        };
        let mut before = before.unwrap_or(b' ');
        let inside = before.is_ascii_alphanumeric() || !before.is_ascii();
        plain.push(if inside { CUT } else { b' ' });
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
    use super::{FAR, Plain, Words, pattern};

    #[test]
    fn keys_and_prose_are_alike() {
        for text in [
            "Card number: ",
            "\"cardNumber\":",
            "card_number=",
            "CARD-NUMBER\t",
        ] {
            assert_eq!(
                Plain::of(None, text.as_bytes()).bytes(),
                b" card number ",
                "{text}"
            );
        }
        assert_eq!(
            Plain::of(None, "T\u{c9}L".as_bytes()).bytes(),
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
        let words = Words::new(3, words.into_iter()).unwrap();
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

    #[test]
    fn the_rest_of_a_word_is_no_word_where_the_64_bytes_begin() {
        let words = Words::new(1, [(0, "ssn")].into_iter()).unwrap();
        let distance = |before: &str| {
            let text = format!("{before}{}", ".".repeat(61));
            words.before(text.as_bytes(), text.len()).distance(0)
        };
        assert_eq!(distance("ssn"), 0);
        assert_eq!(distance(" ssn"), 0);
        assert_eq!(distance("lessn"), FAR);
        assert_eq!(distance("\u{e9}ssn"), FAR);
        assert_eq!(distance("aSsn"), 0, "a capital begins a word");
    }

    #[test]
    fn words_are_brought_into_the_form_of_texts() {
        let form = |word| pattern(word).map(|form| String::from_utf8(form).unwrap());
        assert_eq!(form("Member").unwrap(), " member");
        assert_eq!(form("member-no").unwrap(), " member no");
        assert_eq!(form("memberNo:").unwrap(), " member no");
        assert_eq!(form("SSN").unwrap(), " ssn ");
        assert_eq!(form("\u{c9}tat").unwrap(), "\u{e9}tat");
        let long = "a".repeat(65);
        for wrong in ["", "-", &long] {
            assert!(pattern(wrong).is_err(), "{wrong}");
        }
        assert!(pattern(&long[1..]).is_ok());
    }
}
