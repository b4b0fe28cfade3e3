//! OpenAI Chat Completions with something said at a place.

use serde_json::{Value, json};
use tollgate_wire::sse::Event;

use super::{Place, Samples};

pub(super) const SAMPLES: Samples = Samples {
    request,
    answer,
    stream,
};

fn call(name: &str, arguments: &str) -> Value {
    json!({"id": "c1", "type": "function", "function": {"name": name, "arguments": arguments}})
}

fn tool(description: &str, property: &str) -> Value {
    json!({"type": "function", "function": {"name": "f", "description": description,
        "parameters": {"type": "object", "properties": {"a": {"type": "string", "description": property}}}}})
}

fn request(place: Place, text: &str) -> Option<Value> {
    let message = |message: Value| Some(json!({"model": "m", "messages": [message]}));
    let with = |key: &str, value: Value| {
        let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "hello"}]});
        body[key] = value;
        Some(body)
    };
    let part = |part: Value| message(json!({"role": "user", "content": [part]}));
    match place {
        Place::System => message(json!({"role": "system", "content": text})),
        Place::Developer => message(json!({"role": "developer", "content": text})),
        Place::User => message(json!({"role": "user", "content": text})),
        Place::UserPart => part(json!({"type": "text", "text": text})),
        Place::Assistant => message(json!({"role": "assistant", "content": text})),
        Place::ToolResult => {
            message(json!({"role": "tool", "tool_call_id": "c1", "content": text}))
        }
        Place::ToolName => message(json!({"role": "assistant", "tool_calls": [call(text, "{}")]})),
        Place::ToolArguments => {
            let arguments = json!({"a": [text]}).to_string();
            message(json!({"role": "assistant", "tool_calls": [call("f", &arguments)]}))
        }
        Place::ToolArgumentsKey => {
            let arguments = json!({text: 1}).to_string();
            message(json!({"role": "assistant", "tool_calls": [call("f", &arguments)]}))
        }
        Place::ToolDescription => with("tools", json!([tool(text, "p")])),
        Place::ToolSchema => with("tools", json!([tool("d", text)])),
        Place::Reasoning => {
            message(json!({"role": "assistant", "content": "x", "reasoning_content": text}))
        }
        Place::Refusal => message(json!({"role": "assistant", "refusal": text})),
        Place::CacheBlock => {
            part(json!({"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}))
        }
        Place::FileName => part(
            json!({"type": "file", "file": {"filename": text, "file_data": "data:application/pdf;base64,AA=="}}),
        ),
        Place::ImageAddress => {
            part(json!({"type": "image_url", "image_url": {"url": format!("https://x/{text}")}}))
        }
        Place::Metadata => with("metadata", json!({"ticket": text})),
        Place::UserField => with("user", json!(text)),
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        Place::SecondChoice
        | Place::DocumentText
        | Place::DocumentTitle
        | Place::DocumentMember
        | Place::WholeDocument
        | Place::FileAddress
        | Place::Vector
        | Place::Citation => None,
    }
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let choice = |index: u32, message: Value| json!({"index": index, "message": message, "finish_reason": "stop"});
    let whole = |choices: Value| {
        Some(json!({"id": "x", "object": "chat.completion", "model": "m", "choices": choices}))
    };
    let message = |message: Value| whole(json!([choice(0, message)]));
    match place {
        Place::Assistant => message(json!({"role": "assistant", "content": text})),
        Place::SecondChoice => whole(json!([
            choice(0, json!({"role": "assistant", "content": "fine"})),
            choice(1, json!({"role": "assistant", "content": text})),
        ])),
        Place::ToolName => message(json!({"role": "assistant", "tool_calls": [call(text, "{}")]})),
        Place::ToolArguments => {
            let arguments = json!({"a": {"b": text}}).to_string();
            message(json!({"role": "assistant", "tool_calls": [call("f", &arguments)]}))
        }
        Place::ToolArgumentsKey => {
            let arguments = json!({text: 1}).to_string();
            message(json!({"role": "assistant", "tool_calls": [call("f", &arguments)]}))
        }
        Place::Reasoning => {
            message(json!({"role": "assistant", "content": "x", "reasoning_content": text}))
        }
        Place::Refusal => message(json!({"role": "assistant", "content": null, "refusal": text})),
        Place::Citation => message(json!({"role": "assistant", "content": "x", "annotations": [
            {"type": "url_citation", "url_citation": {"title": text, "url": "http://x/"}}]})),
        Place::Unknown => message(json!({"role": "assistant", "content": "x", "odd": [text]})),
        _ => None,
    }
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let chunk = |choice: u32, delta: Value, finish: Option<&str>| {
        let data = json!({"id": "x", "object": "chat.completion.chunk", "model": "m",
            "choices": [{"index": choice, "delta": delta, "finish_reason": finish}]});
        Event::from_parts(None, data.to_string().as_bytes())
    };
    let each = |choice: u32, delta: &dyn Fn(&str) -> Value| -> Vec<Event> {
        pieces
            .iter()
            .map(|piece| chunk(choice, delta(piece), None))
            .collect()
    };
    let arguments =
        |text: &str| json!({"tool_calls": [{"index": 0, "function": {"arguments": text}}]});
    let called = |before: &str, after: &str| {
        let mut events = vec![chunk(
            0,
            json!({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": "f", "arguments": before}}]}),
            None,
        )];
        events.extend(each(0, &arguments));
        events.push(chunk(0, arguments(after), None));
        events
    };
    let (choice, events) = match place {
        Place::Assistant => (0, each(0, &|piece| json!({"content": piece}))),
        Place::SecondChoice => (1, each(1, &|piece| json!({"content": piece}))),
        Place::Reasoning => (0, each(0, &|piece| json!({"reasoning_content": piece}))),
        Place::Refusal => (0, each(0, &|piece| json!({"refusal": piece}))),
        Place::ToolArguments => (0, called("{\"a\":\"", "\"}")),
        Place::ToolArgumentsKey => (0, called("{\"", "\":1}")),
        Place::ToolName => (
            0,
            vec![chunk(
                0,
                json!({"tool_calls": [{"index": 0, "id": "c1", "type": "function", "function": {"name": pieces.concat(), "arguments": ""}}]}),
                None,
            )],
        ),
        Place::Citation => (
            0,
            vec![chunk(
                0,
                json!({"content": "x", "annotations": [{"type": "url_citation", "url_citation": {"title": pieces.concat(), "url": "http://x/"}}]}),
                None,
            )],
        ),
        Place::Unknown => (0, each(0, &|piece| json!({"odd": piece}))),
        _ => return None,
    };
    let role = chunk(choice, json!({"role": "assistant"}), None);
    let end = [
        chunk(choice, json!({}), Some("stop")),
        Event::from_parts(None, b"[DONE]"),
    ];
    Some([role].into_iter().chain(events).chain(end).collect())
}
