//! OpenAI Responses with something said at a place.

use serde_json::{Value, json};
use tollgate_wire::sse::Event;

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream,
};

fn call(name: &str, arguments: &str) -> Value {
    json!({"type": "function_call", "id": "fc_1", "call_id": "c1", "name": name, "arguments": arguments})
}

fn tool(description: &str, property: &str) -> Value {
    json!({"type": "function", "name": "f", "description": description,
        "parameters": {"type": "object", "properties": {"a": {"type": "string", "description": property}}}})
}

fn message(text: &str) -> Value {
    json!({"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": text, "annotations": []}]})
}

fn thought(text: &str) -> Value {
    json!({"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": text}]})
}

fn refusal(text: &str) -> Value {
    json!({"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "refusal", "refusal": text}]})
}

fn cited(title: &str) -> Value {
    json!({"type": "message", "id": "msg_1", "role": "assistant", "content": [{"type": "output_text", "text": "x",
        "annotations": [{"type": "url_citation", "url": "https://example.com", "title": title, "start_index": 0, "end_index": 1}]}]})
}

fn request(place: Place, text: &str) -> Option<Value> {
    let item = |item: Value| Some(json!({"model": "m", "input": [item]}));
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "m", "input": "hello"});
        body[key] = value;
        Some(body)
    };
    let part = |part: Value| item(json!({"role": "user", "content": [part]}));
    match place {
        Place::System => with("instructions", json!(text)),
        Place::Developer => item(json!({"role": "developer", "content": text})),
        Place::User => with("input", json!(text)),
        Place::UserPart => part(json!({"type": "input_text", "text": text})),
        Place::Assistant => item(message(text)),
        Place::ToolResult => {
            item(json!({"type": "function_call_output", "call_id": "c1", "output": text}))
        }
        Place::ToolName => item(call(text, "{}")),
        Place::ToolArguments => item(call("f", &json!({"a": [text]}).to_string())),
        Place::ToolArgumentsKey => item(call("f", &json!({text: 1}).to_string())),
        Place::ToolDescription => with("tools", json!([tool(text, "p")])),
        Place::ToolSchema => with("tools", json!([tool("d", text)])),
        Place::Reasoning => item(thought(text)),
        Place::Refusal => item(refusal(text)),
        Place::FileName => part(
            json!({"type": "input_file", "filename": text, "file_data": "data:application/pdf;base64,AA=="}),
        ),
        Place::FileAddress => {
            part(json!({"type": "input_file", "file_url": format!("https://x/{text}")}))
        }
        Place::ImageAddress => {
            part(json!({"type": "input_image", "image_url": format!("https://x/{text}")}))
        }
        Place::Citation => item(cited(text)),
        Place::Metadata => with("metadata", json!({"ticket": text})),
        Place::UserField => with("user", json!(text)),
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        _ => None,
    }
}

fn whole(output: &Value) -> Value {
    json!({"id": "resp_1", "object": "response", "created_at": 1_795_248_000, "status": "completed", "model": "m",
        "error": null, "incomplete_details": null, "output": output,
        "usage": {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}})
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let item = |item: Value| Some(whole(&json!([item])));
    match place {
        Place::System => {
            let mut body = whole(&json!([message("fine")]));
            body["instructions"] = json!(text);
            Some(body)
        }
        Place::Assistant => item(message(text)),
        Place::ToolName => item(call(text, "{}")),
        Place::ToolArguments => item(call("f", &json!({"a": [text]}).to_string())),
        Place::ToolArgumentsKey => item(call("f", &json!({text: 1}).to_string())),
        Place::Reasoning => item(thought(text)),
        Place::Refusal => item(refusal(text)),
        Place::Citation => item(cited(text)),
        Place::Unknown => item(
            json!({"type": "message", "role": "assistant", "odd": [text],
            "content": [{"type": "output_text", "text": "x"}]}),
        ),
        _ => None,
    }
}

fn event(kind: &str, mut data: Value) -> Event {
    data["type"] = json!(kind);
    data["sequence_number"] = json!(7);
    data["output_index"] = json!(0);
    Event::from_parts(Some(kind), data.to_string().as_bytes())
}

/// The events of one item: it begins, its pieces come, then all of it once more.
struct Told {
    begun: Value,
    part: Option<Value>,
    delta: &'static str,
    done: (&'static str, &'static str),
    whole: Value,
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let text = pieces.concat();
    let parted = |begin: &str, end: &str| {
        let mut all = vec![begin.to_owned()];
        all.extend(pieces.iter().cloned());
        all.push(end.to_owned());
        all
    };
    let called = |arguments: &str| Told {
        begun: call("f", ""),
        part: None,
        delta: "response.function_call_arguments.delta",
        done: ("response.function_call_arguments.done", "arguments"),
        whole: call("f", arguments),
    };
    let said = |whole: Value| Told {
        begun: json!({"type": "message", "id": "msg_1", "role": "assistant", "content": []}),
        part: Some(json!({"type": "output_text", "text": "", "annotations": []})),
        delta: "response.output_text.delta",
        done: ("response.output_text.done", "text"),
        whole,
    };
    let (told, pieces) = match place {
        Place::Assistant => (said(message(&text)), pieces.to_vec()),
        Place::Citation => (said(cited(&text)), vec!["x".to_owned()]),
        Place::Refusal => (
            Told {
                part: Some(json!({"type": "refusal", "refusal": ""})),
                delta: "response.refusal.delta",
                done: ("response.refusal.done", "refusal"),
                ..said(refusal(&text))
            },
            pieces.to_vec(),
        ),
        Place::Reasoning => (
            Told {
                begun: json!({"type": "reasoning", "id": "rs_1", "summary": []}),
                part: None,
                delta: "response.reasoning_summary_text.delta",
                done: ("response.reasoning_summary_text.done", "text"),
                whole: thought(&text),
            },
            pieces.to_vec(),
        ),
        Place::ToolArguments => {
            let arguments = parted("{\"a\":\"", "\"}");
            (called(&arguments.concat()), arguments)
        }
        Place::ToolArgumentsKey => {
            let arguments = parted("{\"", "\":1}");
            (called(&arguments.concat()), arguments)
        }
        Place::ToolName => (
            Told {
                begun: call(&text, ""),
                ..called("{}")
            },
            vec!["{}".to_owned()],
        ),
        Place::Unknown => (
            Told {
                delta: "response.odd.delta",
                ..said(message("x"))
            },
            pieces.to_vec(),
        ),
        _ => return None,
    };
    Some(events(told, &pieces))
}

fn events(told: Told, pieces: &[String]) -> Vec<Event> {
    let created = whole(&json!([]));
    let mut events = vec![event("response.created", json!({"response": created}))];
    events.push(event(
        "response.output_item.added",
        json!({"item": told.begun}),
    ));
    if let Some(part) = told.part {
        events.push(event(
            "response.content_part.added",
            json!({"content_index": 0, "part": part}),
        ));
    }
    for piece in pieces {
        events.push(event(
            told.delta,
            json!({"content_index": 0, "item_id": "x", "delta": piece}),
        ));
    }
    let (done, member) = told.done;
    if told.delta != "response.odd.delta" {
        events.push(event(
            done,
            json!({"content_index": 0, member: pieces.concat()}),
        ));
    }
    if let Some(part) = told.whole["content"].get(0) {
        events.push(event(
            "response.content_part.done",
            json!({"content_index": 0, "part": part}),
        ));
    }
    events.push(event(
        "response.output_item.done",
        json!({"item": told.whole}),
    ));
    let answer = whole(&json!([told.whole]));
    events.push(event("response.completed", json!({"response": answer})));
    events
}
