//! What a view of an answer did not take: text as well, whatever it is called.
//!
//! A provider may say something in a member that no format names, or in a shape that
//! nobody expects. So where every text is wanted the whole document is walked once
//! more. A member that no format names and of which the view took nothing is a text, name
//! and all; elsewhere each string is one, each number of eight digits, and each key that
//! is more than a name. Left out are only the places of the protocol (ids,
//! types, models, stop reasons, signatures, encrypted data), and those only as long
//! as what stands there can be no sentence.

use std::collections::HashSet;

use smallvec::SmallVec;
use tollgate_wire::json::{Key, Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use super::texts::bare;
use super::words::{is_constant, is_frame, is_measure, is_name, is_telling, is_word};
use super::{AnswerView, Field, Role, TextSpan};
use crate::format::DecodeError;
use crate::read::shape;

/// What a walk found: the texts, and what they are.
type Found = SmallVec<[(StrSpan, Field); 4]>;

/// The texts of an event that are not among the `known`. A value that is known and no
/// string is passed as a whole.
///
/// # Errors
/// When a member is named twice: pieces of text are joined, and a client that keeps one of
/// the two would not join what the gateway does.
pub(crate) fn rest_of_event(data: &[u8], known: &Starts) -> Result<Found, DecodeError> {
    Walk::over(data, known, true)
}

/// Adds to the view of an answer what it did not take.
pub(crate) fn add_rest(body: &[u8], view: &mut AnswerView) -> Result<(), DecodeError> {
    add_rest_beside(body, view, &[])
}

/// As [`add_rest`], where `numbers` are values that nobody reads as text ([`vector`]).
pub(crate) fn add_rest_beside(
    body: &[u8],
    view: &mut AnswerView,
    numbers: &[Span],
) -> Result<(), DecodeError> {
    let texts = view.texts.iter().map(|text| text.text.span);
    let spans = view.logprobs.iter().chain(numbers).copied();
    let known = Starts::of(texts.chain(spans));
    let rest = Walk::over(body, &known, false)?;
    view.texts
        .extend(rest.into_iter().map(|(text, field)| TextSpan {
            text,
            role: Role::Assistant,
            field,
            turn: 0,
        }));
    Ok(())
}

/// Reads the vectors of an answer: lists of numbers at any depth, or base64 of them. Adds
/// to `numbers` what is nothing else.
pub(crate) fn vector(r: &mut Reader<'_>, numbers: &mut Vec<Span>) -> Result<(), DecodeError> {
    if r.kind()? == Kind::String {
        let code = r.string()?;
        if is_code(&r.text(code)) {
            numbers.push(code.span);
        }
        return Ok(());
    }
    if let Some((span, _count)) = r.numbers()? {
        numbers.push(span);
        return Ok(());
    }
    if r.kind()? == Kind::Array {
        r.array::<DecodeError>(|r, _index| match r.kind()? {
            Kind::Array | Kind::String => vector(r, numbers),
            _ => Ok(()),
        })?;
    }
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

    /// Whether one of the values stands within `span`.
    fn has_within(&self, span: Span) -> bool {
        let next = self.0.partition_point(|start| *start < span.start);
        self.0.get(next).is_some_and(|start| *start < span.end)
    }
}

/// A walk over a whole document.
struct Walk<'k> {
    known: &'k Starts,
    /// Members are named once.
    once: bool,
    found: Found,
}

