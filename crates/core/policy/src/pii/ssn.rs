//! US social security numbers.
//!
//! `ddd-dd-dddd` with the same separator twice (hyphen, space or dot), or nine bare
//! digits after a word that says what they are. Area not 000, 666 or 9xx, group not
//! 00, serial not 0000, none of the numbers that were printed on sample cards.
//! Not inside a longer run of letters or digits, nor of groups joined by `-` or `.`.
//! Holds back at most 16 bytes.

use memchr::memchr2_iter;

use super::digits::{self, Next, Read, Separator, digit_at, run_end};
use crate::detector::{Begin, Cursor, Entity, Finding, Matcher, Window};

/// How far before nine bare digits a word that says what they are may stand.
const CONTEXT_BYTES: usize = 64;

/// Numbers that were printed in advertisements and on sample cards: never issued.
const SAMPLES: [u32; 2] = [78_051_120, 219_099_999];

#[derive(Debug)]
pub(super) struct Ssn {
    entities: [Entity; 1],
}

impl Ssn {
    pub(super) fn new() -> Self {
        Self {
            entities: [Entity::new("ssn")],
        }
    }
}

impl Matcher for Ssn {
    fn entities(&self) -> &[Entity] {
        &self.entities
    }

    fn begin(&self) -> Begin {
        Begin::Digit
    }

    fn scan(&self, window: &Window<'_>, _carry: u64, found: &mut Vec<Finding>) -> Cursor {
        digits::scan(window, read, found)
    }
}

/// Reads the run of digits from `start` to `end`.
fn read(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    if end - start > 9 || digits::inside_word(text, start) || digits::continues_number(text, start)
    {
        return Read::Nothing;
    }
    if end == text.len() && !last {
        return Read::Undecided;
    }
    match end - start {
        3 => grouped(text, start, end, last),
        9 => bare(text, start, end, last),
        _ => Read::Nothing,
    }
}

fn grouped(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    let (separator, second) = match digits::next(text, end, last) {
        Next::Separator(separator, after) => (separator, after),
        Next::Unknown => return Read::Undecided,
        Next::Other | Next::End => return Read::Nothing,
    };
    let second_end = run_end(text, second);
    if second_end - second > 2 {
        return Read::Nothing;
    }
    if second_end == text.len() && !last {
        return Read::Undecided;
    }
    let third = match digits::next(text, second_end, last) {
        Next::Separator(again, after) if again == separator && second_end - second == 2 => after,
        Next::Unknown if second_end - second == 2 => return Read::Undecided,
        _ => return Read::Nothing,
    };
    let third_end = run_end(text, third);
    if third_end - third > 4 {
        return Read::Nothing;
    }
    if third_end == text.len() && !last {
        return Read::Undecided;
    }
    let number = [(start, end), (second, second_end), (third, third_end)]
        .iter()
        .filter_map(|(from, to)| text.get(*from..*to))
        .flatten()
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    if third_end - third != 4 || !issued(number) {
        return Read::Nothing;
    }
    ends(text, third_end, last)
}

fn bare(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    let digits = text.get(start..end).unwrap_or_default();
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    if !issued(number) || !announced(text.get(..start).unwrap_or_default()) {
        return Read::Nothing;
    }
    ends(text, end, last)
}

/// Whether a number may end at `end`: no letter follows, and no further group.
fn ends(text: &[u8], end: usize, last: bool) -> Read {
    if text.get(end).is_some_and(u8::is_ascii_alphanumeric) {
        return Read::Nothing;
    }
    let after = match digits::next(text, end, last) {
        Next::Separator(Separator::Hyphen | Separator::Dot, after) => after,
        Next::Separator(Separator::Space, _) | Next::Other | Next::End => return Read::Number(end),
        Next::Unknown => return Read::Undecided,
    };
    match digit_at(text, after, last) {
        Some(true) => Read::Nothing,
        Some(false) => Read::Number(end),
        None => Read::Undecided,
    }
}

/// Whether the nine digits could have been given to a person.
fn issued(number: u32) -> bool {
    let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0 && !SAMPLES.contains(&number)
}

/// Whether a word before the number says what it is.
fn announced(before: &[u8]) -> bool {
    const WORDS: [&[u8]; 7] = [
        b"ssn",
        b"social sec",
        b"social-sec",
        b"social_sec",
        b"socialsec",
        b"soc sec",
        b"ss#",
    ];
    let near = before
        .get(before.len().saturating_sub(CONTEXT_BYTES)..)
        .unwrap_or_default();
    memchr2_iter(b's', b'S', near).any(|at| {
        let rest = near.get(at..).unwrap_or_default();
        let inside = at
            .checked_sub(1)
            .and_then(|left| near.get(left))
            .is_some_and(u8::is_ascii_alphabetic);
        !inside
            && WORDS.iter().any(|word| {
                rest.get(..word.len())
                    .is_some_and(|text| text.eq_ignore_ascii_case(word))
            })
    })
}
