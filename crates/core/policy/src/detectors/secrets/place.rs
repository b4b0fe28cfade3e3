//! Where a value stands: the name before a sign, and what is between the two.

use super::assigned::Quote;
use super::name::NAME_BYTES_MAX;
use super::reader::{ByteSet, Reader};

/// The most that may stand between a sign and its value, in bytes.
const GAP_BYTES_MAX: usize = 16;

/// What a name in quotes may consist of, beside what is not ASCII.
const QUOTED_NAME: ByteSet = ByteSet::of(b"09AZaz__--..  $$@@");

/// What one without quotes may.
const NAME: ByteSet = ByteSet::of(b"09AZaz__--..  $$@@::&&''**//<<");

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
pub(super) fn name_before(reader: &mut Reader<'_>, sign: usize) -> Option<(usize, usize)> {
    let first = sign.saturating_sub(NAME_BYTES_MAX);
    let near = reader.slice(first, sign);
    let around = |byte: &u8| matches!(byte, b' ' | b'\t' | b'=' | b':' | b'!' | b'?' | b'-' | b'*');
    let end = near.iter().rposition(|byte| !around(byte))? + 1;
    let near = near.get(..end)?;
    let closing = |byte: &u8| matches!(byte, b'"' | b'\'' | b'`' | b']' | b'\\' | b'*' | b')');
    let inner = near.iter().rposition(|byte| !closing(byte))? + 1;
    let quoted = inner < end;
    let set = if quoted { QUOTED_NAME } else { NAME };
    let start = reader.name_start(set, first, first + inner);
    (start < first + inner).then_some((start, first + inner))
}

#[cfg(test)]
mod tests {
    use super::name_before;
    use crate::detectors::secrets::name::Names;
    use crate::detectors::secrets::reader::Reader;

    #[test]
    fn what_a_name_says_does_not_depend_on_what_was_read_before() {
        const PIECES: [&str; 24] = [
            "pass", "word", "key", "api_", "token", "secret", "max-", "id", ":", "=", ": ", " & ",
            "&", "\"", "\": \"", "'", " ", "/", "-", "7", "x", "\u{e9}", ".", "a:b:c:",
        ];
        let names = Names::new().unwrap();
        let mut random = 7_u64;
        for _ in 0..200 {
            let mut text = String::new();
            for _ in 0..80 {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push_str(PIECES[(random >> 33) as usize % PIECES.len()]);
            }
            let mut reader = Reader::new(text.as_bytes(), true);
            for sign in 0..text.len() {
                let mut anew = Reader::new(text.as_bytes(), true);
                let name = name_before(&mut reader, sign);
                assert_eq!(name, name_before(&mut anew, sign), "{text:?} at {sign}");
                if let Some(name) = name {
                    let says = names.read(&mut reader, name).says();
                    assert_eq!(
                        says,
                        names.read(&mut anew, name).says(),
                        "{text:?} {name:?}"
                    );
                }
            }
        }
    }
}
