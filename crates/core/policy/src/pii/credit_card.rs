//! Payment card numbers.
//!
//! 12 to 19 digits with a right Luhn check digit, not all the same, whose first
//! digits belong to a card scheme. In one run, or in the groups that cards are
//! printed in, joined by one single space or hyphen (the same throughout):
//! 4-4-4, 4-4-4-n with n of 1 to 4, 4-4-4-4-n with n of 1 to 3, 4-6-5 and 4-6-4.
//! Of several layouts from one place the longest that is valid counts; the groups
//! of a finding belong to no other. Not inside a longer run of letters or digits,
//! and not a part of a decimal fraction. Holds back at most 34 bytes.

use super::digits::{self, Next, Read, Separator, digit_at, run_end};
use crate::detector::{Begin, Cursor, Entity, Finding, Matcher, Window};
use crate::digit::is_digit;

const DIGITS_MIN: usize = 12;
const DIGITS_MAX: usize = 19;

/// Lengths of the groups that cards are printed in. The last group of those that
/// begin 4-4-4 may be shorter, see [`layout`].
const GROUPS_MAX: usize = 5;

#[derive(Debug)]
pub(super) struct CreditCard {
    entities: [Entity; 1],
}

impl CreditCard {
    pub(super) fn new() -> Self {
        Self {
            entities: [Entity::new("credit_card")],
        }
    }
}

impl Matcher for CreditCard {
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

/// Reads what begins with the run of digits from `start` to `end`.
fn read(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    if end - start > DIGITS_MAX || digits::inside_word(text, start) {
        return Read::Nothing;
    }
    if end == text.len() && !last {
        return Read::Undecided;
    }
    if end - start >= DIGITS_MIN {
        return in_one_run(text, start, end, last);
    }
    if end - start == 4 {
        in_groups(text, start, end, last)
    } else {
        Read::Nothing
    }
}

fn in_one_run(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    let mut number = Number::default();
    number.extend(text.get(start..end).unwrap_or_default());
    let fraction = matches!(text.get(..start), Some([.., digit, b'.']) if is_digit(*digit));
    if fraction || !number.is_card() {
        return Read::Nothing;
    }
    ends(text, end, last)
}

/// Whether a number may end at `end`: neither a letter nor decimals follow.
fn ends(text: &[u8], end: usize, last: bool) -> Read {
    match text.get(end) {
        None if !last => Read::Undecided,
        Some(b'.') => match digit_at(text, end + 1, last) {
            None => Read::Undecided,
            Some(true) => Read::Nothing,
            Some(false) => Read::Number(end),
        },
        Some(byte) if byte.is_ascii_alphanumeric() => Read::Nothing,
        _ => Read::Number(end),
    }
}

fn in_groups(text: &[u8], start: usize, end: usize, last: bool) -> Read {
    let mut number = Number::default();
    number.extend(text.get(start..end).unwrap_or_default());
    if !number.begins_like_a_card() {
        return Read::Nothing;
    }
    let mut lengths = [4, 0, 0, 0, 0];
    let mut joined: Option<Separator> = None;
    let mut best = Read::Nothing;
    let mut group_end = end;
    for group in 1..GROUPS_MAX {
        let begin = match digits::next(text, group_end, last) {
            Next::Separator(separator, after)
                if separator != Separator::Dot
                    && joined.is_none_or(|joined| joined == separator) =>
            {
                joined = Some(separator);
                after
            }
            Next::Unknown => return Read::Undecided,
            Next::Separator(..) | Next::Other | Next::End => break,
        };
        group_end = run_end(text, begin);
        let length = group_end - begin;
        if length > 6 {
            break;
        }
        if group_end == text.len() && !last {
            return Read::Undecided;
        }
        if length == 0 {
            break;
        }
        number.extend(text.get(begin..group_end).unwrap_or_default());
        if let Some(slot) = lengths.get_mut(group) {
            *slot = length;
        }
        match layout(lengths) {
            Layout::Wrong => break,
            Layout::Open => {}
            Layout::Card | Layout::CardOrOpen if !number.is_card() => {}
            Layout::Card | Layout::CardOrOpen => match ends(text, group_end, last) {
                Read::Nothing => {}
                Read::Undecided => return Read::Undecided,
                Read::Number(until) => best = Read::Number(until),
            },
        }
        if !matches!(layout(lengths), Layout::Open | Layout::CardOrOpen) {
            break;
        }
    }
    best
}

/// What group lengths can be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// A whole number, and nothing longer.
    Card,
    /// A whole number, or the beginning of a longer one.
    CardOrOpen,
    /// The beginning of a number.
    Open,
    /// Neither.
    Wrong,
}

const fn layout(lengths: [usize; GROUPS_MAX]) -> Layout {
    match lengths {
        [4, 4 | 6, 0, 0, 0] => Layout::Open,
        [4, 4, 4, 0, 0] | [4, 4, 4, 4, 0] => Layout::CardOrOpen,
        [4, 4, 4, 1..=3, 0] | [4, 4, 4, 4, 1..=3] | [4, 6, 4 | 5, 0, 0] => Layout::Card,
        _ => Layout::Wrong,
    }
}

/// The digits of a candidate.
#[derive(Default)]
struct Number {
    digits: [u8; DIGITS_MAX],
    length: usize,
}

impl Number {
    fn extend(&mut self, ascii: &[u8]) {
        for digit in ascii {
            if let Some(slot) = self.digits.get_mut(self.length) {
                *slot = digit - b'0';
            }
            self.length += 1;
        }
    }

    /// Whether any scheme's numbers begin with these four digits: most groups of
    /// digits end here.
    fn begins_like_a_card(&self) -> bool {
        let digits = self.digits.get(..4).unwrap_or_default();
        (DIGITS_MIN..=DIGITS_MAX).any(|length| issued(leading(digits), length))
    }

    fn is_card(&self) -> bool {
        let Some(digits) = self.digits.get(..self.length) else {
            return false;
        };
        issued(leading(digits), digits.len())
            && !digits.windows(2).all(|pair| pair.first() == pair.last())
            && luhn(digits)
    }
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
fn luhn(digits: &[u8]) -> bool {
    let sum = digits
        .iter()
        .rev()
        .enumerate()
        .fold(0_u32, |sum, (place, digit)| {
            let value = u32::from(*digit) << (place % 2);
            sum + if value > 9 { value - 9 } else { value }
        });
    sum.is_multiple_of(10)
}

fn leading(digits: &[u8]) -> u32 {
    digits
        .iter()
        .take(4)
        .fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// Whether a card scheme issues numbers of this length with these first four digits.
/// Ranges as the schemes publish them.
const fn issued(leading: u32, length: usize) -> bool {
    matches!(
        (leading, length),
        // Visa
        (4000..=4999, 13 | 16 | 18 | 19)
        // Mastercard
        | (5100..=5599 | 2221..=2720, 16)
        // American Express
        | (3400..=3499 | 3700..=3799, 15)
        // Diners Club
        | (3000..=3059 | 3095 | 3600..=3699 | 3800..=3999, 14..=19)
        // JCB
        | (3528..=3589, 16..=19)
        | (1800 | 2131, 15)
        // Discover, UnionPay, RuPay
        | (6011 | 6440..=6599 | 6200..=6299 | 6000..=6099 | 8100..=8199, 16..=19)
        // Maestro
        | (5000..=5099 | 5600..=5899 | 6000..=6999, 12..=19)
        // Mir, Troy, UATP
        | (2200..=2204 | 9792, 16..=19)
        | (1000..=1999, 15)
    )
}
