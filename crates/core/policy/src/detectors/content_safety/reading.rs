//! How the model reads a text: as folded words in sentences.
//!
//! Folded means: lower case, no accents, no invisible characters; lookalikes and digits
//! used as letters are undone, stretched letters shortened, letters that are spelled out
//! one by one joined. Scripts written without spaces are read in pairs of characters.
//! `training/content_safety/reading.py` does the same, to the bit: change both or none.

mod character;
mod word;

use character::{Kind, classify};
use word::{Collected, Word};

use super::glance::{equal_bits, letter_bits, word_at};

/// The longest word, in bytes; the rest of it is not read.
pub(super) const WORD_BYTES_MAX: usize = 32;

/// After so many words a sentence ends, wherever it ends.
pub(super) const SENTENCE_WORDS_MAX: usize = 32;

/// What is told of a text.
pub(super) trait Sink {
    /// The next word of the sentence.
    fn word(&mut self, word: &[u8]);
    /// The sentence is over. Not told of sentences without words.
    fn end_sentence(&mut self);
}

/// Reads a text. `latin` are the base letters of U+00C0 to U+024F and U+1E00 to U+1EFF.
pub(super) fn read(text: &[u8], latin: &[u8], sink: &mut impl Sink) {
    let mut reader = Reader {
        sink,
        words: 0,
        collected: Collected::default(),
        spelled: Word::default(),
        spelled_at: 0,
        pair: None,
        is_point: false,
    };
    let mut position = 0;
    if let Ok(valid) = simdutf8::basic::from_utf8(text) {
        reader.read(valid, &mut position, latin);
    } else {
        for chunk in text.utf8_chunks() {
            reader.read(chunk.valid(), &mut position, latin);
            if !chunk.invalid().is_empty() {
                reader.character(position, char::REPLACEMENT_CHARACTER, latin);
                position += 1;
            }
        }
    }
    reader.end(position);
}

/// One word as it is told of: `mürder` is `murder`.
pub(super) fn folded(word: &[u8], latin: &[u8]) -> Word {
    let mut collected = Collected::default();
    let characters = word.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    for c in characters {
        if let Kind::Letter(kept) = classify(c, latin) {
            collected.push(kept);
        }
    }
    collected.finish().0
}

/// The letters that a text begins with, in lower case, when they are one to seven without
/// three alike in a row.
fn short_word(text: &[u8]) -> Option<([u8; WORD_BYTES_MAX], usize)> {
    let raw = word_at(text, 0);
    let len = letter_bits(raw).trailing_ones();
    if !(1..8).contains(&len) {
        return None;
    }
    let letters = (raw | 0x2020_2020_2020_2020) & (u64::MAX >> (u64::BITS - 8 * len));
    let alike = equal_bits(letters, letters >> 8) & ((1 << (len - 1)) - 1);
    if alike & alike >> 1 != 0 {
        return None;
    }
    let mut word = [0; WORD_BYTES_MAX];
    *word.first_chunk_mut()? = letters.to_le_bytes();
    Some((word, usize::try_from(len).ok()?))
}

/// The same of any number that a word may have.
fn long_word(text: &[u8]) -> Option<([u8; WORD_BYTES_MAX], usize)> {
    let mut word = [0; WORD_BYTES_MAX];
    let mut run = 0;
    let mut before = 0;
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic());
    let mut len = 0;
    for byte in letters {
        let letter = byte.to_ascii_lowercase();
        run = if letter == before { run + 1 } else { 1 };
        before = letter;
        *word.get_mut(len).filter(|_| run < 3)? = letter;
        len += 1;
    }
    Some((word, len))
}

struct Reader<'s, S> {
    sink: &'s mut S,
    /// Words of the sentence so far.
    words: usize,
    collected: Collected,
    /// Single letters in a row, and where the last of them ended.
    spelled: Word,
    spelled_at: usize,
    /// The last character of a script without spaces, and whether it was told of.
    pair: Option<(char, bool)>,
    /// Whether the last character was a full stop or a question mark.
    is_point: bool,
}

