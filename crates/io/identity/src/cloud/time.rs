//! Dates as clouds write them: UTC, without a library for calendars.

/// A moment, taken apart (proleptic Gregorian calendar, UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Civil {
    year: u64,
    month: u64,
    day: u64,
    second_of_day: u64,
}

const DAY_S: u64 = 24 * 3600;

fn civil(unix_s: u64) -> Civil {
    // Days are counted from 1 March of the year 0, so that a leap day ends a year.
    let days = unix_s / DAY_S + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    Civil {
        year: era * 400 + year_of_era + u64::from(month <= 2),
        month,
        day: of_year - (153 * shifted + 2) / 5 + 1,
        second_of_day: unix_s % DAY_S,
    }
}

/// `20150830T123600Z`, as signatures have it.
pub(super) fn amz_date(unix_s: u64) -> String {
    let Civil {
        year,
        month,
        day,
        second_of_day,
    } = civil(unix_s);
    let (hour, minute) = (second_of_day / 3600, second_of_day / 60 % 60);
    let second = second_of_day % 60;
    format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
}

/// Seconds since the epoch of `2015-08-30T12:36:00Z`, with or without a fraction of the
/// second; `None` for anything else.
pub(super) fn parse_utc(text: &str) -> Option<u64> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let time = time.split_once('.').map_or(time, |(whole, _)| whole);
    let [year, month, day] = three(date, '-')?;
    let [hour, minute, second] = three(time, ':')?;
    let is_valid = (1970..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second <= 60;
    if !is_valid {
        return None;
    }
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year / 400;
    let of_era = shifted_year % 400;
    let of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    let days = days.checked_sub(719_468)?;
    Some(days * DAY_S + hour * 3600 + minute * 60 + second)
}

fn three(text: &str, between: char) -> Option<[u64; 3]> {
    let mut parts = text.split(between).map(|part| {
        let is_number = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| part.parse().ok()).flatten()
    });
    let three = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(three)
}

#[cfg(test)]
mod tests {
    use super::{DAY_S, amz_date, parse_utc};

    #[test]
    fn dates_are_written_and_read() {
        assert_eq!(amz_date(1_440_938_160), "20150830T123600Z");
        assert_eq!(parse_utc("2015-08-30T12:36:00Z"), Some(1_440_938_160));
        assert_eq!(parse_utc("2015-08-30T12:36:00.123Z"), Some(1_440_938_160));
        assert_eq!(amz_date(0), "19700101T000000Z");
        assert_eq!(amz_date(1_709_164_800), "20240229T000000Z");
        for text in [
            "",
            "Z",
            "2015-08-30",
            "2015-13-30T12:36:00Z",
            "2015-08-30T12:36:00+01:00",
        ] {
            assert_eq!(parse_utc(text), None, "{text}");
        }
    }

    #[test]
    fn reading_gives_back_what_was_written() {
        for day in (0..60_000).step_by(17) {
            let unix_s = day * DAY_S + 45_296;
            let compact = amz_date(unix_s);
            let part =
                |range: std::ops::Range<usize>| compact.get(range).expect("digits").to_owned();
            let text = format!(
                "{}-{}-{}T{}:{}:{}Z",
                part(0..4),
                part(4..6),
                part(6..8),
                part(9..11),
                part(11..13),
                part(13..15)
            );
            assert_eq!(parse_utc(&text), Some(unix_s), "{text}");
        }
    }
}
