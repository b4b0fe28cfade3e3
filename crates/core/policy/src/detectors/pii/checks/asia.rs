//! Numbers of Asia and Oceania.

use super::{
    Verdict, at, decimal, is_day, is_uniform, is_yymmdd, open, right, value, verhoeff, weighted,
};

/// Indian identity number: Verhoeff's check, 2 to 9 first, not the same backwards.
pub(in super::super) fn in_aadhaar(number: &[u8]) -> Verdict {
    right(at(number, 0) > 1 && verhoeff(number) && !number.iter().eq(number.iter().rev()))
}

/// Indian tax number: the fourth letter says what kind of holder.
pub(in super::super) fn in_pan(number: &[u8]) -> Verdict {
    open(
        number
            .get(3)
            .is_some_and(|holder| b"ABCFGHJLPT".contains(holder)),
    )
}

/// Indian passport: first letter not Q, X, Z, first digit not 0.
pub(in super::super) fn in_passport(number: &[u8]) -> Verdict {
    open(!matches!(number.first(), Some(b'Q' | b'X' | b'Z')) && at(number, 1) != 0)
}

/// Indian goods and services tax number: state, tax number, check character base 36.
pub(in super::super) fn in_gstin(number: &[u8]) -> Verdict {
    let sum: u32 = number
        .iter()
        .take(14)
        .enumerate()
        .map(|(place, byte)| {
            let product = value(*byte) * (1 + u32::from(place % 2 == 1));
            product / 36 + product % 36
        })
        .sum();
    right((36 - sum % 36) % 36 == at(number, 14) && (1..=38).contains(&decimal(number, 0, 2)))
}

/// Indian vehicle registration: a state that exists.
pub(in super::super) fn in_vehicle(number: &[u8]) -> Verdict {
    const STATES: &[u8] = b"AN AP AR AS BH BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML \
        MN MP MZ NL OD OR PB PY RJ SK TN TR TS UK UP WB";
    let state = number.get(..2).unwrap_or_default();
    open(
        STATES
            .split(|byte| *byte == b' ')
            .any(|known| known == state),
    )
}

/// Australian business number: mod 89 after one is taken from the first digit.
pub(in super::super) fn au_abn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    right(at(number, 0) != 0 && (sum + 89 - 10).is_multiple_of(89))
}

/// Australian company number.
pub(in super::super) fn au_acn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[8, 7, 6, 5, 4, 3, 2, 1]);
    right((10 - sum % 10) % 10 == at(number, 8) && !is_uniform(number))
}

/// Australian tax file number: mod 11.
pub(in super::super) fn au_tfn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[1, 4, 3, 7, 5, 8, 6, 9, 10]);
    right(sum.is_multiple_of(11) && !is_uniform(number))
}

/// Australian health card.
pub(in super::super) fn au_medicare(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9]);
    right((2..=6).contains(&at(number, 0)) && sum % 10 == at(number, 8))
}

/// Singaporean identity number: a check letter of its series.
pub(in super::super) fn sg_nric_fin(number: &[u8]) -> Verdict {
    let digits = number.get(1..8).unwrap_or_default();
    let sum = weighted(digits, &[2, 7, 6, 5, 4, 3, 2]);
    let (series, offset): (&[u8], u32) = match number.first() {
        Some(b'S') => (b"JZIHGFEDCBA", 0),
        Some(b'T') => (b"JZIHGFEDCBA", 4),
        Some(b'F') => (b"XWUTRQPNMLK", 0),
        Some(b'G') => (b"XWUTRQPNMLK", 4),
        Some(b'M') => (b"KLJNPQRTUWX", 3),
        _ => return Verdict::Wrong,
    };
    let place = (sum + offset) % 11;
    let place = if number.first() == Some(&b'M') {
        10 - place
    } else {
        place
    };
    right(series.get(place as usize) == number.get(8))
}

/// Singaporean entity number: the year or the kind of entity.
pub(in super::super) fn sg_uen(number: &[u8]) -> Verdict {
    open(match number.first() {
        Some(b'R' | b'S' | b'T') => true,
        _ if number.len() == 10 => (1900..=2099).contains(&decimal(number, 0, 4)),
        _ => true,
    })
}

