//! Characters of texts that may be cut or broken, and what they are to words.

use std::sync::LazyLock;

/// The character at `at`, and where it ends. A byte that is not UTF-8 stands alone, as
/// `None` of a character; `None` of everything at the end of the text.
#[inline]
pub(crate) fn char_at(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let byte = *text.get(at)?;
    if byte.is_ascii() {
        return Some((Some(char::from(byte)), at + 1));
    }
    let end = at + encoded_len(byte);
    let encoded = text.get(at..end).unwrap_or_default();
    match decode(encoded) {
        Some(c) => Some((Some(c), end)),
        None => Some((None, at + 1)),
    }
}

/// The character that ends at `end`, and where it begins; as [`char_at`].
#[inline]
pub(crate) fn char_before(text: &[u8], end: usize) -> Option<(Option<char>, usize)> {
    let last = end.checked_sub(1)?;
    let byte = *text.get(last)?;
    if byte.is_ascii() {
        return Some((Some(char::from(byte)), last));
    }
    let near = text.get(end.saturating_sub(4)..end)?;
    let lead = near.iter().rposition(|byte| byte & 0xc0 != 0x80);
    let start = lead.map_or(last, |lead| end - near.len() + lead);
    match decode(text.get(start..end).unwrap_or_default()) {
        Some(c) => Some((Some(c), start)),
        None => Some((None, last)),
    }
}

/// The length of the text without a character that is cut at its end.
pub(crate) fn whole_len(text: &[u8]) -> usize {
    let tail = text.len().saturating_sub(3);
    for at in (tail..text.len()).rev() {
        let Some(byte) = text.get(at) else { break };
        match byte {
            0x80..=0xbf => {}
            0xc2..=0xf4 if at + encoded_len(*byte) > text.len() => return at,
            _ => break,
        }
    }
    text.len()
}

/// How many bytes a character has that begins with this byte.
const fn encoded_len(lead: u8) -> usize {
    match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

/// The one character that these bytes are.
#[inline]
fn decode(encoded: &[u8]) -> Option<char> {
    let (scalar, least) = match *encoded {
        [byte] if byte.is_ascii() => (u32::from(byte), 0),
        [a @ 0xc0..=0xdf, b] => (further(u32::from(a & 0x1f), b)?, 0x80),
        [a @ 0xe0..=0xef, b, c] => (further(further(u32::from(a & 0x0f), b)?, c)?, 0x800),
        [a @ 0xf0..=0xf7, b, c, d] => {
            let three = further(further(u32::from(a & 0x07), b)?, c)?;
            (further(three, d)?, 0x1_0000)
        }
        _ => return None,
    };
    char::from_u32(scalar).filter(|_| scalar >= least)
}

/// The bits that were read and those of a further byte.
#[inline]
fn further(bits: u32, byte: u8) -> Option<u32> {
    (byte & 0xc0 == 0x80).then_some(bits << 6 | u32::from(byte & 0x3f))
}

/// The form under which characters that differ in case only are equal: the small letter
/// of the capital, one character for one (close to Unicode's simple case folding, with
/// the dotless `ı` as an `i`).
#[inline]
pub(crate) fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    known(c).map_or_else(|| fold_slowly(c), |known| known.folded)
}

fn fold_slowly(c: char) -> char {
    let upper = single(c.to_uppercase()).unwrap_or(c);
    single(upper.to_lowercase()).unwrap_or(upper)
}

/// What is known of a character beforehand.
#[derive(Clone, Copy)]
struct Known {
    folded: char,
    is_word: bool,
}

/// The scripts in which case is spread over all letters, and those near them.
const TABLE_CHARACTERS: u32 = 0x2100;

static TABLE: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let characters = (0..TABLE_CHARACTERS).filter_map(char::from_u32);
    let known = characters.map(|c| Known {
        folded: fold_slowly(c),
        is_word: is_word_slowly(c),
    });
    known.collect()
});

/// The character in the table, or by its range: what is written without case.
#[inline]
fn known(c: char) -> Option<Known> {
    match c {
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => {
            Some(Known {
                folded: c,
                is_word: true,
            })
        }
        // Tags and selectors.
        '\u{e0000}'..='\u{e0fff}' => Some(Known {
            folded: c,
            is_word: false,
        }),
        _ => TABLE.get(u32::from(c) as usize).copied(),
    }
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next();
    first.filter(|_| characters.next().is_none())
}

/// Characters that leave no trace where they stand: marks of direction and format,
/// variation selectors, tags, soft hyphens.
pub(crate) const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Letters, digits, `_` and the marks on letters: what words are made of.
#[inline]
pub(crate) fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c == '_' || c.is_ascii_alphanumeric();
    }
    known(c).map_or_else(|| is_word_slowly(c), |known| known.is_word)
}

fn is_word_slowly(c: char) -> bool {
    c == '_' || c.is_alphanumeric() || is_mark(c)
}

