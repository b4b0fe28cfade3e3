//! Between text and the content of a JSON string.

use std::borrow::Cow;

use memchr::memchr;

use super::lexer::{offset_of, utf8};
use super::{Error, scan};

/// The text that the content of a JSON string stands for: the bytes between its
/// quotes, borrowed when nothing is `escaped`.
///
/// Only escapes are checked here: a raw quote or control character, which a
/// [`super::Reader`] never lets into a span, stands for itself.
///
/// # Errors
///
/// [`Error::Utf8`], [`Error::Escape`] and [`Error::Surrogate`], at offsets in `raw`.
pub fn decode(raw: &[u8], escaped: bool) -> Result<Cow<'_, str>, Error> {
    let text = utf8(raw)?;
    if escaped {
        decode_text(text).map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(text))
    }
}

/// As [`decode_text`], with U+FFFD for half of a surrogate pair; empty for content with
/// a wrong escape.
#[cold]
#[inline(never)]
pub(super) fn decode_lossy(text: &str) -> Cow<'_, str> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        match decode_text(rest) {
            Ok(decoded) => {
                out.push_str(&decoded);
                return Cow::Owned(out);
            }
            Err(Error::Surrogate { offset }) => {
                let at = offset as usize;
                // What stands before a half decoded; it is short where halves occur.
                out.push_str(&decode_text(rest.get(..at).unwrap_or_default()).unwrap_or_default());
                out.push(char::REPLACEMENT_CHARACTER);
                rest = rest.get(at + UNIT_LEN..).unwrap_or_default();
            }
            Err(_) => return Cow::Owned(String::new()),
        }
    }
}

/// As [`decode`], for content that is known to be UTF-8 and to have escapes.
pub(super) fn decode_text(text: &str) -> Result<String, Error> {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(run) = memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        out.push_str(text.get(at..at + run).unwrap_or_default());
        let (character, next) = escape(bytes, at + run)?;
        out.push(character);
        at = next;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    Ok(out)
}

/// Appends `text` as the content of a JSON string, without quotes.
///
/// Only what must be escaped is: `"`, `\` and the characters below 0x20.
pub fn escape_into(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    out.reserve(bytes.len());
    let mut at = 0;
    loop {
        let special = scan::special(bytes, at);
        out.extend_from_slice(bytes.get(at..special).unwrap_or_default());
        let Some(&byte) = bytes.get(special) else {
            return;
        };
        escape_byte(byte, out);
        at = special + 1;
    }
}

fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        _ => {
            let low = byte & 0x0f;
            let low = if low < 10 {
                b'0' + low
            } else {
                b'a' + low - 10
            };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

/// Whether half of a surrogate pair may stand alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Halves {
    /// In a whole text it stands for nothing.
    Refused,
    /// In a piece of a text the other half may be in the next piece.
    Allowed,
}

/// The place behind the escape at `at`, as [`escape`] but without its character.
#[inline]
pub(super) fn pass(bytes: &[u8], at: usize, halves: Halves) -> Result<usize, Error> {
    match bytes.get(at + 1) {
        Some(b'n' | b'"' | b'\\' | b't' | b'r' | b'/' | b'b' | b'f') => Ok(at + 2),
        _ => match escape(bytes, at) {
            Ok((_character, next)) => Ok(next),
            Err(Error::Surrogate { .. }) if halves == Halves::Allowed => Ok(at + UNIT_LEN),
            Err(error) => Err(error),
        },
    }
}

/// The character that the escape at `at` stands for, and the place behind it.
///
/// # Errors
///
/// [`Error::Escape`] or [`Error::Surrogate`], at the offset of a `\` in `bytes`.
pub(super) fn escape(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let character = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return unicode(bytes, at),
        _ => {
            return Err(Error::Escape {
                offset: offset_of(at),
            });
        }
    };
    Ok((character, at + 2))
}

const UNIT_LEN: usize = "\\u0000".len();

fn unicode(bytes: &[u8], at: usize) -> Result<(char, usize), Error> {
    let lone = Error::Surrogate {
        offset: offset_of(at),
    };
    let first = unit(bytes, at)?;
    if let Some(character) = char::from_u32(first) {
        return Ok((character, at + UNIT_LEN));
    }
    let second_at = at + UNIT_LEN;
    if first >= 0xdc00
        || !bytes
            .get(second_at..)
            .is_some_and(|rest| rest.starts_with(b"\\u"))
    {
        return Err(lone);
    }
    let second = unit(bytes, second_at)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(lone);
    }
    let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    char::from_u32(scalar)
        .map(|character| (character, second_at + UNIT_LEN))
        .ok_or(lone)
}

/// The UTF-16 code unit of the `\uXXXX` at `at`.
fn unit(bytes: &[u8], at: usize) -> Result<u32, Error> {
    let wrong = Error::Escape {
        offset: offset_of(at),
    };
    let Some(digits) = bytes.get(at + 2..).and_then(<[u8]>::first_chunk::<4>) else {
        return Err(wrong);
    };
    let mut unit = 0;
    for &digit in digits {
        let Some(value) = char::from(digit).to_digit(16) else {
            return Err(wrong);
        };
        unit = unit << 4 | value;
    }
    Ok(unit)
}
