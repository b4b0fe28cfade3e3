//! Properties: round trips, streams in any interleaving, views against a slow walk.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use tollgate_formats::exchange::{
    BlockKind, ChatAnswer, ChatRequest, Choice, Delta, Finish, Image, Message, Part, Seal,
    StreamEvent, Thought, Tool, ToolCall, ToolResult,
};
use tollgate_formats::view::Role;
use tollgate_formats::{Dialect, FormatId, Losses};
use tollgate_types::Usage;

use crate::collect::collect;
use crate::load::{BOTH, IN_BODY, chats, decode, encode, events};
use crate::{any_bytes, check};

/// Texts that JSON must escape, and that are not blank.
fn text() -> impl Strategy<Value = String> {
    "[a-z\"\\\\\n\u{e9}\u{1f600}<]{0,11}z"
}

fn user_part() -> impl Strategy<Value = Part> {
    prop_oneof![
        text().prop_map(Part::Text),
        text().prop_map(|url| Part::Image(Image::Url {
            url: format!("https://{url}"),
            detail: None
        })),
        "[A-Za-z0-9+/]{4,12}".prop_map(|base64| {
            Part::Image(Image::Inline {
                media_type: "image/png".to_owned(),
                base64,
                detail: None,
            })
        }),
    ]
}

fn call() -> impl Strategy<Value = ToolCall> {
    ("[a-z_0-9]{1,8}", "[a-z]{1,8}", text()).prop_map(|(id, name, text)| ToolCall {
        id,
        name,
        arguments: json!({ "q": text }).to_string(),
        signature: None,
    })
}

/// A user's turn, what the model says, and what its tools answer.
fn round() -> impl Strategy<Value = Vec<Message>> {
    (
        vec(user_part(), 1..4),
        proptest::option::of(text()),
        vec((call(), text(), any::<bool>()), 0..3),
    )
        .prop_map(|(parts, said, calls)| {
            let message = |role, parts| Message {
                role,
                name: None,
                parts,
            };
            let said = said.or_else(|| calls.is_empty().then(|| "ok".to_owned()));
            let mut own: Vec<Part> = said.map(Part::Text).into_iter().collect();
            own.extend(
                calls
                    .iter()
                    .map(|(call, _, _)| Part::ToolCall(call.clone())),
            );
            let mut turns = vec![message(Role::User, parts), message(Role::Assistant, own)];
            turns.extend(calls.into_iter().map(|(call, answer, _)| {
                let result = ToolResult {
                    call_id: call.id,
                    parts: vec![Part::Text(answer)],
                    is_error: false,
                };
                message(Role::Tool, vec![Part::ToolResult(result)])
            }));
            turns
        })
}

