//! OpenAI embeddings with something said at a place.

use serde_json::{Value, json};

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream: |_place, _pieces| None,
};

fn request(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"model": "m", "input": ["hello"]});
    let (key, value) = match place {
        Place::User => ("input", json!(text)),
        Place::UserPart => ("input", json!(["hello", text])),
        Place::UserField => ("user", json!(text)),
        Place::Unknown => ("odd", json!({"deep": [{"said": text}]})),
        _ => return None,
    };
    body[key] = value;
    Some(body)
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"object": "list", "model": "m", "usage": {"prompt_tokens": 1, "total_tokens": 1},
        "data": [{"object": "embedding", "index": 0, "embedding": [0.5, 1e-3]}]});
    match place {
        // Where base64 may stand, a sentence is none.
        Place::Vector => body["data"][0]["embedding"] = json!(text),
        Place::Unknown => body["odd"] = json!([text]),
        _ => return None,
    }
    Some(body)
}
