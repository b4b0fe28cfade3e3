//! The number grammar, and whether a double can hold what it spells.

use super::lexer::offset_of;
use super::{Error, Expected};

/// A number with at most this many digits before its point is below 1e308, so it is
/// finite without a look at its value.
const DIGITS_FINITE_MAX: u64 = 308;

/// One past the last byte of the number that starts at `start`.
///
/// # Errors
///
/// When it breaks the grammar or is infinite as a double.
pub(super) fn end(bytes: &[u8], start: usize) -> Result<usize, Error> {
    let negative = bytes.get(start) == Some(&b'-');
    let whole = start + usize::from(negative);
    let mut at = match bytes.get(whole) {
        Some(b'0') => whole + 1,
        _ => digits(bytes, whole)?,
    };
    let magnitude = (at - whole) as u64;
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    let mut exponent = 0;
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        let sign = bytes
            .get(at)
            .copied()
            .filter(|byte| matches!(byte, b'+' | b'-'));
        let from = at + usize::from(sign.is_some());
        at = digits(bytes, from)?;
        if sign != Some(b'-') {
            exponent = value(bytes.get(from..at).unwrap_or_default());
        }
    }
    if magnitude.saturating_add(exponent) <= DIGITS_FINITE_MAX || is_finite(bytes.get(start..at)) {
        Ok(at)
    } else {
        Err(Error::Number {
            offset: offset_of(start),
        })
    }
}

/// One past a run of at least one digit.
fn digits(bytes: &[u8], from: usize) -> Result<usize, Error> {
    let rest = bytes.get(from..).unwrap_or_default();
    match rest
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len())
    {
        0 => Err(Error::Syntax {
            offset: offset_of(from),
            expected: Expected::Digit,
        }),
        count => Ok(from + count),
    }
}

fn value(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |sum, digit| {
        sum.saturating_mul(10)
            .saturating_add(u64::from(digit & 0x0f))
    })
}

fn is_finite(number: Option<&[u8]>) -> bool {
    number
        .and_then(|number| str::from_utf8(number).ok())
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(f64::is_finite)
}
