//! Dates of expiry: `2027-01-31` (to the end of that day) or `2027-01-31T12:00:00Z`.

/// Seconds since the epoch at which the date is over; `None` for anything else.
pub(super) fn expiry(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once(['T', 't']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let days = days_since_epoch(date)?;
    let Some(time) = time else {
        return days.checked_add(1)?.checked_mul(86_400);
    };
    let time = time.strip_suffix(['Z', 'z'])?;
    let mut parts = time.split(':');
    let hour = number(parts.next()?, 2).filter(|hour| *hour < 24)?;
    let minute = number(parts.next()?, 2).filter(|minute| *minute < 60)?;
    let second = number(parts.next()?, 2).filter(|second| *second < 60)?;
    if parts.next().is_some() {
        return None;
    }
    days.checked_mul(86_400)?
        .checked_add(hour * 3600 + minute * 60 + second)
}

/// Days from 1970-01-01 in the Gregorian calendar, from 1970 to 9999.
fn days_since_epoch(date: &str) -> Option<u64> {
    let mut parts = date.split('-');
    let year = number(parts.next()?, 4).filter(|year| *year >= 1970)?;
    let month = number(parts.next()?, 2).filter(|month| (1..=12).contains(month))?;
    let day = number(parts.next()?, 2)?;
    if parts.next().is_some() || day == 0 || day > days_in_month(year, month) {
        return None;
    }
    let leap_days_before = |year: u64| (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400;
    let years = (year - 1970) * 365 + leap_days_before(year) - leap_days_before(1970);
    let months: u64 = (1..month).map(|month| days_in_month(year, month)).sum();
    Some(years + months + day - 1)
}

fn days_in_month(year: u64, month: u64) -> u64 {
    let leap = (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Exactly so many digits.
fn number(text: &str, digits: usize) -> Option<u64> {
    let good = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    good.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::expiry;

    #[test]
    fn a_day_ends_at_the_next_midnight() {
        assert_eq!(expiry("1970-01-01"), Some(86_400));
        assert_eq!(expiry("2000-02-29"), Some(951_868_800));
        assert_eq!(expiry("2027-01-31"), Some(1_801_440_000));
    }

    #[test]
    fn a_time_is_that_second() {
        assert_eq!(expiry("2027-01-31T12:00:00Z"), Some(1_801_396_800));
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for text in [
            "",
            "soon",
            "2027",
            "2027-13-01",
            "2027-02-29",
            "2027-1-1",
            "2027-01-31T12:00:00",
            "2027-01-31T24:00:00Z",
            "1969-12-31",
            "2027-01-31T12:00:00+01:00",
        ] {
            assert_eq!(expiry(text), None, "{text}");
        }
    }
}
