//! Numbers of Africa and the Middle East.

use super::{Verdict, at, is_uniform, is_yymmdd, luhn, open, right, verhoeff};

/// South African identity number: date of birth, citizenship, Luhn's check.
pub(in super::super) fn za_id_number(number: &[u8]) -> Verdict {
    right(is_yymmdd(number, 0) && at(number, 10) < 3 && luhn(number))
}

/// Nigerian identity number: Verhoeff's check.
pub(in super::super) fn ng_nin(number: &[u8]) -> Verdict {
    right(verhoeff(number) && !is_uniform(number))
}

/// Emirates identity number: begins with 784, Luhn's check.
pub(in super::super) fn uae_emirates_id(number: &[u8]) -> Verdict {
    right(number.starts_with(b"784") && luhn(number))
}

/// Israeli identity number: Luhn's check.
pub(in super::super) fn il_id(number: &[u8]) -> Verdict {
    right(luhn(number) && !is_uniform(number))
}

/// Turkish identity number: two check digits.
pub(in super::super) fn tr_national_id(number: &[u8]) -> Verdict {
    let odd: u32 = [0, 2, 4, 6, 8].iter().map(|place| at(number, *place)).sum();
    let even: u32 = [1, 3, 5, 7].iter().map(|place| at(number, *place)).sum();
    let tenth = (odd * 7 + 100 - even) % 10;
    right(
        at(number, 0) != 0 && tenth == at(number, 9) && (odd + even + tenth) % 10 == at(number, 10),
    )
}

/// Turkish licence plate: one of the 81 provinces.
pub(in super::super) fn tr_plate(number: &[u8]) -> Verdict {
    open((1..=81).contains(&(at(number, 0) * 10 + at(number, 1))))
}
