//! Numbers that are the same everywhere.

use super::{Verdict, at, is_uniform, luhn, open, right, value, weighted};

/// Device identity of mobile networks (3GPP TS 23.003): Luhn's check.
pub(in super::super) fn imei(number: &[u8]) -> Verdict {
    right(luhn(number) && !is_uniform(number))
}

/// Identity of a SIM card (ITU-T E.118): begins with 89, Luhn's check.
pub(in super::super) fn iccid(number: &[u8]) -> Verdict {
    right(number.starts_with(b"89") && luhn(number))
}

/// Vehicle identification number (ISO 3779): no I, O, Q. The ninth character is a
/// check digit in North America and China; elsewhere it may be anything.
pub(in super::super) fn vin(number: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let digits = number.iter().filter(|byte| byte.is_ascii_digit()).count();
    if number.iter().any(|byte| matches!(byte, b'I' | b'O' | b'Q'))
        || !(3..number.len()).contains(&digits)
        || !number.iter().skip(13).all(u8::is_ascii_digit)
    {
        return Verdict::Wrong;
    }
    let sum: u32 = number
        .iter()
        .zip(WEIGHTS)
        .map(|(byte, weight)| transliterated(*byte) * weight)
        .sum();
    let check = match number.get(8) {
        Some(b'X') => 10,
        Some(byte) if byte.is_ascii_digit() => value(*byte),
        _ => 11,
    };
    if sum % 11 == check {
        Verdict::Right
    } else {
        Verdict::Open
    }
}

/// The value of a character of a VIN.
const fn transliterated(byte: u8) -> u32 {
    match byte {
        b'A'..=b'H' => (byte - b'A') as u32 + 1,
        b'J'..=b'R' => (byte - b'J') as u32 + 1,
        b'S'..=b'Z' => (byte - b'S') as u32 + 2,
        _ => value(byte),
    }
}

/// Security code of a card: three or four digits, not all the same.
pub(in super::super) fn card_code(number: &[u8]) -> Verdict {
    open(!is_uniform(number))
}

/// Month and year, as they stand on cards.
pub(in super::super) fn card_expiry(number: &[u8]) -> Verdict {
    open((1..=12).contains(&(at(number, 0) * 10 + at(number, 1))))
}

/// Registration of a US prescriber with the DEA: two letters and seven digits, the
/// last of which checks the others.
pub(in super::super) fn medical_license(number: &[u8]) -> Verdict {
    let Some(digits) = number.get(2..) else {
        return Verdict::Wrong;
    };
    let first = number
        .first()
        .is_some_and(|letter| b"ABCDEFGHJKLMPRSTUX".contains(letter));
    right(
        first && weighted(digits, &[1, 2, 1, 2, 1, 2]) % 10 == at(digits, 6) && !is_uniform(digits),
    )
}
