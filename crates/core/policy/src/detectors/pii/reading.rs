//! What readers of numbers share: a place in the text, and what was read there.

use super::shape::{self, Shape, Undecided};
use crate::digit::is_digit;

/// A word with a digit, and what may be read from there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'t> {
    pub(super) text: &'t [u8],
    /// Where the word begins.
    pub(super) word: usize,
    /// Nothing before this may be taken.
    pub(super) floor: usize,
    /// Whether the text ends for good.
    pub(super) last: bool,
    /// What begins with the word.
    pub(super) shape: &'t Shape,
}

/// Something that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) start: usize,
    pub(super) end: usize,
    /// How sure its form is, in hundredths.
    pub(super) score: u8,
    /// Whether a check says so too: words before it then make it certain.
    pub(super) checked: bool,
}

/// Reads what stands at a place.
pub(super) type Read = fn(&Spot<'_>) -> Result<Option<Reading>, Undecided>;

/// Lengths of the first word of a number, as bits; [`shape::CHARS_MAX`] at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths(u128);

impl Lengths {
    /// The lengths from `least` to `most`.
    pub(super) const fn between(least: usize, most: usize) -> Self {
        assert!(least > 0 && least <= most && most <= shape::CHARS_MAX);
        Self((1 << (most + 1)) - (1 << least))
    }

    /// These and those.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Each of them.
    pub(super) fn each(self) -> impl Iterator<Item = usize> {
        (1..=shape::CHARS_MAX).filter(move |length| self.0 >> length & 1 == 1)
    }
}

impl Spot<'_> {
    /// Reads on from the word.
    pub(super) const fn reader(&self) -> Reader<'_> {
        Reader {
            text: self.text,
            at: self.word,
            last: self.last,
        }
    }

    /// The byte before `at`, spaces when there is none.
    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1)
            .and_then(|at| self.text.get(at))
            .copied()
            .unwrap_or(b' ')
    }

    /// The first word.
    pub(super) fn word(&self) -> &[u8] {
        let end = self
            .shape
            .groups()
            .first()
            .map_or(self.word, |group| group.end);
        self.text.get(self.word..end).unwrap_or_default()
    }
}

/// Reads forwards, and says when the text ends before it can be told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    pub(super) last: bool,
}

impl Reader<'_> {
    /// The next byte; `None` at the end of the text.
    pub(super) fn peek(&self) -> Result<Option<u8>, Undecided> {
        self.peek_at(0)
    }

    /// The byte `ahead` of the next; `None` beyond the end of the text.
    pub(super) fn peek_at(&self, ahead: usize) -> Result<Option<u8>, Undecided> {
        match self.text.get(self.at + ahead) {
            Some(byte) => Ok(Some(*byte)),
            None if self.last => Ok(None),
            None => Err(Undecided),
        }
    }

    /// Whether the byte `ahead` of the next is a digit.
    pub(super) fn is_digit_at(&self, ahead: usize) -> Result<bool, Undecided> {
        Ok(self.peek_at(ahead)?.is_some_and(is_digit))
    }

    /// Takes the next byte when it is one of these.
    pub(super) fn take(&mut self, set: &[u8]) -> Result<Option<u8>, Undecided> {
        let taken = self.peek()?.filter(|byte| set.contains(byte));
        self.at += usize::from(taken.is_some());
        Ok(taken)
    }

    /// Takes `word` when it stands here, capitals and small letters being alike.
    pub(super) fn word(&mut self, word: &[u8]) -> Result<bool, Undecided> {
        for (ahead, wanted) in word.iter().enumerate() {
            match self.peek_at(ahead)? {
                Some(byte) if byte.eq_ignore_ascii_case(wanted) => {}
                _ => return Ok(false),
            }
        }
        self.at += word.len();
        Ok(true)
    }

    /// Takes a run of digits: its value and length. `None` when there is none, or one
    /// of more than nine.
    pub(super) fn number(&mut self) -> Result<Option<(u32, usize)>, Undecided> {
        let mut value = 0;
        let mut length = 0;
        while let Some(byte) = self.peek_at(length)?.filter(|byte| is_digit(*byte)) {
            if length == 9 {
                return Ok(None);
            }
            value = value * 10 + u32::from(byte - b'0');
            length += 1;
        }
        self.at += length;
        Ok((length > 0).then_some((value, length)))
    }

    /// Whether what was read ends here: neither letter nor digit follows.
    pub(super) fn ends(&self) -> Result<bool, Undecided> {
        Ok(!self
            .peek()?
            .is_some_and(|byte| byte.is_ascii_alphanumeric()))
    }
}
