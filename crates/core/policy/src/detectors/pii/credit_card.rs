//! Payment card numbers.
//!
//! 12 to 19 digits with a right Luhn check digit, not all the same; in one run, or in
//! groups joined by hyphens, spaces, dots or slashes, the same throughout. Certain
//! when a scheme issues such numbers and they are grouped as on cards: 4-4-4,
//! 4-4-4-n, 4-4-4-4-n, 4-4-5, 4-6-5, 4-6-4, 4-3-3-3, 6-13. Otherwise a word before them must
//! say so. Not a part of a decimal fraction.

use super::checks::{is_uniform, luhn};
use super::reading::{Lengths, Reading, Spot};
use super::shape::{Group, Joint, Undecided};
use crate::digit::is_digit;

const DIGITS_MIN: usize = 12;
const DIGITS_MAX: usize = 19;

/// One run, or a first group of those that are printed; as many more of four digits
/// each as may follow it.
pub(super) const LENGTHS: Lengths = Lengths::between(4, 4)
    .and(Lengths::between(6, 6))
    .and(Lengths::between(8, 8))
    .and(Lengths::between(DIGITS_MIN, DIGITS_MAX));

/// How sure a number is whose check digit is all that speaks for it.
const UNUSUAL: u8 = 40;

pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let fraction =
        matches!(spot.text.get(..spot.word), Some([.., digit, b'.']) if is_digit(*digit));
    let digits = spot.shape.digits.trailing_ones() as usize;
    if fraction || digits < DIGITS_MIN {
        return Ok(None);
    }
    let mut best: Option<Reading> = None;
    for (place, group) in spot.shape.groups().iter().enumerate() {
        let joined = spot.shape.groups().get(..place).unwrap_or_default();
        let same = joined
            .iter()
            .all(|before| before.joint == joined.first().and_then(|first| first.joint));
        if group.chars > digits.min(DIGITS_MAX) || !same {
            break;
        }
        let number = spot.shape.chars(group.chars);
        let sure = group.chars >= DIGITS_MIN && is_issued(number) && is_layout(joined, group);
        let alike = joined.iter().all(|before| before.chars % 4 == 0);
        if group.chars < DIGITS_MIN || !(sure || alike) || !luhn(number) || is_uniform(number) {
            continue;
        }
        let ends = group.free || sure && matches!(group.joint, Some(Joint::Hyphen | Joint::Slash));
        let score = if sure { 100 } else { UNUSUAL };
        if ends && best.is_none_or(|best| best.score <= score) {
            best = Some(Reading {
                start: spot.word,
                end: group.end,
                score,
                checked: true,
            });
        }
    }
    Ok(best)
}

/// Whether the groups are those that cards are printed in.
fn is_layout(joined: &[Group], last: &Group) -> bool {
    let mut lengths = [0; 5];
    let mut before = 0;
    for (slot, group) in lengths.iter_mut().zip(joined.iter().chain([last])) {
        *slot = group.chars - before;
        before = group.chars;
    }
    joined.len() < 5
        && matches!(
            lengths,
            [12..=19, 0, 0, 0, 0]
                | [4, 4, 4, 0..=4, 0]
                | [4, 4, 4, 4, 1..=3]
                | [4, 6, 4 | 5, 0, 0]
                | [4, 3, 3, 3, 0]
                | [6, 13, 0, 0, 0]
                | [4, 4, 5, 0, 0]
        )
}

/// Whether a card scheme issues such numbers, by their length and first four digits.
/// Ranges as the schemes publish them.
fn is_issued(number: &[u8]) -> bool {
    let leading = number
        .iter()
        .take(4)
        .fold(0, |leading, digit| leading * 10 + u32::from(digit - b'0'));
    matches!(
        (leading, number.len()),
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
        // Discover, UnionPay, RuPay, Maestro
        | (5000..=5099 | 6000..=6999 | 8100..=8199, 16..=19)
        | (5018 | 5020 | 5038 | 5600..=5899 | 6304 | 6390 | 6759 | 6761..=6763, 12..=19)
        // Mir, Troy
        | (2200..=2204 | 9792, 16..=19)
    )
}
