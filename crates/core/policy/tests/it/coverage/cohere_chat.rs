//! Cohere chats with something said at a place.

use serde_json::{Value, json};
use tollgate_wire::sse::Event;

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream,
};

fn called(name: &str, arguments: &str) -> Value {
    json!([{"id": "t", "type": "function", "function": {"name": name, "arguments": arguments}}])
}

fn cited(text: &str) -> Value {
    json!([{"start": 0, "end": 1, "text": "x", "sources": [
        {"type": "document", "id": "doc:0", "document": {"title": "t", "snippet": text}}]}])
}

fn arguments(key: &str, value: &str) -> String {
    json!({key: value}).to_string()
}

fn request(place: Place, text: &str) -> Option<Value> {
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hello"}]});
        body[key] = value;
        Some(body)
    };
    let message = |message: Value| with("messages", json!([message]));
    let said = |key: &str, value: Value| message(json!({"role": "assistant", key: value}));
    let tool = |description: &str, schema: Value| {
        let function = json!({"name": "f", "description": description, "parameters": schema});
        with("tools", json!([{"type": "function", "function": function}]))
    };
    match place {
        Place::System => message(json!({"role": "system", "content": text})),
        Place::User => message(json!({"role": "user", "content": text})),
        Place::UserPart => {
            message(json!({"role": "user", "content": [{"type": "text", "text": text}]}))
        }
        Place::Assistant => said("tool_plan", json!(text)),
        Place::ToolResult => message(json!({"role": "tool", "tool_call_id": "t", "content": text})),
        Place::ToolName => said("tool_calls", called(text, "{}")),
        Place::ToolArguments => said("tool_calls", called("f", &arguments("a", text))),
        Place::ToolArgumentsKey => said("tool_calls", called("f", &arguments(text, "a"))),
        Place::ToolDescription => tool(text, json!({"type": "object"})),
        Place::ToolSchema => tool(
            "d",
            json!({"type": "object", "properties": {"a": {"description": text}}}),
        ),
        Place::Reasoning => said("content", json!([{"type": "thinking", "thinking": text}])),
        Place::DocumentText => with("documents", json!([{"data": {"text": text}}, "x"])),
        Place::DocumentTitle => with("documents", json!([{"data": {"title": text, "text": "x"}}])),
        Place::DocumentMember => with("documents", json!([{"data": {"by": text, "text": "x"}}])),
        Place::WholeDocument => with("documents", json!(["x", text])),
        Place::ImageAddress => message(json!({"role": "user", "content": [
            {"type": "image_url", "image_url": {"url": format!("https://x/{text}")}}]})),
        Place::Citation => {
            message(json!({"role": "assistant", "content": "x", "citations": cited(text)}))
        }
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        Place::Developer
        | Place::Refusal
        | Place::SecondChoice
        | Place::CacheBlock
        | Place::FileName
        | Place::FileAddress
        | Place::Vector
        | Place::Metadata
        | Place::UserField => None,
    }
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let message = |key: &str, value: Value| {
        let mut message = json!({"role": "assistant", "content": [{"type": "text", "text": "x"}]});
        message[key] = value;
        Some(
            json!({"id": "c", "finish_reason": "COMPLETE", "message": message,
            "usage": {"tokens": {"input_tokens": 1, "output_tokens": 1}}}),
        )
    };
    match place {
        Place::Assistant => message("content", json!([{"type": "text", "text": text}])),
        Place::Reasoning => message("content", json!([{"type": "thinking", "thinking": text}])),
        Place::ToolName => message("tool_calls", called(text, "{}")),
        Place::ToolArguments => message("tool_calls", called("f", &arguments("a", text))),
        Place::ToolArgumentsKey => message("tool_calls", called("f", &arguments(text, "a"))),
        Place::Citation => message("citations", cited(text)),
        Place::Unknown => message("odd", json!({"deep": [text]})),
        _ => None,
    }
}

fn event(kind: &str, mut data: Value) -> Event {
    data["type"] = json!(kind);
    Event::from_parts(Some(kind), data.to_string().as_bytes())
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let said = |kind: &str, message: Value| {
        event(kind, json!({"index": 0, "delta": {"message": message}}))
    };
    let content = |kind: &str| {
        let mut events = vec![said(
            "content-start",
            json!({"content": {"type": kind, kind: ""}}),
        )];
        let pieces = pieces.iter();
        events.extend(pieces.map(|piece| said("content-delta", json!({"content": {kind: piece}}))));
        events.push(event("content-end", json!({"index": 0})));
        events
    };
    let start = |name: &str| {
        let function = json!({"name": name, "arguments": ""});
        let call = json!({"id": "t", "type": "function", "function": function});
        said("tool-call-start", json!({"tool_calls": call}))
    };
    let input = |text: &str| {
        said(
            "tool-call-delta",
            json!({"tool_calls": {"function": {"arguments": text}}}),
        )
    };
    let called = |before: &str, after: &str| {
        let mut events = vec![start("f"), input(before)];
        events.extend(pieces.iter().map(|piece| input(piece)));
        events.push(input(after));
        events.push(event("tool-call-end", json!({"index": 0})));
        events
    };
    let block = match place {
        Place::Assistant => content("text"),
        Place::Reasoning => content("thinking"),
        Place::ToolArguments => called("{\"a\":\"", "\"}"),
        Place::ToolArgumentsKey => called("{\"", "\":1}"),
        Place::ToolName => vec![start(&pieces.concat())],
        Place::Citation => {
            let mut citation = cited(&pieces.concat())[0].clone();
            citation["type"] = json!("TEXT_CONTENT");
            vec![said("citation-start", json!({"citations": citation}))]
        }
        Place::Unknown => pieces
            .iter()
            .map(|piece| {
                said(
                    "content-delta",
                    json!({"content": {"odd": {"text": piece}}}),
                )
            })
            .collect(),
        _ => return None,
    };
    let begun = json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
    let mut events = vec![event(
        "message-start",
        json!({"id": "c", "delta": {"message": begun}}),
    )];
    events.extend(block);
    let usage = json!({"tokens": {"input_tokens": 1, "output_tokens": 2}});
    let delta = json!({"finish_reason": "COMPLETE", "usage": usage});
    events.push(event("message-end", json!({"id": "c", "delta": delta})));
    Some(events)
}
