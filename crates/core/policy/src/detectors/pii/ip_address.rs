//! IP addresses of both versions, and hardware addresses.
//!
//! Version 4 in four decimal parts without leading zeros, not a part of a longer dotted
//! number; less sure where all parts have one digit, as in the versions of programs.
//! Version 6 in every form of RFC 4291. What means no address of anybody (unspecified,
//! loopback, broadcast) is none. Hardware addresses are six pairs joined by `:` or `-`,
//! or three groups of four joined by dots.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::reading::{Lengths, Reader, Reading, Spot};
use super::shape::Undecided;

/// The longest form of version 6.
pub(super) const BYTES_MAX: usize = 45;

/// A part of an address of either version.
pub(super) const LENGTHS: Lengths = Lengths::between(1, 4);

/// A pair, or a group of four.
pub(super) const MAC_LENGTHS: Lengths = Lengths::between(2, 2).and(Lengths::between(4, 4));

/// Reads an IP address.
pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let word_end = spot.word + spot.word().len();
    if spot.before(spot.word) == b':' || spot.text.get(word_end) == Some(&b':') {
        let six = read_six(spot)?;
        if six.is_some() {
            return Ok(six);
        }
    }
    if spot.text.get(word_end) == Some(&b'.') {
        return read_four(spot);
    }
    Ok(None)
}

fn read_four(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let dotted = matches!(spot.text.get(..spot.word), Some([.., before, b'.']) if before.is_ascii_alphanumeric());
    if dotted {
        return Ok(None);
    }
    let mut reader = spot.reader();
    let mut parts = [0_u8; 4];
    for place in 0..4 {
        if place > 0 && reader.take(b".")?.is_none() {
            return Ok(None);
        }
        let zero = reader.peek()? == Some(b'0');
        let part = match reader.number()? {
            Some((value, length)) if length == 1 || length < 4 && !zero => u8::try_from(value),
            _ => return Ok(None),
        };
        let (Ok(part), Some(slot)) = (part, parts.get_mut(place)) else {
            return Ok(None);
        };
        *slot = part;
    }
    if !reader.ends()? || longer(&reader)? {
        return Ok(None);
    }
    let address = Ipv4Addr::from(parts);
    if address.is_unspecified() || address.is_loopback() || address.is_broadcast() {
        return Ok(None);
    }
    Ok(Some(Reading {
        start: spot.word,
        end: reader.at,
        score: if parts.iter().all(|part| *part < 10) {
            45
        } else {
            70
        },
        checked: false,
    }))
}

/// Whether a dotted number goes on here.
fn longer(reader: &Reader<'_>) -> Result<bool, Undecided> {
    Ok(match reader.peek()? {
        Some(b'.') => reader.is_digit_at(1)?,
        Some(b'-' | b'+') => reader
            .peek_at(1)?
            .is_some_and(|byte| byte.is_ascii_alphabetic()),
        _ => false,
    })
}

/// Where the run of hexadecimal digits and colons before `end` begins, when it may be
/// the beginning of an address.
pub(super) fn colons_before(text: &[u8], end: usize, floor: usize) -> Option<usize> {
    let first = end.saturating_sub(BYTES_MAX + 1);
    let near = text.get(first..end)?;
    let other = near
        .iter()
        .rposition(|byte| !byte.is_ascii_hexdigit() && *byte != b':');
    let start = other.map_or(first, |at| first + at + 1);
    let inside = start
        .checked_sub(1)
        .and_then(|at| text.get(at))
        .is_some_and(u8::is_ascii_alphanumeric);
    let is_short = end - start <= BYTES_MAX;
    (is_short && !inside && floor <= start && start < end).then_some(start)
}

fn read_six(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let start = match colons_before(spot.text, spot.word, spot.floor) {
        Some(start) => start,
        None if spot.before(spot.word) == b':' => return Ok(None),
        None => spot.word,
    };
    let mut end = start;
    let mut colons = 0;
    loop {
        match spot.text.get(end) {
            Some(b':') => colons += 1,
            Some(byte) if byte.is_ascii_hexdigit() || *byte == b'.' => {}
            None if !spot.last => return Err(Undecided),
            _ => break,
        }
        end += 1;
        if end - start > BYTES_MAX {
            return Ok(None);
        }
    }
    let inside = spot.text.get(end).is_some_and(u8::is_ascii_alphanumeric);
    if inside || colons < 2 {
        return Ok(None);
    }
    let written = spot.text.get(start..end).unwrap_or_default();
    let trimmed = written.strip_suffix(b".").unwrap_or(written);
    let bare = trimmed.strip_suffix(b":").unwrap_or(trimmed);
    for form in [trimmed, bare] {
        let address = std::str::from_utf8(form)
            .ok()
            .and_then(|form| form.parse().ok());
        let Some(address): Option<Ipv6Addr> = address else {
            continue;
        };
        if address.is_unspecified() || address.is_loopback() {
            return Ok(None);
        }
        return Ok(Some(Reading {
            start,
            end: start + form.len(),
            score: if colons > 2 || form.iter().any(u8::is_ascii_alphabetic) {
                95
            } else {
                45
            },
            checked: false,
        }));
    }
    Ok(None)
}

/// Where the pairs of hexadecimal digits begin that stand before `at`, each with a
/// joint behind it.
pub(super) fn pairs_before(text: &[u8], at: usize, floor: usize) -> usize {
    let mut start = at;
    for _ in 0..5 {
        let Some([first, second, b':' | b'-']) = start
            .checked_sub(3)
            .filter(|from| *from >= floor)
            .and_then(|from| text.get(from..start))
        else {
            break;
        };
        let inside = start
            .checked_sub(4)
            .and_then(|at| text.get(at))
            .is_some_and(u8::is_ascii_alphanumeric);
        if inside || !first.is_ascii_hexdigit() || !second.is_ascii_hexdigit() {
            break;
        }
        start -= 3;
    }
    start
}

/// Reads a hardware address.
pub(super) fn read_mac(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    let group = spot.word().len();
    let (start, pair) = match group {
        2 => (pairs_before(spot.text, spot.word, spot.floor), 2),
        4 => (spot.word, 4),
        _ => return Ok(None),
    };
    let glued = matches!(spot.text.get(..start), Some([.., before, b':' | b'-' | b'.']) if before.is_ascii_hexdigit());
    if glued {
        return Ok(None);
    }
    let mut reader = Reader {
        at: start,
        ..spot.reader()
    };
    let mut joint = None;
    let (mut least, mut most) = (u8::MAX, 0);
    for digit in 0..12 {
        if digit > 0 && digit % pair == 0 {
            let wanted: &[u8] = if pair == 4 { b"." } else { b":-" };
            let taken = reader.take(wanted)?;
            if taken.is_none() || taken != *joint.get_or_insert(taken) {
                return Ok(None);
            }
        }
        let Some(byte) = reader.peek()?.filter(u8::is_ascii_hexdigit) else {
            return Ok(None);
        };
        reader.at += 1;
        let byte = byte.to_ascii_lowercase();
        (least, most) = (least.min(byte), most.max(byte));
    }
    let nobody = least == most && matches!(least, b'0' | b'f');
    let longer = matches!(reader.peek()?, Some(b':' | b'-'))
        && reader
            .peek_at(1)?
            .is_some_and(|byte| byte.is_ascii_hexdigit());
    Ok((reader.ends()? && !longer && !nobody).then_some(Reading {
        start,
        end: reader.at,
        score: if pair == 4 { 80 } else { 95 },
        checked: false,
    }))
}
