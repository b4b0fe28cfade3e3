//! How likely tokens were: `logprobsResult`.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Likely, TokenLogprob};
use crate::format::DecodeError;
use crate::read;
use crate::write::{Array, Object};

/// Reads a `logprobsResult`.
pub(super) fn read(r: &mut Reader<'_>) -> Result<Vec<TokenLogprob>, DecodeError> {
    let (mut chosen, mut top) = (Vec::new(), Vec::new());
    if r.kind()? != Kind::Object {
        return Ok(Vec::new());
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "chosenCandidates" if r.kind()? == Kind::Array => chosen = candidates(r)?,
            "topCandidates" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    let mut list = Vec::new();
                    r.object::<DecodeError>(|r, key| {
                        if key.as_str() == "candidates" && r.kind()? == Kind::Array {
                            list = candidates(r)?;
                        }
                        Ok(())
                    })?;
                    top.push(list);
                    Ok::<_, DecodeError>(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    let mut top = top.into_iter();
    let tokens = chosen.into_iter().map(|token| TokenLogprob {
        token,
        top: top.next().unwrap_or_default(),
    });
    Ok(tokens.collect())
}

fn candidates(r: &mut Reader<'_>) -> Result<Vec<Likely>, DecodeError> {
    let mut list = Vec::new();
    r.array(|r, _index| {
        let (mut text, mut logprob) = (String::new(), None);
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "token" => text = read::string(r)?.unwrap_or_default(),
                "logProbability" => logprob = read::number(r)?,
                _ => {}
            }
            Ok(())
        })?;
        // What is 0 is not written.
        let logprob = logprob.unwrap_or_else(|| 0.into());
        list.push(Likely { text, logprob });
        Ok::<_, DecodeError>(())
    })?;
    Ok(list)
}

/// Writes a `logprobsResult` where there is one.
pub(super) fn write(o: &mut Object<'_>, tokens: &[TokenLogprob]) {
    if tokens.is_empty() {
        return;
    }
    o.object("logprobsResult", |o| {
        if tokens.iter().any(|token| !token.top.is_empty()) {
            o.array("topCandidates", |a| {
                for token in tokens {
                    a.object(|o| {
                        o.array("candidates", |a| {
                            token.top.iter().for_each(|likely| write_one(a, likely));
                        });
                    });
                }
            });
        }
        o.array("chosenCandidates", |a| {
            tokens.iter().for_each(|token| write_one(a, &token.token));
        });
    });
}

fn write_one(a: &mut Array<'_>, likely: &Likely) {
    a.object(|o| {
        o.string("token", &likely.text);
        o.number("logProbability", &likely.logprob);
    });
}
