//! Streams: every cut of a text gives the text of the whole, in frames of the format.

use std::collections::BTreeMap;

use proptest::prelude::{any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_policy::Verdict;
use tollgate_wire::sse::Event;

use crate::cut_reference;
use crate::support::{block, pump, redact};

fn chat(choice: u32, delta: &Value, finish: Option<&str>) -> Event {
    let data = json!({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m",
        "choices": [{"index": choice, "delta": delta, "finish_reason": finish}]});
    Event::from_parts(None, data.to_string().as_bytes())
}

fn done() -> Event {
    Event::from_parts(None, b"[DONE]")
}

fn named(name: &str, data: &Value) -> Event {
    Event::from_parts(Some(name), data.to_string().as_bytes())
}

/// The texts of a chat stream, by choice and field.
fn chat_texts(frames: &[Value]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    let mut add = |key: String, text: &Value| {
        if let Some(text) = text.as_str() {
            texts.entry(key).or_insert_with(String::new).push_str(text);
        }
    };
    for frame in frames {
        for choice in frame["choices"].as_array().into_iter().flatten() {
            let index = &choice["index"];
            for field in ["role", "content", "reasoning_content", "refusal"] {
                add(format!("{index} {field}"), &choice["delta"][field]);
            }
            for call in choice["delta"]["tool_calls"]
                .as_array()
                .into_iter()
                .flatten()
            {
                let tool = &call["index"];
                add(format!("{index} tool {tool} id"), &call["id"]);
                add(
                    format!("{index} tool {tool} name"),
                    &call["function"]["name"],
                );
                add(
                    format!("{index} tool {tool}"),
                    &call["function"]["arguments"],
                );
            }
        }
    }
    texts
}

fn cut(text: &str, sizes: &[usize]) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut at = 0;
    let mut sizes = sizes.iter().copied().cycle();
    while at < chars.len() {
        let size = sizes.next().unwrap_or(1).clamp(1, chars.len() - at);
        pieces.push(chars[at..at + size].iter().collect());
        at += size;
    }
    pieces
}

const TEXT: &str = "Mail john.doe@example.com, \u{1f600} card 4111 1111 1111 1111 or 378282246310005.\nSSN \"457-55-5462\" no@where 4111 ok";
const TEXT_OUT: &str = "Mail [EMAIL_ADDRESS], \u{1f600} card [CREDIT_CARD] or [CREDIT_CARD].\nSSN \"[SSN]\" no@where 4111 ok";
const ARGUMENTS: &str = "{\"to\": \"a\\n\\\"j\\u006fhn@example.com\\\"\", \"card\": 4111111111111111, \"n\": [1, 457555462]}";
const ARGUMENTS_OUT: &str =
    "{\"to\": \"a\\n\\\"[EMAIL_ADDRESS]\\\"\", \"card\": \"[CREDIT_CARD]\", \"n\": [1, 457555462]}";

/// A stream with two choices, reasoning and two tool calls, interleaved.
fn chat_stream(sizes: &[usize]) -> Vec<Event> {
    let mut events = vec![
        chat(0, &json!({"role": "assistant", "content": ""}), None),
        chat(1, &json!({"role": "assistant", "content": ""}), None),
    ];
    let mut tracks: Vec<std::collections::VecDeque<Event>> = Vec::new();
    for choice in 0..2 {
        tracks.push(
            cut(TEXT, sizes)
                .iter()
                .map(|piece| chat(choice, &json!({"content": piece}), None))
                .collect(),
        );
        tracks.push(
            cut(TEXT, sizes)
                .iter()
                .map(|piece| chat(choice, &json!({"reasoning_content": piece}), None))
                .collect(),
        );
    }
    for tool in 0..2 {
        let start = json!({"tool_calls": [{"index": tool, "id": format!("call_{tool}"), "type": "function", "function": {"name": "send_mail", "arguments": ""}}]});
        let mut track = std::collections::VecDeque::from([chat(0, &start, None)]);
        track.extend(cut(ARGUMENTS, sizes).iter().map(|piece| {
            chat(
                0,
                &json!({"tool_calls": [{"index": tool, "function": {"arguments": piece}}]}),
                None,
            )
        }));
        tracks.push(track);
    }
    while tracks.iter().any(|track| !track.is_empty()) {
        for track in &mut tracks {
            events.extend(track.pop_front());
        }
    }
    events.extend([
        chat(1, &json!({}), Some("stop")),
        chat(0, &json!({}), Some("tool_calls")),
        done(),
    ]);
    events
}

