//! Dates and times of day, as they are written in prose, tables and logs.
//!
//! Year-first and day- or month-first dates in digits; dates with the name of a month,
//! before or behind the day (English, German, French, Spanish, Italian, Dutch,
//! Portuguese); Chinese and Japanese dates; times with minutes or `am` and `pm`; a date
//! and the time behind it are one finding.
//! It leaves out years by themselves, weekdays (see `weekday`), and what depends on
//! today (`tomorrow`).

mod names;
#[cfg(test)]
pub(super) mod tests;

use super::reading::{Lengths, Reader, Reading, Spot};
use super::shape::Undecided;
use crate::digit::is_digit;
use names::{Month, month};
pub(super) use names::{month_before, name_start};

/// `1` to `2024`, and what may be joined to them: `12th`, `2024T10pm`.
pub(super) const LENGTHS: Lengths = Lengths::between(1, 9);

pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    if glued(spot) {
        return Ok(None);
    }
    let mut reader = spot.reader();
    let Some((first, length)) = reader.number()? else {
        return Ok(None);
    };
    let lead = month_before(spot.text, spot.word, spot.floor);
    let (start, score) = match (lead, length) {
        (Some(lead), 1 | 2) if (1..=31).contains(&first) => match after_month(&mut reader)? {
            Some(score) => (lead, score),
            None => return Ok(None),
        },
        (Some(lead), 4) if (1500..2200).contains(&first) => (lead, 60),
        _ => match date(&mut reader, first, length)? {
            Some(score) => (spot.word, score),
            None => {
                return Ok(clock(&mut spot.reader())?.map(|end| Reading {
                    start: spot.word,
                    end,
                    score: 60,
                    checked: false,
                }));
            }
        },
    };
    time_behind(&mut reader)?;
    if !reader.ends()? {
        return Ok(None);
    }
    Ok(Some(Reading {
        start,
        end: reader.at,
        score,
        checked: false,
    }))
}

/// Whether the digits are a part of something longer.
fn glued(spot: &Spot<'_>) -> bool {
    let before = spot.text.get(..spot.word).unwrap_or_default();
    match before {
        [.., digit, b'.' | b'-' | b'/' | b':' | b','] => is_digit(*digit),
        [.., b'$' | b'#' | b'_' | b'.'] => true,
        _ => false,
    }
}

/// A day behind the name of a month, and the year behind it.
fn after_month(reader: &mut Reader<'_>) -> Result<Option<u8>, Undecided> {
    ordinal(reader)?;
    if !reader.ends()? || reader.peek()? == Some(b':') {
        return Ok(None);
    }
    let mut next = *reader;
    next.take(b",")?;
    next.take(b" ")?;
    if let Some(end) = year(next)? {
        reader.at = end;
        return Ok(Some(80));
    }
    Ok(Some(60))
}

/// `st`, `nd`, `rd`, `th`.
fn ordinal(reader: &mut Reader<'_>) -> Result<(), Undecided> {
    let follows = reader
        .peek()?
        .is_some_and(|byte| byte.is_ascii_alphabetic());
    if follows {
        for sign in [b"st", b"nd", b"rd", b"th"] {
            if reader.word(sign)? {
                break;
            }
        }
    }
    Ok(())
}

/// Where a year of four digits ends that stands here.
fn year(mut reader: Reader<'_>) -> Result<Option<usize>, Undecided> {
    if !reader.is_digit_at(0)? {
        return Ok(None);
    }
    let Some((year, 4)) = reader.number()? else {
        return Ok(None);
    };
    let fits = (1500..2200).contains(&year) && reader.ends()?;
    Ok(fits.then_some(reader.at))
}

/// The rest of a date that begins with this number.
fn date(reader: &mut Reader<'_>, first: u32, length: usize) -> Result<Option<u8>, Undecided> {
    match (length, reader.peek()?) {
        (4, Some(0xe5)) => return cjk(reader),
        (4 | 1 | 2, Some(joint @ (b'-' | b'/' | b'.'))) => {
            let mut next = *reader;
            next.at += 1;
            if next.is_digit_at(0)? {
                let score = numeric(&mut next, (first, length), joint)?;
                if score.is_some() {
                    *reader = next;
                }
                return Ok(score);
            }
        }
        _ => {}
    }
    if length > 2 || !(1..=31).contains(&first) {
        return Ok(None);
    }
    ordinal(reader)?;
    day_and_name(reader)
}

/// The second and third number of a date in digits.
fn numeric(
    reader: &mut Reader<'_>,
    first: (u32, usize),
    joint: u8,
) -> Result<Option<u8>, Undecided> {
    let Some((second, 1 | 2)) = reader.number()? else {
        return Ok(None);
    };
    if reader.take(&[joint])?.is_none() || !reader.is_digit_at(0)? {
        return Ok(None);
    }
    let Some((third, length)) = reader.number()? else {
        return Ok(None);
    };
    let goes_on = reader.peek()? == Some(joint) && reader.is_digit_at(1)?;
    if goes_on {
        return Ok(None);
    }
    let day_and_month = |day: u32, month: u32| (1..=31).contains(&day) && (1..=12).contains(&month);
    let (first, first_length) = first;
    let right = if first_length == 4 {
        length <= 2 && (1000..3000).contains(&first) && day_and_month(third, second)
    } else {
        (length == 4 && (1000..3000).contains(&third) || length == 2)
            && (day_and_month(first, second) || day_and_month(second, first))
    };
    Ok(right.then_some(match (joint, length, first_length) {
        (_, 4, _) | (.., 4) => 80,
        (b'/', ..) => 60,
        (b'-', ..) => 45,
        _ => 40,
    }))
}

