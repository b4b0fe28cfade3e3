//! How likely tokens were: a list of texts, each with the numbers of its tokens.

use serde_json::Number;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Likely, TokenLogprob};
use crate::format::DecodeError;
use crate::read;
use crate::write::Object;

/// Reads one text, or a list of them.
pub(super) fn read(r: &mut Reader<'_>, tokens: &mut Vec<TokenLogprob>) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| read_one(r, tokens))?;
        }
        _ => read_one(r, tokens)?,
    }
    Ok(())
}

/// A text of several tokens is as likely as all of them together.
fn read_one(r: &mut Reader<'_>, tokens: &mut Vec<TokenLogprob>) -> Result<(), DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(());
    }
    let (mut text, mut numbers) = (None, Vec::new());
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "text" if r.kind()? == Kind::String => text = read::string(r)?,
            "logprobs" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    if r.kind()? == Kind::Number {
                        numbers.extend(read::number(r)?);
                    }
                    Ok::<_, DecodeError>(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    let logprob = match numbers.as_slice() {
        [one] => Some(one.clone()),
        [] => None,
        several => Number::from_f64(several.iter().filter_map(Number::as_f64).sum()),
    };
    tokens.extend(text.zip(logprob).map(|(text, logprob)| TokenLogprob {
        token: Likely { text, logprob },
        top: Vec::new(),
    }));
    Ok(())
}

/// Writes one. What other tokens were likely has no place ([`have_more`]).
pub(super) fn write(o: &mut Object<'_>, token: &TokenLogprob) {
    o.string("text", &token.token.text);
    o.array("token_ids", |_a| {});
    o.array("logprobs", |a| a.json(&token.token.logprob.to_string()));
}

/// Whether some of these say more than this format does.
pub(super) fn have_more(tokens: &[TokenLogprob]) -> bool {
    tokens.iter().any(|token| !token.top.is_empty())
}
