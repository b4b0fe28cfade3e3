//! The reader: one position that moves forward over one text.

use std::borrow::Cow;
use std::ops::Deref;

use super::{Error, Kind, escape, number, scan};
use crate::span::{Span, StrSpan};

/// Arrays and objects may nest to one level less than this, as in `serde_json`.
pub const DEPTH_MAX: usize = 128;

/// A pull reader over one JSON text.
///
/// It stands in front of a value, and each call reads one: [`Reader::object`] and
/// [`Reader::array`] hand it to a closure for each member. After an error other than
/// [`Error::WrongKind`] the text is refused and reading on makes no sense; a closure
/// that hides such an error does not get it accepted either.
pub struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

/// The key of an object's member, decoded: `"\u006dodel"` is `model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'a> {
    text: Cow<'a, str>,
    span: StrSpan,
}

impl Key<'_> {
    /// The decoded key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Where it lies.
    #[must_use]
    pub const fn span(&self) -> StrSpan {
        self.span
    }
}

impl Deref for Key<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Key<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

/// Fills `slot`, which the value of `key` may do once.
///
/// # Errors
///
/// [`Error::DuplicateKey`] when it is filled already.
pub fn set_once<T>(slot: &mut Option<T>, value: T, key: &Key<'_>) -> Result<(), Error> {
    if slot.is_some() {
        return Err(Error::DuplicateKey {
            offset: key.span.span.start,
            key: key.as_str().into(),
        });
    }
    *slot = Some(value);
    Ok(())
}

impl<'a> Reader<'a> {
    /// A reader in front of the value that `bytes` spell.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] from 4 GiB on, [`Error::Utf8`] when it is not UTF-8.
    pub fn new(bytes: &'a [u8]) -> Result<Self, Error> {
        if u32::try_from(bytes.len()).is_err() {
            return Err(Error::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|error| Error::Utf8 {
            offset: offset_of(error.valid_up_to()),
        })?;
        Ok(Self {
            text,
            at: 0,
            depth: 0,
        })
    }

    /// The whole text.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Where the reader stands, in bytes.
    #[must_use]
    pub const fn offset(&self) -> u32 {
        offset_of(self.at)
    }

    /// The text of a string that this reader found, decoded.
    ///
    /// Empty for a span that is not from this text.
    #[must_use]
    pub fn text(&self, string: StrSpan) -> Cow<'a, str> {
        let raw = self.text.get(string.span.range()).unwrap_or_default();
        if string.escaped {
            Cow::Owned(escape::decode_text(raw).unwrap_or_default())
        } else {
            Cow::Borrowed(raw)
        }
    }

