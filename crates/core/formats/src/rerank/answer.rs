//! Reads an answer.

use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::document;
use crate::cohere::meta;
use crate::exchange::{RerankAnswer, RerankResult};
use crate::format::{DecodeError, FormatId};
use crate::loss::Losses;
use crate::read::{self, shape, units_if};

pub(crate) fn decode(body: &[u8], format: FormatId) -> Result<RerankAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = RerankAnswer {
        origin: Some(format),
        ..RerankAnswer::default()
    };
    let mut has_results = false;
    let (mut own, mut billed) = (None, None);
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "model" => answer.model = read::string(r)?.unwrap_or_default(),
            // `data` is Voyage's word.
            "results" | "data" => {
                has_results = true;
                r.array::<DecodeError>(|r, index| {
                    answer.results.push(result(r, index, &mut answer.unread)?);
                    Ok(())
                })?;
            }
            "usage" => own = usage(r)?,
            "meta" => billed = meta::read(r)?,
            // The envelope.
            "object" | "created" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    answer.usage = joined(own, billed);
    if has_results {
        Ok(answer)
    } else {
        Err(shape("results", "missing"))
    }
}

fn result(
    r: &mut Reader<'_>,
    position: u32,
    unread: &mut Losses,
) -> Result<RerankResult, DecodeError> {
    let missing = |what: &str| shape(format!("results[{position}].{what}"), "missing");
    let (mut index, mut score, mut told) = (None, None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => index = read::whole(r)?,
            "relevance_score" | "score" => score = read::number(r)?.or_else(|| score.take()),
            "document" if !read::null(r)? => told = Some(document(r)?),
            "document" | "object" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(RerankResult {
        index: index.ok_or_else(|| missing("index"))?,
        score: score.ok_or_else(|| missing("relevance_score"))?,
        document: told,
    })
}

/// Tokens as `usage` tells them, else as they are billed; and the searches that are billed.
pub(super) fn joined(own: Option<Usage>, billed: Option<Usage>) -> Option<Usage> {
    let searches = billed.map_or(0, |billed| billed.searches);
    own.map(|own| Usage { searches, ..own }).or(billed)
}

/// Reads `usage`: a reranker reads tokens and writes none.
pub(super) fn usage(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    let (mut prompt, mut total) = (None, None);
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "prompt_tokens" => prompt = units_if(r)?,
                "total_tokens" => total = units_if(r)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok(total.or(prompt).map(|input| Usage {
        input,
        ..Usage::default()
    }))
}
