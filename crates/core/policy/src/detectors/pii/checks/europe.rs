//! Numbers of Europe.

use super::{
    Verdict, at, decimal, icao9303, is_day, is_ddmm, is_uniform, is_yymmdd, luhn, mod11_10, open,
    right, value, weighted,
};

/// UK health service number: mod 11, weights 10 down to 2.
pub(in super::super) fn uk_nhs(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
    let check = (11 - sum % 11) % 11;
    right(check == at(number, 9) && !is_uniform(number))
}

/// UK national insurance number: letters that are in use, suffix A to D.
pub(in super::super) fn uk_nino(number: &[u8]) -> Verdict {
    let [first, second, .., last] = number else {
        return Verdict::Wrong;
    };
    let prefix = [*first, *second];
    open(
        !b"DFIQUV".contains(first)
            && !b"DFIOQUV".contains(second)
            && ![*b"BG", *b"GB", *b"KN", *b"NK", *b"NT", *b"TN", *b"ZZ"].contains(&prefix)
            && matches!(last, b'A'..=b'D'),
    )
}

/// UK driving licence: surname, decade, month (50 added for women), day, year, initials.
pub(in super::super) fn uk_driving_licence(number: &[u8]) -> Verdict {
    let surname = number.get(..5).unwrap_or_default();
    let letters = surname
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let filled = surname.iter().skip(letters).all(|byte| *byte == b'9');
    let month = decimal(number, 6, 8) % 50;
    let initials = number.get(11..13).unwrap_or_default();
    open(
        letters > 0
            && filled
            && decimal(number, 6, 8) < 63
            && is_day(month, decimal(number, 8, 10))
            && initials
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || *byte == b'9'),
    )
}

/// UK postcode: one of the areas, and letters that are in use behind the space.
pub(in super::super) fn uk_postcode(number: &[u8]) -> Verdict {
    const AREAS: &[u8] = b"AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH \
        DL DN DT DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL \
        LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS \
        ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE";
    let letters = number
        .iter()
        .take_while(|byte| byte.is_ascii_uppercase())
        .count();
    let area = number.get(..letters).unwrap_or_default();
    let inward = number
        .get(number.len().saturating_sub(2)..)
        .unwrap_or_default();
    open(
        AREAS.split(|byte| *byte == b' ').any(|known| known == area)
            && !inward.iter().any(|byte| b"CIKMOV".contains(byte)),
    )
}

/// UK registration plate: letters that are in use.
pub(in super::super) fn uk_plate(number: &[u8]) -> Verdict {
    let region = number.get(..2).unwrap_or_default();
    let age = decimal(number, 2, 4);
    open(
        !region.iter().any(|byte| b"IQZ".contains(byte))
            && (matches!(age, 2..=40 | 51..=90))
            && !number.iter().skip(4).any(|byte| b"IQ".contains(byte)),
    )
}

/// UK taxpayer reference: the first digit checks the others.
pub(in super::super) fn uk_utr(number: &[u8]) -> Verdict {
    let digits = number.get(1..).unwrap_or_default();
    let sum = weighted(digits, &[6, 7, 8, 9, 10, 5, 4, 3, 2]);
    let check = b"21987654321".get((sum % 11) as usize);
    right(check == number.first() && !is_uniform(number))
}

/// The letter of Spanish numbers of persons: mod 23.
fn es_letter(digits: u64, letter: Option<&u8>) -> bool {
    let place = usize::try_from(digits % 23).unwrap_or(0);
    b"TRWAGMYFPDXBNJZSQVHLCKE".get(place) == letter
}

/// Spanish number of a citizen.
pub(in super::super) fn es_nif(number: &[u8]) -> Verdict {
    right(es_letter(decimal(number, 0, 8), number.get(8)) && decimal(number, 0, 8) != 0)
}

/// Spanish number of a foreigner: X, Y, Z count as 0, 1, 2.
pub(in super::super) fn es_nie(number: &[u8]) -> Verdict {
    let series = match number.first() {
        Some(b'X') => 0,
        Some(b'Y') => 10_000_000,
        Some(b'Z') => 20_000_000,
        _ => return Verdict::Wrong,
    };
    right(es_letter(series + decimal(number, 1, 8), number.get(8)))
}

/// Spanish social security number: mod 97.
pub(in super::super) fn es_social_security(number: &[u8]) -> Verdict {
    let (province, serial) = (decimal(number, 0, 2), decimal(number, 2, 10));
    let base = if serial < 10_000_000 {
        province * 10_000_000 + serial
    } else {
        province * 100_000_000 + serial
    };
    right((1..=66).contains(&province) && base % 97 == decimal(number, 10, 12))
}

