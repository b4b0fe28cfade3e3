//! What groups of digits say about being a phone number.
//!
//! Scores are in hundredths; 0 is none. What has 50 stands by itself, what has less
//! needs a word before it.

use super::Part;
use crate::detectors::pii::shape::Joint;

/// The digits of a number, as they are grouped.
#[derive(Debug)]
pub(super) struct Number<'n> {
    pub(super) plus: bool,
    pub(super) digits: &'n [u8],
    pub(super) parts: &'n [Part],
}

impl Number<'_> {
    /// How sure it is by itself.
    pub(super) fn score(&self) -> u8 {
        let total = self.digits.len();
        if self.plus {
            return if is_international(&self.without_trunk()) {
                80
            } else {
                0
            };
        }
        if total < 6 || self.is_something_else() {
            return 0;
        }
        if let Some(score) = self.prefixed() {
            return score;
        }
        let (digits, parts) = match (self.parts, self.digits) {
            ([first, rest @ ..], [b'1', digits @ ..]) if first.digits == 1 && !rest.is_empty() => {
                (digits, rest)
            }
            ([_], [b'1', digits @ ..]) if total == 11 => (digits, self.parts),
            _ => (self.digits, self.parts),
        };
        match north_american(digits, parts) {
            Some(score) => score,
            None => self.national(),
        }
    }

    /// The digits without a zero in parentheses: `+44 (0)20`.
    fn without_trunk(&self) -> Vec<u8> {
        let mut from = 0;
        let mut digits = Vec::with_capacity(self.digits.len());
        for part in self.parts {
            let group = self.digits.get(from..part.until).unwrap_or_default();
            if !(part.enclosed && group == b"0") {
                digits.extend_from_slice(group);
            }
            from = part.until;
        }
        digits
    }

    /// With `00` or `011` before a calling code.
    fn prefixed(&self) -> Option<u8> {
        let rest = match self.digits {
            [b'0', b'0', rest @ ..] => rest,
            [b'0', b'1', b'1', rest @ ..] if self.parts.first()?.digits == 3 => rest,
            _ => return None,
        };
        is_international(rest).then_some(if self.parts.len() > 1 { 70 } else { 45 })
    }

    /// Whether the digits look like a date, an address, a version, an ISBN.
    fn is_something_else(&self) -> bool {
        let mut lengths = [0; 4];
        for (slot, part) in lengths.iter_mut().zip(self.parts) {
            *slot = part.digits;
        }
        let joined = self.parts.first().and_then(|part| part.joint);
        let enclosed = self.parts.iter().any(|part| part.enclosed);
        let date = matches!(lengths, [4, 2, 2, 0] | [2, 2, 4, 0] | [2, 2, 2, 0])
            && joined != Some(Joint::Space);
        let dotted = self.parts.len() == 4
            && self.parts.iter().all(|part| part.digits <= 3)
            && joined == Some(Joint::Dot);
        let isbn = self.digits.len() == 13 && matches!(self.digits, [b'9', b'7', b'8' | b'9', ..]);
        let short = self.parts.iter().skip(2).any(|part| part.digits == 1)
            || self.parts.len() == 2 && self.parts.iter().any(|part| part.digits == 1)
            || self.parts.last().is_some_and(|part| part.digits == 1);
        let thousands = joined == Some(Joint::Dot)
            && self.parts.iter().skip(1).all(|part| part.digits == 3)
            && self.parts.first().is_some_and(|part| part.digits < 3);
        !enclosed && (date || dotted || isbn || short || thousands)
    }

    /// National numbers of other plans.
    fn national(&self) -> u8 {
        let total = self.digits.len();
        let groups = self.parts.len();
        let lengths = |wanted: &[usize]| {
            self.parts
                .iter()
                .map(|part| part.digits)
                .eq(wanted.iter().copied())
        };
        let enclosed = self.parts.first().is_some_and(|part| part.enclosed);
        let trunk = matches!(self.digits, [b'0', b'1'..=b'9', ..]);
        let dot = self
            .parts
            .first()
            .is_some_and(|part| part.joint == Some(Joint::Dot));
        match (trunk, groups, total) {
            (true, 5, 10) if lengths(&[2, 2, 2, 2, 2]) => 75,
            (_, 2, 9) if lengths(&[5, 4]) && !enclosed => 15,
            (_, 2, _) if dot => 15,
            (true, 2.., 9..=12) => 55 + 10 * u8::from(enclosed),
            (true, 1, 10 | 11) => 30,
            (true, 2.., 7 | 8) => 25,
            (false, _, 8..=12) if enclosed => 55,
            (false, _, 6 | 7) if enclosed => 30,
            (false, 2.., 7..=12) => 30,
            (_, 2.., 6) => 20,
            (_, 1, 7..=12) => 20,
            _ => 0,
        }
    }
}

