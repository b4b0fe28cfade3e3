//! Phone numbers.
//!
//! International with `+`, `00` or `011` and a calling code, as long as the numbers
//! of its countries; North American in their groups; national with a leading zero or
//! an area code in parentheses. Other digits in groups, and runs of them, are phone
//! numbers where a word before says so, or a label behind (`office`, `fax`). An
//! extension (`x123`, `ext. 123`) belongs to the number.
//! Not: dates, dotted addresses and versions, ISBNs.
//! Without a `+` also not: the numbers of a table, where eight groups follow each other.
//! Bounds: eight groups, 17 digits.

mod plan;
#[cfg(test)]
pub(super) mod tests;

use smallvec::SmallVec;

use super::reading::{Lengths, Reader, Reading, Spot};
use super::shape::{self, Joint, Undecided, continues, joint};
use crate::digit::is_digit;
use plan::Number;

const GROUPS_MAX: usize = 8;
const DIGITS_MIN: usize = 6;
const DIGITS_MAX: usize = 17;

/// The first group, perhaps with an extension: `6459740x123`.
pub(super) const LENGTHS: Lengths = Lengths::between(1, DIGITS_MAX + 9 + EXTENSION_DIGITS_MAX);

/// How many digits an extension may have.
const EXTENSION_DIGITS_MAX: usize = 7;

/// What a label behind a number, or an extension, adds.
const LABEL: u8 = 35;

/// Labels behind a number.
const LABELS: [&[u8]; 10] = [
    b"office", b"fax", b"mobile", b"cell", b"home", b"work", b"phone", b"tel", b"mobil", b"direct",
];

/// One group of digits as it is written.
#[derive(Clone, Copy, Debug, Default)]
struct Part {
    digits: usize,
    /// How many digits there are up to its end.
    until: usize,
    /// Where it ends, with the parenthesis behind it.
    end: usize,
    /// Whether it is in parentheses, alone.
    enclosed: bool,
    /// Whether a parenthesis is open behind it.
    open: bool,
    /// What joins it to the next.
    joint: Option<Joint>,
}

/// A number as it is written.
#[derive(Debug, Default)]
struct Written {
    start: usize,
    plus: bool,
    digits: SmallVec<[u8; DIGITS_MAX]>,
    parts: SmallVec<[Part; GROUPS_MAX]>,
}

pub(super) fn read(spot: &Spot<'_>) -> Result<Option<Reading>, Undecided> {
    if !spot.word().first().is_some_and(|byte| is_digit(*byte)) {
        return Ok(None);
    }
    let start = lead(spot.text, spot.word, spot.floor);
    if start == spot.word && is_short_or_table(spot) {
        return Ok(None);
    }
    let glued = start < spot.word && spot.before(start).is_ascii_alphanumeric();
    if glued || continues(spot.text, start) {
        return Ok(None);
    }
    let mut reader = Reader {
        at: start,
        ..spot.reader()
    };
    let written = written(&mut reader)?;
    let mut best: Option<Reading> = None;
    for count in 1..=written.parts.len() {
        let Some(reading) = reading(spot, &written, count)? else {
            continue;
        };
        if best.is_none_or(|best| best.score <= reading.score) {
            best = Some(reading);
        }
    }
    Ok(best)
}

/// Whether the digits that follow each other are too few, or so many groups that they
/// are a table's.
fn is_short_or_table(spot: &Spot<'_>) -> bool {
    let groups = spot.shape.groups();
    let Some(last) = groups.last() else {
        return true;
    };
    let behind = spot.text.get(last.end..).unwrap_or_default();
    let goes_on = matches!(behind, [b'(' | b')', ..] | [_, b'(', ..]);
    groups.len() == shape::GROUPS_MAX || last.chars < DIGITS_MIN && !goes_on
}

/// Where the signs begin that stand before the first digit of a number.
pub(super) fn lead(text: &[u8], word: usize, floor: usize) -> usize {
    let before = text.get(floor..word).unwrap_or_default();
    let signs = match before {
        [.., b'(', b'+'] | [.., b'+', b'('] => 2,
        [.., b'(' | b'+'] => 1,
        _ => 0,
    };
    word - signs
}

