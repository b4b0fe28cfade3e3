//! Gemini embeddings with something said at a place.

use serde_json::{Value, json};

use super::{Place, Samples};

pub(super) const ONE: Samples = Samples {
    request: one,
    answer: |place, text| answer(place, text, json!({"embedding": {"values": [0.5, 1e-3]}})),
    stream: |_place, _pieces| None,
};

pub(super) const BATCH: Samples = Samples {
    request: |place, text| {
        let one = one(place, text)?;
        Some(json!({"requests": [{"content": {"parts": [{"text": "hello"}]}}, one]}))
    },
    answer: |place, text| {
        answer(
            place,
            text,
            json!({"embeddings": [{"values": [0.5, 1e-3]}]}),
        )
    },
    stream: |_place, _pieces| None,
};

fn one(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"model": "models/m", "content": {"parts": [{"text": "hello"}]}});
    match place {
        Place::User => body["content"]["parts"][0]["text"] = json!(text),
        Place::UserPart => {
            body["content"] = json!({"role": "user", "parts": [{"text": "a"}, {"text": text}]});
        }
        Place::DocumentTitle => body["title"] = json!(text),
        Place::FileAddress => {
            body["content"]["parts"] = json!([{"fileData": {"mimeType": "application/pdf", "fileUri": format!("https://x/{text}")}}]);
        }
        Place::ImageAddress => {
            body["content"]["parts"] = json!([{"fileData": {"mimeType": "image/png", "fileUri": format!("https://x/{text}")}}]);
        }
        Place::Unknown => body["odd"] = json!({"deep": [{"said": text}]}),
        _ => return None,
    }
    Some(body)
}

fn answer(place: Place, text: &str, mut body: Value) -> Option<Value> {
    match place {
        Place::Unknown => body["odd"] = json!([text]),
        _ => return None,
    }
    Some(body)
}
