//! Anthropic Messages with something said at a place.

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
        let mut body = json!({"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hello"}]});
        body[key] = value;
        Some(body)
    };
    let message =
        |role: &str, content: Value| with("messages", json!([{"role": role, "content": content}]));
    match place {
        Place::System => with("system", json!(text)),
        Place::User => message("user", json!(text)),
        Place::UserPart => message("user", json!([{"type": "text", "text": text}])),
        Place::Assistant => message("assistant", json!(text)),
        Place::ToolResult => message(
            "user",
            json!([{"type": "tool_result", "tool_use_id": "t",
            "content": [{"type": "text", "text": text}]}]),
        ),
        Place::ToolName => message(
            "assistant",
            json!([{"type": "tool_use", "id": "t", "name": text, "input": {}}]),
        ),
        Place::ToolArguments => message(
            "assistant",
            json!([{"type": "tool_use", "id": "t", "name": "f", "input": {"a": [text]}}]),
        ),
        Place::ToolArgumentsKey => message(
            "assistant",
            json!([{"type": "tool_use", "id": "t", "name": "f", "input": {text: 1}}]),
        ),
        Place::ToolDescription => with(
            "tools",
            json!([{"name": "f", "description": text, "input_schema": {"type": "object"}}]),
        ),
        Place::ToolSchema => with(
            "tools",
            json!([{"name": "f", "input_schema": {"type": "object", "properties": {"a": {"description": text}}}}]),
        ),
        Place::Reasoning => message(
            "assistant",
            json!([{"type": "thinking", "thinking": text, "signature": "s"}]),
        ),
        Place::CacheBlock => with(
            "system",
            json!([{"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}]),
        ),
        Place::DocumentText => message(
            "user",
            json!([{"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": text}}]),
        ),
        Place::DocumentTitle => message(
            "user",
            json!([{"type": "document", "title": text, "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="}}]),
        ),
        Place::FileAddress => message("user", at_address("document", text)),
        Place::ImageAddress => message("user", at_address("image", text)),
        Place::Metadata => with("metadata", json!({"ticket": text})),
        Place::UserField => with("metadata", json!({"user_id": text})),
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        Place::Developer
        | Place::Refusal
        | Place::SecondChoice
        | Place::DocumentMember
        | Place::WholeDocument
        | Place::FileName
        | Place::Vector
        | Place::Citation => None,
    }
}

fn at_address(kind: &str, text: &str) -> Value {
    json!([{"type": kind, "source": {"type": "url", "url": format!("https://x/{text}")}}])
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let blocks = |content: Value| {
        Some(
            json!({"id": "x", "type": "message", "role": "assistant", "model": "m", "content": content,
            "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 1}}),
        )
    };
    match place {
        Place::Assistant => blocks(json!([{"type": "text", "text": text}])),
        Place::Reasoning => {
            blocks(json!([{"type": "thinking", "thinking": text, "signature": "s"}]))
        }
        Place::ToolName => {
            blocks(json!([{"type": "tool_use", "id": "t", "name": text, "input": {}}]))
        }
        Place::ToolArguments => blocks(
            json!([{"type": "tool_use", "id": "t", "name": "f", "input": {"a": {"b": text}}}]),
        ),
        Place::ToolArgumentsKey => {
            blocks(json!([{"type": "tool_use", "id": "t", "name": "f", "input": {text: 1}}]))
        }
        Place::Citation => blocks(json!([{"type": "text", "text": "x", "citations": [
            {"type": "char_location", "cited_text": text, "document_index": 0}]}])),
        Place::Unknown => blocks(json!([{"type": "text", "text": "x", "odd": [text]}])),
        _ => None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "every caller makes one")]
fn event(name: &str, data: Value) -> Event {
    Event::from_parts(Some(name), data.to_string().as_bytes())
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    let start = |block: Value| {
        event(
            "content_block_start",
            json!({"type": "content_block_start", "index": 0, "content_block": block}),
        )
    };
    let delta = |delta: Value| {
        event(
            "content_block_delta",
            json!({"type": "content_block_delta", "index": 0, "delta": delta}),
        )
    };
    let each = |one: &dyn Fn(&str) -> Value| -> Vec<Event> {
        pieces.iter().map(|piece| delta(one(piece))).collect()
    };
    let json_delta = |text: &str| json!({"type": "input_json_delta", "partial_json": text});
    let called = |before: &str, after: &str| {
        let mut events = vec![
            start(json!({"type": "tool_use", "id": "t", "name": "f", "input": {}})),
            delta(json_delta(before)),
        ];
        events.extend(each(&json_delta));
        events.push(delta(json_delta(after)));
        events
    };
    let block = match place {
        Place::Assistant => {
            let mut events = vec![start(json!({"type": "text", "text": ""}))];
            events.extend(each(&|piece| json!({"type": "text_delta", "text": piece})));
            events
        }
        Place::Reasoning => {
            let mut events = vec![start(
                json!({"type": "thinking", "thinking": "", "signature": ""}),
            )];
            events.extend(each(
                &|piece| json!({"type": "thinking_delta", "thinking": piece}),
            ));
            events
        }
        Place::ToolArguments => called("{\"a\":\"", "\"}"),
        Place::ToolArgumentsKey => called("{\"", "\":1}"),
        Place::ToolName => vec![start(
            json!({"type": "tool_use", "id": "t", "name": pieces.concat(), "input": {}}),
        )],
        Place::Citation => vec![
            start(json!({"type": "text", "text": ""})),
            delta(
                json!({"type": "citations_delta", "citation": {"type": "char_location", "cited_text": pieces.concat(), "document_index": 0}}),
            ),
        ],
        Place::Unknown => {
            let mut events = vec![start(json!({"type": "text", "text": ""}))];
            events.extend(each(&|piece| json!({"type": "odd_delta", "odd": piece})));
            events
        }
        _ => return None,
    };
    Some(around(block))
}

/// A whole stream around the events of one block.
fn around(block: Vec<Event>) -> Vec<Event> {
    let message = json!({"id": "x", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}});
    let mut events = vec![event(
        "message_start",
        json!({"type": "message_start", "message": message}),
    )];
    events.extend(block);
    events.push(event(
        "content_block_stop",
        json!({"type": "content_block_stop", "index": 0}),
    ));
    events.push(event(
        "message_delta",
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 2}}),
    ));
    events.push(event("message_stop", json!({"type": "message_stop"})));
    events
}