/// Reads groups of digits as long as they may be one number.
fn written(reader: &mut Reader<'_>) -> Result<Written, Undecided> {
    let mut written = Written {
        start: reader.at,
        ..Written::default()
    };
    let mut open = reader.take(b"(")?.is_some();
    written.plus = reader.take(b"+")?.is_some();
    open = open || reader.take(b"(")?.is_some();
    while written.parts.len() < GROUPS_MAX {
        let alone = open
            && reader
                .text
                .get(..reader.at)
                .is_some_and(|before| before.ends_with(b"("));
        let before = written.digits.len();
        while let Some(digit) = reader.peek()?.filter(|byte| is_digit(*byte)) {
            if written.digits.len() == DIGITS_MAX {
                return Ok(written);
            }
            written.digits.push(digit);
            reader.at += 1;
        }
        let closed = open && reader.take(b")")?.is_some();
        open = open && !closed;
        written.parts.push(Part {
            digits: written.digits.len() - before,
            until: written.digits.len(),
            end: reader.at,
            enclosed: alone && closed,
            open,
            joint: None,
        });
        let joined = joint(reader.text, reader.at, reader.last)?;
        reader.at = joined.map_or(reader.at, |(_, after)| after);
        let opens = !open && reader.take(b"(")?.is_some();
        open = open || opens;
        let follows = reader.is_digit_at(0)?;
        if !follows || joined.is_none() && !opens && !closed {
            break;
        }
        if let Some(part) = written.parts.last_mut() {
            part.joint = joined.map(|(joint, _)| joint);
        }
    }
    Ok(written)
}

/// What the first `count` groups are.
fn reading(spot: &Spot<'_>, written: &Written, count: usize) -> Result<Option<Reading>, Undecided> {
    let parts = written.parts.get(..count).unwrap_or_default();
    let Some(part) = parts.last().filter(|part| !part.open) else {
        return Ok(None);
    };
    let score = Number {
        plus: written.plus,
        digits: written.digits.get(..part.until).unwrap_or_default(),
        parts,
    }
    .score();
    let mut reader = Reader {
        at: part.end,
        ..spot.reader()
    };
    if score == 0 {
        return Ok(None);
    }
    let extended = extension(&mut reader)?;
    if !extended && !ends(&reader, part)? {
        return Ok(None);
    }
    let labelled = score < 60 && !extended && label(reader)?;
    Ok(Some(Reading {
        start: written.start,
        end: reader.at,
        score: if extended || labelled {
            (score + LABEL).min(95)
        } else {
            score
        },
        checked: false,
    }))
}

/// Whether a number may end here.
fn ends(reader: &Reader<'_>, part: &Part) -> Result<bool, Undecided> {
    let Some(byte) = reader.peek()? else {
        return Ok(true);
    };
    if byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'%' | b'_') {
        return Ok(false);
    }
    if byte == b':' {
        return Ok(!reader.is_digit_at(1)?);
    }
    // Shorter than what is written: only where a space stands.
    if part.joint.is_some() {
        return Ok(part.joint == Some(Joint::Space));
    }
    Ok(match joint(reader.text, reader.at, reader.last)? {
        Some((Joint::Space, _)) | None => true,
        Some((_, after)) => {
            let next = Reader {
                at: after,
                ..*reader
            };
            !next.is_digit_at(0)?
        }
    })
}

/// Takes an extension when one stands here.
fn extension(reader: &mut Reader<'_>) -> Result<bool, Undecided> {
    let mut next = *reader;
    next.take(b",")?;
    next.take(b" ")?;
    let words: [&[u8]; 5] = [b"extension", b"ext.", b"ext", b"x", b"#"];
    let mut marked = false;
    for word in words {
        marked = marked || next.word(word)?;
    }
    if !marked {
        return Ok(false);
    }
    next.take(b" :")?;
    let begin = next.at;
    while next.is_digit_at(0)? && next.at - begin <= EXTENSION_DIGITS_MAX {
        next.at += 1;
    }
    if (1..=EXTENSION_DIGITS_MAX).contains(&(next.at - begin)) && next.ends()? {
        *reader = next;
        return Ok(true);
    }
    Ok(false)
}

/// Whether a label stands here that says what the number was.
fn label(mut reader: Reader<'_>) -> Result<bool, Undecided> {
    if reader.take(b" -(")?.is_none() {
        return Ok(false);
    }
    reader.take(b"(")?;
    for label in LABELS {
        let mut after = reader;
        if after.word(label)? && after.ends()? {
            return Ok(true);
        }
    }
    Ok(false)
}
