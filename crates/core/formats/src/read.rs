//! Small steps that every decoder takes over the JSON reader.
//!
//! A member that is `null` counts as absent everywhere: SDKs write it for a default.

use serde_json::Number;
use serde_json::value::RawValue;
use tollgate_types::{Tier, Usage};
use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use crate::format::{DecodeError, WrongShape};
use crate::loss::{Loss, Losses};

/// The error for a value of another shape than `reason` says.
pub(crate) fn shape(path: impl Into<String>, reason: &'static str) -> DecodeError {
    DecodeError::Shape(Box::new(WrongShape {
        path: path.into(),
        reason: reason.into(),
    }))
}

/// True when the next value is `null`, which is read.
pub(crate) fn null(r: &mut Reader<'_>) -> Result<bool, DecodeError> {
    let is_null = r.kind()? == Kind::Null;
    if is_null {
        r.null()?;
    }
    Ok(is_null)
}

/// A string; `None` for `null`.
pub(crate) fn string(r: &mut Reader<'_>) -> Result<Option<String>, DecodeError> {
    Ok(string_span(r)?.map(|span| r.text(span).into_owned()))
}

/// The place of a string; `None` for `null`.
pub(crate) fn string_span(r: &mut Reader<'_>) -> Result<Option<StrSpan>, DecodeError> {
    if null(r)? {
        Ok(None)
    } else {
        Ok(Some(r.string()?))
    }
}

/// A string if the value is one; any other value is left unread.
pub(crate) fn string_if(r: &mut Reader<'_>) -> Result<Option<StrSpan>, DecodeError> {
    if r.kind()? == Kind::String {
        Ok(Some(r.string()?))
    } else {
        Ok(None)
    }
}

/// The service class that the value ahead names; the reader stays before it. A word with
/// escapes is none that is known.
pub(crate) fn tier_ahead(r: &mut Reader<'_>) -> Result<Tier, DecodeError> {
    if r.kind()? != Kind::String {
        return Ok(Tier::Unsaid);
    }
    let ahead = r.bytes().get(r.offset() as usize..).unwrap_or_default();
    let word = ahead.split(|byte| *byte == b'"').nth(1);
    Ok(word.map_or(Tier::Other, Tier::of))
}

/// As [`tier_ahead`], of an object that names it as its `type`.
pub(crate) fn typed_tier(r: &mut Reader<'_>) -> Result<Tier, DecodeError> {
    let mut tier = Tier::Unsaid;
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            if key.as_str() == "type" {
                tier = tier_ahead(r)?;
            }
            Ok(())
        })?;
    }
    Ok(tier)
}

/// Usage with the service class that stands beside it.
pub(crate) fn with_tier(usage: Option<Usage>, tier: Tier) -> Option<Usage> {
    let tiered = |usage: Usage| Usage {
        tier: tier.or(usage.tier),
        ..usage
    };
    usage.map(tiered)
}

/// A whole number; `None` for `null`.
pub(crate) fn whole(r: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    if null(r)? {
        Ok(None)
    } else {
        Ok(Some(r.u64()?))
    }
}

/// A whole number if the value spells one; anything else is passed.
pub(crate) fn whole_if(r: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    if r.kind()? != Kind::Number {
        return Ok(None);
    }
    let span = r.number()?;
    let mut digits = span.of(r.bytes()).iter();
    Ok(digits.try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    }))
}

/// The index of a choice, a block or a call; `None` where there is none, or one that
/// cannot be. Where texts are joined by it (`strict`) such a one is refused: a client
/// that reads `1.0` as 1 would join what the gateway keeps apart.
pub(crate) fn index(r: &mut Reader<'_>, strict: bool) -> Result<Option<u32>, DecodeError> {
    let is_null = r.kind()? == Kind::Null;
    let index = whole_if(r)?.and_then(|whole| u32::try_from(whole).ok());
    if strict && !is_null && index.is_none() {
        return Err(shape("index", "not an index"));
    }
    Ok(index)
}

/// A second way to write `model`: some providers read names in any case, and would be
/// asked for another model than the one that was looked at.
pub(crate) fn other_model() -> DecodeError {
    shape("model", "written in other letters")
}