/// Italian tax code: digits may be replaced by letters; the last letter is a check.
pub(in super::super) fn it_fiscal_code(number: &[u8]) -> Verdict {
    const ODD: [u32; 26] = [
        1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24,
        23,
    ];
    let digit_places = [6, 7, 9, 10, 12, 13, 14];
    let is_digit = |place: &usize| {
        number
            .get(*place)
            .is_some_and(|byte| byte.is_ascii_digit() || b"LMNPQRSTUV".contains(byte))
    };
    let month = number
        .get(8)
        .is_some_and(|byte| b"ABCDEHLMPRST".contains(byte));
    if !digit_places.iter().all(is_digit) || !month {
        return Verdict::Wrong;
    }
    let sum: u32 = number
        .iter()
        .take(15)
        .enumerate()
        .map(|(place, byte)| {
            let value = if byte.is_ascii_digit() {
                value(*byte)
            } else {
                value(*byte) - 10
            };
            if place % 2 == 1 {
                value
            } else {
                ODD.get(value as usize).copied().unwrap_or(0)
            }
        })
        .sum();
    right(sum % 26 + 10 == at(number, 15))
}

/// Italian company number: Luhn's check.
pub(in super::super) fn it_vat_code(number: &[u8]) -> Verdict {
    right(luhn(number) && !is_uniform(number))
}

/// The same behind `IT`.
pub(in super::super) fn it_vat_number(number: &[u8]) -> Verdict {
    it_vat_code(number.strip_prefix(b"IT").unwrap_or(number))
}

/// Polish number of a person: weights 1-3-7-9, a date.
pub(in super::super) fn pl_pesel(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1]);
    let born = is_day(decimal(number, 2, 4) % 20, decimal(number, 4, 6));
    right(born && sum.is_multiple_of(10))
}

/// Polish tax number: mod 11.
fn pl_nip(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[6, 5, 7, 2, 3, 4, 5, 6, 7]);
    right(sum % 11 == at(number, 9) && !is_uniform(number))
}

/// The same, perhaps behind `PL`.
pub(in super::super) fn pl_tax_number(number: &[u8]) -> Verdict {
    pl_nip(number.strip_prefix(b"PL").unwrap_or(number))
}

/// A document whose number has digits in it, half of them at least.
pub(in super::super) fn mixed(number: &[u8]) -> Verdict {
    let digits = number.iter().filter(|byte| byte.is_ascii_digit()).count();
    open(digits * 2 >= number.len() && !is_uniform(number))
}

/// Finnish number of a person: a date, mod 31 over the digits, a sign for the century.
pub(in super::super) fn fi_personal_identity_code(number: &[u8]) -> Verdict {
    let Some((check, rest)) = number.split_last() else {
        return Verdict::Wrong;
    };
    let serial = rest.len().saturating_sub(3);
    let digits = decimal(rest, 0, 6) * 1000 + decimal(rest, serial, serial + 3);
    let place = usize::try_from(digits % 31).unwrap_or(0);
    let century = match rest.get(6) {
        Some(byte) if rest.len() == 10 => b"ABCDEFUVWXY".contains(byte),
        _ => true,
    };
    let wanted = b"0123456789ABCDEFHJKLMNPRSTUVWXY".get(place);
    right(is_ddmm(rest, 0) && century && wanted == Some(check))
}

/// The last ten digits of a Swedish number.
fn se_short(number: &[u8]) -> &[u8] {
    number
        .get(number.len().saturating_sub(10)..)
        .unwrap_or_default()
}

/// Swedish number of a person: a date (60 added to the day for some), Luhn's check.
pub(in super::super) fn se_personnummer(number: &[u8]) -> Verdict {
    let short = se_short(number);
    let day = decimal(short, 4, 6);
    let day = if day > 60 { day - 60 } else { day };
    let century = number.len() == 10 || matches!(decimal(number, 0, 2), 18..=20);
    right(century && is_day(decimal(short, 2, 4), day) && luhn(short))
}

/// Swedish number of an organisation: no month stands where a person's does.
pub(in super::super) fn se_organisationsnummer(number: &[u8]) -> Verdict {
    right(decimal(number, 2, 4) >= 20 && at(number, 0) != 0 && luhn(number))
}

/// German tax number of a person: of the first ten digits one stands twice or three
/// times and at least one is missing; ISO 7064 MOD 11,10.
pub(in super::super) fn de_tax_id(number: &[u8]) -> Verdict {
    let mut counts = [0_u8; 10];
    for byte in number.iter().take(10) {
        if let Some(count) = counts.get_mut(value(*byte) as usize) {
            *count += 1;
        }
    }
    let repeated = counts.iter().filter(|count| **count > 1).count();
    let most = counts.iter().max().copied().unwrap_or(0);
    right(at(number, 0) != 0 && repeated == 1 && most <= 3 && mod11_10(number))
}

