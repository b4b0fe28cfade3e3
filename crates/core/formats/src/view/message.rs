//! The messages of a request, as several formats have them.

use tollgate_wire::json::{Reader, set_once};

use super::{Field, Role, Speaker, Texts, unknown};
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

/// Reads a message that has a role and a content, which `content` reads. Each stands there
/// once: from two the gateway and the provider could take different ones.
pub(crate) fn message(
    r: &mut Reader<'_>,
    turn: u32,
    texts: &mut Texts,
    mut content: impl FnMut(&mut Reader<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    let first = texts.spans.len();
    let speaker = Speaker {
        role: Role::User,
        turn,
    };
    let mut role = None;
    let mut read = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "role" => {
                let word = r.string()?;
                let word = match &*r.text(word) {
                    "assistant" => Role::Assistant,
                    "system" => Role::System,
                    _ => Role::User,
                };
                set_once(&mut role, word, &key)?;
            }
            "content" => {
                set_once(&mut read, (), &key)?;
                content(r, speaker, texts)?;
            }
            _ => unknown(r, &key, (speaker, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    texts.set_role(first, role.unwrap_or(Role::User));
    Ok(())
}