/// Date of birth, and the digit of sex and century in the given range.
fn kr_born(number: &[u8], century: &[u32]) -> bool {
    is_yymmdd(number, 0) && century.contains(&at(number, 6))
}

/// The check digit that Korean numbers of persons had until October 2020.
fn kr_check(number: &[u8], offset: u32) -> bool {
    let sum = weighted(number, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]);
    (11 - sum % 11 + offset) % 10 == at(number, 12)
}

/// Korean resident number; newer ones have no check digit.
pub(in super::super) fn kr_rrn(number: &[u8]) -> Verdict {
    if !kr_born(number, &[0, 1, 2, 3, 4, 9]) {
        Verdict::Wrong
    } else if kr_check(number, 0) {
        Verdict::Right
    } else {
        Verdict::Open
    }
}

/// Korean number of a foreigner; newer ones have no check digit.
pub(in super::super) fn kr_frn(number: &[u8]) -> Verdict {
    if !kr_born(number, &[5, 6, 7, 8]) {
        Verdict::Wrong
    } else if kr_check(number, 2) {
        Verdict::Right
    } else {
        Verdict::Open
    }
}

/// Korean business number.
pub(in super::super) fn kr_brn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[1, 3, 7, 1, 3, 7, 1, 3, 5]) + at(number, 8) * 5 / 10;
    right((10 - sum % 10) % 10 == at(number, 9) && !is_uniform(number))
}

/// Korean driver's licence: one of the regions.
pub(in super::super) fn kr_licence(number: &[u8]) -> Verdict {
    open((11..=28).contains(&decimal(number, 0, 2)))
}

/// Thai identity number: (11 - sum mod 11) mod 10.
pub(in super::super) fn th_tnin(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
    right(at(number, 0) != 0 && (11 - sum % 11) % 10 == at(number, 12))
}

/// Chinese identity number: region, date of birth, ISO 7064 MOD 11-2.
pub(in super::super) fn cn_resident_id(number: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let born = (1800..2100).contains(&decimal(number, 6, 10))
        && is_day(decimal(number, 10, 12), decimal(number, 12, 14));
    let check = b"10X98765432".get((weighted(number, &WEIGHTS) % 11) as usize);
    right(born && at(number, 0) != 0 && check == number.get(17))
}

/// Taiwanese identity number: the letter is a place, the last digit a check.
pub(in super::super) fn tw_national_id(number: &[u8]) -> Verdict {
    const PLACES: &[u8] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    let letter = number.first().copied().unwrap_or(0);
    let Some(place) = PLACES.iter().position(|known| *known == letter) else {
        return Verdict::Wrong;
    };
    let place = place + 10;
    let digits = number.get(1..).unwrap_or_default();
    let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 1, 1]) as usize + place / 10 + place % 10 * 9;
    right(matches!(at(number, 1), 1 | 2 | 8 | 9) && sum.is_multiple_of(10))
}

/// Japanese individual number: mod 11.
pub(in super::super) fn jp_my_number(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    right(check == at(number, 11) && !is_uniform(number))
}

/// Malaysian identity number: date of birth and a place.
pub(in super::super) fn my_mykad(number: &[u8]) -> Verdict {
    open(
        is_yymmdd(number, 0)
            && !matches!(decimal(number, 6, 8), 0 | 17..=20 | 69 | 70 | 73 | 80 | 81 | 94..=97),
    )
}

/// Indonesian identity number: region and date of birth, 40 added for women.
pub(in super::super) fn id_nik(number: &[u8]) -> Verdict {
    let day = decimal(number, 6, 8);
    let day = if day > 40 { day - 40 } else { day };
    open((11..=96).contains(&decimal(number, 0, 2)) && is_day(decimal(number, 8, 10), day))
}

/// Philippine tax number.
pub(in super::super) fn ph_tin(number: &[u8]) -> Verdict {
    open(!is_uniform(number))
}