/// German identity card or passport: letters that are in use, ICAO 9303.
pub(in super::super) fn de_document(number: &[u8]) -> Verdict {
    let known = |byte: &u8| byte.is_ascii_digit() || b"CFGHJKLMNPRTVWXYZ".contains(byte);
    right(
        number.iter().all(known)
            && number.first().is_some_and(u8::is_ascii_uppercase)
            && icao9303(number),
    )
}

/// German health insurance number: the letter as two digits, weights 1 and 2.
pub(in super::super) fn de_health_insurance(number: &[u8]) -> Verdict {
    let letter = at(number, 0).wrapping_sub(9);
    let digits = [letter / 10, letter % 10];
    let sum: u32 = digits
        .into_iter()
        .chain(number.iter().skip(1).take(8).map(|byte| value(*byte)))
        .enumerate()
        .map(|(place, digit)| {
            let product = digit * (1 + u32::from(place % 2 == 1));
            product / 10 + product % 10
        })
        .sum();
    right(sum % 10 == at(number, 9))
}

/// German pension insurance number: area, date of birth, initial, serial, check digit.
pub(in super::super) fn de_social_security(number: &[u8]) -> Verdict {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let letter = at(number, 8).wrapping_sub(9);
    let head = number.iter().take(8).map(|byte| value(*byte));
    let tail = number.iter().skip(9).take(2).map(|byte| value(*byte));
    let sum: u32 = head
        .chain([letter / 10, letter % 10])
        .chain(tail)
        .zip(WEIGHTS)
        .map(|(digit, weight)| {
            let product = digit * weight;
            product / 10 + product % 10
        })
        .sum();
    right(is_ddmm(number, 2) && sum % 10 == at(number, 11))
}

/// German number of a physician: weights 4 and 9 over the first six digits.
pub(in super::super) fn de_lanr(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[4, 9, 4, 9, 4, 9]);
    right((10 - sum % 10) % 10 == at(number, 6) && !is_uniform(number))
}

/// German VAT number: ISO 7064 MOD 11,10 behind DE.
pub(in super::super) fn de_vat_id(number: &[u8]) -> Verdict {
    let digits = number.get(2..).unwrap_or_default();
    right(number.starts_with(b"DE") && at(digits, 0) != 0 && mod11_10(digits))
}

/// German commercial register: department A or B.
pub(in super::super) fn de_handelsregister(number: &[u8]) -> Verdict {
    open(number.starts_with(b"HRA") || number.starts_with(b"HRB"))
}

/// French social security number: sex, month and place of birth, 97 minus mod 97.
pub(in super::super) fn fr_nir(number: &[u8]) -> Verdict {
    let corsica = match number.get(5..7) {
        Some(b"2A") => 1_000_000,
        Some(b"2B") => 2_000_000,
        _ => 0,
    };
    let mut digits = [b'0'; 13];
    for (slot, byte) in digits.iter_mut().zip(number) {
        *slot = if byte.is_ascii_digit() { *byte } else { b'0' };
    }
    let plain = number
        .iter()
        .enumerate()
        .all(|(place, byte)| byte.is_ascii_digit() || (place == 6 && corsica > 0));
    let base = decimal(&digits, 0, 13).wrapping_sub(corsica);
    // 2A counts as 19 and 2B as 18: 20 with a million or two taken off.
    let month = decimal(number, 3, 5);
    right(
        plain
            && matches!(at(number, 0), 1..=4 | 7 | 8)
            && matches!(month, 1..=12 | 20..=42 | 50..=99)
            && 97 - base % 97 == decimal(number, 13, 15),
    )
}

/// Dutch number of a person: the 11-test.
pub(in super::super) fn nl_bsn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]) + 10 * 11;
    right((sum - at(number, 8)).is_multiple_of(11) && !is_uniform(number))
}

/// Belgian number of a person: a date, 97 minus mod 97, a 2 before it since 2000.
pub(in super::super) fn be_nrn(number: &[u8]) -> Verdict {
    let (base, check) = (decimal(number, 0, 9), decimal(number, 9, 11));
    let month = decimal(number, 2, 4);
    right(
        (month == 0 || is_day(month % 20, decimal(number, 4, 6).max(1)))
            && (97 - base % 97 == check || 97 - (base + 2_000_000_000) % 97 == check),
    )
}

