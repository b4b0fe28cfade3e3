//! Characters that a stream cuts in half.
//!
//! A server that counts in UTF-16 may end a piece with the first half of a surrogate
//! pair (`\ud83d`) and begin the next one with the second (`\ude00`). A decoder keeps
//! the first half until the piece that has the other, or until its text ends.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;

/// Bytes of one `\uXXXX`.
const UNIT_BYTES: u32 = 6;

/// A piece of a text, with the halves of characters at its ends.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    /// The second half of a character whose first half an earlier piece has.
    low: Option<u16>,
    text: String,
    /// The first half of a character.
    high: Option<u16>,
}

impl From<String> for Piece {
    fn from(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }
}

impl Piece {
    /// Reads a string; none for `null` and for an empty one.
    pub(crate) fn read(r: &mut Reader<'_>) -> Result<Option<Self>, DecodeError> {
        if r.kind()? == Kind::Null {
            r.null()?;
            return Ok(None);
        }
        let span = r.string()?;
        Ok((!span.span.is_empty()).then(|| Self::of(r, span)))
    }

    fn of(r: &Reader<'_>, span: StrSpan) -> Self {
        if !span.escaped {
            return r.text(span).into_owned().into();
        }
        let mut inner = span;
        let raw = span.span.of(r.bytes());
        let low = unit(raw).filter(|unit| (0xdc00..0xe000).contains(unit));
        let high = last_unit(raw).filter(|unit| (0xd800..0xdc00).contains(unit));
        inner.span.start += low.map_or(0, |_half| UNIT_BYTES);
        inner.span.end -= high.map_or(0, |_half| UNIT_BYTES);
        Self {
            low,
            text: r.text(inner).into_owned(),
            high,
        }
    }

    const fn is_nothing(&self) -> bool {
        self.low.is_none() && self.text.is_empty() && self.high.is_none()
    }

    /// How much of it is decoded, in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.text.len()
    }
}

/// What a text holds back: the first half of a character.
#[derive(Debug, Default)]
pub(crate) struct Seam(Option<u16>);

impl Seam {
    /// The text of the next piece, as far as it is whole.
    pub(crate) fn join(&mut self, piece: Piece) -> String {
        if piece.is_nothing() {
            return String::new();
        }
        let mut text = piece.text;
        let joined = match (self.0.take(), piece.low) {
            (None, None) => None,
            (high, low) => Some(pair(high.into_iter().chain(low))),
        };
        if let Some(joined) = joined {
            text.insert_str(0, &joined);
        }
        self.0 = piece.high;
        text
    }

    /// What stands for a half whose other half never came.
    pub(crate) fn end(&mut self) -> Option<String> {
        self.0.take().map(|half| pair([half]))
    }
}

fn pair(units: impl IntoIterator<Item = u16>) -> String {
    char::decode_utf16(units)
        .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// The code unit that the content of a string begins with as an escape.
fn unit(raw: &[u8]) -> Option<u16> {
    let digits = raw.strip_prefix(b"\\u")?.get(..4)?;
    u16::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()
}

/// The code unit that the content of a string ends with as an escape of its own.
fn last_unit(raw: &[u8]) -> Option<u16> {
    let at = raw.len().checked_sub(UNIT_BYTES as usize)?;
    let (before, escape) = raw.split_at(at);
    let backslashes = before
        .iter()
        .rev()
        .take_while(|byte| **byte == b'\\')
        .count();
    unit(escape).filter(|_| backslashes.is_multiple_of(2))
}