    /// The kind of the next value, which stays unread.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] when no value starts here.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind, Error> {
        self.white_space();
        match self.peek() {
            Some(b'"') => Ok(Kind::String),
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Bool),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.expected("a value")),
        }
    }

    /// Reads an object; `f` gets each key in order and the reader in front of its
    /// value, and may leave that unread.
    ///
    /// # Errors
    ///
    /// What `f` returns; [`Error::WrongKind`] when it is no object; any other error of
    /// the text.
    pub fn object<E: From<Error>>(
        &mut self,
        mut f: impl FnMut(&mut Self, Key<'a>) -> Result<(), E>,
    ) -> Result<Span, E> {
        let start = self.open(Kind::Object)?;
        let depth = self.depth;
        let mut more = !self.eat(b'}');
        while more {
            let key = self.key()?;
            let value = self.at;
            f(self, key)?;
            self.leave(value, depth)?;
            more = self.comma_or(b'}', "`,` or `}`")?;
        }
        Ok(self.close(start))
    }

    /// Reads an array; `f` gets the reader in front of each element and the element's
    /// index, and may leave it unread.
    ///
    /// # Errors
    ///
    /// What `f` returns; [`Error::WrongKind`] when it is no array; any other error of
    /// the text.
    pub fn array<E: From<Error>>(
        &mut self,
        mut f: impl FnMut(&mut Self, u32) -> Result<(), E>,
    ) -> Result<Span, E> {
        let start = self.open(Kind::Array)?;
        let depth = self.depth;
        let mut more = !self.eat(b']');
        let mut index = 0;
        while more {
            self.white_space();
            let value = self.at;
            f(self, index)?;
            self.leave(value, depth)?;
            more = self.comma_or(b']', "`,` or `]`")?;
            index += 1;
        }
        Ok(self.close(start))
    }

    /// Reads a string.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is none; [`Error::Control`], [`Error::Escape`] and
    /// [`Error::Surrogate`] for its content.
    #[inline]
    pub fn string(&mut self) -> Result<StrSpan, Error> {
        self.white_space();
        if self.peek() == Some(b'"') {
            self.string_body()
        } else {
            Err(self.not_a(Kind::String))
        }
    }

    /// Reads a number and gives its digits' place.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is none; [`Error::Number`] when no double can hold it.
    pub fn number(&mut self) -> Result<Span, Error> {
        if self.kind()? != Kind::Number {
            return Err(self.not_a(Kind::Number));
        }
        let start = self.at;
        self.at = number::end(self.bytes(), start)?;
        Ok(self.since(start))
    }

    /// Reads a whole number that is not negative, spelled without point or exponent.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is no number, [`Error::Number`] when it is another one.
    pub fn u64(&mut self) -> Result<u64, Error> {
        let span = self.number()?;
        let digits = self.text.get(span.range()).unwrap_or_default();
        digits
            .parse()
            .map_err(|_not_whole| Error::Number { offset: span.start })
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is something else.
    pub fn bool(&mut self) -> Result<bool, Error> {
        self.white_space();
        match self.peek() {
            Some(b't') => self.literal("true").map(|()| true),
            Some(b'f') => self.literal("false").map(|()| false),
            _ => Err(self.not_a(Kind::Bool)),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is something else.
    pub fn null(&mut self) -> Result<(), Error> {
        self.white_space();
        if self.peek() == Some(b'n') {
            self.literal("null")
        } else {
            Err(self.not_a(Kind::Null))
        }
    }

    /// Reads any value without a look into it. It is checked in full all the same.
    ///
    /// # Errors
    ///
    /// Any error of the text except [`Error::WrongKind`] and [`Error::DuplicateKey`].
    pub fn skip(&mut self) -> Result<Span, Error> {
        self.white_space();
        let start = self.at;
        let outside = self.depth;
        // One bit for each open level, the innermost lowest: set for an object.
        let mut objects = 0_u128;
        loop {
            let opened = match self.kind()? {
                Kind::Object => Some(true),
                Kind::Array => Some(false),
                _ => None,
            };
            if let Some(is_object) = opened {
                self.descend()?;
                objects = objects << 1 | u128::from(is_object);
                if !self.eat(closing(is_object)) {
                    self.member_start(is_object)?;
                    continue;
                }
                self.depth -= 1;
                objects >>= 1;
            } else {
                self.skip_scalar()?;
            }
            while self.depth > outside {
                let is_object = objects & 1 == 1;
                if self.comma_or(closing(is_object), "`,` or the closing bracket")? {
                    self.member_start(is_object)?;
                    break;
                }
                self.depth -= 1;
                objects >>= 1;
            }
            if self.depth == outside {
                return Ok(self.since(start));
            }
        }
    }

    /// Ends the reading: nothing but white space may be left.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] when something is.
    pub fn finish(mut self) -> Result<(), Error> {
        self.white_space();
        if self.at == self.text.len() && self.depth == 0 {
            Ok(())
        } else {
            Err(self.expected("the end of the text"))
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes().get(self.at).copied()
    }

    #[inline]
    fn white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes white space, and then `byte` if it is next.
    #[inline]
    fn eat(&mut self, byte: u8) -> bool {
        self.white_space();
        let eaten = self.peek() == Some(byte);
        self.at += usize::from(eaten);
        eaten
    }

    fn open(&mut self, kind: Kind) -> Result<usize, Error> {
        if self.kind()? != kind {
            return Err(self.not_a(kind));
        }
        let start = self.at;
        self.descend()?;
        Ok(start)
    }

    /// Passes the opening bracket.
    #[inline]
    fn descend(&mut self) -> Result<(), Error> {
        if self.depth + 1 >= DEPTH_MAX {
            return Err(Error::Depth {
                offset: self.offset(),
            });
        }
        self.depth += 1;
        self.at += 1;
        Ok(())
    }

    fn close(&mut self, start: usize) -> Span {
        self.depth -= 1;
        self.since(start)
    }

    /// After a closure that was given the value at `value`: skips what it left unread.
    #[inline]
    fn leave(&mut self, value: usize, depth: usize) -> Result<(), Error> {
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
    fn comma_or(&mut self, close: u8, expected: &'static str) -> Result<bool, Error> {
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
    fn key_span(&mut self) -> Result<StrSpan, Error> {
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
    fn key(&mut self) -> Result<Key<'a>, Error> {
        let span = self.key_span()?;
        self.white_space();
        Ok(Key {
            text: self.text(span),
            span,
        })
    }

    #[inline]
    fn member_start(&mut self, is_object: bool) -> Result<(), Error> {
        if is_object {
            self.key_span().map(|_key| ())
        } else {
            Ok(())
        }
    }

    /// Passes a string whose opening quote is next.
    #[inline]
    fn string_body(&mut self) -> Result<StrSpan, Error> {
        let bytes = self.bytes();
        let start = self.at + 1;
        let mut escaped = false;
        let mut at = start;
        loop {
            at = scan::special(bytes, at);
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => (_, at) = escape::escape(bytes, at)?,
                Some(_) => {
                    return Err(Error::Control {
                        offset: offset_of(at),
                    });
                }
                None => {
                    return Err(Error::Syntax {
                        offset: offset_of(at),
                        expected: "a closing quote",
                    });
                }
            }
            escaped = true;
        }
        self.at = at + 1;
        Ok(StrSpan {
            span: Span::new(offset_of(start), offset_of(at)),
            escaped,
        })
    }

    fn skip_scalar(&mut self) -> Result<(), Error> {
        match self.peek() {
            Some(b'"') => self.string_body().map(|_string| ()),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => {
                self.at = number::end(self.bytes(), self.at)?;
                Ok(())
            }
        }
    }

    fn literal(&mut self, word: &'static str) -> Result<(), Error> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    const fn since(&self, start: usize) -> Span {
        Span::new(offset_of(start), self.offset())
    }

    #[cold]
    const fn expected(&self, expected: &'static str) -> Error {
        Error::Syntax {
            offset: self.offset(),
            expected,
        }
    }

    #[cold]
    fn not_a(&mut self, expected: Kind) -> Error {
        let offset = self.offset();
        self.kind()
            .err()
            .unwrap_or(Error::WrongKind { offset, expected })
    }
}

const fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// A place in the text as it is kept in spans.
#[expect(
    clippy::cast_possible_truncation,
    reason = "`Reader::new` refuses longer texts"
)]
pub(super) const fn offset_of(at: usize) -> u32 {
    at as u32
}
