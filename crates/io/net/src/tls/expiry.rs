//! When a certificate ends: the one field of it that rustls does not show.
//!
//! Reads as much DER (X.690) as leads to `notAfter` (RFC 5280, section 4.1) of a
//! certificate that rustls has accepted; anything unexpected is "not known".

use std::ops::Range;

const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// Seconds since the epoch at which a DER certificate ends.
pub(super) fn not_after(certificate: &[u8]) -> Option<u64> {
    let mut outer = contents(&mut { certificate }, SEQUENCE)?;
    let mut signed = contents(&mut outer, SEQUENCE)?;
    if signed.first() == Some(&VERSION) {
        next(&mut signed)?;
    }
    // Serial number, signature algorithm, issuer.
    for _ in 0..3 {
        next(&mut signed)?;
    }
    let mut validity = contents(&mut signed, SEQUENCE)?;
    next(&mut validity)?;
    let (tag, time) = next(&mut validity)?;
    let time = std::str::from_utf8(time).ok()?;
    match tag {
        // Two digits of the year: 50 and above are of the last century.
        UTC_TIME => {
            let century = if time.get(..1)? < "5" { "20" } else { "19" };
            unix_s(&format!("{century}{time}"))
        }
        GENERALIZED_TIME => unix_s(time),
        _ => None,
    }
}

/// The contents of the next value, which must have this tag.
fn contents<'d>(from: &mut &'d [u8], wanted: u8) -> Option<&'d [u8]> {
    let (tag, value) = next(from)?;
    (tag == wanted).then_some(value)
}

/// Takes the next value: its tag and contents.
fn next<'d>(from: &mut &'d [u8]) -> Option<(u8, &'d [u8])> {
    let (&tag, rest) = from.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let (digits, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
        if digits.is_empty() || digits.len() > 4 {
            return None;
        }
        length = digits
            .iter()
            .fold(0, |length, digit| length << 8 | usize::from(*digit));
        rest = after;
    }
    let (value, after) = rest.split_at_checked(length)?;
    *from = after;
    Some((tag, value))
}

/// `20270131235959Z` as seconds since the epoch.
fn unix_s(time: &str) -> Option<u64> {
    let digits = time.strip_suffix('Z')?;
    if digits.len() != 14 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: Range<usize>| digits.get(range)?.parse::<u64>().ok();
    let (year, month, day) = (part(0..4)?, part(4..6)?, part(6..8)?);
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the odd day is their last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    // Days from 0000-03-01 to 1970-01-01.
    let days = days.checked_sub(719_468)?;
    Some(days * 86_400 + part(8..10)? * 3600 + part(10..12)? * 60 + part(12..14)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_certificate_is_found() {
        for (year, seconds) in [
            (2027, 1_801_353_600),
            (2049, 2_495_664_000),
            (2050, 2_527_200_000),
        ] {
            let mut parameters = rcgen::CertificateParams::new(vec!["a".to_owned()]).unwrap();
            parameters.not_after = rcgen::date_time_ymd(year, 1, 31);
            let key = rcgen::KeyPair::generate().unwrap();
            let certificate = parameters.self_signed(&key).unwrap();
            assert_eq!(not_after(certificate.der()), Some(seconds), "{year}");
        }
    }

    #[test]
    fn what_is_cut_or_odd_is_not_known() {
        let made = rcgen::generate_simple_self_signed(vec!["a".to_owned()]).unwrap();
        let der = made.cert.der();
        let end = not_after(der);
        assert!(end.is_some());
        for cut in 0..der.len() {
            let found = not_after(&der[..cut]);
            assert!(found.is_none() || found == end, "{cut}");
            let mut odd = der.to_vec();
            odd[cut] ^= 0xff;
            not_after(&odd);
        }
        for time in [
            "",
            "Z",
            "20270131",
            "19690101000000Z",
            "20271301000000Z",
            "2027013100000éZ",
        ] {
            assert_eq!(unix_s(time), None, "{time}");
        }
        assert_eq!(unix_s("19700101000000Z"), Some(0));
        assert_eq!(unix_s("20000229000000Z"), Some(951_782_400));
    }
}
