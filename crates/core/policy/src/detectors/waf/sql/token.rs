//! SQL as tokens: what the dialects of the large databases agree on, read leniently.
//!
//! It promises: time in proportion to the text, any bytes. Comments that a database runs
//! (`/*!50000 … */`) are read as what they hold, other comments as blanks, but the last
//! one, which cuts off the rest of a statement, as a token.

use smallvec::SmallVec;

use super::word::{Word, word};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `12`, `1.5`, `0x7171`.
    Number,
    /// `'text'`, also one whose end is missing.
    Text,
    /// `@name`, `@@version`.
    Variable,
    /// A name or a key word.
    Word(Word),
    /// `=`, `<>`, `<=` and the like.
    Compare,
    /// `+ - / % ^ & | ~` and the like.
    Arithmetic,
    /// `*`.
    Star,
    /// `||`: joins texts in some dialects, is `or` in others.
    Bars,
    /// `and`, `or`, `xor`, `&&`.
    Logic,
    /// `!` and `not`.
    Not,
    Open,
    Close,
    Comma,
    Semicolon,
    /// A comment that goes to the end of the text.
    Comment,
    /// Anything else.
    Other,
    /// Behind the last token.
    End,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// A word with `(` behind it, blanks in between or not.
    pub(super) called: bool,
    /// How many times until here two tokens stood side by side that SQL does not have
    /// side by side: prose has many.
    pub(super) breaks: u16,
}

/// The tokens of a text.
pub(super) type Tokens = SmallVec<[Token; 32]>;

/// How many breaks a statement may have; behind more of them it is prose.
pub(super) const BREAKS_MAX: u16 = 2;

/// Reads `text` from `from` on, until it is no SQL any more; what stands before it is one
/// text that ends there, if there is any.
pub(super) fn tokens(text: &[u8], from: usize) -> Tokens {
    let mut lexer = Lexer {
        text,
        at: from,
        out: Tokens::new(),
        breaks: 0,
    };
    if from > 0 {
        lexer.push(Kind::Text, 0, from);
    }
    while lexer.breaks <= BREAKS_MAX && lexer.step() {}
    lexer.out
}

struct Lexer<'t> {
    text: &'t [u8],
    at: usize,
    out: Tokens,
    breaks: u16,
}