/// Marks that join the letter before them.
const fn is_mark(c: char) -> bool {
    matches!(
        c,
        '\u{300}'..='\u{36f}'
            | '\u{483}'..='\u{489}'
            | '\u{591}'..='\u{5bd}'
            | '\u{93c}'
            | '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    )
}

/// Letters of scripts that are written without spaces between words: between two of
/// them a word may always begin or end.
pub(crate) const fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        // Thai, Lao, Myanmar, Khmer
        '\u{e00}'..='\u{eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{a9e0}'..='\u{a9ff}'
            | '\u{aa60}'..='\u{aa7f}'
            // Han, Hiragana, Katakana
            | '\u{2e80}'..='\u{2fdf}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3021}'..='\u{3035}'
            | '\u{3041}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{ff66}'..='\u{ff9f}'
            | '\u{1b000}'..='\u{1b16f}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// Korean syllables and letters. Words have spaces between them, but particles are
/// written onto them: a word may end where a syllable follows.
pub(crate) const fn is_hangul(c: char) -> bool {
    matches!(
        c,
        '\u{1100}'..='\u{11ff}' | '\u{3131}'..='\u{318e}' | '\u{ac00}'..='\u{d7a3}'
    )
}

/// Whether a word that begins with `first` may begin behind `before`.
pub(crate) fn begins_word(before: Option<char>, first: char) -> bool {
    joins(before, first).is_none_or(|before| is_hangul(before) != is_hangul(first))
}

/// Whether a word that ends with `last` may end before `after`.
pub(crate) fn ends_word(last: char, after: Option<char>) -> bool {
    joins(after, last).is_none_or(|after| is_hangul(last) || is_hangul(after))
}

/// The neighbour, if it would belong to the word of `edge`.
fn joins(neighbour: Option<char>, edge: char) -> Option<char> {
    let apart = !is_word(edge) || is_unspaced(edge);
    neighbour.filter(|c| !apart && is_word(*c) && !is_unspaced(*c))
}

#[cfg(test)]
mod tests {
    use super::{begins_word, char_at, char_before, decode, ends_word, fold, whole_len};

    #[test]
    fn text_reads_the_same_forwards_and_backwards() {
        let broken: [&[u8]; 8] = [
            "aé€😀z".as_bytes(),
            b"\xe2\x80a",
            b"\xf0\x9f\xc3\xa9",
            b"\xc3\xa9\xa9",
            b"\xff\xfe\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"a\xc3",
        ];
        for text in broken {
            let mut forwards = Vec::new();
            let mut at = 0;
            while let Some((c, next)) = char_at(text, at) {
                forwards.push((c, at));
                at = next;
            }
            let mut end = text.len();
            while let Some((c, start)) = char_before(text, end) {
                assert_eq!(forwards.pop(), Some((c, start)), "{text:x?}");
                end = start;
            }
            assert!(forwards.is_empty());
        }
    }

    #[test]
    fn characters_are_read_as_the_standard_library_reads_them() {
        let read = |bytes: &[u8]| {
            let mut characters = std::str::from_utf8(bytes).ok()?.chars();
            let first = characters.next();
            first.filter(|_| characters.next().is_none())
        };
        for c in '\0'..=char::MAX {
            assert_eq!(decode(c.encode_utf8(&mut [0; 4]).as_bytes()), Some(c));
        }
        let edges = [
            0, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1,
            0xec, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xf7, 0xf8, 0xff,
        ];
        for a in edges {
            for b in edges {
                for c in edges {
                    for d in edges {
                        let bytes = [a, b, c, d];
                        for length in 0..=4 {
                            let bytes = &bytes[..length];
                            assert_eq!(decode(bytes), read(bytes), "{bytes:x?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_cut_character_is_not_whole() {
        for text in ["é", "€", "😀"] {
            for cut in 1..text.len() {
                assert_eq!(whole_len(&text.as_bytes()[..cut]), 0);
            }
            assert_eq!(whole_len(text.as_bytes()), text.len());
        }
        assert_eq!(whole_len(b"a\xff\xe2\x80"), 2);
        assert_eq!(whole_len(b"\x80\x80\x80\x80"), 4);
    }

    #[test]
    fn what_is_known_beforehand_is_right() {
        for c in ('\0'..='\u{2ffff}').chain('\u{e0000}'..='\u{e1fff}') {
            assert_eq!(fold(c), super::fold_slowly(c), "{c:?}");
            assert_eq!(super::is_word(c), super::is_word_slowly(c), "{c:?}");
        }
    }

    #[test]
    fn case_does_not_count() {
        for (one, other) in [
            ('A', 'a'),
            ('É', 'é'),
            ('Ж', 'ж'),
            ('Σ', 'ς'),
            ('σ', 'ς'),
            ('K', '\u{212a}'),
            ('s', 'ſ'),
            ('ẞ', 'ß'),
        ] {
            assert_eq!(fold(one), fold(other), "{one} {other}");
        }
        assert_ne!(fold('a'), fold('á'));
    }

    #[test]
    fn words_end_where_their_script_ends_them() {
        assert!(begins_word(None, 'a'));
        assert!(begins_word(Some(' '), 'a'));
        assert!(!begins_word(Some('é'), 'a'));
        assert!(!begins_word(Some('_'), 'a'));
        assert!(begins_word(Some('是'), 'a'));
        assert!(begins_word(Some('是'), '机'));
        assert!(begins_word(Some('a'), '+'));
        assert!(ends_word('+', Some('1')));
        assert!(!ends_word('e', Some('\u{301}')));
        assert!(ends_word('호', Some('를')));
        assert!(!begins_word(Some('내'), '비'));
    }
}
