//! Requests as a server wants them that differs from the format it speaks.
//!
//! Whatever made a request, a caller or an encoder: its bytes are spliced, once, after one
//! pass over the members at its top. Nothing is done for servers without [`Quirk`]s.

use bytes::Bytes;
use smallvec::SmallVec;
use tollgate_catalogue::Quirk;
use tollgate_wire::Edit;
use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::members::{Members, Value};
use crate::read;
use crate::spelling::Spelling;

const RESPONSE_FORMAT: &str = "response_format";
const MESSAGES: &str = "messages";

/// The edits that make a request what a server with these quirks takes. Apply them before
/// any others: what they remove is not to be changed.
///
/// # Errors
/// When the body is not one JSON object.
pub fn splice(
    body: &[u8],
    quirks: &[&Quirk],
    losses: &mut Losses,
) -> Result<Vec<Edit>, DecodeError> {
    let names = quirks.iter().flat_map(|quirk| names(quirk));
    let names: SmallVec<[&str; 24]> = names.flatten().collect();
    let mut members = Members::read(body, &names, Spelling::Exact)?;
    for quirk in quirks {
        if let Some(lost) = apply(quirk, &mut members)? {
            losses.add(Loss::member(lost));
        }
    }
    Ok(members.finish())
}

/// The members that a quirk is about.
const fn names(quirk: &Quirk) -> [Option<&'static str>; 2] {
    match *quirk {
        Quirk::Renamed(from, to) => [Some(from), Some(to)],
        Quirk::Refused(name)
        | Quirk::Needless(name)
        | Quirk::Added(name, _)
        | Quirk::AtMost(name, _) => [Some(name), None],
        Quirk::NoSchema => [Some(RESPONSE_FORMAT), None],
        Quirk::NoDeveloper => [Some(MESSAGES), None],
    }
}

/// Makes the changes for one quirk. The member that they lose something of, if they do.
fn apply(quirk: &Quirk, members: &mut Members<'_>) -> Result<Option<&'static str>, DecodeError> {
    let (name, is_lost) = match *quirk {
        Quirk::Refused(name) => (name, members.remove(name)),
        Quirk::Needless(name) => {
            members.remove(name);
            (name, false)
        }
        Quirk::Renamed(from, to) => (from, members.rename(from, to)),
        Quirk::Added(name, json) => {
            if members.value(name).is_none() {
                members.remove(name);
                members.insert(name, json.as_bytes())?;
            }
            (name, false)
        }
        Quirk::AtMost(name, most) => (name, at_most(members, name, most)),
        Quirk::NoSchema => (RESPONSE_FORMAT, without_schema(members)),
        Quirk::NoDeveloper => {
            without_developer(members)?;
            (MESSAGES, false)
        }
    };
    Ok(is_lost.then_some(name))
}

/// A number that is over its limit becomes the limit.
fn at_most(members: &mut Members<'_>, name: &str, most: f64) -> bool {
    members.replace(name, |value| {
        let number = value.number().filter(|_| value.kind == Kind::Number)?;
        (number > most).then(|| Bytes::from(most.to_string()))
    })
}

/// `json_schema` becomes `json_object`.
fn without_schema(members: &mut Members<'_>) -> bool {
    members.replace(RESPONSE_FORMAT, |value| {
        let is_schema = kind_of(value).is_ok_and(|kind| kind == "json_schema");
        is_schema.then(|| Bytes::from_static(b"{\"type\":\"json_object\"}"))
    })
}

/// The `type` of an object; empty where it has none.
fn kind_of(value: Value<'_>) -> Result<String, DecodeError> {
    let mut kind = String::new();
    if value.kind == Kind::Object {
        value.reader()?.object::<DecodeError>(|r, key| {
            if key.as_str() == "type" {
                kind = read::string_if(r)?.map_or_else(String::new, |text| r.text(text).into());
            }
            Ok(())
        })?;
    }
    Ok(kind)
}

/// The role `developer` becomes `system`.
fn without_developer(members: &mut Members<'_>) -> Result<(), DecodeError> {
    let value = members.value(MESSAGES);
    let Some(value) = value.filter(|value| value.kind == Kind::Array) else {
        return Ok(());
    };
    value.reader()?.array::<DecodeError>(|r, _index| {
        if r.kind()? != Kind::Object {
            return Ok(());
        }
        r.object(|r: &mut Reader<'_>, key| {
            if key.as_str() == "role"
                && let Some(role) = read::string_if(r)?
                && r.text(role) == "developer"
            {
                members.edit(role.quoted(), b"\"system\"".to_vec());
            }
            Ok::<_, DecodeError>(())
        })?;
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests;