fn request() -> impl Strategy<Value = ChatRequest> {
    (
        vec(text(), 0..3),
        vec(round(), 1..4),
        text(),
        vec(("[a-z]{1,8}", text()), 0..3),
        any::<bool>(),
    )
        .prop_map(|(system, rounds, last, tools, stream)| ChatRequest {
            model: "m".to_owned(),
            system: system.into_iter().map(Part::Text).collect(),
            messages: rounds
                .into_iter()
                .flatten()
                .chain([Message {
                    role: Role::User,
                    name: None,
                    parts: vec![Part::Text(last)],
                }])
                .collect(),
            tools: tools
                .into_iter()
                .map(|(name, description)| Tool::Function {
                    name,
                    description: Some(description),
                    parameters: Some(serde_json::from_str(r#"{"type":"object"}"#).unwrap()),
                    strict: None,
                    cache: None,
                })
                .collect(),
            max_output_tokens: Some(100),
            stream,
            ..ChatRequest::default()
        })
}

/// Every two formats, in both orders.
fn pairs() -> impl Iterator<Item = (FormatId, FormatId)> {
    chats().flat_map(|first| {
        let others = chats().filter(move |second| *second != first);
        others.map(move |second| (first, second))
    })
}

/// The same with images that every format has: in the request, in whole base64.
fn inline(mut request: ChatRequest) -> ChatRequest {
    let parts = request
        .messages
        .iter_mut()
        .flat_map(|message| &mut message.parts);
    for part in parts {
        if let Part::Image(image) = part {
            *image = Image::Inline {
                media_type: "image/png".to_owned(),
                base64: "iVBORw0KGgo=".to_owned(),
                detail: None,
            };
        }
    }
    request
}

/// Every text of a request, in order.
fn texts(request: &ChatRequest) -> Vec<String> {
    fn of(part: &Part, out: &mut Vec<String>) {
        match part {
            Part::Text(text) | Part::Refusal(text) => out.push(text.clone()),
            Part::ToolCall(call) => {
                out.extend([call.id.clone(), call.name.clone(), call.arguments.clone()]);
            }
            Part::ToolResult(result) => {
                out.push(result.call_id.clone());
                result.parts.iter().for_each(|part| of(part, out));
            }
            Part::Image(image) => out.push(format!("{image:?}")),
            other => out.push(format!("{other:?}")),
        }
    }
    let mut out = Vec::new();
    request.system.iter().for_each(|part| of(part, &mut out));
    request
        .messages
        .iter()
        .flat_map(|message| &message.parts)
        .for_each(|part| of(part, &mut out));
    out
}

/// A stream as a server of either format could send it, blocks interleaved.
fn stream() -> impl Strategy<Value = Vec<StreamEvent>> {
    let block = prop_oneof![
        Just(BlockKind::Text),
        Just(BlockKind::Reasoning),
        "[a-z]{1,6}".prop_map(|name| BlockKind::ToolCall {
            id: format!("call_{name}"),
            name,
            signature: None,
        }),
    ];
    let blocks = vec((block, vec(text(), 1..5)), 0..5);
    (blocks, vec(any::<u8>(), 40), 0_u64..1000).prop_map(|(blocks, order, tokens)| {
        let start = StreamEvent::Start {
            id: "x-1".to_owned(),
            model: "m".to_owned(),
            usage: None,
        };
        let mut events = vec![start];
        let mut queues: Vec<Vec<StreamEvent>> = blocks
            .into_iter()
            .zip(0..)
            .map(|((kind, pieces), block)| block_events(kind, pieces, block))
            .collect();
        let mut order = order.into_iter().cycle();
        while !queues.is_empty() {
            let pick = usize::from(order.next().unwrap()) % queues.len();
            events.extend(queues[pick].pop());
            queues.retain(|queue| !queue.is_empty());
        }
        let reason = Finish::Length;
        events.push(StreamEvent::Finish {
            choice: 0,
            reason,
            stop_sequence: None,
        });
        events.push(StreamEvent::Usage(Usage {
            input: tokens + 9,
            output: tokens,
            cached_input: 4,
            cache_write_input: 5,
            reasoning: 0,
            ..Usage::default()
        }));
        events.push(StreamEvent::End);
        events
    })
}

/// What a format has counts for.
fn counted(format: FormatId, usage: Usage) -> Usage {
    match format {
        FormatId::GeminiGenerate | FormatId::CohereChat => Usage {
            cache_write_input: 0,
            ..usage
        },
        _ => usage,
    }
}

/// The events of one block, the last first.
fn block_events(mut kind: BlockKind, mut pieces: Vec<String>, block: u32) -> Vec<StreamEvent> {
    let mut delta: fn(String) -> Delta = Delta::Text;
    if let BlockKind::ToolCall { id, .. } = &mut kind {
        id.push_str(&block.to_string());
        delta = Delta::Arguments;
        let whole = json!({ "q": pieces.concat() }).to_string();
        let (left, right) = whole.split_at(whole.floor_char_boundary(whole.len() / 2));
        pieces = vec![left.to_owned(), right.to_owned()];
    }
    let mut events = vec![StreamEvent::BlockStart {
        choice: 0,
        block,
        kind,
    }];
    let deltas = pieces.into_iter().map(delta);
    events.extend(deltas.map(|delta| StreamEvent::Delta {
        choice: 0,
        block,
        delta,
    }));
    events.push(StreamEvent::BlockEnd { choice: 0, block });
    events.reverse();
    events
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_request_comes_through_either_format_whole(request in request()) {
        for format in IN_BODY {
            let mut losses = Losses::default();
            let body = format.chat().unwrap().encode_request(&request, Dialect::Original, &mut losses);
            prop_assert!(losses.is_empty(), "{losses}");
            let read = format.chat().unwrap().decode_request(&body).unwrap();
            prop_assert_eq!(texts(&read), texts(&request));
            prop_assert_eq!(read.tools.len(), request.tools.len());
            prop_assert_eq!(read.max_output_tokens, request.max_output_tokens);
            prop_assert_eq!(read.stream, request.stream && IN_BODY.contains(&format));
            let again = format.chat().unwrap().encode_request(&read, Dialect::Original, &mut losses);
            prop_assert_eq!(&again, &body);
            format.format().view_request(&body, true).unwrap();
        }
    }

    #[test]
    fn a_request_comes_through_any_two_formats_whole(request in request()) {
        // Some providers fetch no images.
        let request = inline(request);
        for (first, second) in pairs() {
            let mut losses = Losses::default();
            let there = first.chat().unwrap().encode_request(&request, Dialect::Original, &mut losses);
            let there = first.chat().unwrap().decode_request(&there).unwrap();
            let back = second.chat().unwrap().encode_request(&there, Dialect::Original, &mut losses);
            let back = second.chat().unwrap().decode_request(&back).unwrap();
            prop_assert!(losses.is_empty(), "{losses}");
            prop_assert_eq!(texts(&back), texts(&request));
        }
    }

    #[test]
    fn any_interleaving_is_written_as_sdks_accept_it(canonical in stream()) {
        let before = collect(&canonical);
        for format in chats() {
            let (encoded, losses) = encode(format, &canonical);
            prop_assert!(losses.is_empty(), "{losses}");
            check::stream(format, &encoded);
            let after = collect(&decode(format, &events(&[encoded.as_bytes()])));
            prop_assert_eq!(after.usage, before.usage.map(|usage| counted(format, usage)));
            prop_assert!(after.ended);
            prop_assert_eq!(&after.finishes, &before.finishes);
            let calls = |said: &crate::collect::Said| -> Vec<(BlockKind, String)> {
                let is_call = |block: &&crate::collect::Block| matches!(block.kind, BlockKind::ToolCall { .. });
                let mut calls: Vec<_> =
                    said.blocks.iter().filter(is_call).map(|block| (block.kind.clone(), block.text.clone())).collect();
                calls.sort_by_key(|call| format!("{call:?}"));
                calls
            };
            prop_assert_eq!(calls(&after), calls(&before));
            for kind in [BlockKind::Text, BlockKind::Reasoning] {
                let mut bytes = [&before, &after].map(|said| {
                    let of_kind = said.blocks.iter().filter(|block| block.kind == kind);
                    let mut bytes: Vec<u8> = of_kind.flat_map(|block| block.text.bytes()).collect();
                    bytes.sort_unstable();
                    bytes
                });
                let [before, after] = &mut bytes;
                prop_assert_eq!(before, after);
            }
        }
    }

    #[test]
    fn views_find_what_a_walk_finds(values in vec((text(), text(), 0_usize..6), 1..6)) {
        let (body, expected) = openai_walk(&values);
        let body = body.to_string();
        let mut found = found(FormatId::OpenaiChat, &body);
        let mut expected = expected;
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn views_of_messages_find_what_a_walk_finds(values in vec((text(), text(), 0_usize..7), 1..6)) {
        let (body, mut expected) = anthropic_walk(&values);
        let body = body.to_string();
        let mut found = found(FormatId::AnthropicMessages, &body);
        found.sort();
        expected.sort();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn an_answer_comes_through_both_formats_whole(said in text(), thought in text(), calls in vec(call(), 0..3)) {
        let mut parts = vec![
            Part::Reasoning(Thought { text: thought, signature: Some(Seal::new(BOTH[1], "s==".to_owned())), ..Thought::default() }),
            Part::Text(said),
        ];
        parts.extend(calls.into_iter().map(Part::ToolCall));
        let usage = Usage { input: 9, output: 8, cached_input: 3, cache_write_input: 2, reasoning: 1, ..Usage::default() };
        let choice = Choice { parts: parts.clone(), finish: Some(Finish::Length), ..Choice::default() };
        let mut answer = ChatAnswer { id: "a".to_owned(), choices: vec![choice], usage: Some(usage), ..ChatAnswer::default() };
        let mut losses = Losses::default();
        for format in [BOTH[0], BOTH[1], BOTH[1], BOTH[0]] {
            let body = format.chat().unwrap().encode_answer(&answer, &crate::load::options(), &mut losses);
            let view = format.format().view_answer(&body, true).unwrap();
            prop_assert_eq!(view.usage, Some(usage));
            answer = format.chat().unwrap().decode_answer(&body).unwrap();
            prop_assert!(losses.is_empty(), "{losses}");
            prop_assert_eq!(format!("{:?}", answer.choices[0].parts), format!("{parts:?}"));
            prop_assert_eq!((answer.usage, answer.choices[0].finish.clone()), (Some(usage), Some(Finish::Length)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_refused_or_read_and_written(bytes in vec(any::<u8>(), 0..200), cut in 0_usize..2000, flip in any::<u8>()) {
        for format in chats() {
            let mut inputs = vec![bytes.clone()];
            for name in ["request.json", "answer.json", if format == FormatId::OpenaiChat { "text.sse" } else { "thinking_tools.sse" }] {
                let mut input = crate::load::file(format, name);
                let at = cut % input.len();
                input[at] ^= flip;
                inputs.push(input[..at.max(1)].to_vec());
                inputs.push(input);
            }
            for input in inputs {
                any_bytes::check(format, &input, cut % 97);
            }
        }
    }
}

/// A request with texts in many places, and the texts.
fn openai_walk(values: &[(String, String, usize)]) -> (Value, Vec<String>) {
    let mut expected = Vec::new();
    let messages: Vec<Value> = values
        .iter()
        .map(|(one, two, place)| {
            expected.push(one.clone());
            if *place > 0 {
                expected.push(two.clone());
            }
            match place {
                0 => json!({"role": "user", "content": one}),
                1 => json!({"role": "user", "content": [{"type": "text", "text": one}, {"text": two}]}),
                2 => json!({"role": "assistant", "content": one, "refusal": two}),
                3 => json!({"role": "assistant", "reasoning_content": one, "content": two}),
                4 => json!({"role": "assistant", "content": null,
                    "tool_calls": [{"id": "x", "type": "function", "function": {"name": one, "arguments": two}}]}),
                _ => json!({"role": "tool", "tool_call_id": "x", "name": one, "content": [{"type": "text", "text": two}]}),
            }
        })
        .collect();
    (json!({"model": "m", "messages": messages}), expected)
}

/// The texts that a view finds.
fn found(format: FormatId, body: &str) -> Vec<String> {
    let view = format.format().view_request(body.as_bytes(), true).unwrap();
    let texts = view.texts.iter().map(|span| {
        let raw = span.text.span.of(body.as_bytes());
        // Of the input of a tool its only text.
        if let Ok(input) = serde_json::from_slice::<Value>(raw)
            && let Some(text) = input["input"][1]["text"].as_str()
        {
            return text.to_owned();
        }
        tollgate_wire::json::decode(raw, span.text.escaped)
            .unwrap()
            .into_owned()
    });
    texts.collect()
}

/// A request with texts in many places, and the texts.
fn anthropic_walk(values: &[(String, String, usize)]) -> (Value, Vec<String>) {
    let mut expected = Vec::new();
    let messages: Vec<Value> = values
        .iter()
        .map(|(one, two, place)| {
            expected.push(one.clone());
            if *place > 0 {
                expected.push(two.clone());
            }
            let blocks = match place {
                0 => return json!({"role": "user", "content": one}),
                1 => json!([{"type": "text", "text": one}, {"text": two, "citations": null}]),
                2 => json!([{"type": "thinking", "thinking": one, "signature": "x"}, {"type": "text", "text": two}]),
                3 => json!([{"type": "tool_use", "id": "x", "name": one, "input": {"input": [true, {"text": two}]}}]),
                4 => json!([{"type": "tool_result", "tool_use_id": "x", "content": [{"type": "text", "text": one}]},
                    {"type": "tool_result", "tool_use_id": "y", "content": two}]),
                5 => json!([{"type": "document", "title": one,
                    "source": {"data": two, "media_type": "text/plain", "type": "text"}}]),
                _ => json!([{"type": "search_result", "source": "text", "title": one,
                    "content": [{"type": "text", "text": two}]}]),
            };
            json!({"content": blocks, "role": "assistant"})
        })
        .collect();
    (
        json!({"messages": messages, "model": "m", "max_tokens": 1}),
        expected,
    )
}