/// Portuguese tax number: mod 11 behind the digits in use.
pub(in super::super) fn pt_nif(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let check = match sum % 11 {
        0 | 1 => 0,
        rest => 11 - rest,
    };
    right(
        matches!(at(number, 0), 1 | 2 | 3 | 5 | 6 | 8 | 9)
            && check == at(number, 8)
            && !is_uniform(number),
    )
}

/// Danish number of a person: a date; newer ones have no check digit.
pub(in super::super) fn dk_cpr(number: &[u8]) -> Verdict {
    open(is_ddmm(number, 0))
}

/// Norwegian number of a person: a date (40 added to the day for some), two check
/// digits.
pub(in super::super) fn no_fodselsnummer(number: &[u8]) -> Verdict {
    let day = decimal(number, 0, 2);
    let day = if day > 40 { day - 40 } else { day };
    let first = weighted(number, &[3, 7, 6, 1, 8, 9, 4, 5, 2, 1]);
    let second = weighted(number, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1]);
    right(
        is_day(decimal(number, 2, 4) % 40, day)
            && first.is_multiple_of(11)
            && second.is_multiple_of(11),
    )
}

/// Swiss number of a person: an EAN-13 that begins with 756.
pub(in super::super) fn ch_ahv(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1]);
    right(number.starts_with(b"756") && sum.is_multiple_of(10))
}

/// Austrian social security number: the fourth digit checks the others, a date.
pub(in super::super) fn at_svnr(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    right(
        at(number, 0) != 0
            && sum % 11 == at(number, 3)
            && (1..=31).contains(&decimal(number, 4, 6))
            && (1..=15).contains(&decimal(number, 6, 8)),
    )
}

/// Irish number of a person: mod 23 as a letter, a second letter counts nine times.
pub(in super::super) fn ie_pps(number: &[u8]) -> Verdict {
    let second = at(number, 8).saturating_sub(9);
    let second = if number.get(8) == Some(&b'W') {
        0
    } else {
        second
    };
    let sum = weighted(number, &[8, 7, 6, 5, 4, 3, 2]) + second * 9;
    let wanted = match sum % 23 {
        0 => u32::from(b'W'),
        rest => rest + u32::from(b'A') - 1,
    };
    right(
        number
            .get(7)
            .is_some_and(|letter| u32::from(*letter) == wanted),
    )
}

/// Romanian number of a person: a date, mod 11.
pub(in super::super) fn ro_cnp(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]);
    let check = match sum % 11 {
        10 => 1,
        rest => rest,
    };
    right(at(number, 0) != 0 && is_yymmdd(number, 1) && check == at(number, 12))
}

/// Bulgarian number of a person: a date (20 or 40 added to the month), mod 11.
pub(in super::super) fn bg_egn(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
    right(
        decimal(number, 2, 4) <= 52
            && is_day(decimal(number, 2, 4) % 20, decimal(number, 4, 6))
            && sum % 11 % 10 == at(number, 9),
    )
}

/// Czech and Slovak number of a person: a date (50 added to a woman's month), a
/// multiple of 11.
pub(in super::super) fn cz_birth_number(number: &[u8]) -> Verdict {
    let month = decimal(number, 2, 4) % 50;
    let month = if month > 20 { month - 20 } else { month };
    right(
        is_day(month, decimal(number, 4, 6))
            && decimal(number, 0, 10).is_multiple_of(11)
            && !is_uniform(number),
    )
}

/// Croatian number of a person: ISO 7064 MOD 11,10.
pub(in super::super) fn hr_oib(number: &[u8]) -> Verdict {
    right(mod11_10(number) && !is_uniform(number))
}

/// Greek social security number: a date, Luhn's check.
pub(in super::super) fn gr_amka(number: &[u8]) -> Verdict {
    right(is_ddmm(number, 0) && luhn(number))
}

/// Estonian and Lithuanian number of a person: century, a date, mod 11 in two rounds.
pub(in super::super) fn ee_isikukood(number: &[u8]) -> Verdict {
    let first = weighted(number, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = weighted(number, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11 % 10;
    let check = if first == 10 { second } else { first };
    right((1..=8).contains(&at(number, 0)) && is_yymmdd(number, 1) && check == at(number, 10))
}

/// Russian pension insurance number: a sum of weights 9 down to 1, mod 101.
pub(in super::super) fn ru_snils(number: &[u8]) -> Verdict {
    let sum = weighted(number, &[9, 8, 7, 6, 5, 4, 3, 2, 1]);
    right(u64::from(sum % 101 % 100) == decimal(number, 9, 11) && !is_uniform(number))
}