/// One more than the most tokens that a report is believed.
pub(crate) const COUNT_LIMIT: u64 = 1 << 40;

/// A number of tokens; `None` for anything that cannot be one.
pub(crate) fn count_if(r: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    Ok(whole_if(r)?.filter(|count| *count < COUNT_LIMIT))
}

/// A number of tokens or of other units, which some servers write as `5.0`; `None` for
/// anything that cannot be one.
pub(crate) fn units_if(r: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    if r.kind()? != Kind::Number {
        return Ok(None);
    }
    let span = r.number()?;
    let digits = str::from_utf8(span.of(r.bytes())).unwrap_or_default();
    let whole = digits.split_once('.').map_or(digits, |(whole, rest)| {
        // Half a unit is not what is billed.
        if rest.bytes().all(|byte| byte == b'0') {
            whole
        } else {
            ""
        }
    });
    Ok(whole.parse().ok().filter(|count| *count < COUNT_LIMIT))
}

/// A number as written; `None` for `null`.
pub(crate) fn number(r: &mut Reader<'_>) -> Result<Option<Number>, DecodeError> {
    if null(r)? {
        return Ok(None);
    }
    let span = r.number()?;
    serde_json::from_slice(span.of(r.bytes()))
        .map(Some)
        .map_err(|_range| shape("number", "out of range"))
}

/// `true` or `false`; `None` for `null`.
pub(crate) fn boolean(r: &mut Reader<'_>) -> Result<Option<bool>, DecodeError> {
    if null(r)? {
        Ok(None)
    } else {
        Ok(Some(r.bool()?))
    }
}

/// Any value as JSON text; `None` for `null`.
pub(crate) fn raw(r: &mut Reader<'_>) -> Result<Option<Box<RawValue>>, DecodeError> {
    if null(r)? { Ok(None) } else { any(r).map(Some) }
}

/// Any value as JSON text, `null` included.
pub(crate) fn any(r: &mut Reader<'_>) -> Result<Box<RawValue>, DecodeError> {
    let span = r.skip()?;
    raw_at(r, span)
}

/// The value at a place of the text as JSON text.
pub(crate) fn raw_at(r: &Reader<'_>, span: Span) -> Result<Box<RawValue>, DecodeError> {
    serde_json::from_slice(span.of(r.bytes()))
        .map_err(|_json| shape("value", "not JSON that serde_json reads"))
}

/// Passes a member that no canonical field carries, and names it unless it is empty:
/// `null`, `false`, `""`, `[]` and `{}` ask for nothing.
pub(crate) fn unread(
    r: &mut Reader<'_>,
    path: &str,
    losses: &mut Losses,
) -> Result<(), DecodeError> {
    let span = r.skip()?;
    if !is_empty(span.of(r.bytes())) {
        losses.add(Loss::member(path));
    }
    Ok(())
}

/// The string that a member of an object has, in JSON text.
pub(crate) fn member_text(json: &str, name: &str) -> Option<String> {
    let mut reader = Reader::new(json.as_bytes()).ok()?;
    let mut found = None;
    let read = reader.object::<DecodeError>(|r, key| {
        if key.as_str() == name {
            found = string_if(r)?.map(|span| r.text(span).into_owned());
        }
        Ok(())
    });
    read.ok().and(found)
}

/// True for a value that asks for nothing.
pub(crate) fn is_empty(json: &[u8]) -> bool {
    matches!(json, b"null" | b"false" | b"\"\"" | b"[]" | b"{}")
}

/// The text of an object as it is written inside another document: `{}` when `text`
/// is blank, `None` when it is no JSON object.
pub(crate) fn object_text(text: &str) -> Option<&str> {
    let text = text.trim_ascii();
    if text.is_empty() {
        return Some("{}");
    }
    let mut reader = Reader::new(text.as_bytes()).ok()?;
    if reader.kind().ok()? != Kind::Object {
        return None;
    }
    reader.skip().ok()?;
    reader.finish().ok()?;
    Some(text)
}
