//! Where a value stands: the name before a sign, and what is between the two.

use super::assigned::Quote;
use super::name::NAME_BYTES_MAX;
use super::reader::Reader;

/// The most that may stand between a sign and its value, in bytes.
const GAP_BYTES_MAX: usize = 16;

/// Where a value begins.
pub(super) enum Value {
    No,
    Undecided,
    At(usize, Quote),
}

/// Skips what stands between a sign and its value.
pub(super) fn value_after(reader: &Reader<'_>, from: usize) -> Value {
    let mut at = from;
    while at - from <= GAP_BYTES_MAX {
        let Some(byte) = reader.byte(at) else {
            return if reader.last {
                Value::No
            } else {
                Value::Undecided
            };
        };
        match byte {
            b' ' | b'\t' | b'*' | b'=' | b'>' | b'(' => at += 1,
            b'"' | b'\'' | b'`' => return Value::At(at + 1, Quote::Byte(byte)),
            b'\\' => match reader.byte(at + 1) {
                Some(b'"' | b'\'') => return Value::At(at + 2, Quote::Escaped),
                None if !reader.last => return Value::Undecided,
                _ => return Value::No,
            },
            // A curly quote.
            0xe2 => match reader.text.get(at + 1..at + 3) {
                Some([0x80, 0x98 | 0x9c]) => at += 3,
                None if !reader.last => return Value::Undecided,
                _ => return Value::No,
            },
            b'b' | b'r' | b'f' | b'u' if matches!(reader.byte(at + 1), Some(b'"' | b'\'')) => {
                at += 1;
            }
            b'@' if reader.byte(at + 1) == Some(b'"') => at += 1,
            _ if byte.is_ascii_graphic() => return Value::At(at, Quote::Nothing),
            _ => return Value::No,
        }
    }
    Value::No
}

/// The name before a sign, without the signs and quotes around it.
pub(super) fn name_before(reader: &Reader<'_>, sign: usize) -> Option<(usize, usize)> {
    let first = sign.saturating_sub(NAME_BYTES_MAX);
    let near = reader.slice(first, sign);
    let around = |byte: &u8| matches!(byte, b' ' | b'\t' | b'=' | b':' | b'!' | b'?' | b'-' | b'*');
    let end = near.iter().rposition(|byte| !around(byte))? + 1;
    let near = near.get(..end)?;
    let closing = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\' | b'*' | b')');
    let inner = near.iter().rposition(|byte| !closing(byte))? + 1;
    let near = near.get(..inner)?;
    let quoted = inner < end;
    let of_name = |byte: &u8| {
        byte.is_ascii_alphanumeric()
            || !byte.is_ascii()
            || matches!(byte, b'_' | b'-' | b'.' | b' ' | b'$' | b'@')
            || !quoted && matches!(byte, b':' | b'&' | b'\'' | b'*' | b'/' | b'<')
    };
    // In a query a name begins behind `&`; in code a type does, behind a space.
    let in_name = |at: usize| match near.get(at) {
        Some(b'&') => at > 0 && near.get(at - 1) == Some(&b' '),
        byte => byte.is_some_and(of_name),
    };
    let start = (0..near.len())
        .rev()
        .find(|at| !in_name(*at))
        .map_or(0, |at| at + 1);
    (start < inner).then_some((first + start, first + inner))
}
