//! What can be wrong with a JSON text, and the kinds of values it is made of.
//!
//! Every error says at which byte; none quotes a value of the text. The one key that
//! is quoted is the duplicate of a key that the caller of the reader asked for.

use std::fmt;

/// The six kinds of JSON values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// An integer or a decimal number.
    Number,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
        })
    }
}

/// What the grammar asks for at some place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Any value.
    Value,
    /// A value that the closure which was given it read without an error.
    SoundValue,
    /// The key of a member.
    Key,
    /// The colon behind a key.
    Colon,
    /// The next member of an object, or its end.
    CommaOrBrace,
    /// The next element of an array, or its end.
    CommaOrBracket,
    /// The quote that ends a string.
    Quote,
    /// A digit of a number.
    Digit,
    /// The word `true`.
    True,
    /// The word `false`.
    False,
    /// The word `null`.
    Null,
    /// Nothing more.
    End,
}

impl Expected {
    /// In words; `true`, `false` and `null` are the literal itself.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Value => "a value",
            Self::SoundValue => "a value without errors",
            Self::Key => "a key",
            Self::Colon => "`:`",
            Self::CommaOrBrace => "`,` or `}`",
            Self::CommaOrBracket => "`,` or `]`",
            Self::Quote => "a closing quote",
            Self::Digit => "a digit",
            Self::True => "true",
            Self::False => "false",
            Self::Null => "null",
            Self::End => "the end of the text",
        }
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A key that is there twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// Where the second one is, after its quote.
    pub offset: u32,
    /// The decoded key.
    pub key: Box<str>,
}

/// Why a JSON text is refused. Offsets count bytes from the start of the text.
///
/// Small, because every step of the reader returns one or a result: sixteen bytes come
/// back in registers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The grammar asks for something else here, or the text ends here.
    #[error("expected {expected} at byte {offset}")]
    Syntax {
        /// Where.
        offset: u32,
        /// What would have been right.
        expected: Expected,
    },
    /// Valid so far, but of another kind than the caller can use. The value is unread:
    /// it may still be read as what it is, or left to be skipped.
    #[error("expected {expected} at byte {offset}")]
    WrongKind {
        /// Where the value starts.
        offset: u32,
        /// The kind that was asked for.
        expected: Kind,
    },
    /// Nested too deeply.
    #[error("nested {} levels deep at byte {offset}", super::DEPTH_MAX)]
    Depth {
        /// Where the level that is too much opens.
        offset: u32,
    },
    /// Not UTF-8.
    #[error("invalid UTF-8 at byte {offset}")]
    Utf8 {
        /// The first byte that is not.
        offset: u32,
    },
    /// A byte below 0x20 in a string, where only its escape is allowed.
    #[error("raw control character in a string at byte {offset}")]
    Control {
        /// Where.
        offset: u32,
    },
    /// A `\` followed by nothing that JSON knows.
    #[error("invalid escape at byte {offset}")]
    Escape {
        /// Where the `\` is.
        offset: u32,
    },
    /// Half of a surrogate pair, which stands for no character.
    #[error("lone surrogate at byte {offset}")]
    Surrogate {
        /// Where its `\` is.
        offset: u32,
    },
    /// A number that the caller cannot use (fraction, sign, size) or no double can hold.
    #[error("number out of range at byte {offset}")]
    Number {
        /// Where it starts.
        offset: u32,
    },
    /// A key that we act on is there twice; two readers could differ on which one counts.
    #[error("duplicate key {:?} at byte {}", .0.key, .0.offset)]
    DuplicateKey(Box<Duplicate>),
    /// More members and elements than anything reads, see [`super::VALUES_MAX`].
    #[error("more than {} values at byte {offset}", super::VALUES_MAX)]
    TooMany {
        /// Where the one too many begins.
        offset: u32,
    },
    /// Longer than 4 GiB, so that places do not fit a span.
    #[error("longer than 4 GiB")]
    TooLong,
}

const _: () = assert!(size_of::<Error>() <= 16);