fn check_chat(events: &[Event]) {
    let sent = pump(&redact(), FormatId::OpenaiChat, events);
    assert_eq!(sent.verdict, Verdict::Pass);
    let texts = chat_texts(&sent.json());
    for choice in 0..2 {
        assert_eq!(texts[&format!("{choice} content")], TEXT_OUT);
        assert_eq!(texts[&format!("{choice} reasoning_content")], TEXT_OUT);
        assert_eq!(texts[&format!("{choice} role")], "assistant");
    }
    for tool in 0..2 {
        assert_eq!(texts[&format!("0 tool {tool}")], ARGUMENTS_OUT);
        assert_eq!(texts[&format!("0 tool {tool} id")], format!("call_{tool}"));
        assert_eq!(texts[&format!("0 tool {tool} name")], "send_mail");
    }
    assert_eq!(sent.frames.last(), Some(done().raw()));
    let finish = sent
        .json()
        .iter()
        .position(|frame| frame["choices"][0]["finish_reason"] == "stop")
        .unwrap();
    let after = chat_texts(&sent.json()[finish..]);
    assert!(
        after.keys().all(|key| key.starts_with('0')),
        "text of a finished choice: {after:?}"
    );
}

fn messages_stream(sizes: &[usize]) -> Vec<Event> {
    let mut events = vec![named(
        "message_start",
        &json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}}),
    )];
    let blocks = [
        ("thinking", "thinking_delta", "thinking", TEXT),
        ("text", "text_delta", "text", TEXT),
        ("tool_use", "input_json_delta", "partial_json", ARGUMENTS),
    ];
    for (index, (kind, delta, field, text)) in blocks.into_iter().enumerate() {
        let block = if kind == "tool_use" {
            json!({"type": kind, "id": "t", "name": "send_mail", "input": {}})
        } else {
            json!({"type": kind, field: ""})
        };
        events.push(named(
            "content_block_start",
            &json!({"type": "content_block_start", "index": index, "content_block": block}),
        ));
        for piece in cut(text, sizes) {
            events.push(named("content_block_delta", &json!({"type": "content_block_delta", "index": index, "delta": {"type": delta, field: piece}})));
            events.push(named("ping", &json!({"type": "ping"})));
        }
        events.push(named(
            "content_block_stop",
            &json!({"type": "content_block_stop", "index": index}),
        ));
    }
    events.push(named("message_delta", &json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 9}})));
    events.push(named("message_stop", &json!({"type": "message_stop"})));
    events
}

fn check_messages(events: &[Event]) {
    let sent = pump(&redact(), FormatId::AnthropicMessages, events);
    assert_eq!(sent.verdict, Verdict::Pass);
    let mut texts = BTreeMap::<u64, String>::new();
    let mut closed = Vec::new();
    for frame in sent.json() {
        let index = frame["index"].as_u64().unwrap_or(99);
        match frame["type"].as_str() {
            Some("content_block_stop") => closed.push(index),
            Some("content_block_delta") => {
                assert!(!closed.contains(&index), "text after the end of its block");
                let delta = &frame["delta"];
                let text = [&delta["text"], &delta["thinking"], &delta["partial_json"]];
                texts
                    .entry(index)
                    .or_default()
                    .push_str(text.iter().find_map(|text| text.as_str()).unwrap());
            }
            _ => {}
        }
    }
    assert_eq!(
        texts,
        BTreeMap::from([
            (0, TEXT_OUT.to_owned()),
            (1, TEXT_OUT.to_owned()),
            (2, ARGUMENTS_OUT.to_owned())
        ])
    );
}

#[test]
fn chat_streams_of_every_piece_size_are_redacted_exactly() {
    for size in 1..90 {
        check_chat(&chat_stream(&[size]));
    }
}

