//! What a view of an answer did not take: text as well, whatever it is called.
//!
//! A provider may say something in a member that no format names, or in a shape that
//! nobody expects. So where every text is wanted the whole document is walked once
//! more, and each string that the view did not take is a text of its own, as is each
//! key that is more than a name. Left out are only the places of the protocol (ids,
//! types, models, stop reasons, signatures, encrypted data), and those only as long
//! as what stands there can be no sentence.

use smallvec::SmallVec;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Kind, Reader};

use super::words::{is_name, is_word};
use super::{AnswerView, Field, Role, TextSpan};
use crate::format::DecodeError;

/// The strings of a JSON text that are not among the `known`, which are given by where
/// they start. A value that is known and no string is passed as a whole.
pub(crate) fn rest(
    data: &[u8],
    known: &dyn Fn(u32) -> bool,
) -> Result<SmallVec<[StrSpan; 4]>, DecodeError> {
    let mut found = SmallVec::new();
    let mut reader = Reader::of_event(data)?;
    walk(&mut reader, "", known, &mut found)?;
    reader.finish()?;
    Ok(found)
}

/// Adds to the view of an answer what it did not take.
pub(crate) fn add_rest(body: &[u8], view: &mut AnswerView) -> Result<(), DecodeError> {
    let mut starts: Vec<u32> = view.texts.iter().map(|text| text.text.span.start).collect();
    starts.extend(view.logprobs.iter().map(|span| span.start));
    starts.sort_unstable();
    let rest = rest(body, &|start| starts.binary_search(&start).is_ok())?;
    view.texts.extend(rest.into_iter().map(|text| TextSpan {
        text,
        role: Role::Assistant,
        field: Field::Metadata,
        turn: 0,
    }));
    Ok(())
}

fn walk(
    r: &mut Reader<'_>,
    key: &str,
    known: &dyn Fn(u32) -> bool,
    found: &mut SmallVec<[StrSpan; 4]>,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::String => {
            let span = r.string()?;
            if !span.span.is_empty() && !known(span.span.start) {
                let text = r.text(span);
                if !is_structure(key, &text) && !is_word(&text) {
                    found.push(span);
                }
            }
        }
        _ if known(r.offset()) => {}
        Kind::Array => {
            r.array(|r, _index| walk(r, "", known, found))?;
        }
        Kind::Object => {
            r.object::<DecodeError>(|r, key| {
                if !is_plain(&key) {
                    found.push(key.span());
                }
                walk(r, &key, known, found)
            })?;
        }
        Kind::Number | Kind::Bool | Kind::Null => {}
    }
    Ok(())
}

/// True when the member's value is the protocol's, and can be no sentence.
pub(super) fn is_structure(key: &str, value: &str) -> bool {
    match key {
        "type" | "role" | "model" => is_name(key, value),
        "id"
        | "object"
        | "system_fingerprint"
        | "service_tier"
        | "obfuscation"
        | "finish_reason"
        | "native_finish_reason"
        | "stop_reason"
        | "tool_call_id"
        | "tool_use_id"
        | "call_id"
        | "file_id"
        | "request_id"
        | "format"
        | "signature"
        | "thought_signature"
        | "data"
        | "encrypted_content"
        | "encrypted_index" => value
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'@'),
        _ => false,
    }
}

/// True for a key that is a name as programs have them: no space, no address, no number
/// of more than three digits.
fn is_plain(key: &str) -> bool {
    const DIGITS_MAX: usize = 3;
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    digits <= DIGITS_MAX
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$'))
}