/// The name of a month behind the day, and the year behind it.
fn day_and_name(reader: &mut Reader<'_>) -> Result<Option<u8>, Undecided> {
    let mut next = *reader;
    next.take(b".")?;
    let joint = next.take(b" -/")?;
    if joint.is_none() {
        return Ok(None);
    }
    for word in [&b"of "[..], b"de "] {
        if next.word(word)? {
            break;
        }
    }
    let Some(name) = month(&mut next)? else {
        return Ok(None);
    };
    reader.at = next.at;
    next.take(b".")?;
    match joint {
        Some(b' ') | None => {
            next.take(b",")?;
            next.take(b" ")?;
        }
        _ => {
            next.take(b"-/")?;
        }
    }
    for word in [&b"de "[..], b"del "] {
        if next.word(word)? {
            break;
        }
    }
    if let Some(end) = year(next)? {
        reader.at = end;
        return Ok(Some(80));
    }
    // `10-May` stands in tables, `5 may be` in sentences.
    Ok((name == Month::Certain).then_some(60))
}

/// Year, month and day with their signs, in Chinese and Japanese.
fn cjk(reader: &mut Reader<'_>) -> Result<Option<u8>, Undecided> {
    const YEAR: &[u8] = "\u{5e74}".as_bytes();
    const MONTH: &[u8] = "\u{6708}".as_bytes();
    const DAY: &[u8] = "\u{65e5}".as_bytes();
    if !reader.word(YEAR)? || reader.number()?.is_none() || !reader.word(MONTH)? {
        return Ok(None);
    }
    let mut next = *reader;
    if next.number()?.is_some() && next.word(DAY)? {
        *reader = next;
    }
    Ok(Some(80))
}

/// Takes a time of day; gives where it ends.
fn clock(reader: &mut Reader<'_>) -> Result<Option<usize>, Undecided> {
    let Some((hour, 1 | 2)) = reader.number()? else {
        return Ok(None);
    };
    let mut parts = 0;
    while parts < 2 && reader.peek()? == Some(b':') && reader.is_digit_at(1)? {
        reader.at += 1;
        match reader.number()? {
            Some((value, 2)) if value < 60 => parts += 1,
            _ => return Ok(None),
        }
    }
    if parts == 2 && matches!(reader.peek()?, Some(b'.' | b',')) && reader.is_digit_at(1)? {
        reader.at += 1;
        if reader.number()?.is_none() {
            return Ok(None);
        }
    }
    let half = half_of_day(reader)?;
    let right = hour < 24 && (parts > 0 || half && (1..=12).contains(&hour));
    Ok((right && reader.ends()? && reader.peek()? != Some(b':')).then_some(reader.at))
}

/// Takes `am`, `p.m.` and the like.
fn half_of_day(reader: &mut Reader<'_>) -> Result<bool, Undecided> {
    let mut next = *reader;
    if next.take(b" ")?.is_some() && !matches!(next.peek()?, Some(b'a' | b'p' | b'A' | b'P')) {
        return Ok(false);
    }
    for sign in [&b"a.m."[..], b"p.m.", b"am", b"pm"] {
        let mut after = next;
        if after.word(sign)? && after.ends()? {
            reader.at = after.at;
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes the time of day that belongs to the date before it.
fn time_behind(reader: &mut Reader<'_>) -> Result<(), Undecided> {
    let mut next = *reader;
    next.take(b",")?;
    if next.take(b" T")?.is_none() {
        return Ok(());
    }
    for word in [&b"at "[..], b"um "] {
        if next.word(word)? {
            break;
        }
    }
    if !next.is_digit_at(0)? {
        return Ok(());
    }
    let Some(end) = clock_and_zone(next)? else {
        return Ok(());
    };
    reader.at = end;
    Ok(())
}

/// Where a time of day with its zone ends.
fn clock_and_zone(mut reader: Reader<'_>) -> Result<Option<usize>, Undecided> {
    let begin = reader;
    if let Some(end) = clock(&mut reader)? {
        let mut zone = reader;
        let signed = zone.take(b"+-")?.is_some() && zone.number()?.is_some();
        if signed {
            let colon = zone.take(b":")?.is_some();
            if !colon || zone.number()?.is_some() {
                return Ok(Some(zone.at));
            }
        }
        return Ok(Some(end));
    }
    // A `Z` at the end.
    let mut digits = begin;
    while digits
        .peek()?
        .is_some_and(|byte| is_digit(byte) || matches!(byte, b':' | b'.'))
        && digits.at - begin.at < 24
    {
        digits.at += 1;
    }
    let zulu = digits.take(b"Zz")?.is_some() && digits.ends()?;
    Ok((zulu && digits.at - begin.at > 5).then_some(digits.at))
}
