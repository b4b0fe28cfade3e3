//! The messages of a request, as several formats have them.

use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::{Field, Role, Speaker, Texts, everything, unknown};
use crate::format::DecodeError;

/// Reads the list of a conversation, each turn with `one`, and gives the number of turns.
pub(crate) fn turns(
    r: &mut Reader<'_>,
    mut one: impl FnMut(&mut Reader<'_>, u32) -> Result<(), DecodeError>,
) -> Result<u32, DecodeError> {
    let mut count = 0;
    r.array(|r, turn| {
        count = turn.saturating_add(1);
        one(r, turn)
    })?;
    Ok(count)
}

/// Reads a message: its role, once, and what `member` reads beside it. From two roles the
/// gateway and the provider could take different ones.
pub(crate) fn turn(
    r: &mut Reader<'_>,
    index: u32,
    texts: &mut Texts,
    mut member: impl FnMut(&mut Reader<'_>, &Key<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let first = texts.spans.len();
    let speaker = Speaker {
        role: Role::User,
        turn: index,
    };
    let mut role = None;
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "role" {
            return Ok(set_once(&mut role, role_in(r, speaker, texts)?, &key)?);
        }
        member(r, &key, speaker, texts)
    })?;
    texts.set_role(first, role.unwrap_or(Role::User));
    Ok(())
}

/// Reads a role. One that nobody knows is inspected as the user's, and so is its word: it may
/// say anything, and templates of open models write it out.
pub(crate) fn role_in(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
) -> Result<Role, DecodeError> {
    let word = r.string()?;
    Ok(match &*r.text(word) {
        "system" | "developer" => Role::System,
        "assistant" | "model" => Role::Assistant,
        "tool" | "function" => Role::Tool,
        "user" => Role::User,
        _ => {
            texts.note(word, from, Field::Metadata);
            Role::User
        }
    })
}

/// Reads a message that has nothing but a role and a content, each once.
pub(crate) fn plain_turn(
    r: &mut Reader<'_>,
    index: u32,
    texts: &mut Texts,
    mut content: impl FnMut(&mut Reader<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut read = None;
    turn(r, index, texts, |r, key, from, texts| {
        if key.as_str() != "content" {
            return unknown(r, key, (from, Field::Metadata), texts);
        }
        set_once(&mut read, (), key)?;
        content(r, from, texts)
    })
}

/// Reads a content: a text, or parts, each with `part`. Some servers take a single part
/// without its array.
pub(crate) fn parts(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    mut part: impl FnMut(&mut Reader<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let mut one = |r: &mut Reader<'_>, texts: &mut Texts| match r.kind()? {
        Kind::String => {
            texts.add(r.string()?, from, Field::Text);
            Ok(())
        }
        Kind::Object => part(r, from, texts),
        _ => everything(r, from, Field::Text, texts),
    };
    if r.kind()? != Kind::Array {
        return one(r, texts);
    }
    r.array(|r, _index| one(r, texts))?;
    Ok(())
}
