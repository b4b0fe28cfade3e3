//! Writes answers and errors.

use bytes::Bytes;
use serde_json::{Value, json};

use super::{Shape, Wanted, relevance, vector};
use crate::refused::Refused;

/// Documents that are billed as one search.
const DOCUMENTS_PER_SEARCH: usize = 100;

/// The answer to a request; `id` is the request's own.
pub(crate) fn answer(shape: Shape, wanted: &Wanted, id: &str) -> Bytes {
    let body = match shape {
        Shape::OpenAiEmbeddings => openai(wanted),
        Shape::CohereEmbed => cohere(wanted, id),
        Shape::GeminiEmbed => {
            let first = vectors(wanted).next().unwrap_or_default();
            json!({"embedding": {"values": first}})
        }
        Shape::GeminiBatchEmbed => {
            let all = vectors(wanted).map(|vector| json!({"values": vector}));
            json!({"embeddings": all.collect::<Vec<_>>()})
        }
        Shape::CohereRerank => {
            let searches = wanted.texts.len().div_ceil(DOCUMENTS_PER_SEARCH);
            json!({"id": id, "results": results(wanted), "meta": meta(&json!({"search_units": searches}))})
        }
        Shape::JinaRerank => json!({"model": wanted.model, "object": "list",
            "usage": {"total_tokens": wanted.tokens()}, "results": results(wanted)}),
    };
    Bytes::from(body.to_string())
}

fn vectors(wanted: &Wanted) -> impl Iterator<Item = Vec<f32>> {
    let texts = wanted.texts.iter();
    texts.map(|text| vector(text, wanted.dimensions))
}

fn openai(wanted: &Wanted) -> Value {
    let is_base64 = wanted.forms.iter().any(|form| form == "base64");
    let data = vectors(wanted).enumerate().map(|(index, vector)| {
        let embedding = if is_base64 {
            json!(base64(&vector))
        } else {
            json!(vector)
        };
        json!({"object": "embedding", "index": index, "embedding": embedding})
    });
    let tokens = wanted.tokens();
    json!({"object": "list", "data": data.collect::<Vec<_>>(), "model": wanted.model,
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens}})
}

fn cohere(wanted: &Wanted, id: &str) -> Value {
    let mut by_form = json!({});
    let own = ["float".to_owned()];
    let forms = if wanted.forms.is_empty() {
        &own[..]
    } else {
        &wanted.forms
    };
    for form in forms {
        let list = vectors(wanted).map(|vector| match form.as_str() {
            "base64" => json!(base64(&vector)),
            "int8" => json!(
                vector
                    .iter()
                    .map(|place| whole(*place) - 128)
                    .collect::<Vec<_>>()
            ),
            "uint8" => json!(vector.iter().map(|place| whole(*place)).collect::<Vec<_>>()),
            _ => json!(vector),
        });
        by_form[form.as_str()] = list.collect();
    }
    json!({"id": id, "embeddings": by_form, "texts": wanted.texts,
        "meta": meta(&json!({"input_tokens": wanted.tokens()})), "response_type": "embeddings_by_type"})
}

/// A number of a vector as one of 256 steps.
fn whole(place: f32) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 255")]
    let step = (place.mul_add(127.5, 127.5)).round() as i32;
    step.clamp(0, 255)
}

fn meta(billed: &Value) -> Value {
    json!({"api_version": {"version": "2"}, "billed_units": billed})
}

/// The documents, the closest to the query first.
fn results(wanted: &Wanted) -> Vec<Value> {
    let query = wanted.query.as_deref().unwrap_or_default();
    let mut all: Vec<(usize, f64)> = wanted
        .texts
        .iter()
        .map(|text| relevance(query, text))
        .enumerate()
        .collect();
    all.sort_by(|(_, one), (_, two)| two.total_cmp(one));
    let best = all.into_iter().take(wanted.top);
    best.map(|(index, score)| {
        let mut result = json!({"index": index, "relevance_score": score});
        if wanted.tells_documents {
            result["document"] = json!({"text": wanted.texts.get(index)});
        }
        result
    })
    .collect()
}

/// Base64 of 32-bit floats, the least significant byte first.
fn base64(vector: &[f32]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bytes: Vec<u8> = vector
        .iter()
        .flat_map(|place| place.to_le_bytes())
        .collect();
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(group.get(at).copied().unwrap_or_default());
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let letter = LETTERS.get((bits >> (18 - 6 * at) & 63) as usize);
            out.push(match letter {
                Some(letter) if at <= group.len() => char::from(*letter),
                _ => '=',
            });
        }
    }
    out
}

/// The body of an error.
pub(crate) fn error_body(shape: Shape, refused: &Refused, id: &str) -> String {
    match shape {
        Shape::CohereEmbed | Shape::CohereRerank => {
            json!({"id": id, "message": refused.message}).to_string()
        }
        Shape::GeminiEmbed | Shape::GeminiBatchEmbed => {
            let status = match refused.status.as_u16() {
                401 => "UNAUTHENTICATED",
                403 => "PERMISSION_DENIED",
                404 => "NOT_FOUND",
                429 => "RESOURCE_EXHAUSTED",
                503 => "UNAVAILABLE",
                504 => "DEADLINE_EXCEEDED",
                500.. => "INTERNAL",
                _ => "INVALID_ARGUMENT",
            };
            json!({"error": {"code": refused.status.as_u16(), "message": refused.message, "status": status}})
                .to_string()
        }
        Shape::OpenAiEmbeddings | Shape::JinaRerank => crate::openai::error::body(refused),
    }
}
