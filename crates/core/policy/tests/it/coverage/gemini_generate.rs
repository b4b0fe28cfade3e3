//! Gemini generateContent with something said at a place.

use serde_json::{Value, json};
use tollgate_wire::sse::Event;

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream,
};

fn request(place: Place, text: &str) -> Option<Value> {
    let with = |key: &str, value: Value| {
        let mut body = json!({"contents": [{"role": "user", "parts": [{"text": "hello"}]}]});
        body[key] = value;
        Some(body)
    };
    let content =
        |role: &str, part: Value| with("contents", json!([{"role": role, "parts": [part]}]));
    match place {
        Place::System => with("systemInstruction", json!({"parts": [{"text": text}]})),
        Place::User | Place::UserPart => content("user", json!({"text": text})),
        Place::Assistant => content("model", json!({"text": text})),
        Place::ToolResult => content(
            "user",
            json!({"functionResponse": {"name": "f", "response": {"deep": [{"said": text}]}}}),
        ),
        Place::ToolName => content("model", json!({"functionCall": {"name": text, "args": {}}})),
        Place::ToolArguments => content(
            "model",
            json!({"functionCall": {"name": "f", "args": {"a": [text]}}}),
        ),
        Place::ToolArgumentsKey => content(
            "model",
            json!({"functionCall": {"name": "f", "args": {text: 1}}}),
        ),
        Place::ToolDescription => with(
            "tools",
            json!([{"functionDeclarations": [{"name": "f", "description": text}]}]),
        ),
        Place::ToolSchema => with(
            "tools",
            json!([{"functionDeclarations": [{"name": "f", "parameters":
                {"type": "OBJECT", "properties": {"a": {"type": "STRING", "description": text}}}}]}]),
        ),
        Place::Reasoning => content("model", json!({"text": text, "thought": true})),
        Place::DocumentTitle | Place::FileName => content(
            "user",
            json!({"inlineData": {"mimeType": "application/pdf", "data": "AA==", "displayName": text}}),
        ),
        Place::DocumentText => content(
            "model",
            json!({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": text}}),
        ),
        Place::FileAddress => content(
            "user",
            json!({"fileData": {"mimeType": "application/pdf", "fileUri": format!("https://x/{text}")}}),
        ),
        Place::ImageAddress => content(
            "user",
            json!({"fileData": {"mimeType": "image/png", "fileUri": format!("https://x/{text}")}}),
        ),
        Place::Metadata => with("labels", json!({"ticket": text})),
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        Place::Developer
        | Place::Refusal
        | Place::SecondChoice
        | Place::CacheBlock
        | Place::DocumentMember
        | Place::WholeDocument
        | Place::Vector
        | Place::Citation
        | Place::UserField => None,
    }
}

/// An answer with these candidates.
fn of(candidates: &Value) -> Value {
    json!({"candidates": candidates, "usageMetadata": {"promptTokenCount": 1, "candidatesTokenCount": 1},
        "modelVersion": "m", "responseId": "x"})
}

fn candidate(parts: &Value) -> Value {
    json!({"content": {"parts": parts, "role": "model"}, "index": 0})
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let says = |part: Value| {
        let mut candidate = candidate(&json!([part]));
        candidate["finishReason"] = json!("STOP");
        Some(of(&json!([candidate])))
    };
    match place {
        Place::Assistant => says(json!({"text": text})),
        Place::Reasoning => says(json!({"text": text, "thought": true})),
        Place::ToolName => says(json!({"functionCall": {"name": text, "args": {}}})),
        Place::ToolArguments => {
            says(json!({"functionCall": {"name": "f", "args": {"a": {"b": text}}}}))
        }
        Place::ToolArgumentsKey => says(json!({"functionCall": {"name": "f", "args": {text: 1}}})),
        Place::DocumentText => {
            says(json!({"executableCode": {"language": "PYTHON", "code": text}}))
        }
        Place::SecondChoice => Some(of(&json!([
            candidate(&json!([{"text": "x"}])),
            {"content": {"parts": [{"text": text}]}, "index": 1, "finishReason": "STOP"},
        ]))),
        Place::Citation => {
            let mut candidate = candidate(&json!([{"text": "x"}]));
            candidate["groundingMetadata"] =
                json!({"groundingChunks": [{"web": {"uri": "https://x", "title": text}}]});
            Some(of(&json!([candidate])))
        }
        Place::Unknown => says(json!({"text": "x", "odd": [text]})),
        _ => None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "every caller makes one")]
fn event(data: Value) -> Event {
    Event::from_parts(None, data.to_string().as_bytes())
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let say = |part: Value| event(of(&json!([candidate(&json!([part]))])));
    let each = |one: &dyn Fn(&str) -> Value| -> Vec<Event> {
        pieces.iter().map(|piece| say(one(piece))).collect()
    };
    let whole = pieces.concat();
    let said = match place {
        Place::Assistant => each(&|piece| json!({"text": piece})),
        Place::Reasoning => each(&|piece| json!({"text": piece, "thought": true})),
        Place::ToolName => vec![say(json!({"functionCall": {"name": whole, "args": {}}}))],
        Place::ToolArguments => {
            vec![say(
                json!({"functionCall": {"name": "f", "args": {"a": [whole]}}}),
            )]
        }
        Place::ToolArgumentsKey => {
            vec![say(
                json!({"functionCall": {"name": "f", "args": {whole: 1}}}),
            )]
        }
        Place::DocumentText => {
            vec![say(
                json!({"codeExecutionResult": {"outcome": "OUTCOME_OK", "output": whole}}),
            )]
        }
        Place::SecondChoice => {
            let second = |piece: &String| {
                let parts = json!([{"text": piece}]);
                event(of(&json!([{"content": {"parts": parts}, "index": 1}])))
            };
            pieces.iter().map(second).collect()
        }
        Place::Citation => {
            let mut candidate = candidate(&json!([{"text": "x"}]));
            candidate["groundingMetadata"] =
                json!({"groundingChunks": [{"web": {"uri": "https://x", "title": whole}}]});
            vec![event(of(&json!([candidate])))]
        }
        Place::Unknown => vec![say(json!({"text": "x", "odd": [whole]}))],
        _ => return None,
    };
    let end = json!([
        {"content": {"parts": [{"text": ""}], "role": "model"}, "finishReason": "STOP", "index": 0},
        {"finishReason": "STOP", "index": 1},
    ]);
    Some(said.into_iter().chain([event(of(&end))]).collect())
}
