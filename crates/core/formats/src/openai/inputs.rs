//! What a model reads where it is a text, the ids of tokens, or a list of either.

use tollgate_wire::json::{Kind, Reader};

use crate::format::DecodeError;
use crate::view::{Field, Role, Speaker, Texts, content};

/// Takes note of the texts and counts the ids. Gives how many inputs it is; `None` where
/// that cannot be told.
pub(crate) fn inputs(r: &mut Reader<'_>, texts: &mut Texts) -> Result<Option<u32>, DecodeError> {
    if is_ids(r, texts)? {
        return Ok(Some(1));
    }
    let kind = r.kind()?;
    if kind != Kind::Array {
        content(r, user(0), Field::Text, texts)?;
        return Ok((kind == Kind::String).then_some(1));
    }
    let mut count = 0;
    r.array(|r, index| {
        count = index + 1;
        element(r, user(index), texts)
    })?;
    Ok(Some(count))
}

fn element(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    if is_ids(r, texts)? {
        return Ok(());
    }
    if r.kind()? != Kind::Array {
        return content(r, from, Field::Text, texts);
    }
    r.array(|r, _index| element(r, from, texts))?;
    Ok(())
}

/// Passes an id of a token, or a list of nothing else: nobody here can read them, and a model
/// reads each as one token.
fn is_ids(r: &mut Reader<'_>, texts: &mut Texts) -> Result<bool, DecodeError> {
    let count = if r.kind()? == Kind::Number {
        r.skip()?;
        Some(1)
    } else {
        r.numbers()?.map(|(_span, count)| count)
    };
    texts.token_ids += u64::from(count.unwrap_or_default());
    Ok(count.is_some())
}

/// The user, who says everything there.
pub(crate) const fn user(turn: u32) -> Speaker {
    Speaker {
        role: Role::User,
        turn,
    }
}
