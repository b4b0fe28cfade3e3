//! The JSON reader beside `serde_json`: same texts accepted, same values found.

use serde_json::{Map, Value};
use tollgate_wire::json::{Error, Kind, Reader, decode};

/// Up to this length every span is parsed on its own, which is quadratic in the depth.
const SPANS_BYTES_MAX: usize = 4 << 10;

/// From here on the two may differ on whether a double can hold the number.
const NEAR_INFINITE: f64 = 1.797e308;

/// Compares the two on one text.
///
/// # Panics
/// When they differ.
pub(crate) fn check(bytes: &[u8]) {
    let theirs = serde_json::from_slice::<Value>(bytes);
    let walked = walk(bytes);
    let skipped = skip(bytes);
    assert_eq!(
        walked.is_ok(),
        skipped.is_ok(),
        "reading {walked:?}, skipping {skipped:?}"
    );
    match (walked, theirs) {
        (Ok(ours), Ok(theirs)) => assert_eq!(ours, theirs),
        (Err(_), Err(_)) => {}
        (Err(Error::Number { .. }), Ok(theirs)) => assert!(is_near_infinite(&theirs)),
        (Ok(ours), Err(error)) => {
            assert!(
                error.to_string().starts_with("number out of range"),
                "accepted: {error}"
            );
            assert!(is_near_infinite(&ours), "accepted: {error}");
        }
        (Err(error), Ok(_)) => panic!("refused: {error}"),
    }
}

fn is_near_infinite(value: &Value) -> bool {
    match value {
        Value::Number(number) => number
            .as_f64()
            .is_some_and(|value| value.abs() > NEAR_INFINITE),
        Value::Array(values) => values.iter().any(is_near_infinite),
        Value::Object(members) => members.values().any(is_near_infinite),
        _ => false,
    }
}

fn skip(bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(bytes)?;
    reader.skip()?;
    reader.finish()
}

fn walk(bytes: &[u8]) -> Result<Value, Error> {
    let mut reader = Reader::new(bytes)?;
    let value = value(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

/// Reads one value member by member, and checks each span on the way.
fn value(reader: &mut Reader<'_>) -> Result<Value, Error> {
    let kind = reader.kind()?;
    let start = reader.offset();
    let value = match kind {
        Kind::Null => reader.null().map(|()| Value::Null)?,
        Kind::Bool => reader.bool().map(Value::Bool)?,
        Kind::Number => {
            let bytes = reader.bytes();
            let number = reader.number()?.of(bytes);
            // Near the largest double the standard library's rounding stands in.
            serde_json::from_slice(number).unwrap_or_else(|_range| Value::from(f64::MAX))
        }
        Kind::String => {
            let string = reader.string()?;
            let text = reader.text(string);
            let decoded = decode(string.span.of(reader.bytes()), string.escaped);
            assert_eq!(decoded.as_ref(), Ok(&text));
            assert_eq!(
                string.escaped,
                string.span.of(reader.bytes()).contains(&b'\\')
            );
            Value::String(text.into_owned())
        }
        Kind::Array => {
            let mut values = Vec::new();
            reader.array::<Error>(|reader, index| {
                assert_eq!(index as usize, values.len());
                values.push(value(reader)?);
                Ok(())
            })?;
            Value::Array(values)
        }
        Kind::Object => {
            let mut members = Map::new();
            reader.object::<Error>(|reader, key| {
                assert_eq!(reader.text(key.span()), key.as_str());
                members.insert(key.to_string(), value(reader)?);
                Ok(())
            })?;
            Value::Object(members)
        }
    };
    let bytes = reader.bytes();
    if bytes.len() <= SPANS_BYTES_MAX && !is_near_infinite(&value) {
        let span = &bytes[start as usize..reader.offset() as usize];
        assert_eq!(
            serde_json::from_slice::<Value>(span).ok().as_ref(),
            Some(&value)
        );
    }
    Ok(value)
}
