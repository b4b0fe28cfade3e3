//! The reader: one position that moves forward over one text.

use std::borrow::Cow;
use std::fmt;

use super::escape::Halves;
use super::lexer::{offset_of, utf8};
use super::{Error, Expected, Key, Kind, escape, number};
use crate::span::{Span, StrSpan};

/// Arrays and objects may nest to one level less than this, as in `serde_json`.
pub const DEPTH_MAX: usize = 128;

/// How many members and elements a reader hands out, all levels together. What is made
/// of a text is bounded by what is handed out of it; values that are passed over do not
/// count. A conversation with a hundred thousand turns has fewer.
pub const VALUES_MAX: u32 = 500_000;

/// A pull reader over one JSON text.
///
/// It stands in front of a value, and each call reads one: [`Reader::object`] and
/// [`Reader::array`] hand it to a closure for each member. After an error other than
/// [`Error::WrongKind`] the text is refused and reading on makes no sense; a closure
/// that hides such an error does not get it accepted either. A copy reads on by itself.
#[derive(Clone)]
pub struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) halves: Halves,
    /// How many more members and elements are handed out.
    values_left: u32,
}

/// Shows the place only, never the text.
impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader(at byte {} of {})", self.at, self.text.len())
    }
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
        Ok(Self {
            text: utf8(bytes)?,
            at: 0,
            depth: 0,
            halves: Halves::Refused,
            values_left: VALUES_MAX,
        })
    }

    /// A reader in front of the value at a place of `bytes`, where another one found it. The
    /// places that it finds are places in `bytes`, too.
    ///
    /// # Errors
    ///
    /// As [`Self::new`]; any error of the text for a place that no value has.
    pub fn at(bytes: &'a [u8], place: Span) -> Result<Self, Error> {
        let until = bytes.get(..place.end as usize).unwrap_or_default();
        let reader = Self::new(until)?;
        Ok(Self {
            at: until.len().min(place.start as usize),
            ..reader
        })
    }

    /// A reader of one event of a stream, whose strings may begin or end in the middle of
    /// a surrogate pair: servers that count in UTF-16 cut there. Such a half decodes to
    /// U+FFFD here; whoever joins pieces joins their raw content.
    ///
    /// # Errors
    ///
    /// As [`Self::new`].
    pub fn of_event(bytes: &'a [u8]) -> Result<Self, Error> {
        let reader = Self::new(bytes)?;
        Ok(Self {
            halves: Halves::Allowed,
            ..reader
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
    #[inline]
    pub fn text(&self, string: StrSpan) -> Cow<'a, str> {
        let raw = self.text.get(string.span.range()).unwrap_or_default();
        if string.escaped {
            escape::decode_lossy(raw)
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
        match self.next_byte() {
            b'"' => Ok(Kind::String),
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b't' | b'f' => Ok(Kind::Bool),
            b'n' => Ok(Kind::Null),
            _ => Err(self.expected(Expected::Value)),
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
        let start = self.open(b'{', Kind::Object)?;
        let depth = self.depth;
        let mut more = !self.eat(b'}');
        while more {
            let span = self.key_span()?;
            self.next_byte();
            let value = self.at;
            self.hand_out()?;
            let text = self.text(span);
            f(self, Key { text, span })?;
            self.leave(value, depth)?;
            more = self.comma_or(b'}')?;
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
        let start = self.open(b'[', Kind::Array)?;
        let depth = self.depth;
        let mut more = !self.eat(b']');
        let mut index = 0;
        while more {
            self.next_byte();
            let value = self.at;
            self.hand_out()?;
            f(self, index)?;
            self.leave(value, depth)?;
            more = self.comma_or(b']')?;
            index += 1;
        }
        Ok(self.close(start))
    }

    /// Passes an array of nothing but numbers, checked in full, and tells how many there are;
    /// `None` for anything else, which stays unread. It hands nothing out: of the list only
    /// its place is kept, however long it is.
    ///
    /// # Errors
    ///
    /// Any error of the text up to where it turns out to be something else.
    pub fn numbers(&mut self) -> Result<Option<(Span, u32)>, Error> {
        if self.next_byte() != b'[' {
            return Ok(None);
        }
        let start = self.at;
        self.descend()?;
        let mut count = 0;
        let mut more = !self.eat(b']');
        while more {
            if self.kind()? != Kind::Number {
                self.at = start;
                self.depth -= 1;
                return Ok(None);
            }
            self.at = number::end(self.bytes(), self.at)?;
            count += 1;
            more = self.comma_or(b']')?;
        }
        Ok(Some((self.close(start), count)))
    }

    fn hand_out(&mut self) -> Result<(), Error> {
        match self.values_left.checked_sub(1) {
            Some(left) => {
                self.values_left = left;
                Ok(())
            }
            None => Err(Error::TooMany {
                offset: self.offset(),
            }),
        }
    }

    /// Reads a string.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is none; [`Error::Control`], [`Error::Escape`] and
    /// [`Error::Surrogate`] for its content.
    #[inline]
    pub fn string(&mut self) -> Result<StrSpan, Error> {
        if self.next_byte() == b'"' {
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
        match self.next_byte() {
            b't' => self.literal(Expected::True).map(|()| true),
            b'f' => self.literal(Expected::False).map(|()| false),
            _ => Err(self.not_a(Kind::Bool)),
        }
    }

    /// Reads `null`.
    ///
    /// # Errors
    ///
    /// [`Error::WrongKind`] when it is something else.
    pub fn null(&mut self) -> Result<(), Error> {
        if self.next_byte() == b'n' {
            self.literal(Expected::Null)
        } else {
            Err(self.not_a(Kind::Null))
        }
    }

    /// Ends the reading: nothing but white space may be left.
    ///
    /// # Errors
    ///
    /// [`Error::Syntax`] when something is.
    pub fn finish(mut self) -> Result<(), Error> {
        self.next_byte();
        if self.at == self.text.len() && self.depth == 0 {
            Ok(())
        } else {
            Err(self.expected(Expected::End))
        }
    }
}