/// Three, three and four digits; in one run only where they may be dialled.
fn north_american(digits: &[u8], parts: &[Part]) -> Option<u8> {
    let [area, _, _, exchange, ..] = digits else {
        return None;
    };
    let dialled = *area > b'1' && *exchange > b'1';
    let joints = || parts.iter().filter_map(|part| part.joint);
    let enclosed = parts.first().is_some_and(|part| part.enclosed);
    match parts
        .iter()
        .map(|part| part.digits)
        .collect::<smallvec::SmallVec<[usize; 8]>>()
        .as_slice()
    {
        [3, 3, 4] if enclosed => Some(if dialled { 80 } else { 65 }),
        [3, 3, 4] if joints().all(|joint| matches!(joint, Joint::Hyphen | Joint::Dot)) => {
            Some(if dialled { 75 } else { 60 })
        }
        [3, 3, 4] if *area != b'0' => Some(if dialled { 60 } else { 40 }),
        [3, 7] if enclosed && dialled => Some(60),
        [10 | 11] if dialled => Some(30),
        [3, 4] if *area > b'1' => Some(30),
        _ => None,
    }
}

/// Whether the digits are a calling code and as many as its numbers have.
fn is_international(digits: &[u8]) -> bool {
    let [first, second, third, ..] = digits else {
        return false;
    };
    let value = |digit: &u8| u16::from(digit.wrapping_sub(b'0'));
    let one = value(first);
    let two = one * 10 + value(second);
    let three = two * 10 + value(third);
    let (code, least, most) = match (one, two, three) {
        (1 | 7, ..) => (1, 10, 10),
        (_, 20, _) => (2, 8, 10),
        (_, 27 | 31 | 33 | 34 | 40 | 41 | 48 | 56 | 61 | 93 | 94, _) => (2, 9, 9),
        (_, 30 | 52 | 58 | 90 | 91 | 98, _) => (2, 10, 10),
        (_, 32 | 36 | 51 | 66, _) => (2, 8, 9),
        (_, 39, _) => (2, 6, 11),
        (_, 43 | 49, _) => (2, 6, 13),
        (_, 44 | 81 | 84 | 92, _) => (2, 9, 10),
        (_, 45 | 47 | 65, _) => (2, 8, 8),
        (_, 46, _) => (2, 7, 10),
        (_, 54 | 55 | 86, _) => (2, 10, 11),
        (_, 57 | 62 | 63 | 64 | 82, _) => (2, 8, 12),
        (_, 53 | 60 | 95, _) => (2, 6, 10),
        (.., 351 | 375 | 380 | 420 | 421 | 992 | 994..=996 | 998) => (3, 9, 9),
        (.., 354 | 423) => (3, 7, 7),
        (
            ..,
            350 | 356 | 357 | 370 | 371 | 373 | 374 | 382 | 383 | 386 | 387 | 389 | 852 | 853 | 993,
        ) => (3, 8, 8),
        (.., 353 | 355 | 359 | 372 | 377 | 381 | 385 | 855 | 886) => (3, 7, 9),
        (.., 352 | 358 | 376 | 378) => (3, 6, 11),
        (.., 856 | 880) => (3, 8, 10),
        (.., 960..=968 | 970..=977) => (3, 7, 10),
        (.., 211..=299 | 500..=599 | 670..=692 | 800 | 808) => (3, 6, 10),
        _ => return false,
    };
    (least..=most).contains(&(digits.len() - code))
}
