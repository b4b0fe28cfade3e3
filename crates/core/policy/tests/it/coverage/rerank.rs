//! Reranking with something said at a place; its formats differ in nothing that is said.

use serde_json::{Value, json};

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream: |_place, _pieces| None,
};

fn request(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"model": "m", "query": "hello", "documents": ["a", "b"], "top_n": 1});
    let (key, value) = match place {
        Place::User => ("query", json!(text)),
        Place::UserPart => ("query", json!({"text": text})),
        Place::WholeDocument => ("documents", json!(["a", text])),
        Place::DocumentText => ("documents", json!([{"text": text}, "b"])),
        Place::DocumentMember => ("documents", json!([{"text": "a", "file": text}])),
        Place::ImageAddress => {
            let url = format!("https://x/{text}");
            ("documents", json!([{"image": url}, "b"]))
        }
        Place::DocumentTitle => ("documents", json!([{"text": "a", "title": text}])),
        Place::Unknown => ("odd", json!({"deep": [{"said": text}]})),
        _ => return None,
    };
    body[key] = value;
    Some(body)
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"id": "x", "model": "m", "usage": {"total_tokens": 1},
        "meta": {"billed_units": {"search_units": 1}},
        "results": [{"index": 0, "relevance_score": 0.5}]});
    match place {
        Place::DocumentText => body["results"][0]["document"] = json!({"text": text}),
        Place::WholeDocument => body["results"][0]["document"] = json!(text),
        Place::DocumentTitle => {
            body["results"][0]["document"] = json!({"text": "a", "title": text});
        }
        Place::Unknown => body["odd"] = json!([text]),
        _ => return None,
    }
    Some(body)
}
