//! Check digits and the other rules that the numbers of a kind obey.
//!
//! Every check is a pure function of a number without its separators, in ASCII capitals.
//! It promises: no panic and linear time on any bytes, whatever their count.
//! The general methods are here, the numbers of a region in a file of their own.

pub(super) mod africa;
pub(super) mod americas;
pub(super) mod asia;
pub(super) mod europe;
#[cfg(test)]
pub(super) mod tests;
pub(super) mod world;

/// What the rules of a kind say to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Its check digit is right.
    Right,
    /// Nothing speaks against it, but it has no check digit.
    Open,
    /// It cannot be one.
    Wrong,
}

/// The rules of a kind.
pub(super) type Check = fn(&[u8]) -> Verdict;

/// [`Verdict::Right`] or [`Verdict::Wrong`].
const fn right(is_right: bool) -> Verdict {
    if is_right {
        Verdict::Right
    } else {
        Verdict::Wrong
    }
}

/// [`Verdict::Open`] or [`Verdict::Wrong`].
const fn open(may_be: bool) -> Verdict {
    if may_be {
        Verdict::Open
    } else {
        Verdict::Wrong
    }
}

/// The rules of kinds that have none beyond their form.
pub(super) const fn any(_number: &[u8]) -> Verdict {
    Verdict::Open
}

/// The value of a character of the number: a digit's own, 10 and up for letters.
const fn value(byte: u8) -> u32 {
    match byte {
        b'0'..=b'9' => (byte - b'0') as u32,
        b'A'..=b'Z' => (byte - b'A') as u32 + 10,
        b'a'..=b'z' => (byte - b'a') as u32 + 10,
        _ => 0,
    }
}

/// The value of the character at `at`; 0 beyond the end.
fn at(number: &[u8], at: usize) -> u32 {
    number.get(at).map_or(0, |byte| value(*byte))
}

/// A part of the number, read as a decimal number of at most 19 digits.
fn decimal(number: &[u8], from: usize, to: usize) -> u64 {
    let part = number.get(from..to).unwrap_or_default();
    part.iter()
        .take(19)
        .fold(0, |sum, byte| sum * 10 + u64::from(value(*byte) % 10))
}

/// The sum of the characters' values, each times its weight.
fn weighted(number: &[u8], weights: &[u32]) -> u32 {
    number
        .iter()
        .zip(weights)
        .map(|(byte, weight)| value(*byte) * weight)
        .sum()
}

/// Luhn's check (ISO/IEC 7812-1, annex B).
pub(super) fn luhn(number: &[u8]) -> bool {
    let sum: u32 = number
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = (value(*digit) % 10) << (place % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

/// ISO/IEC 7064 MOD 97-10 over digits and letters: the remainder.
pub(super) fn mod97(number: impl Iterator<Item = u8>) -> u32 {
    number.fold(0, |rest, byte| {
        let value = value(byte);
        let shifted = if value > 9 { rest * 100 } else { rest * 10 };
        (shifted + value) % 97
    })
}

/// The same with the first four characters behind the others, as in IBANs: true when the
/// remainder is 1.
pub(super) fn mod97_turned(number: &[u8]) -> bool {
    let (head, rest) = number.split_at_checked(4).unwrap_or_default();
    mod97(rest.iter().chain(head).copied()) == 1
}

/// ISO/IEC 7064 MOD 11,10: true when the last digit is right.
pub(super) fn mod11_10(number: &[u8]) -> bool {
    let Some((check, digits)) = number.split_last() else {
        return false;
    };
    let product = digits.iter().fold(10, |product, digit| {
        let sum = (product + value(*digit)) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == value(*check)
}

/// Verhoeff's check.
pub(super) fn verhoeff(number: &[u8]) -> bool {
    /// Products in the dihedral group of order ten.
    const fn product(a: u32, b: u32) -> u32 {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => 5 + (a + b) % 5,
            (false, true) => 5 + (a + 5 - b) % 5,
            (false, false) => (a + 5 - b) % 5,
        }
    }
    /// Each digit turned by its place, places counting from 0 to 7.
    const TURNED: [[u8; 10]; 8] = {
        const TURN: [u8; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
        let mut turned = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]; 8];
        let mut place = 1;
        while place < 8 {
            let mut digit = 0;
            while digit < 10 {
                turned[place][digit] = TURN[turned[place - 1][digit] as usize];
                digit += 1;
            }
            place += 1;
        }
        turned
    };
    let digits = number.iter().rev().zip(TURNED.iter().cycle());
    let sum = digits.fold(0, |sum, (byte, turned)| {
        let digit = turned.get((value(*byte) % 10) as usize);
        product(sum, digit.map_or(0, |digit| u32::from(*digit)))
    });
    sum == 0
}

/// The check of ICAO 9303, weights 7, 3, 1: true when the last digit is right.
pub(super) fn icao9303(number: &[u8]) -> bool {
    let Some((check, rest)) = number.split_last() else {
        return false;
    };
    let sum: u32 = rest
        .iter()
        .zip([7, 3, 1].iter().cycle())
        .map(|(byte, weight)| value(*byte) * weight)
        .sum();
    sum % 10 == value(*check)
}

/// Whether there may be such a day of such a month, in any year.
const fn is_day(month: u64, day: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    day >= 1 && day <= days
}

/// Whether the digits from `from` on are year, month and day, two digits each.
fn is_yymmdd(number: &[u8], from: usize) -> bool {
    is_day(
        decimal(number, from + 2, from + 4),
        decimal(number, from + 4, from + 6),
    )
}

/// Whether the digits from `from` on are day and month, two digits each.
fn is_ddmm(number: &[u8], from: usize) -> bool {
    is_day(
        decimal(number, from + 2, from + 4),
        decimal(number, from, from + 2),
    )
}

/// Whether all characters are the same.
pub(super) fn is_uniform(number: &[u8]) -> bool {
    number.windows(2).all(|pair| pair.first() == pair.last())
}
