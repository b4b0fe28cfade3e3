//! What a view of an answer did not take: text as well, whatever it is called.
//!
//! A provider may say something in a member that no format names, or in a shape that
//! nobody expects. So where every text is wanted the whole document is walked once
//! more, and each string that the view did not take is a text of its own, as is each
//! key that is more than a name. Left out are only the places of the protocol (ids,
//! types, models, stop reasons, signatures, encrypted data), and those only as long
//! as what stands there can be no sentence.

use std::collections::HashSet;

use smallvec::SmallVec;
use tollgate_wire::json::{Key, Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use super::words::{is_name, is_word};
use super::{AnswerView, Field, Role, TextSpan};
use crate::format::DecodeError;
use crate::read::shape;

/// The strings of an event that are not among the `known`, which are given by where
/// they start. A value that is known and no string is passed as a whole.
///
/// # Errors
/// When a member is named twice: pieces of text are joined, and a client that keeps one of
/// the two would not join what the gateway does.
pub(crate) fn rest_of_event(
    data: &[u8],
    known: &Starts,
) -> Result<SmallVec<[StrSpan; 4]>, DecodeError> {
    Walk::over(data, known, true)
}

/// Adds to the view of an answer what it did not take.
pub(crate) fn add_rest(body: &[u8], view: &mut AnswerView) -> Result<(), DecodeError> {
    let texts = view.texts.iter().map(|text| text.text.span);
    let known = Starts::of(texts.chain(view.logprobs.iter().copied()));
    let rest = Walk::over(body, &known, false)?;
    view.texts.extend(rest.into_iter().map(|text| TextSpan {
        text,
        role: Role::Assistant,
        field: Field::Metadata,
        turn: 0,
    }));
    Ok(())
}

/// Where the values begin that a view took, in order.
pub(crate) struct Starts(SmallVec<[u32; 8]>);

impl Starts {
    pub(crate) fn of(spans: impl Iterator<Item = Span>) -> Self {
        let mut starts: SmallVec<[u32; 8]> = spans.map(|span| span.start).collect();
        starts.sort_unstable();
        Self(starts)
    }

    fn has(&self, start: u32) -> bool {
        self.0.binary_search(&start).is_ok()
    }
}

/// A walk over a whole document.
struct Walk<'k> {
    known: &'k Starts,
    /// Members are named once.
    once: bool,
    found: SmallVec<[StrSpan; 4]>,
}

impl<'k> Walk<'k> {
    fn over(
        data: &[u8],
        known: &'k Starts,
        once: bool,
    ) -> Result<SmallVec<[StrSpan; 4]>, DecodeError> {
        let mut walk = Self {
            known,
            once,
            found: SmallVec::new(),
        };
        let mut reader = Reader::of_event(data)?;
        walk.value(&mut reader, "")?;
        reader.finish()?;
        Ok(walk.found)
    }

    fn value(&mut self, r: &mut Reader<'_>, key: &str) -> Result<(), DecodeError> {
        match r.kind()? {
            Kind::String => {
                let span = r.string()?;
                if !span.span.is_empty() && !self.known.has(span.span.start) {
                    let text = r.text(span);
                    if !is_structure(key, &text) && !is_word(&text) {
                        self.found.push(span);
                    }
                }
            }
            _ if self.known.has(r.offset()) => {}
            Kind::Array => {
                r.array(|r, _index| self.value(r, ""))?;
            }
            Kind::Object => self.object(r)?,
            Kind::Number | Kind::Bool | Kind::Null => {}
        }
        Ok(())
    }

    fn object(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut members = Members::default();
        r.object::<DecodeError>(|r, key| {
            if !is_plain_key(&key) {
                self.found.push(key.span());
            }
            self.value(r, &key)?;
            if self.once { members.add(key) } else { Ok(()) }
        })?;
        Ok(())
    }
}

/// The members of an object so far.
#[derive(Default)]
pub(crate) struct Members<'a> {
    few: SmallVec<[Key<'a>; 16]>,
    many: HashSet<Box<str>>,
}

impl<'a> Members<'a> {
    /// Adds one; an error when there is one of this name.
    pub(crate) fn add(&mut self, key: Key<'a>) -> Result<(), DecodeError> {
        let name = key.as_str();
        if self.few.iter().any(|other| other.as_str() == name) || self.many.contains(name) {
            return Err(shape("a member", "named twice"));
        }
        if self.few.len() < self.few.inline_size() {
            self.few.push(key);
        } else {
            self.many.insert(name.into());
        }
        Ok(())
    }
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
pub(crate) fn is_plain_key(key: &str) -> bool {
    const DIGITS_MAX: usize = 3;
    let digits = key.bytes().filter(u8::is_ascii_digit).count();
    digits <= DIGITS_MAX
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$'))
}
