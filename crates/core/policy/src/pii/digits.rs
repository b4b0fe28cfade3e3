//! Reading numbers that people write in groups.

use crate::detector::{Cursor, Extent, Finding, Score, Window};
use crate::digit::{is_digit, next_digit};

/// What stands at a run of digits.
pub(super) enum Read {
    /// A number that ends before this offset.
    Number(usize),
    /// None that begins here.
    Nothing,
    /// Not to be told yet.
    Undecided,
}

/// Looks for the numbers of one entity: `read` is given the text, begin and end of each
/// run of digits that belongs to none so far, and whether the text ends for good.
pub(super) fn scan(
    window: &Window<'_>,
    read: impl Fn(&[u8], usize, usize, bool) -> Read,
    found: &mut Vec<Finding>,
) -> Cursor {
    let Window { text, from, last } = *window;
    let mut at = from;
    while let Some(start) = next_digit(text, at) {
        let end = run_end(text, start);
        match read(text, start, end, last) {
            Read::Number(until) => {
                found.push(Finding {
                    start,
                    end: until,
                    entity: 0,
                    score: Score::CERTAIN,
                    extent: Extent::Whole,
                });
                at = until;
            }
            Read::Nothing => at = end,
            Read::Undecided => {
                return Cursor {
                    at: start,
                    carry: 0,
                };
            }
        }
    }
    Cursor {
        at: text.len(),
        carry: 0,
    }
}

/// One past the run of digits that begins at `at`.
pub(super) fn run_end(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| !is_digit(*byte))
        .unwrap_or(rest.len())
}

/// What stands between two groups of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Separator {
    Hyphen,
    Space,
    Dot,
}

/// What stands at a place of the text, read forwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A separator that ends before this offset.
    Separator(Separator, usize),
    /// Something else.
    Other,
    /// The text ends before it can be told.
    Unknown,
    /// The text ends here for good.
    End,
}

/// Reads what stands at `at`.
pub(super) fn next(text: &[u8], at: usize, last: bool) -> Next {
    let rest = text.get(at..).unwrap_or_default();
    match rest {
        [] if last => Next::End,
        [] => Next::Unknown,
        [b'-', ..] => Next::Separator(Separator::Hyphen, at + 1),
        [b' ', ..] => Next::Separator(Separator::Space, at + 1),
        [b'.', ..] => Next::Separator(Separator::Dot, at + 1),
        // U+00A0
        [0xc2, 0xa0, ..] => Next::Separator(Separator::Space, at + 2),
        // U+2010 to U+2015, U+2212
        [0xe2, 0x80, 0x90..=0x95, ..] | [0xe2, 0x88, 0x92, ..] => {
            Next::Separator(Separator::Hyphen, at + 3)
        }
        // U+2007, U+2009, U+202F
        [0xe2, 0x80, 0x87 | 0x89 | 0xaf, ..] => Next::Separator(Separator::Space, at + 3),
        [0xc2] | [0xe2] | [0xe2, 0x80 | 0x88] if !last => Next::Unknown,
        _ => Next::Other,
    }
}

/// Whether a digit stands at `at`; `None` when the text ends before it can be told.
pub(super) fn digit_at(text: &[u8], at: usize, last: bool) -> Option<bool> {
    match text.get(at) {
        Some(byte) => Some(is_digit(*byte)),
        None if last => Some(false),
        None => None,
    }
}

/// True when the byte before `at` is an ASCII letter or digit: a number cannot begin here.
pub(super) fn inside_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.get(before))
        .is_some_and(u8::is_ascii_alphanumeric)
}

/// True when a digit and a separator out of `-` and `.` stand before `at`: a number
/// that begins here would be the tail of a longer one.
pub(super) fn continues_number(text: &[u8], at: usize) -> bool {
    let Some([.., digit, separator]) = text.get(..at) else {
        return false;
    };
    matches!(separator, b'-' | b'.') && is_digit(*digit)
}
