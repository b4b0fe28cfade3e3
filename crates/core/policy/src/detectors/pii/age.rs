//! Ages in years: a number up to 120 that words around it make one.
//!
//! `34 years old`, `34-year-old`, `34 yo`, `34 y/o`, or a word before the number. Only
//! the number is the finding.

use super::reading::{Lengths, Reader, Reading, Spot};
use super::shape::Undecided;

/// The oldest age.
const YEARS_MAX: u32 = 120;

/// `5` to `120yo`.
pub(super) const LENGTHS: Lengths = Lengths::between(1, 5);

/// What follows an age, capitals and small letters being alike.
const AFTER: [&[u8]; 16] = [
    b"years old",
    b"year old",
    b"years-old",
    b"year-old",
    b"years of age",
    b"yrs old",
    b"yr old",
    b"yo",
    b"y/o",
    b"y.o.",
    b"yr-old",
    b"jahre alt",
    b"ans",
    b"anni",
    b"jaar oud",
    b"a\xc3\xb1os",
];

pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    if matches!(
        spot.before(spot.word),
        b'.' | b',' | b'-' | b'/' | b':' | b'$'
    ) {
        return Ok(None);
    }
    let mut reader = spot.reader();
    let Some((years, length)) = reader.number()? else {
        return Ok(None);
    };
    if years > YEARS_MAX || length > 3 || years == 0 {
        return Ok(None);
    }
    let end = reader.at;
    let reading = |score| {
        Some(Reading {
            start: spot.word,
            end,
            score,
            checked: false,
        })
    };
    if reader
        .peek()?
        .is_some_and(|byte| byte == b' ' || byte == b'-' || byte.is_ascii_alphabetic())
    {
        reader.take(b" -")?;
        for words in AFTER {
            let mut after = reader;
            if after.word(words)? && after.ends()? {
                return Ok(reading(75));
            }
        }
    }
    alone(&Reader { at: end, ..reader }).map(|alone| if alone { reading(20) } else { None })
}

/// Whether the number stands by itself.
fn alone(reader: &Reader<'_>) -> Result<bool, Undecided> {
    Ok(match reader.peek()? {
        Some(b'.' | b',' | b':') => !reader.peek_at(1)?.is_some_and(|byte| byte.is_ascii_digit()),
        Some(b'-' | b'/' | b'%' | b'_' | b'@') => false,
        Some(byte) => !byte.is_ascii_alphanumeric(),
        None => true,
    })
}
