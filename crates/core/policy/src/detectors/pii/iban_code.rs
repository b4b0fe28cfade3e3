//! International bank account numbers (ISO 13616).
//!
//! A country that issues them, as many letters and digits as it gives them, and a
//! remainder of 1 by 97. In one run, or in groups joined by single spaces or hyphens,
//! wherever they stand; capitals or small letters.
//! Holds back at most 34 letters and digits and as many joints.

use super::checks::mod97_turned;
use super::reading::{Lengths, Reading, Spot};
use super::shape::{Undecided, joint};
use crate::digit::is_digit;

const CHARS_MAX: usize = 34;

/// Country and check digits, and what is joined to them.
pub(super) const LENGTHS: Lengths = Lengths::between(4, CHARS_MAX);

/// How many letters and digits the numbers of a country have (SWIFT's registry).
const COUNTRIES: [(&str, &[u8]); 19] = [
    ("NO", &[15]),
    ("BE", &[16]),
    ("DK FI FO GL NL SD FK", &[18]),
    ("MK SI", &[19]),
    ("AT BA EE KZ LT LU XK MN", &[20]),
    ("CH CR HR LI LV", &[21]),
    ("BG BH DE GB GE IE ME RS VA", &[22]),
    ("AE GI IL IQ OM SO TL", &[23]),
    ("AD CZ ES MD PK RO SA SE SK TN VG", &[24]),
    ("AO CV GW LY MZ PT ST", &[25]),
    ("IR IS TR", &[26]),
    ("BI CF CG CM DJ FR GA GR IT KM MC MG MR SM TD", &[27]),
    (
        "AL AZ BF BJ BY CI CY DO GT HN HU LB MA ML NE NI PL SN SV TG",
        &[28],
    ),
    ("BR EG PS QA UA", &[29]),
    ("JO KW MU YE", &[30]),
    ("MT SC", &[31]),
    ("LC", &[32]),
    ("RU", &[33]),
    ("DZ", &[24, 26]),
];

pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let [first, second, digit, other, ..] = spot.word() else {
        return Ok(None);
    };
    if !first.is_ascii_alphabetic() || !second.is_ascii_alphabetic() {
        return Ok(None);
    }
    if !is_digit(*digit) || !is_digit(*other) {
        return Ok(None);
    }
    for length in lengths(*first, *second) {
        if let Some(end) = end(spot, usize::from(*length))? {
            return Ok(Some(Reading {
                start: spot.word,
                end,
                score: 100,
                checked: true,
            }));
        }
    }
    Ok(None)
}

/// By the letters of a country: which of [`COUNTRIES`] has it, counted from 1; 0 for none.
static ROWS: [[u8; 32]; 32] = rows();

const fn rows() -> [[u8; 32]; 32] {
    let mut rows = [[0; 32]; 32];
    let mut rest: &[(&str, &[u8])] = &COUNTRIES;
    let mut row = 1;
    while let [(countries, _), others @ ..] = rest {
        let mut letters = countries.as_bytes();
        while let [first, second, behind @ ..] = letters {
            rows[(*first & 31) as usize][(*second & 31) as usize] = row;
            letters = match behind {
                [b' ', next @ ..] => next,
                _ => &[],
            };
        }
        row += 1;
        rest = others;
    }
    rows
}

/// The lengths of the numbers of a country, by its letters.
fn lengths(first: u8, second: u8) -> &'static [u8] {
    let row = ROWS[usize::from(first & 31)][usize::from(second & 31)];
    let known = usize::from(row)
        .checked_sub(1)
        .and_then(|row| COUNTRIES.get(row));
    known.map_or(&[], |(_, lengths)| lengths)
}

/// Where the number ends that begins with the word and has so many letters and digits.
fn end(spot: &Spot<'_>, length: usize) -> Result<Option<usize>, Undecided> {
    let mut chars = [0; CHARS_MAX];
    let mut count = 0;
    let mut at = spot.word;
    while let Some(slot) = chars.get_mut(count).filter(|_| count < length) {
        match spot.text.get(at) {
            Some(byte) if byte.is_ascii_alphanumeric() => {
                *slot = byte.to_ascii_uppercase();
                count += 1;
                at += 1;
            }
            None if spot.last => return Ok(None),
            None => return Err(Undecided),
            Some(_) => match joint(spot.text, at, spot.last)? {
                Some((_, after)) => match spot.text.get(after) {
                    Some(byte) if byte.is_ascii_alphanumeric() => at = after,
                    None if !spot.last => return Err(Undecided),
                    _ => return Ok(None),
                },
                None => return Ok(None),
            },
        }
    }
    match spot.text.get(at) {
        Some(byte) if byte.is_ascii_alphanumeric() => return Ok(None),
        None if !spot.last => return Err(Undecided),
        _ => {}
    }
    let number = chars.get(..count).unwrap_or_default();
    Ok(mod97_turned(number).then_some(at))
}