impl<S: Sink> Reader<'_, S> {
    /// Reads what begins at the character number `position`.
    fn read(&mut self, mut rest: &str, position: &mut usize, latin: &[u8]) {
        while let Some(c) = rest.chars().next() {
            let read = self.plain_word(rest.as_bytes()).unwrap_or_else(|| {
                self.character(*position, c, latin);
                c.len_utf8()
            });
            rest = rest.get(read..).unwrap_or_default();
            *position += if c.is_ascii() { read } else { 1 };
        }
    }

    /// Reads a word of two letters or more out of which nothing is folded, and gives its
    /// length: what most words are, and what the long way would make of them.
    fn plain_word(&mut self, text: &[u8]) -> Option<usize> {
        if !self.collected.is_empty() || !text.first()?.is_ascii_alphabetic() {
            return None;
        }
        let (word, len) = short_word(text).map_or_else(|| long_word(text), Some)?;
        let end = text.get(len).copied();
        let is_over = match end {
            None => true,
            Some(b'0'..=b'9' | b'@' | b'$' | b'!' | b'*' | b'\'') => false,
            Some(byte) => byte.is_ascii(),
        };
        if !is_over || len < 2 {
            return None;
        }
        self.is_point = false;
        self.end_pair();
        self.end_spelled();
        self.tell(word.get(..len)?);
        Some(len)
    }

    fn character(&mut self, position: usize, c: char, latin: &[u8]) {
        if self.is_point && matches!(c, ' ' | '\t' | '\r' | '\n') {
            self.end_spelled();
            self.end_sentence();
        }
        self.is_point = false;
        let kind = classify(c, latin);
        match kind {
            Kind::Skip => return,
            Kind::Pair => {
                self.end_word(position);
                self.end_spelled();
                if let Some((before, _)) = self.pair {
                    self.tell_characters(&[before, c]);
                }
                self.pair = Some((c, self.pair.is_some()));
                return;
            }
            _ => self.end_pair(),
        }
        match kind {
            Kind::Letter(kept) | Kind::Digit(kept) => self.collected.push(kept),
            Kind::Mark(kept) if !self.collected.is_empty() => self.collected.push(kept),
            Kind::Quote if !self.collected.is_empty() => {}
            _ => {
                let is_exclaimed = self.end_word(position);
                if is_exclaimed || kind == Kind::End {
                    self.end_spelled();
                    self.end_sentence();
                }
                self.is_point = matches!(c, '.' | '?');
            }
        }
    }

    fn end(&mut self, position: usize) {
        self.end_word(position);
        self.end_spelled();
        self.end_pair();
        self.end_sentence();
    }

    /// Whether an exclamation mark ended the word.
    fn end_word(&mut self, position: usize) -> bool {
        if self.collected.is_empty() {
            return false;
        }
        let (word, is_exclaimed) = self.collected.finish();
        match word.as_bytes() {
            [] => {}
            [letter @ b'a'..=b'z'] => {
                let far = position.saturating_sub(self.spelled_at) > 2;
                if far || self.spelled.as_bytes().len() >= WORD_BYTES_MAX {
                    self.end_spelled();
                }
                self.spelled.push(char::from(*letter));
                self.spelled_at = position;
            }
            bytes => {
                self.end_spelled();
                self.tell(bytes);
            }
        }
        is_exclaimed
    }

    /// Three letters or more are a word that was spelled out.
    fn end_spelled(&mut self) {
        if self.spelled.as_bytes().is_empty() {
            return;
        }
        let spelled = std::mem::take(&mut self.spelled);
        let letters = spelled.as_bytes();
        if letters.len() >= 3 {
            self.tell(letters);
        } else {
            for letter in letters {
                self.tell(std::slice::from_ref(letter));
            }
        }
    }

    fn end_pair(&mut self) {
        if let Some((lonely, false)) = self.pair.take() {
            self.tell_characters(&[lonely]);
        }
    }

    fn tell_characters(&mut self, characters: &[char]) {
        let mut word = Word::default();
        for c in characters {
            word.push(*c);
        }
        self.tell(word.as_bytes());
    }

    fn tell(&mut self, word: &[u8]) {
        self.sink.word(word);
        self.words += 1;
        if self.words >= SENTENCE_WORDS_MAX {
            self.end_sentence();
        }
    }

    fn end_sentence(&mut self) {
        if self.words > 0 {
            self.sink.end_sentence();
            self.words = 0;
        }
    }
}
