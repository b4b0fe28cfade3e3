//! Numbers, times and JSON strings, appended to a byte buffer without allocating.

/// The longest text of a record that reaches a sink, in bytes. Callers and providers
/// choose some of them, and neither shall fill a disk with a name.
const TEXT_BYTES_MAX: usize = 1024;

/// A text without what is beyond the limit.
pub(crate) fn cut(text: &str) -> &str {
    if text.len() <= TEXT_BYTES_MAX {
        return text;
    }
    text.get(..text.floor_char_boundary(TEXT_BYTES_MAX))
        .unwrap_or_default()
}

/// Appends an integer in decimal.
pub(crate) fn push_int(out: &mut Vec<u8>, value: impl itoa::Integer) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends `value` / 10⁹ with nine decimals: seconds of nanoseconds, dollars of nano-dollars.
pub(crate) fn push_nano(out: &mut Vec<u8>, value: i64) {
    if value < 0 {
        out.push(b'-');
    }
    let value = value.unsigned_abs();
    push_int(out, value / 1_000_000_000);
    out.push(b'.');
    push_padded(out, value % 1_000_000_000, 9);
}

/// Appends the `width` lowest decimal digits, with leading zeros.
fn push_padded(out: &mut Vec<u8>, mut value: u64, width: usize) {
    let mut digits = [b'0'; 9];
    let Some(digits) = digits.get_mut(..width) else {
        return;
    };
    for digit in digits.iter_mut().rev() {
        // A remainder of ten fits a byte.
        *digit = b'0' + (value % 10).to_le_bytes()[0];
        value /= 10;
    }
    out.extend_from_slice(digits);
}

/// Appends a JSON string, quoted and escaped.
pub(crate) fn push_json(out: &mut Vec<u8>, text: &str) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    // A name hardly ever has something to escape. Without a way out of the loop, the
    // processor looks at many bytes at a time.
    let is_plain = !rest
        .iter()
        .fold(false, |found, byte| found | is_special(*byte));
    if is_plain {
        out.extend_from_slice(rest);
        out.push(b'"');
        return;
    }
    while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
        let (plain, from) = rest.split_at(at);
        out.extend_from_slice(plain);
        let Some((special, after)) = from.split_first() else {
            break;
        };
        push_escape(out, *special);
        rest = after;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

const fn is_special(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

fn push_escape(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            let [high, low] = [byte >> 4, byte & 15].map(|nibble| DIGITS[usize::from(nibble)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
        }
    }
}

/// Appends a time in UTC as RFC 3339 with microseconds: `2026-11-21T08:17:33.000250Z`.
pub(crate) fn push_time(out: &mut Vec<u8>, unix_ns: u64) {
    let seconds = unix_ns / 1_000_000_000;
    let (year, month, day) = civil(seconds / 86_400);
    let of_day = seconds % 86_400;
    let parts = [
        (year, 4, b'-'),
        (month, 2, b'-'),
        (day, 2, b'T'),
        (of_day / 3_600, 2, b':'),
        (of_day / 60 % 60, 2, b':'),
        (of_day % 60, 2, b'.'),
        (unix_ns / 1_000 % 1_000_000, 6, b'Z'),
    ];
    for (value, width, after) in parts {
        push_padded(out, value, width);
        out.push(after);
    }
}

/// Year, month and day of a day since 1970-01-01, by the Gregorian calendar.
///
/// Years are counted from March, so that the leap day is the last day of a year and
/// the months before it follow a line of 153 days in five months.
const fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_IN_400_YEARS: u64 = 146_097;
    // From 0000-03-01 to 1970-01-01.
    let days = days + 719_468;
    let (era, day_of_era) = (days / DAYS_IN_400_YEARS, days % DAYS_IN_400_YEARS);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{civil, push_json, push_nano, push_time};

    fn text(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).expect("utf-8")
    }

    #[test]
    fn times_are_rfc_3339_in_utc() {
        for (unix_ns, expected) in [
            (0, "1970-01-01T00:00:00.000000Z"),
            (951_782_400_000_000_000, "2000-02-29T00:00:00.000000Z"),
            (1_795_249_053_000_250_999, "2026-11-21T08:17:33.000250Z"),
            (4_107_542_399_999_999_999, "2100-02-28T23:59:59.999999Z"),
        ] {
            assert_eq!(text(|out| push_time(out, unix_ns)), expected);
        }
    }

    #[test]
    fn every_day_of_four_centuries_follows_the_day_before() {
        let mut before = civil(0);
        for day in 1..146_097 {
            let now = civil(day);
            let is_next_day = now.0 == before.0 && now.1 == before.1 && now.2 == before.2 + 1;
            let is_next_month =
                now.0 == before.0 && now.1 == before.1 + 1 && now.2 == 1 && before.2 >= 28;
            let is_next_year = now == (before.0 + 1, 1, 1) && (before.1, before.2) == (12, 31);
            assert!(
                is_next_day || is_next_month || is_next_year,
                "{before:?} {now:?}"
            );
            before = now;
        }
        assert_eq!(before, (2369, 12, 31));
    }

    #[test]
    fn nano_units_are_exact_decimals() {
        assert_eq!(text(|out| push_nano(out, 12_500)), "0.000012500");
        assert_eq!(text(|out| push_nano(out, -1_500_000_000)), "-1.500000000");
        assert_eq!(
            text(|out| push_nano(out, i64::MIN)),
            "-9223372036.854775808"
        );
    }

    proptest! {
        #[test]
        fn a_json_string_reads_back(original in any::<String>()) {
            let json = text(|out| push_json(out, &original));
            let read: String = serde_json::from_str(&json).expect("JSON");
            prop_assert_eq!(read, original);
        }
    }
}
