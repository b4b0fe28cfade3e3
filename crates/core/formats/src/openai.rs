//! What the formats of OpenAI share: members that mean the same in each, the
//! probabilities of tokens, data URLs, usage, the words for sound and for effort, texts or ids of
//! tokens.

mod inputs;
mod stream_usage;
pub(crate) mod usage;

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Likely, TokenLogprob};
use crate::format::{DecodeError, FormatId};
use crate::read;
use crate::write::{Array, Object};

pub(crate) use inputs::{inputs, user};
pub(crate) use stream_usage::StreamUsage;

/// Members without a canonical field that mean the same in each of them.
const SHARED: &[&str] = &[
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "store",
];

/// True for a message that one of these formats was decoded from.
pub(crate) const fn is_kin(origin: Option<FormatId>) -> bool {
    matches!(
        origin,
        Some(FormatId::OpenaiChat | FormatId::OpenaiResponses)
    )
}

/// The media type and the content of a base64 `data:` URL.
pub(crate) fn data_url(url: &str) -> Option<(&str, &str)> {
    let (head, base64) = url.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?;
    Some((media_type.split(';').next().unwrap_or_default(), base64))
}

/// The word for a kind of sound, where there is one.
pub(crate) fn audio_format(media_type: &str) -> Option<&'static str> {
    match media_type {
        "audio/wav" | "audio/x-wav" | "audio/wave" => Some("wav"),
        "audio/mpeg" | "audio/mp3" => Some("mp3"),
        _ => None,
    }
}

/// The effort that stands for a budget of reasoning, by the steps in which providers
/// document their own.
pub(crate) const fn effort(budget_tokens: u64) -> &'static str {
    match budget_tokens {
        0..=2047 => "low",
        2048..=8191 => "medium",
        _ => "high",
    }
}

/// Reads a list of tokens with their probabilities; anything else says nothing.
pub(crate) fn read_logprobs(r: &mut Reader<'_>) -> Result<Vec<TokenLogprob>, DecodeError> {
    let mut tokens = Vec::new();
    if r.kind()? != Kind::Array {
        return Ok(tokens);
    }
    r.array(|r, _index| {
        let (token, top) = likely(r)?;
        tokens.extend(token.map(|token| TokenLogprob { token, top }));
        Ok::<_, DecodeError>(())
    })?;
    Ok(tokens)
}

fn likely(r: &mut Reader<'_>) -> Result<(Option<Likely>, Vec<Likely>), DecodeError> {
    let (mut text, mut logprob, mut top) = (None, None, Vec::new());
    if r.kind()? != Kind::Object {
        return Ok((None, top));
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "token" => text = read::string(r)?,
            "logprob" if r.kind()? == Kind::Number => logprob = read::number(r)?,
            "top_logprobs" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    top.extend(likely_alone(r)?);
                    Ok::<_, DecodeError>(())
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    let token = text.zip(logprob);
    Ok((token.map(|(text, logprob)| Likely { text, logprob }), top))
}

fn likely_alone(r: &mut Reader<'_>) -> Result<Option<Likely>, DecodeError> {
    let (mut text, mut logprob) = (None, None);
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "token" => text = read::string(r)?,
            "logprob" if r.kind()? == Kind::Number => logprob = read::number(r)?,
            _ => {}
        }
        Ok(())
    })?;
    let token = text.zip(logprob);
    Ok(token.map(|(text, logprob)| Likely { text, logprob }))
}

/// Writes tokens with their probabilities.
pub(crate) fn write_logprobs(a: &mut Array<'_>, tokens: &[TokenLogprob]) {
    for TokenLogprob { token, top } in tokens {
        a.object(|o| {
            write_likely(o, token);
            o.array("top_logprobs", |a| {
                for token in top {
                    a.object(|o| write_likely(o, token));
                }
            });
        });
    }
}

fn write_likely(o: &mut Object<'_>, token: &Likely) {
    o.string("token", &token.text);
    o.number("logprob", &token.logprob);
    let bytes: Vec<String> = token.text.bytes().map(|byte| byte.to_string()).collect();
    o.json("bytes", &format!("[{}]", bytes.join(",")));
}

/// The members that are carried to another of these formats as they are.
pub(crate) const fn shared(origin: Option<FormatId>) -> &'static [&'static str] {
    if is_kin(origin) { SHARED } else { &[] }
}

/// Those that are carried to Chat Completions.
pub(crate) const fn shared_with_chat(origin: Option<FormatId>) -> &'static [&'static str] {
    match origin {
        Some(FormatId::OpenaiCompletions) => &["logit_bias"],
        _ => shared(origin),
    }
}
