//! Requests whose tokens are counted, with something said at a place: the conversations of
//! their formats, and what stands around them.

use serde_json::{Value, json};

use super::{
    Place, Samples, anthropic_messages, bedrock_converse, gemini_generate, openai_responses,
};

pub(super) const ANTHROPIC: Samples = Samples {
    request: anthropic_messages::SAMPLES.request,
    answer: |place, text| answer(place, text, json!({"input_tokens": 7})),
    stream: |_place, _pieces| None,
};

/// A place in the envelope where there is one, with unknown members both within and around.
pub(super) const GEMINI: Samples = Samples {
    request: |place, text| match place {
        Place::Unknown => Some(json!({
            "generateContentRequest": {"contents": [{"parts": [{"text": "hello"}]}]},
            "odd": {"deep": [{"said": text}]}})),
        _ => {
            let chat = (gemini_generate::SAMPLES.request)(place, text)?;
            Some(json!({"generateContentRequest": chat}))
        }
    },
    answer: |place, text| answer(place, text, json!({"totalTokens": 7})),
    stream: |_place, _pieces| None,
};

pub(super) const VERTEX: Samples = Samples {
    request: gemini_generate::SAMPLES.request,
    answer: |place, text| answer(place, text, json!({"totalTokens": 7})),
    stream: |_place, _pieces| None,
};

pub(super) const OPENAI: Samples = Samples {
    request: openai_responses::SAMPLES.request,
    answer: |place, text| {
        let body = json!({"object": "response.input_tokens", "input_tokens": 7});
        answer(place, text, body)
    },
    stream: |_place, _pieces| None,
};

pub(super) const BEDROCK: Samples = Samples {
    request: |place, text| match place {
        Place::Unknown => Some(json!({
            "input": {"odd": [text], "converse": {"messages": []}}})),
        _ => {
            let chat = (bedrock_converse::SAMPLES.request)(place, text)?;
            Some(json!({"input": {"converse": chat}}))
        }
    },
    answer: |place, text| answer(place, text, json!({"inputTokens": 7})),
    stream: |_place, _pieces| None,
};

fn answer(place: Place, text: &str, mut body: Value) -> Option<Value> {
    match place {
        Place::Unknown => body["odd"] = json!([text]),
        _ => return None,
    }
    Some(body)
}
