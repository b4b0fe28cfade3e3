//! The smallest steps of the reader: white space, punctuation, strings, words.

use super::escape::Halves;
use super::{DEPTH_MAX, Error, Expected, Kind, Reader, escape, scan};
use crate::span::{Span, StrSpan};

impl Reader<'_> {
    /// The byte here; at the end of the text 0, with which nothing starts.
    #[inline]
    pub(super) fn peek(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or_default()
    }

    /// Passes white space and gives the byte behind it, as [`Self::peek`].
    #[inline]
    pub(super) fn next_byte(&mut self) -> u8 {
        let byte = self.peek();
        if byte > b' ' {
            byte
        } else {
            self.white_space()
        }
    }

    #[inline(never)]
    fn white_space(&mut self) -> u8 {
        loop {
            let byte = self.peek();
            if !matches!(byte, b' ' | b'\n' | b'\t' | b'\r') {
                return byte;
            }
            self.at += 1;
        }
    }

    /// Passes white space, and then `byte` if it is next.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let eaten = self.next_byte() == byte;
        self.at += usize::from(eaten);
        eaten
    }

    /// Passes the opening bracket of an object or array, if one is next.
    #[inline]
    pub(super) fn open(&mut self, bracket: u8, kind: Kind) -> Result<usize, Error> {
        if self.next_byte() != bracket {
            return Err(self.not_a(kind));
        }
        let start = self.at;
        self.descend()?;
        Ok(start)
    }

    /// Passes the opening bracket.
    #[inline]
    pub(super) fn descend(&mut self) -> Result<(), Error> {
        if self.depth + 1 >= DEPTH_MAX {
            return Err(Error::Depth {
                offset: self.offset(),
            });
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    #[inline]
    pub(super) fn close(&mut self, start: usize) -> Span {
        self.depth -= 1;
        self.since(start)
    }

    /// After a closure that was given the value at `value`: skips what it left unread.
    #[inline]
    pub(super) fn leave(&mut self, value: usize, depth: usize) -> Result<(), Error> {
        if self.at == value {
            self.skip()?;
        }
        // A closure that hid an error from inside a deeper level left the reader there.
        if self.depth == depth {
            Ok(())
        } else {
            Err(self.expected(Expected::SoundValue))
        }
    }

    /// Between members: true after a comma, false after the closing bracket.
    #[inline]
    pub(super) fn comma_or(&mut self, close: u8) -> Result<bool, Error> {
        let byte = self.next_byte();
        if byte != b',' && byte != close {
            return Err(self.expected(if close == b'}' {
                Expected::CommaOrBrace
            } else {
                Expected::CommaOrBracket
            }));
        }
        self.at += 1;
        Ok(byte == b',')
    }

    /// Passes a key and its colon.
    #[inline(always)]
    pub(super) fn key_span(&mut self) -> Result<StrSpan, Error> {
        match self.plain_key() {
            Some(span) => Ok(span),
            None => self.odd_key(),
        }
    }

    /// Passes a key and its colon; stays before a key that has escapes or is wrong.
    #[inline(always)]
    fn plain_key(&mut self) -> Option<StrSpan> {
        if self.next_byte() != b'"' {
            return None;
        }
        let quote = self.at;
        let span = self.plain_string()?;
        if self.next_byte() != b':' {
            self.at = quote;
            return None;
        }
        self.at += 1;
        Some(span)
    }

    #[cold]
    #[inline(never)]
    fn odd_key(&mut self) -> Result<StrSpan, Error> {
        if self.next_byte() != b'"' {
            return Err(self.expected(Expected::Key));
        }
        let span = self.string_body()?;
        if !self.eat(b':') {
            return Err(self.expected(Expected::Colon));
        }
        Ok(span)
    }

    /// Passes a string whose opening quote is next.
    #[inline]
    pub(super) fn string_body(&mut self) -> Result<StrSpan, Error> {
        match self.plain_string() {
            Some(span) => Ok(span),
            None => self.odd_string(),
        }
    }

    /// Passes a string whose opening quote is next; stays before one that has escapes
    /// or is wrong.
    #[inline(always)]
    fn plain_string(&mut self) -> Option<StrSpan> {
        let bytes = self.bytes();
        let start = self.at + 1;
        let end = scan::special(bytes, start);
        if bytes.get(end) != Some(&b'"') {
            return None;
        }
        self.at = end + 1;
        Some(StrSpan {
            span: Span::new(offset_of(start), offset_of(end)),
            escaped: false,
        })
    }

    #[inline(never)]
    fn odd_string(&mut self) -> Result<StrSpan, Error> {
        let bytes = self.bytes();
        let start = self.at + 1;
        let end = escaped_end(bytes, scan::special(bytes, start), self.halves)?;
        self.at = end + 1;
        Ok(StrSpan {
            span: Span::new(offset_of(start), offset_of(end)),
            escaped: true,
        })
    }

    pub(super) fn literal(&mut self, expected: Expected) -> Result<(), Error> {
        let word = expected.word();
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.expected(expected));
        }
        self.at += word.len();
        Ok(())
    }

    pub(super) const fn since(&self, start: usize) -> Span {
        Span::new(offset_of(start), self.offset())
    }

    #[cold]
    #[inline(never)]
    pub(super) const fn expected(&self, expected: Expected) -> Error {
        Error::Syntax {
            offset: self.offset(),
            expected,
        }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn not_a(&mut self, expected: Kind) -> Error {
        let offset = self.offset();
        self.kind()
            .err()
            .unwrap_or(Error::WrongKind { offset, expected })
    }
}

/// Where the quote is that ends the string, from inside it on. Steps from one special
/// byte to the next within a window, because escapes like company.
#[inline(never)]
fn escaped_end(bytes: &[u8], from: usize, halves: Halves) -> Result<usize, Error> {
    let mut start = from;
    while start < bytes.len() {
        let mut hits = scan::window(bytes, start);
        let mut next_start = start + scan::WINDOW;
        while hits != 0 {
            let at = start + hits.trailing_zeros() as usize;
            match bytes.get(at) {
                Some(b'"') => return Ok(at),
                Some(b'\\') => {}
                _ => {
                    return Err(Error::Control {
                        offset: offset_of(at),
                    });
                }
            }
            let next = escape::pass(bytes, at, halves)?;
            if next >= next_start {
                next_start = next;
                break;
            }
            hits &= u64::MAX << (next - start);
        }
        start = next_start;
    }
    Err(Error::Syntax {
        offset: offset_of(bytes.len()),
        expected: Expected::Quote,
    })
}

/// The text that `bytes` are in UTF-8.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, Error> {
    // The fast check only says whether; the place comes from the slow one.
    simdutf8::basic::from_utf8(bytes).or_else(|_somewhere| {
        str::from_utf8(bytes).map_err(|error| Error::Utf8 {
            offset: offset_of(error.valid_up_to()),
        })
    })
}

/// A place in the text as it is kept in spans.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Reader::new` refuses longer texts"
)]
pub(super) const fn offset_of(at: usize) -> u32 {
    at as u32
}
