//! Cohere embeddings with something said at a place.

use serde_json::{Value, json};

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream: |_place, _pieces| None,
};

fn request(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"model": "m", "input_type": "search_query"});
    let (key, value) = match place {
        Place::User => ("texts", json!(["hello", text])),
        Place::UserPart => (
            "inputs",
            json!([{"content": [{"type": "text", "text": text}]}]),
        ),
        Place::ImageAddress => ("images", json!([format!("https://x/{text}")])),
        Place::Unknown => {
            body["texts"] = json!(["hello"]);
            ("odd", json!({"deep": [{"said": text}]}))
        }
        _ => return None,
    };
    body[key] = value;
    Some(body)
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"id": "x", "embeddings": {"float": [[0.5, 1e-3]], "base64": ["AAAAPwAAgL8="]},
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 1}},
        "response_type": "embeddings_by_type"});
    match place {
        Place::User => body["texts"] = json!([text]),
        Place::Unknown => body["odd"] = json!([text]),
        _ => return None,
    }
    Some(body)
}
