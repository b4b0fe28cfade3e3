//! From the raw content of a JSON string to text, piece by piece.
//!
//! The content may be JSON text itself (tool arguments), and JSON text may stand in a body
//! as it is, without a string around it (tool inputs); then the strings inside are
//! decoded too, and what stands outside of them is marked. Where raw bytes and text
//! have different lengths a [`Step`] says so; everywhere else they run side by side.

use std::collections::VecDeque;

use memchr::{memchr, memchr2};
use smallvec::SmallVec;

/// A character whose raw form is not as long as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step {
    /// Where its text begins, as an offset of the whole text.
    pub(super) at: usize,
    /// By how many bytes the raw form is ahead of the text behind this character,
    /// counted from the start of the whole text.
    pub(super) ahead: isize,
}

/// Where the decoder puts what it reads.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    /// The text from offset `base` on.
    pub(super) text: Vec<u8>,
    /// The offset of the first byte of `text` in the whole text.
    pub(super) base: usize,
    /// Characters of uneven length, in order.
    pub(super) steps: VecDeque<Step>,
    /// What stands outside of strings, quotes included, in order: for JSON text only.
    pub(super) bare: VecDeque<(usize, usize)>,
    /// By how many bytes the raw form is ahead of the text at its end.
    ahead: isize,
}

impl Decoded {
    pub(super) fn end(&self) -> usize {
        self.base + self.text.len()
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.base = 0;
        self.steps.clear();
        self.bare.clear();
        self.ahead = 0;
    }

    /// The region outside of strings that holds `at`, or the next one behind it.
    pub(super) fn bare_at(&self, at: usize) -> Option<(usize, usize)> {
        self.bare
            .get(self.bare.partition_point(|(_, end)| *end <= at))
            .copied()
    }

    /// By how many bytes the raw form of what stands before `at` is ahead of its text;
    /// `None` when no character before it is of uneven length.
    pub(super) fn ahead_at(&self, at: usize) -> Option<isize> {
        let before = self
            .steps
            .partition_point(|step| step.at < at)
            .checked_sub(1)?;
        Some(self.steps.get(before)?.ahead)
    }

    fn push(&mut self, text: &[u8], raw: usize) {
        if text.len() != raw {
            self.ahead = self
                .ahead
                .saturating_add_unsigned(raw)
                .saturating_sub_unsigned(text.len());
            let step = Step {
                at: self.end(),
                ahead: self.ahead,
            };
            self.steps.push_back(step);
        }
        self.text.extend_from_slice(text);
    }

    fn mark_bare(&mut self, start: usize) {
        let end = self.end();
        match self.bare.back_mut() {
            Some(open) if open.1 == start => open.1 = end,
            _ => self.bare.push_back((start, end)),
        }
    }
}

/// A length of one character: at most 4 bytes of text and 72 raw ones.
fn short(length: usize) -> u8 {
    u8::try_from(length).unwrap_or(u8::MAX)
}

/// A decoder for one text.
#[derive(Debug)]
pub(super) enum Decoder {
    /// The content is the text.
    Plain,
    /// The content is JSON text.
    Json(JsonText),
}

impl Decoder {
    /// Decodes `raw`, the bytes since the last whole character. Returns how many of
    /// them were taken; the rest is a character that is cut.
    pub(super) fn decode(&mut self, raw: &[u8], last: bool, out: &mut Decoded) -> usize {
        match self {
            Self::Plain => plain(raw, last, out),
            Self::Json(json) => json.decode(raw, last, out),
        }
    }

    /// Raw bytes that were taken but have no text yet: an inner escape that is cut.
    pub(super) fn open_raw(&self) -> usize {
        match self {
            Self::Plain => 0,
            Self::Json(json) => json.open_raw(),
        }
    }

    /// True when the text ends inside a string of JSON text.
    pub(super) const fn ends_inside(&self) -> bool {
        matches!(self, Self::Json(json) if json.in_string)
    }

    /// True when the end of the text stands outside of strings.
    pub(super) const fn ends_bare(&self) -> bool {
        matches!(self, Self::Json(json) if !json.in_string)
    }
}

fn plain(raw: &[u8], last: bool, out: &mut Decoded) -> usize {
    let mut rest = raw;
    while let Some(run) = memchr(b'\\', rest) {
        let (before, escaped) = rest.split_at(run);
        out.text.extend_from_slice(before);
        let Some(character) = escape(escaped, last) else {
            return raw.len() - escaped.len();
        };
        out.push(character.text(), character.raw);
        rest = escaped.get(character.raw..).unwrap_or_default();
    }
    out.text.extend_from_slice(rest);
    raw.len()
}

/// One decoded escape.
struct Character {
    utf8: [u8; 4],
    length: usize,
    raw: usize,
}

impl Character {
    fn new(c: char, raw: usize) -> Self {
        let mut utf8 = [0; 4];
        let length = c.encode_utf8(&mut utf8).len();
        Self { utf8, length, raw }
    }

    fn text(&self) -> &[u8] {
        self.utf8.get(..self.length).unwrap_or_default()
    }
}

/// Raw bytes of one `\uXXXX`.
const UNIT_BYTES: usize = 6;

