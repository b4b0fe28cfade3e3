//! Bedrock Converse with something said at a place.

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
        let mut body = json!({"messages": [{"role": "user", "content": [{"text": "hello"}]}]});
        body[key] = value;
        Some(body)
    };
    let block =
        |role: &str, block: Value| with("messages", json!([{"role": role, "content": [block]}]));
    let called = |name: &str, input: Value| json!({"toolUse": {"toolUseId": "t", "name": name, "input": input}});
    let tool = |description: &str, schema: Value| {
        let spec =
            json!({"name": "f", "description": description, "inputSchema": {"json": schema}});
        with("toolConfig", json!({"tools": [{"toolSpec": spec}]}))
    };
    let document = |name: &str, source: Value| {
        block(
            "user",
            json!({"document": {"format": "pdf", "name": name, "source": source}}),
        )
    };
    match place {
        Place::System => with("system", json!([{"text": text}])),
        Place::User => block("user", json!({"text": text})),
        Place::UserPart => block("user", json!({"guardContent": {"text": {"text": text}}})),
        Place::Assistant => block("assistant", json!({"text": text})),
        Place::ToolResult => block(
            "user",
            json!({"toolResult": {"toolUseId": "t", "content": [{"json": {"said": [text]}}]}}),
        ),
        Place::ToolName => block("assistant", called(text, json!({}))),
        Place::ToolArguments => block("assistant", called("f", json!({"a": [text]}))),
        Place::ToolArgumentsKey => block("assistant", called("f", json!({text: 1}))),
        Place::ToolDescription => tool(text, json!({"type": "object"})),
        Place::ToolSchema => tool(
            "d",
            json!({"type": "object", "properties": {"a": {"description": text}}}),
        ),
        Place::Reasoning => block(
            "assistant",
            json!({"reasoningContent": {"reasoningText": {"text": text, "signature": "s"}}}),
        ),
        Place::CacheBlock => with(
            "system",
            json!([{"text": text}, {"cachePoint": {"type": "default"}}]),
        ),
        Place::DocumentText => document("d", json!({"text": text})),
        Place::DocumentTitle | Place::FileName => document(text, json!({"bytes": "AA=="})),
        Place::FileAddress => document(
            "d",
            json!({"s3Location": {"uri": format!("s3://x/{text}")}}),
        ),
        Place::ImageAddress => block(
            "user",
            json!({"image": {"format": "png", "source": {"s3Location": {"uri": format!("s3://x/{text}")}}}}),
        ),
        Place::Citation => block(
            "assistant",
            json!({"citationsContent": {"content": [{"text": "x"}],
                "citations": [{"title": "t", "sourceContent": [{"text": text}]}]}}),
        ),
        Place::Metadata => with("requestMetadata", json!({"ticket": text})),
        Place::Unknown => with("odd", json!({"deep": [{"said": text}]})),
        Place::Developer
        | Place::Refusal
        | Place::SecondChoice
        | Place::DocumentMember
        | Place::WholeDocument
        | Place::Vector
        | Place::UserField => None,
    }
}

fn answer(place: Place, text: &str) -> Option<Value> {
    let block = |block: Value| {
        Some(
            json!({"output": {"message": {"role": "assistant", "content": [block]}},
            "stopReason": "end_turn", "metrics": {"latencyMs": 1},
            "usage": {"inputTokens": 1, "outputTokens": 1, "totalTokens": 2}}),
        )
    };
    let called = |name: &str, input: Value| json!({"toolUse": {"toolUseId": "t", "name": name, "input": input}});
    match place {
        Place::Assistant => block(json!({"text": text})),
        Place::Reasoning => {
            block(json!({"reasoningContent": {"reasoningText": {"text": text, "signature": "s"}}}))
        }
        Place::ToolName => block(called(text, json!({}))),
        Place::ToolArguments => block(called("f", json!({"a": {"b": text}}))),
        Place::ToolArgumentsKey => block(called("f", json!({text: 1}))),
        Place::Citation => block(json!({"citationsContent": {"content": [{"text": "x"}],
            "citations": [{"title": "t", "sourceContent": [{"text": text}]}]}})),
        Place::Unknown => block(json!({"odd": {"deep": [text]}})),
        _ => None,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "every caller makes one")]
fn event(name: &str, data: Value) -> Event {
    Event::from_parts(Some(name), data.to_string().as_bytes())
}

fn stream(place: Place, pieces: &[String]) -> Option<Vec<Event>> {
    // What fills an event up is no text.
    let delta = |delta: Value| {
        event(
            "contentBlockDelta",
            json!({"contentBlockIndex": 0, "delta": delta, "p": "abcdefgh"}),
        )
    };
    let start = |name: &str| {
        event(
            "contentBlockStart",
            json!({"contentBlockIndex": 0, "start": {"toolUse": {"toolUseId": "t", "name": name}}}),
        )
    };
    let each = |one: &dyn Fn(&str) -> Value| -> Vec<Event> {
        pieces.iter().map(|piece| delta(one(piece))).collect()
    };
    let input = |text: &str| json!({"toolUse": {"input": text}});
    let called = |before: &str, after: &str| {
        let mut events = vec![start("f"), delta(input(before))];
        events.extend(each(&input));
        events.push(delta(input(after)));
        events
    };
    let block = match place {
        Place::Assistant => each(&|piece| json!({"text": piece})),
        Place::Reasoning => each(&|piece| json!({"reasoningContent": {"text": piece}})),
        Place::ToolArguments => called("{\"a\":\"", "\"}"),
        Place::ToolArgumentsKey => called("{\"", "\":1}"),
        Place::ToolName => vec![start(&pieces.concat())],
        Place::Citation => vec![
            delta(json!({"text": "x"})),
            delta(
                json!({"citation": {"title": "t", "sourceContent": [{"text": pieces.concat()}]}}),
            ),
        ],
        Place::Unknown => each(&|piece| json!({"odd": {"text": piece}})),
        _ => return None,
    };
    let mut events = vec![event("messageStart", json!({"role": "assistant"}))];
    events.extend(block);
    events.push(event("contentBlockStop", json!({"contentBlockIndex": 0})));
    events.push(event("messageStop", json!({"stopReason": "end_turn"})));
    events.push(event(
        "metadata",
        json!({"usage": {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}, "metrics": {"latencyMs": 1}}),
    ));
    Some(events)
}
