//! The smallest steps of the reader: white space, punctuation, strings, words.

use super::{DEPTH_MAX, Error, Key, Kind, Reader, escape, scan};
use crate::span::{Span, StrSpan};

impl<'a> Reader<'a> {
    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    #[inline]
    pub(super) fn white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes white space, and then `byte` if it is next.
    #[inline]
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        self.white_space();
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    pub(super) fn open(&mut self, kind: Kind) -> Result<usize, Error> {
        if self.kind()? != kind {
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
            Err(self.expected("a value without errors"))
        }
    }

    /// Between members: true after a comma, false after the closing bracket.
    #[inline]
    pub(super) fn comma_or(&mut self, close: u8, expected: &'static str) -> Result<bool, Error> {
        self.white_space();
        let more = match self.peek() {
            Some(b',') => true,
            Some(byte) if byte == close => false,
            _ => return Err(self.expected(expected)),
        };
        self.at += 1;
        Ok(more)
    }

    #[inline]
    pub(super) fn key_span(&mut self) -> Result<StrSpan, Error> {
        self.white_space();
        if self.peek() != Some(b'"') {
            return Err(self.expected("a key"));
        }
        let span = self.string_body()?;
        if !self.eat(b':') {
            return Err(self.expected("`:`"));
        }
        Ok(span)
    }

    #[inline]
    pub(super) fn key(&mut self) -> Result<Key<'a>, Error> {
        let span = self.key_span()?;
        self.white_space();
        Ok(Key {
            text: self.text(span),
            span,
        })
    }

    /// Passes a string whose opening quote is next.
    #[inline]
    pub(super) fn string_body(&mut self) -> Result<StrSpan, Error> {
        let bytes = self.bytes();
        let start = self.at + 1;
        let mut end = scan::special(bytes, start);
        let escaped = bytes.get(end) != Some(&b'"');
        if escaped {
            end = escaped_end(bytes, end)?;
        }
        self.at = end + 1;
        let span = Span::new(offset_of(start), offset_of(end));
        Ok(StrSpan { span, escaped })
    }

    pub(super) fn literal(&mut self, word: &'static str) -> Result<(), Error> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    pub(super) const fn since(&self, start: usize) -> Span {
        Span::new(offset_of(start), self.offset())
    }

    #[cold]
    pub(super) const fn expected(&self, expected: &'static str) -> Error {
        Error::Syntax {
            offset: self.offset(),
            expected,
        }
    }

    #[cold]
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
fn escaped_end(bytes: &[u8], from: usize) -> Result<usize, Error> {
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
            let next = escape::pass(bytes, at)?;
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
        expected: "a closing quote",
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