impl<'k> Walk<'k> {
    fn over(data: &[u8], known: &'k Starts, once: bool) -> Result<Found, DecodeError> {
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
                        self.found.push((span, Field::Metadata));
                    }
                }
            }
            _ if self.known.has(r.offset()) => {
                r.skip()?;
            }
            Kind::Array => {
                r.array(|r, _index| self.value(r, ""))?;
            }
            Kind::Object => self.object(r)?,
            Kind::Number => {
                let span = r.skip()?;
                if is_telling(span.of(r.bytes())) && !is_measure(key) {
                    self.found.push((bare(span), Field::Members));
                }
            }
            Kind::Bool | Kind::Null => {
                r.skip()?;
            }
        }
        Ok(())
    }

    fn object(&mut self, r: &mut Reader<'_>) -> Result<(), DecodeError> {
        let mut members = Members::default();
        r.object::<DecodeError>(|r, key| {
            let before = self.found.len();
            if !is_plain_key(&key) {
                self.found.push((key.span(), Field::Metadata));
            }
            let is_nothing = is_nothing(r)?;
            self.value(r, &key)?;
            let member = Span::new(key.span().quoted().start, r.offset());
            if !is_nothing && !is_frame(&key) && !self.known.has_within(member) {
                self.found.truncate(before);
                self.found.push((bare(member), Field::Members));
            }
            if self.once { members.add(key) } else { Ok(()) }
        })?;
        Ok(())
    }
}

/// True when the next value says nothing, whatever its member is called.
fn is_nothing(r: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let kind = r.kind()?;
    let rest = r.bytes().get(r.offset() as usize..).unwrap_or_default();
    Ok(match (kind, rest) {
        (Kind::Null, _) => true,
        (Kind::String, [_quote, next, ..]) => *next == b'"',
        (Kind::Array | Kind::Object, [_open, next, ..]) => matches!(next, b']' | b'}'),
        _ => false,
    })
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
        "modelVersion" => is_name("model", value),
        "id"
        | "object"
        | "system_fingerprint"
        | "service_tier"
        | "obfuscation"
        | "finish_reason"
        | "native_finish_reason"
        | "stop_reason"
        | "item_id"
        | "previous_response_id"
        | "file_id"
        | "request_id"
        | "responseId"
        | "cachedContent"
        | "createTime"
        | "mimeType"
        | "media_type"
        | "stopReason"
        | "p"
        | "response_type"
        | "format" => is_one_word(value),
        // Callers write them too.
        "tool_call_id" | "tool_use_id" | "call_id" | "toolUseId" => {
            is_one_word(value) && !is_long_number(value)
        }
        "finishReason" | "blockReason" | "category" | "probability" | "severity" | "modality"
        | "outcome" | "language" | "trafficType" | "urlRetrievalStatus" => is_constant(value),
        "signature"
        | "thought_signature"
        | "thoughtSignature"
        | "authorization_token"
        | "encrypted_content"
        | "encrypted_index"
        | "redactedContent"
        | "bytes" => is_code(value),
        "data" | "file_data" => match value.get(..DATA_URL.len()) {
            Some(DATA_URL) => is_data_url(value),
            _ => is_code(value),
        },
        "url" => is_data_url(value),
        _ => false,
    }
}

const DATA_URL: &str = "data:";

/// True for what has no space and is no address.
fn is_one_word(value: &str) -> bool {
    // In blocks, each of which is looked at without a branch: some are megabytes.
    value.as_bytes().chunks(64).all(|block| {
        block.iter().fold(true, |fits, byte| {
            fits & byte.is_ascii_graphic() & (*byte != b'@')
        })
    })
}

/// True for a number as cards and telephones have them.
fn is_long_number(value: &str) -> bool {
    const DIGITS_MAX: usize = 8;
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    digits > DIGITS_MAX && !value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// True for what may be base64 or another code, and is no number.
fn is_code(value: &str) -> bool {
    (value.is_empty() || value.bytes().any(|byte| byte.is_ascii_alphabetic())) && is_one_word(value)
}

/// True for a URL that holds data in base64.
fn is_data_url(value: &str) -> bool {
    const BASE64: &str = ";base64";
    let data = value.strip_prefix(DATA_URL);
    let parts = data.and_then(|data| data.split_once(','));
    parts.is_some_and(|(media_type, data)| {
        media_type.ends_with(BASE64) && is_one_word(media_type) && is_code(data)
    })
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
