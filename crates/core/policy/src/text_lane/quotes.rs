//! In how many quotes a place of a text stands, one within the other.
//!
//! A text may hold JSON whose strings hold JSON again: a payload among the arguments of a
//! tool, an answer that is JSON itself. An original that comes back there is escaped as
//! often as the place asks for, so that it stays within its string.
//! Prose has quotes too, and nothing says which of the two a text is. So a line end that
//! no string may hold ends all quotes: an odd one misleads to the end of its line at most.

/// The most quotes within each other that are told apart.
const DEPTH_MAX: usize = 3;

/// What is known of a text up to some place.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    /// The text, then what stands in its quotes, and so on.
    levels: [Level; DEPTH_MAX + 1],
}

/// Where a place stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Quoted {
    /// In how many quotes.
    pub(crate) depth: usize,
    /// Whether it stands, so deep, in what looks like an object of JSON, outside of its
    /// strings.
    pub(crate) is_bare: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Level {
    in_quotes: bool,
    /// Objects that are open.
    braces: u32,
    /// Whether they have had a string.
    has_string: bool,
    escape: Escape,
}

#[derive(Clone, Copy, Debug, Default)]
enum Escape {
    #[default]
    None,
    Begun,
    /// An escape by its number, of which so many digits are missing.
    Unit {
        digits: u8,
        value: u32,
    },
}

/// What a byte does.
enum Step {
    /// It opens quotes.
    Opens,
    /// It says this byte in quotes.
    Says(u8),
    /// Nothing within.
    Nothing,
}

impl Quotes {
    /// Begins another text.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Reads on.
    pub(super) fn read(&mut self, text: &[u8]) {
        for byte in text {
            self.take(*byte);
        }
    }

    fn take(&mut self, byte: u8) {
        let mut byte = byte;
        let mut levels = self.levels.iter_mut();
        while let Some(level) = levels.next() {
            match level.take(byte) {
                Step::Says(within) => byte = within,
                Step::Opens => {
                    levels.for_each(|deeper| *deeper = Level::default());
                    return;
                }
                Step::Nothing => return,
            }
        }
    }

    /// Where the next byte stands; `None` when that is too deep to be told.
    pub(super) fn place(&self) -> Option<Quoted> {
        let depth = self.levels.iter().position(|level| !level.in_quotes)?;
        let level = self.levels.get(depth)?;
        Some(Quoted {
            depth,
            is_bare: level.braces > 0 && level.has_string,
        })
    }
}

impl Level {
    fn take(&mut self, byte: u8) -> Step {
        match (self.escape, byte) {
            (_, b'\n') => {
                self.in_quotes = false;
                self.escape = Escape::None;
                Step::Nothing
            }
            (Escape::None, b'"') => {
                self.in_quotes ^= true;
                self.has_string |= self.braces > 0;
                if self.in_quotes {
                    Step::Opens
                } else {
                    Step::Nothing
                }
            }
            (Escape::None, _) if !self.in_quotes => {
                match byte {
                    b'{' => self.braces = self.braces.saturating_add(1),
                    b'}' => self.braces = self.braces.saturating_sub(1),
                    _ => {}
                }
                self.has_string &= self.braces > 0;
                Step::Nothing
            }
            (Escape::None, b'\\') => {
                self.escape = Escape::Begun;
                Step::Nothing
            }
            (Escape::None, _) => Step::Says(byte),
            (Escape::Begun, _) => self.escaped(byte),
            (Escape::Unit { digits, value }, _) => self.digit(digits, value, byte),
        }
    }

    fn escaped(&mut self, byte: u8) -> Step {
        self.escape = Escape::None;
        match byte {
            b'u' => {
                let (digits, value) = (4, 0);
                self.escape = Escape::Unit { digits, value };
                Step::Nothing
            }
            b'n' => Step::Says(b'\n'),
            b'b' | b'f' | b'r' | b't' => Step::Says(b' '),
            _ => Step::Says(byte),
        }
    }

    fn digit(&mut self, digits: u8, value: u32, byte: u8) -> Step {
        self.escape = Escape::None;
        let Some(digit) = char::from(byte).to_digit(16) else {
            return self.take(byte);
        };
        let value = value << 4 | digit;
        if digits > 1 {
            let digits = digits - 1;
            self.escape = Escape::Unit { digits, value };
            return Step::Nothing;
        }
        Step::Says(u8::try_from(value).unwrap_or(b' '))
    }
}

#[cfg(test)]
mod tests {
    use super::{Quoted, Quotes};

    /// Where the end of the text stands.
    fn end(text: &str) -> Option<(usize, bool)> {
        let mut quotes = Quotes::default();
        quotes.read(text.as_bytes());
        quotes
            .place()
            .map(|Quoted { depth, is_bare }| (depth, is_bare))
    }

    #[test]
    fn quotes_are_counted_however_they_are_written() {
        assert_eq!(end("plain"), Some((0, false)));
        assert_eq!(end(r#"{"a": "#), Some((0, true)));
        assert_eq!(end(r#"{"a": ""#), Some((1, false)));
        assert_eq!(end(r#"{"a": "\""#), Some((2, false)));
        assert_eq!(end(r#"{"a": "{\"b\": "#), Some((1, true)));
        assert_eq!(end(r#"{"a": "{\"b\": \""#), Some((2, false)));
        assert_eq!(end(r#"{"a": "{\u0022b\u0022: \u0022"#), Some((2, false)));
        assert_eq!(end(r#"{"a": "b\\""#), Some((0, true)));
        let three = r#"{"a": "{\"b\": \"{\\\"c\\\": \\\""#;
        assert_eq!(end(three), Some((3, false)));
        assert_eq!(end(&format!(r#"{three}\\\\\\\""#)), None);
    }

    #[test]
    fn objects_end() {
        assert_eq!(end(r#"{"a": 1} so "#), Some((0, false)));
        assert_eq!(end(r#"{"a": {"b": 1}, "c": "#), Some((0, true)));
        assert_eq!(end(r#"fn f() { g("h"); } so "#), Some((0, false)));
    }

    #[test]
    fn quotes_end_with_their_line() {
        assert_eq!(end("a 5\" pipe\n{\"a\": \""), Some((1, false)));
        assert_eq!(end("{\n  \"a\": 1,\n  \"b\": "), Some((0, true)));
        assert_eq!(end(r#"{"a": "5\" pipe\n{\"b\": \""#), Some((2, false)));
    }
}
