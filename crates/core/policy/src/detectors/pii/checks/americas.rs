//! Numbers of the Americas.

use super::{Verdict, at, decimal, is_uniform, is_yymmdd, luhn, open, right, value, weighted};

/// Social security numbers that were printed in advertisements and on sample cards.
const SAMPLES: [u64; 2] = [78_051_120, 219_099_999];

/// US social security number: area not 000, 666 or 9xx, group not 00, serial not 0000.
pub(in super::super) fn us_ssn(number: &[u8]) -> Verdict {
    let (area, group, serial) = (
        decimal(number, 0, 3),
        decimal(number, 3, 5),
        decimal(number, 5, 9),
    );
    open(
        !matches!(area, 0 | 666 | 900..)
            && group != 0
            && serial != 0
            && !SAMPLES.contains(&decimal(number, 0, 9)),
    )
}

/// US individual taxpayer identification number: 9xx, then 50-65, 70-88, 90-92, 94-99.
pub(in super::super) fn us_itin(number: &[u8]) -> Verdict {
    let group = decimal(number, 3, 5);
    open(at(number, 0) == 9 && matches!(group, 50..=65 | 70..=88 | 90..=92 | 94..=99))
}

/// US employer identification number: the prefixes that were given out.
pub(in super::super) fn us_ein(number: &[u8]) -> Verdict {
    let prefix = decimal(number, 0, 2);
    open(!matches!(
        prefix,
        0 | 7 | 8 | 9 | 17 | 18 | 19 | 28 | 29 | 49 | 69 | 70 | 78 | 79 | 89 | 96 | 97
    ))
}

/// US bank routing number: 3-7-1 mod 10, and a district that exists.
pub(in super::super) fn us_routing(number: &[u8]) -> Verdict {
    let district = decimal(number, 0, 2);
    right(
        matches!(district, 1..=12 | 21..=32 | 61..=72 | 80)
            && weighted(number, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10),
    )
}

/// US national provider identifier: Luhn's check behind the prefix 80840.
pub(in super::super) fn us_npi(number: &[u8]) -> Verdict {
    let mut prefixed = *b"808400000000000";
    for (slot, byte) in prefixed.iter_mut().skip(5).zip(number) {
        *slot = *byte;
    }
    right(matches!(at(number, 0), 1 | 2) && luhn(&prefixed))
}

/// US Medicare beneficiary identifier: letters without S, L, O, I, B, Z.
pub(in super::super) fn us_mbi(number: &[u8]) -> Verdict {
    open(number.first() != Some(&b'0') && !number.iter().any(|byte| b"SLOIBZ".contains(byte)))
}

/// A US or Canadian driver's licence or account: half of it digits, not all the same.
pub(in super::super) fn licence(number: &[u8]) -> Verdict {
    let digits = number.iter().filter(|byte| byte.is_ascii_digit()).count();
    open(digits * 2 >= number.len() && !is_uniform(number))
}

/// Canadian social insurance number: Luhn's check, not 0 or 8 first.
pub(in super::super) fn ca_sin(number: &[u8]) -> Verdict {
    right(!matches!(at(number, 0), 0 | 8) && luhn(number) && !is_uniform(number))
}

/// Canadian postal code: the letters that are in use.
pub(in super::super) fn ca_postal_code(number: &[u8]) -> Verdict {
    let letters = |byte: &u8| !b"DFIOQU".contains(byte);
    open(number.iter().all(letters) && !matches!(number.first(), Some(b'W' | b'Z')))
}

/// The two check digits of Brazilian numbers: mod 11, weights up from 2 to `top`.
fn brazilian(number: &[u8], top: u32) -> bool {
    let check = |digits: &[u8]| {
        let sum: u32 = digits
            .iter()
            .rev()
            .zip((2..=top).cycle())
            .map(|(digit, weight)| value(*digit) * weight)
            .sum();
        match sum % 11 {
            0 | 1 => 0,
            rest => 11 - rest,
        }
    };
    let size = number.len();
    let (Some(first), Some(second)) = (
        number.get(..size.saturating_sub(2)),
        number.get(..size.saturating_sub(1)),
    ) else {
        return false;
    };
    !is_uniform(number)
        && check(first) == at(number, first.len())
        && check(second) == at(number, second.len())
}

/// Brazilian number of a person.
pub(in super::super) fn br_cpf(number: &[u8]) -> Verdict {
    right(brazilian(number, 11))
}

/// Brazilian number of a company.
pub(in super::super) fn br_cnpj(number: &[u8]) -> Verdict {
    right(brazilian(number, 9))
}

/// Mexican population register code: date of birth, sex, state, check digit.
pub(in super::super) fn mx_curp(number: &[u8]) -> Verdict {
    const ORDER: &[u8] = b"0123456789ABCDEFGHIJKLMN*OPQRSTUVWXYZ";
    let sum: usize = number
        .iter()
        .take(17)
        .enumerate()
        .map(|(place, byte)| {
            ORDER.iter().position(|known| known == byte).unwrap_or(0) * (18 - place)
        })
        .sum();
    let check = (10 - sum % 10) % 10;
    right(
        matches!(number.get(10), Some(b'H' | b'M' | b'X'))
            && is_yymmdd(number, 4)
            && at(number, 17) as usize == check,
    )
}

/// Mexican tax code of a person or company: a date behind the letters.
pub(in super::super) fn mx_rfc(number: &[u8]) -> Verdict {
    open(is_yymmdd(number, number.len().saturating_sub(9)))
}

/// Chilean number of a person: mod 11, K for ten.
pub(in super::super) fn cl_rut(number: &[u8]) -> Verdict {
    let Some((check, digits)) = number.split_last() else {
        return Verdict::Wrong;
    };
    let sum: u32 = digits
        .iter()
        .rev()
        .zip((2..=7).cycle())
        .map(|(digit, weight)| value(*digit) * weight)
        .sum();
    let wanted = match 11 - sum % 11 {
        11 => b'0',
        10 => b'K',
        other => b'0' + u8::try_from(other).unwrap_or(0),
    };
    right(*check == wanted && !is_uniform(digits))
}

/// Argentine tax number: mod 11 behind the prefixes of persons and companies.
pub(in super::super) fn ar_cuit(number: &[u8]) -> Verdict {
    let prefix = decimal(number, 0, 2);
    let sum = weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = match 11 - sum % 11 {
        11 => 0,
        other => other,
    };
    right(matches!(prefix, 20 | 23 | 24 | 25 | 26 | 27 | 30 | 33 | 34) && check == at(number, 10))
}
