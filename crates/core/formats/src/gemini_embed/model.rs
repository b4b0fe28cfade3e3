//! The names of models in requests.

use bytes::Bytes;
use tollgate_wire::json::{Key, Kind, Reader};
use tollgate_wire::{Edit, Span};

use super::Count;
use crate::format::{DecodeError, Naming};
use crate::write;

/// What stands before a model's name wherever it is named in full.
const PREFIX: &str = "models/";

/// The edits that name another model wherever a request names one, and in each of a list of
/// requests, which must.
pub(super) fn edits(body: &[u8], count: Count, model: &str) -> Result<Naming, DecodeError> {
    let mut edits = Naming::new();
    let name = format!("{PREFIX}{model}");
    let mut reader = Reader::new(body)?;
    match count {
        Count::One => one(&mut reader, count, &name, &mut edits)?,
        Count::Any => {
            reader.object(|r, key| match key.as_str() {
                "requests" if r.kind()? == Kind::Array => {
                    r.array(|r, _index| match r.kind()? {
                        Kind::Object => one(r, count, &name, &mut edits),
                        _ => Ok(()),
                    })?;
                    Ok(())
                }
                _ => Ok::<_, DecodeError>(()),
            })?;
        }
    }
    Ok(edits)
}

fn one(
    r: &mut Reader<'_>,
    count: Count,
    name: &str,
    edits: &mut Naming,
) -> Result<(), DecodeError> {
    let mut written = Vec::with_capacity(name.len() + 12);
    write::string_into(&mut written, name);
    let (mut found, mut is_empty) = (None, true);
    let object = r.object(|r, key: Key<'_>| {
        is_empty = false;
        if key.as_str() == "model" {
            let start = {
                r.kind()?;
                r.offset()
            };
            r.skip()?;
            found = Some(Span::new(start, r.offset()));
        }
        Ok::<_, DecodeError>(())
    })?;
    match (found, count) {
        (Some(span), _) => edits.push(Edit {
            span,
            with: Bytes::from(written),
        }),
        (None, Count::One) => {}
        (None, Count::Any) => {
            let comma: &[u8] = if is_empty { b"" } else { b"," };
            let with = [b"\"model\":", written.as_slice(), comma].concat();
            edits.push(Edit {
                span: Span::at(object.start + 1),
                with: Bytes::from(with),
            });
        }
    }
    Ok(())
}

/// The name of a model in full.
pub(super) fn full(model: &str) -> String {
    format!("{PREFIX}{model}")
}