#[test]
fn message_streams_of_every_piece_size_are_redacted_exactly() {
    for size in 1..90 {
        check_messages(&messages_stream(&[size]));
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn streams_of_random_pieces_are_redacted_exactly(sizes in prop::collection::vec(1_usize..30, 1..20)) {
        check_chat(&chat_stream(&sizes));
        check_messages(&messages_stream(&sizes));
    }

    #[test]
    fn streams_and_whole_answers_are_redacted_alike(text in "([0-9]{1,4}[ -]?|[a-c@.]{1,3}|[ \\PC]|4111 1111 1111 1111|457-55-5462|a@b.co){0,30}", sizes in prop::array::uniform4(0_u8..20)) {
        cut_reference::check(&text, sizes);
    }

    #[test]
    fn a_block_comes_for_every_cut_and_nothing_of_the_finding_goes_out(
        sizes in prop::collection::vec(1_usize..30, 1..20), before in "[a-z ]{0,40}", flood in any::<bool>(),
    ) {
        let text = format!("{before} 4111 1111 1111 1111{}", if flood { " and so on" } else { "" });
        let mut events: Vec<Event> = cut(&text, &sizes).iter().map(|piece| chat(0, &json!({"content": piece}), None)).collect();
        events.push(chat(0, &json!({}), Some("stop")));
        events.push(done());
        let sent = pump(&block(), FormatId::OpenaiChat, &events);
        let Verdict::Block(blocked) = &sent.verdict else { panic!("passed") };
        prop_assert_eq!(&*blocked.entity, "credit_card");
        prop_assert_eq!(sent.records.len(), 1);
        let texts = chat_texts(&sent.json());
        let text_sent = texts.get("0 content").cloned().unwrap_or_default();
        prop_assert!(format!("{before} ").starts_with(&text_sent), "{}", text_sent);
    }
}

#[test]
fn frames_without_findings_pass_byte_for_byte() {
    let raw = "data: { \"choices\" : [{\"index\":0,\"delta\":{\"content\":\"One, \\u0074wo; \"}}], \"x\": 1.0 }\r\n\r\n";
    let event = Event::from_parts(None, raw.trim_start_matches("data: ").trim_end().as_bytes());
    let sent = pump(
        &redact(),
        FormatId::OpenaiChat,
        std::slice::from_ref(&event),
    );
    assert_eq!(sent.frames, [event.raw().clone()]);
}

#[test]
fn a_whole_answer_in_one_event_with_a_role_says_its_role_once() {
    let events = [
        chat(
            0,
            &json!({"role": "assistant", "content": "Hello john@example.com"}),
            None,
        ),
        chat(0, &json!({}), Some("stop")),
        done(),
    ];
    let sent = pump(&redact(), FormatId::OpenaiChat, &events);
    let texts = chat_texts(&sent.json());
    assert_eq!(
        (texts["0 role"].as_str(), texts["0 content"].as_str()),
        ("assistant", "Hello [EMAIL_ADDRESS]")
    );
    assert_eq!(sent.frames.len(), 3);
}

#[test]
fn the_input_of_a_tool_that_starts_with_it_is_redacted_and_stays_json() {
    let block = json!({"type": "tool_use", "id": "t", "name": "pay", "input": {"a": "mail", "b": "a@b.co", "card": 4111111111111111_u64, "id": "4111111111111111", "c": "4111 1111"}});
    let events = [
        named(
            "content_block_start",
            &json!({"type": "content_block_start", "index": 0, "content_block": block}),
        ),
        named(
            "content_block_stop",
            &json!({"type": "content_block_stop", "index": 0}),
        ),
    ];
    let sent = pump(&redact(), FormatId::AnthropicMessages, &events);
    let input = sent.json()[0]["content_block"]["input"].clone();
    assert_eq!(
        input,
        json!({"a": "mail", "b": "[EMAIL_ADDRESS]", "card": "[CREDIT_CARD]", "id": "[CREDIT_CARD]", "c": "4111 1111"})
    );
    assert_eq!(sent.frames.len(), 2);
}

#[test]
fn text_in_the_finishing_event_is_complete() {
    let events = [
        chat(0, &json!({"content": "4111 1111 "}), None),
        chat(0, &json!({"content": "1111 1111"}), Some("stop")),
        done(),
    ];
    let sent = pump(&redact(), FormatId::OpenaiChat, &events);
    assert_eq!(chat_texts(&sent.json())["0 content"], "[CREDIT_CARD]");
}

#[test]
fn a_stream_that_breaks_off_gives_what_it_held() {
    let events = [chat(0, &json!({"content": "see 4111"}), None)];
    let sent = pump(&redact(), FormatId::OpenaiChat, &events);
    assert_eq!(chat_texts(&sent.json())["0 content"], "see 4111");
}

#[test]
fn logprobs_are_removed() {
    let logged = |text: &str, finish: Option<&str>| {
        let data = json!({"id": "c", "choices": [{"index": 0, "delta": {"content": text}, "logprobs": {"content": [{"token": text}]}, "finish_reason": finish}]});
        Event::from_parts(None, data.to_string().as_bytes())
    };
    let events = [
        logged("fine, ", None),
        logged("123-45", None),
        logged("-6789", None),
        logged(".", Some("stop")),
        done(),
    ];
    let sent = pump(&redact(), FormatId::OpenaiChat, &events);
    let text: String = sent.json().iter().map(|frame| frame.to_string()).collect();
    assert!(
        !text.contains("6789") && !text.contains("123-45") && text.contains("[SSN]"),
        "{text}"
    );
    assert!(!text.contains("token"), "{text}");
}

#[test]
fn more_open_texts_than_the_limit_block() {
    let events: Vec<Event> = (0..300)
        .map(|choice| chat(choice, &json!({"content": "word"}), None))
        .collect();
    let sent = pump(&redact(), FormatId::OpenaiChat, &events);
    let Verdict::Block(blocked) = &sent.verdict else {
        panic!("passed")
    };
    assert_eq!(&*blocked.entity, "unenforceable");
}