impl Lexer<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize) {
        if let Some(before) = self.out.last_mut() {
            before.called = kind == Kind::Open && matches!(before.kind, Kind::Word(_));
            if !fits(before, kind) {
                self.breaks = self.breaks.saturating_add(1);
            }
        }
        self.out.push(Token {
            kind,
            start,
            end,
            called: false,
            breaks: self.breaks,
        });
        self.at = end;
    }

    /// Reads one token or a blank; false at the end.
    fn step(&mut self) -> bool {
        let start = self.at;
        let Some(byte) = self.byte(start) else {
            return false;
        };
        match byte {
            b'\'' | b'"' => self.quoted(start, byte),
            b'`' => self.name_in_quotes(start, b'`'),
            b'[' => self.name_in_quotes(start, b']'),
            b'0'..=b'9' => self.number(start),
            b'.' if self
                .byte(start + 1)
                .is_some_and(|next| next.is_ascii_digit()) =>
            {
                self.number(start);
            }
            b'@' => self.variable(start),
            b'a'..=b'z' | b'_' | b'$' | 0x80.. => self.word(start),
            b'#' => self.line_comment(start),
            b'-' if self.byte(start + 1) == Some(b'-') => self.line_comment(start),
            b'/' if self.byte(start + 1) == Some(b'*') => self.comment(start),
            b'*' if self.byte(start + 1) == Some(b'/') => self.at = start + 2,
            byte if byte.is_ascii_whitespace() || byte < b' ' => self.at = start + 1,
            _ => self.sign(start, byte),
        }
        true
    }

    fn line_comment(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        match memchr::memchr(b'\n', rest) {
            Some(length) => self.at = start + length,
            None => self.push(Kind::Comment, start, self.text.len()),
        }
    }

    /// A text in quotes: doubled quotes and those behind a backslash are part of it.
    fn quoted(&mut self, start: usize, quote: u8) {
        let mut at = start + 1;
        loop {
            let rest = self.text.get(at..).unwrap_or_default();
            let Some(found) = memchr::memchr2(quote, b'\\', rest) else {
                at = self.text.len();
                break;
            };
            at += found;
            if self.byte(at) == Some(b'\\') || self.byte(at + 1) == Some(quote) {
                at = self.text.len().min(at + 2);
            } else {
                at += 1;
                break;
            }
        }
        self.push(Kind::Text, start, at);
    }

    fn name_in_quotes(&mut self, start: usize, end: u8) {
        let rest = self.text.get(start + 1..).unwrap_or_default();
        let name = rest.iter().take(64);
        match name.take_while(|byte| **byte != end).count() {
            length if self.byte(start + 1 + length) == Some(end) => {
                self.push(Kind::Word(Word::Name), start, start + length + 2);
            }
            _ => self.push(Kind::Other, start, start + 1),
        }
    }

    fn run(&self, from: usize, within: impl Fn(u8) -> bool) -> usize {
        let rest = self.text.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|byte| within(**byte)).count()
    }

    fn number(&mut self, start: usize) {
        let hex = self.byte(start) == Some(b'0') && self.byte(start + 1) == Some(b'x');
        let digits = if hex {
            self.run(start + 2, |byte| byte.is_ascii_hexdigit())
        } else {
            self.run(start, |byte| byte.is_ascii_digit() || byte == b'.')
        };
        let exponent = !hex && self.byte(digits) == Some(b'e');
        let digits = if exponent {
            let sign = usize::from(matches!(self.byte(digits + 1), Some(b'+' | b'-')));
            let power = digits + 1 + sign;
            let end = self.run(power, |byte| byte.is_ascii_digit());
            // `9e0union`: a number may end in an exponent without digits (`1e.union`).
            if end > power { end } else { digits }
        } else {
            digits
        };
        let letters = self.run(digits, is_word);
        let tail = self.text.get(digits..letters).unwrap_or_default();
        let key = !matches!(word(tail), Kind::Word(Word::Name | Word::Stop));
        if tail.is_empty() || key {
            self.push(Kind::Number, start, digits);
        } else {
            self.push(Kind::Word(Word::Name), start, letters);
        }
    }

    fn variable(&mut self, start: usize) {
        let name = self.run(start, |byte| byte == b'@');
        let end = self.run(name, is_word);
        let kind = if end > name {
            Kind::Variable
        } else {
            Kind::Other
        };
        self.push(kind, start, end);
    }

    fn word(&mut self, start: usize) {
        let end = self.run(start, is_word);
        let name = self.text.get(start..end).unwrap_or_default();
        // A dot at the end is a sentence's, or joins `master..sysdatabases`.
        let dots = name.iter().rev().take_while(|byte| **byte == b'.').count();
        let end = (end - dots).max(start + 1);
        let kind = word(self.text.get(start..end).unwrap_or_default());
        self.push(kind, start, end);
    }

    fn comment(&mut self, start: usize) {
        if self.byte(start + 2) == Some(b'!') {
            self.at = self.run(start + 3, |byte| byte.is_ascii_digit());
            return;
        }
        let rest = self.text.get(start + 2..).unwrap_or_default();
        match memchr::memmem::find(rest, b"*/") {
            Some(length) => self.at = start + 2 + length + 2,
            None => self.push(Kind::Comment, start, self.text.len()),
        }
    }

    fn sign(&mut self, start: usize, byte: u8) {
        let next = self.byte(start + 1);
        let (kind, length) = match (byte, next) {
            (b'<', Some(b'=')) if self.byte(start + 2) == Some(b'>') => (Kind::Compare, 3),
            (b'<', Some(b'=' | b'>')) | (b'>' | b'!' | b'=', Some(b'=')) => (Kind::Compare, 2),
            (b'|', Some(b'|')) => (Kind::Bars, 2),
            (b'&', Some(b'&')) => (Kind::Logic, 2),
            (b'=' | b'<' | b'>', _) => (Kind::Compare, 1),
            (b'!', _) => (Kind::Not, 1),
            (b'(', _) => (Kind::Open, 1),
            (b')', _) => (Kind::Close, 1),
            (b',', _) => (Kind::Comma, 1),
            (b';', _) => (Kind::Semicolon, 1),
            (b'*', _) => (Kind::Star, 1),
            (b'+' | b'-' | b'/' | b'%' | b'^' | b'&' | b'|' | b'~', _) => (Kind::Arithmetic, 1),
            _ => (Kind::Other, 1),
        };
        self.push(kind, start, start + length);
    }
}

/// What words are made of; a dot joins the parts of a name.
const fn is_word(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'$' | b'.' | 0x80..)
}

/// Whether `next` may follow a token. Lenient: what any dialect allows somewhere.
const fn fits(before: &Token, next: Kind) -> bool {
    let value = matches!(
        before.kind,
        Kind::Number
            | Kind::Text
            | Kind::Variable
            | Kind::Close
            | Kind::Word(Word::Name | Word::Stop | Word::Literal)
    );
    // Texts side by side are one text.
    let joined = matches!((before.kind, next), (Kind::Text, Kind::Text));
    let follows = matches!(
        next,
        Kind::Number | Kind::Text | Kind::Variable | Kind::Other | Kind::Not
    ) && !joined;
    let name = matches!(next, Kind::Word(Word::Name | Word::Stop | Word::Literal));
    let call = matches!(next, Kind::Open) && matches!(before.kind, Kind::Word(_));
    let alias = matches!(before.kind, Kind::Close | Kind::Text) && name;
    let open = matches!(next, Kind::Open) && !call;
    !(value && (follows || open || (name && !alias)))
}
