//! OpenAI Completions with something said at a place.

use serde_json::{Value, json};
use tollgate_wire::sse::Event;

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream,
};

fn request(place: Place, text: &str) -> Option<Value> {
    let mut body = json!({"model": "m", "prompt": "hello"});
    let (key, value) = match place {
        Place::User => ("prompt", json!(text)),
        Place::UserPart => ("prompt", json!(["hello", text])),
        // What comes behind the text that is asked for.
        Place::Assistant => ("suffix", json!(text)),
        Place::UserField => ("user", json!(text)),
        Place::Metadata => ("metadata", json!({"ticket": text})),
        Place::Unknown => ("odd", json!({"deep": [{"said": text}]})),
        _ => return None,
    };
    body[key] = value;
    Some(body)
}

fn choice(index: u32, text: &str) -> Value {
    json!({"text": text, "index": index, "logprobs": null, "finish_reason": "stop"})
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let whole = |choices: Value| {
        Some(json!({"id": "x", "object": "text_completion", "model": "m", "choices": choices}))
    };
    match place {
        Place::Assistant => whole(json!([choice(0, text)])),
        Place::SecondChoice => whole(json!([choice(0, "fine"), choice(1, text)])),
        Place::Unknown => {
            let mut odd = choice(0, "fine");
            odd["odd"] = json!([text]);
            whole(json!([odd]))
        }
        _ => None,
    }
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let chunk = |index: u32, said: Value, finish: Option<&str>| {
        let mut choice = json!({"index": index, "logprobs": null, "finish_reason": finish});
        let members = choice.as_object_mut().unwrap();
        members.extend(said.as_object().unwrap().clone());
        let data =
            json!({"id": "x", "object": "text_completion", "model": "m", "choices": [choice]});
        Event::from_parts(None, data.to_string().as_bytes())
    };
    let each = |index: u32, said: &dyn Fn(&str) -> Value| -> Vec<Event> {
        let chunks = pieces.iter().map(|piece| chunk(index, said(piece), None));
        chunks.collect()
    };
    let (index, mut events) = match place {
        Place::Assistant => (0, each(0, &|piece| json!({"text": piece}))),
        Place::SecondChoice => (1, each(1, &|piece| json!({"text": piece}))),
        // Clients join texts and nothing else.
        Place::Unknown => {
            let odd = json!({"text": "", "odd": pieces.concat()});
            (0, vec![chunk(0, odd, None)])
        }
        _ => return None,
    };
    events.push(chunk(index, json!({"text": ""}), Some("stop")));
    events.push(Event::from_parts(None, b"[DONE]"));
    Some(events)
}
