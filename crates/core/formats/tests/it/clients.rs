//! Clients that read less of a format than others, and what their maker's servers say.

use bytes::BytesMut;
use serde_json::{Value, json};
use tollgate_formats::exchange::{BlockKind, Delta, Finish, Part, Reasoning, Seal, StreamEvent};
use tollgate_formats::{AnswerOptions, Client, Dialect, FormatId, Forms, Losses, Request};
use tollgate_types::Usage;

fn mistral() -> AnswerOptions {
    AnswerOptions {
        model: "m".to_owned(),
        fallback_id: "id".to_owned(),
        client: Client::Mistral,
        forms: Forms::default(),
        ..AnswerOptions::default()
    }
}

/// The chunks that these events become; the end mark is looked for, and left out.
fn chunks(events: &[StreamEvent]) -> Vec<Value> {
    let mut encoder = FormatId::OpenaiChat
        .chat()
        .unwrap()
        .stream_encoder(mistral());
    let (mut out, mut losses) = (BytesMut::new(), Losses::default());
    for event in events {
        encoder.push(event, &mut out, &mut losses);
    }
    let text = String::from_utf8(out.to_vec()).unwrap();
    let (all, rest) = text.split_once("data: [DONE]\n\n").unwrap_or((&text, ""));
    assert_eq!(rest, "");
    let data = all
        .split("\n\n")
        .filter_map(|event| event.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

fn begin(block: u32, kind: BlockKind) -> StreamEvent {
    StreamEvent::BlockStart {
        choice: 0,
        block,
        kind,
    }
}

fn piece(block: u32, delta: Delta) -> StreamEvent {
    StreamEvent::Delta {
        choice: 0,
        block,
        delta,
    }
}

fn call(block: u32, name: &str) -> StreamEvent {
    let kind = BlockKind::ToolCall {
        id: format!("call_{block}"),
        name: name.to_owned(),
        signature: None,
    };
    begin(block, kind)
}

fn end(block: u32) -> StreamEvent {
    StreamEvent::BlockEnd { choice: 0, block }
}

fn arguments(block: u32, text: &str) -> StreamEvent {
    piece(block, Delta::Arguments(text.to_owned()))
}

#[test]
fn mistrals_clients_get_calls_whole_reasoning_in_the_content_and_usage_with_the_end() {
    let seal = Seal::new(FormatId::AnthropicMessages, "sig".to_owned());
    let sent = chunks(&[
        begin(0, BlockKind::Reasoning),
        piece(0, Delta::Text("Hm.".to_owned())),
        piece(0, Delta::Signature(seal)),
        end(0),
        begin(1, BlockKind::Text),
        piece(1, Delta::Text("So:".to_owned())),
        end(1),
        call(2, "one"),
        call(3, "two"),
        arguments(2, "{\"a\":"),
        arguments(3, "{}"),
        arguments(2, "1}"),
        end(2),
        end(3),
        StreamEvent::Finish {
            choice: 0,
            reason: Finish::ToolCalls,
            stop_sequence: None,
        },
        StreamEvent::Usage(Usage {
            input: 3,
            output: 4,
            ..Usage::default()
        }),
        StreamEvent::End,
    ]);
    let choices: Vec<&Value> = sent
        .iter()
        .map(|chunk| {
            assert_eq!(chunk["choices"].as_array().unwrap().len(), 1, "{chunk}");
            &chunk["choices"][0]
        })
        .collect();
    let deltas: Vec<&Value> = choices.iter().map(|choice| &choice["delta"]).collect();
    assert_eq!(deltas[0]["role"], "assistant");
    let thought = json!([{"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}]);
    assert_eq!(deltas[1]["content"], thought);
    assert_eq!(deltas[2]["content"][0]["thinking"], json!([]));
    assert!(
        deltas[2]["content"][0]["signature"]
            .as_str()
            .unwrap()
            .ends_with("sig")
    );
    assert_eq!(deltas[3]["content"], "So:");
    let function = |name: &str, arguments: &str| json!({"name": name, "arguments": arguments});
    for (delta, index, function) in [
        (deltas[4], 0, function("one", "{\"a\":1}")),
        (deltas[5], 1, function("two", "{}")),
    ] {
        let id = format!("call_{}", index + 2);
        let call = json!({"id": id, "type": "function", "index": index, "function": function});
        assert_eq!(delta["tool_calls"], json!([call]));
    }
    assert_eq!(choices[6]["finish_reason"], "tool_calls");
    assert_eq!(sent[6]["usage"]["total_tokens"], 7);
    assert_eq!(sent.len(), 7);
    assert!(sent[..6].iter().all(|chunk| chunk.get("usage").is_none()));
}

#[test]
fn calls_that_wait_to_be_whole_are_bounded() {
    let mut events = vec![call(0, "one")];
    events.extend((0..8).map(|_| arguments(0, &"x".repeat(1 << 20))));
    events.push(StreamEvent::End);
    let sent = chunks(&events);
    let error = sent.last().unwrap()["error"]["message"].as_str().unwrap();
    assert!(error.contains("4194304 bytes"), "{error}");
    assert_eq!(sent.len(), 2);
}

#[test]
fn what_mistrals_clients_send_is_what_others_name_otherwise() {
    let body = json!({
        "model": "m", "random_seed": 7, "tool_choice": "any", "prompt_mode": "reasoning",
        "safe_prompt": true, "tools": [{"type": "function", "function": {"name": "f"}}], "messages": [
            {"role": "user", "content": [{"type": "image_url", "image_url": "https://a/b.png"}]},
            {"role": "assistant", "prefix": false, "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}], "signature": "sig"},
                {"type": "thinking", "thinking": [], "signature": "~all"},
                {"type": "text", "text": "So."},
            ]},
            {"role": "user", "content": "And?"},
        ],
    });
    let codec = FormatId::OpenaiChat.format().codec();
    let mut request = codec.decode_request(body.to_string().as_bytes()).unwrap();
    request.set_client(Client::Mistral);
    let Request::Chat(chat) = &request else {
        panic!("{request:?}");
    };
    assert_eq!(
        (chat.sampling.seed, &chat.reasoning),
        (Some(7), &Some(Reasoning::Adaptive))
    );
    let parts = &chat.messages[1].parts;
    let [
        Part::Reasoning(said),
        Part::Reasoning(sealed),
        Part::Text(text),
    ] = parts.as_slice()
    else {
        panic!("{parts:?}");
    };
    assert_eq!((said.text.as_str(), text.as_str()), ("Hm.", "So."));
    assert!(said.signature.is_some() && sealed.encrypted.is_some() && sealed.signature.is_none());
    let mut losses = Losses::default();
    let sent = codec
        .encode_request(&request, Dialect::Original, &mut losses)
        .unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(
        (&sent["seed"], &sent["tool_choice"]),
        (&json!(7), &json!("required"))
    );
    assert_eq!(
        sent["messages"][0]["content"][0]["image_url"]["url"],
        "https://a/b.png"
    );
    // Servers of other makers refuse it.
    assert_eq!(sent.get("safe_prompt"), None);
    assert!(losses.to_string().contains("unknown_field"), "{losses}");
}

#[test]
fn a_thought_goes_through_mistrals_clients_and_back() {
    let codec = FormatId::AnthropicMessages.format().codec();
    let body = json!({
        "id": "a", "type": "message", "role": "assistant", "model": "m", "stop_reason": "end_turn",
        "content": [{"type": "thinking", "thinking": "Hm.", "signature": "sig"}, {"type": "text", "text": "So."}],
    });
    let answer = codec.decode_answer(body.to_string().as_bytes()).unwrap();
    let theirs = FormatId::OpenaiChat.format().codec();
    let told = theirs
        .encode_answer(&answer, &mistral(), &mut Losses::default())
        .unwrap();
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_eq!(told["usage"], json!({}));
    let message = &told["choices"][0]["message"];
    assert_eq!(
        message["content"][1],
        json!({"type": "text", "text": "So."})
    );
    let asked = json!({"model": "m", "messages": [{"role": "user", "content": "?"}, message, {"role": "user", "content": "!"}]});
    let request = theirs.decode_request(asked.to_string().as_bytes()).unwrap();
    let sent = codec
        .encode_request(&request, Dialect::Original, &mut Losses::default())
        .unwrap();
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(sent["messages"][1]["content"], body["content"]);
}

#[test]
fn thoughts_of_mistrals_servers_are_read_whole_and_streamed() {
    let chunk = json!({"id": "a", "model": "m", "choices": [{"index": 0, "delta": {"content": [
        {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}, {"type": "text", "text": "So."},
    ]}, "finish_reason": null}]});
    let mut reader = tollgate_wire::sse::EventReader::new(usize::MAX);
    reader.push(format!("data: {chunk}\n\n").into());
    let event = reader.next_event().unwrap().unwrap();
    let mut decoded = Vec::new();
    let mut decoder = FormatId::OpenaiChat.chat().unwrap().stream_decoder();
    decoder.push(&event, &mut decoded).unwrap();
    let kinds: Vec<&BlockKind> = decoded
        .iter()
        .filter_map(|event| match event {
            StreamEvent::BlockStart { kind, .. } => Some(kind),
            _ => None,
        })
        .collect();
    assert_eq!(kinds, [&BlockKind::Reasoning, &BlockKind::Text]);
    assert!(
        !decoded
            .iter()
            .any(|event| matches!(event, StreamEvent::Lost(_))),
        "{decoded:?}"
    );
}