/// Decodes the escape that `raw` begins with; `None` when it is cut and more may
/// come. What is no escape stands for itself; a lone surrogate for U+FFFD.
fn escape(raw: &[u8], last: bool) -> Option<Character> {
    let plain = match raw.get(1) {
        None if last => return Some(Character::new('\\', 1)),
        None => return None,
        Some(b'u') => return unicode(raw, last),
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(_) => return Some(Character::new('\\', 1)),
    };
    Some(Character::new(plain, 2))
}

fn unicode(raw: &[u8], last: bool) -> Option<Character> {
    let first = match unit(raw) {
        Unit::Is(value) => value,
        Unit::Cut if last => return Some(Character::new('\\', 1)),
        Unit::Cut => return None,
        Unit::No => return Some(Character::new('\\', 1)),
    };
    if let Some(c) = char::from_u32(first) {
        return Some(Character::new(c, UNIT_BYTES));
    }
    let lone = Some(Character::new(char::REPLACEMENT_CHARACTER, UNIT_BYTES));
    if first >= 0xdc00 {
        return lone;
    }
    match unit(raw.get(UNIT_BYTES..).unwrap_or_default()) {
        Unit::Is(second @ 0xdc00..=0xdfff) => {
            let scalar = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            char::from_u32(scalar).map(|c| Character::new(c, 2 * UNIT_BYTES))
        }
        Unit::Cut if !last => None,
        Unit::Is(_) | Unit::Cut | Unit::No => lone,
    }
}

/// What a place has in the way of a `\uXXXX`.
enum Unit {
    Is(u32),
    /// So far it is one; the text ends.
    Cut,
    No,
}

fn unit(raw: &[u8]) -> Unit {
    let mut value = 0;
    for place in 0..UNIT_BYTES {
        let Some(&byte) = raw.get(place) else {
            return Unit::Cut;
        };
        match (place, byte) {
            (0, b'\\') | (1, b'u') => {}
            (0 | 1, _) => return Unit::No,
            _ => match char::from(byte).to_digit(16) {
                Some(digit) => value = value * 16 + digit,
                None => return Unit::No,
            },
        }
    }
    Unit::Is(value)
}

/// Reads JSON text whose strings are decoded too.
#[derive(Debug)]
pub(super) struct JsonText {
    /// It is the content of a string: what gives it its structure is escaped as well.
    is_nested: bool,
    in_string: bool,
    /// An inner escape that is not complete: its bytes, and the raw bytes of each.
    open: SmallVec<[(u8, u8); 16]>,
}

impl JsonText {
    /// JSON text inside a string, or as it stands.
    pub(super) fn new(is_nested: bool) -> Self {
        Self {
            is_nested,
            in_string: false,
            open: SmallVec::new(),
        }
    }

    /// Whether it is the content of a string.
    pub(super) const fn is_nested(&self) -> bool {
        self.is_nested
    }

    /// Raw bytes that were taken but have no text yet.
    fn open_raw(&self) -> usize {
        self.open.iter().map(|(_, raw)| usize::from(*raw)).sum()
    }

    fn decode(&mut self, raw: &[u8], last: bool, out: &mut Decoded) -> usize {
        let mut at = 0;
        while let Some(&byte) = raw.get(at) {
            let run = self.run(raw.get(at..).unwrap_or_default());
            if !run.is_empty() {
                let start = out.end();
                out.text.extend_from_slice(run);
                if !self.in_string {
                    out.mark_bare(start);
                }
                at += run.len();
            } else if byte == b'\\' && self.is_nested {
                let Some(character) = escape(raw.get(at..).unwrap_or_default(), last) else {
                    break;
                };
                self.take(character.text(), character.raw, out);
                at += character.raw;
            } else {
                self.take(&[byte], 1, out);
                at += 1;
            }
        }
        while last && !self.open.is_empty() {
            self.read_open(true, out);
        }
        at
    }

    /// What `raw` begins with that stands for itself: no quote, no escape.
    fn run<'r>(&self, raw: &'r [u8]) -> &'r [u8] {
        if !self.open.is_empty() {
            return &[];
        }
        let end = memchr2(b'\\', b'"', raw).unwrap_or(raw.len());
        raw.get(..end).unwrap_or_default()
    }

    /// Takes one character of the JSON text, or one byte of it.
    fn take(&mut self, text: &[u8], raw: usize, out: &mut Decoded) {
        if !self.open.is_empty() || (self.in_string && text == b"\\") {
            let lengths = std::iter::once(short(raw)).chain(std::iter::repeat(0));
            self.open.extend(text.iter().copied().zip(lengths));
            self.read_open(false, out);
            return;
        }
        let start = out.end();
        out.push(text, raw);
        let quote = text == b"\"";
        if quote || !self.in_string {
            out.mark_bare(start);
        }
        self.in_string ^= quote;
    }

    /// Decodes the inner escape if it is complete; what turns out not to belong to
    /// it is taken again.
    fn read_open(&mut self, last: bool, out: &mut Decoded) {
        let bytes: SmallVec<[u8; 16]> = self.open.iter().map(|(byte, _)| *byte).collect();
        let Some(character) = escape(&bytes, last) else {
            return;
        };
        let taken = std::mem::take(&mut self.open);
        let (own, rest) = taken.split_at(character.raw.min(taken.len()));
        out.push(
            character.text(),
            own.iter().map(|(_, raw)| usize::from(*raw)).sum(),
        );
        for (byte, raw) in rest {
            self.take(&[*byte], usize::from(*raw), out);
        }
    }
}
