//! A word while it is collected, and as it is told.

use super::WORD_BYTES_MAX;

/// The most characters that are collected of one word.
const COLLECTED_MAX: usize = 2 * WORD_BYTES_MAX;

/// Letters that come in pairs so often that two of a stretch are kept.
const KEPT_DOUBLE: &str = "lsgoefzr";

/// A word as it is told: at most [`WORD_BYTES_MAX`] bytes of whole characters.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::detectors::content_safety) struct Word {
    bytes: [u8; WORD_BYTES_MAX],
    len: usize,
    is_full: bool,
}

impl Word {
    pub(super) fn push(&mut self, c: char) {
        let end = self.len + c.len_utf8();
        match self.bytes.get_mut(self.len..end) {
            Some(place) if !self.is_full => {
                c.encode_utf8(place);
                self.len = end;
            }
            _ => self.is_full = true,
        }
    }

    pub(in crate::detectors::content_safety) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The characters of a word so far.
#[derive(Debug)]
pub(super) struct Collected {
    chars: [char; COLLECTED_MAX],
    len: usize,
}

impl Default for Collected {
    fn default() -> Self {
        Self {
            chars: ['\0'; COLLECTED_MAX],
            len: 0,
        }
    }
}

impl Collected {
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) fn push(&mut self, c: char) {
        if let Some(place) = self.chars.get_mut(self.len) {
            *place = c;
            self.len += 1;
        }
    }

    /// The folded word, and whether an exclamation mark ended it; nothing is left here.
    pub(super) fn finish(&mut self) -> (Word, bool) {
        let len = std::mem::take(&mut self.len);
        let mut chars = self.chars.get(..len).unwrap_or_default();
        let mut is_exclaimed = false;
        while let Some((last, rest)) = chars.split_last().filter(|(last, _)| is_mark(**last)) {
            is_exclaimed |= *last == '!';
            chars = rest;
        }
        (fold(chars), is_exclaimed)
    }
}

const fn is_mark(c: char) -> bool {
    matches!(c, '@' | '$' | '!' | '*')
}

fn fold(chars: &[char]) -> Word {
    let digits = chars.iter().filter(|c| c.is_ascii_digit()).count();
    let marks = chars.iter().filter(|c| is_mark(**c)).count();
    let letters = chars.len() - digits - marks;
    let leading = chars.iter().take_while(|c| c.is_ascii_digit()).count();
    let mut word = Word::default();
    if letters == 0 {
        let is_short = chars.len() <= 2;
        let kept: &[char] = if is_short { chars } else { &['0'; 3] };
        kept.iter().for_each(|c| word.push(*c));
        return word;
    }
    let are_letters = leading < 2 && digits <= letters;
    let spelled = |c: &char| match c {
        digit if are_letters => from_digit(*digit),
        other => *other,
    };
    let marked = |c: char| match c {
        '@' => 'a',
        '$' => 's',
        '!' => 'i',
        _ => c,
    };
    let folded = || chars.iter().map(spelled).map(marked);
    let is_mixed = folded().any(|c| c.is_ascii_lowercase())
        && folded().any(|c| (0x370..0x530).contains(&u32::from(c)));
    let lookalike = |c| if is_mixed { latin_lookalike(c) } else { c };
    shorten(folded().map(lookalike), &mut word);
    word
}

/// Runs of three or more of a letter become one, or two of those that come in pairs.
fn shorten(chars: impl Iterator<Item = char>, word: &mut Word) {
    let mut chars = chars.peekable();
    while let Some(c) = chars.next() {
        let mut run = 1;
        while chars.next_if_eq(&c).is_some() {
            run += 1;
        }
        let kept = match run {
            1 => 1,
            3.. if !KEPT_DOUBLE.contains(c) => 1,
            _ => 2,
        };
        for _ in 0..kept {
            word.push(c);
        }
    }
}

/// The letter that a digit is written for.
const fn from_digit(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        '9' => 'g',
        _ => c,
    }
}

/// The Latin letter that a Cyrillic or Greek one looks like.
const fn latin_lookalike(c: char) -> char {
    match c {
        'а' | 'α' => 'a',
        'в' | 'β' => 'b',
        'е' | 'ε' => 'e',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'к' | 'κ' => 'k',
        'м' => 'm',
        'н' | 'η' => 'h',
        'ν' => 'n',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'с' | 'ϲ' => 'c',
        'т' | 'τ' => 't',
        'у' | 'γ' => 'y',
        'υ' => 'u',
        'х' | 'χ' => 'x',
        'ԁ' => 'd',
        'һ' => 'h',
        'ѕ' => 's',
        'ԛ' => 'q',
        'ԝ' | 'ω' => 'w',
        _ => c,
    }
}
