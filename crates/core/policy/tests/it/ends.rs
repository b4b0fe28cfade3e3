//! The end of a blocked stream closes what its caller saw begin, and nothing else.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tollgate_formats::{AnswerOptions, FormatId};
use tollgate_policy::{RuleAction, RuleSet, Verdict};
use tollgate_wire::sse::{Event, EventReader};

use crate::support::{Sent, data, pump, rule};

/// Addresses make a tool's name wait; a number blocks.
fn rules() -> Arc<RuleSet> {
    let block = RuleAction::Block { message: None };
    Arc::new(RuleSet::new(vec![
        rule("numbers", block.clone(), &["ssn"]),
        rule("addresses", block, &["email_address"]),
    ]))
}

/// What the caller gets in all: the events that passed, then the filter's end.
fn received(format: FormatId, sent: &Sent) -> Vec<Value> {
    let end = format.format().filtered_end(
        &sent.delivered,
        None,
        &AnswerOptions {
            fallback_id: "ours".to_owned(),
            ..AnswerOptions::default()
        },
    );
    let mut reader = EventReader::new(usize::MAX);
    reader.push(sent.frames.concat().into());
    reader.push(end);
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        events.extend(data(event.raw()));
    }
    events
}

fn messages(name: &str, arguments: &[&str]) -> Vec<Event> {
    let start = json!({"type": "tool_use", "id": "t", "name": name, "input": {}});
    let mut events = vec![
        json!({"type": "message_start", "message": {"id": "theirs", "content": [], "model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Well, "}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": start}),
    ];
    events.extend(arguments.iter().map(|piece| {
        json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": piece}})
    }));
    let event =
        |data: &Value| Event::from_parts(data["type"].as_str(), data.to_string().as_bytes());
    events.iter().map(event).collect()
}

fn check_messages(name: &str, arguments: &[&str]) {
    let sent = pump(
        &rules(),
        FormatId::AnthropicMessages,
        &messages(name, arguments),
    );
    assert!(matches!(sent.verdict, Verdict::Block(_)), "{arguments:?}");
    let mut open = BTreeSet::new();
    for event in received(FormatId::AnthropicMessages, &sent) {
        let index = event["index"].as_u64();
        match event["type"].as_str().unwrap() {
            "content_block_start" => assert!(open.insert(index), "{event}"),
            "content_block_delta" => assert!(open.contains(&index), "{event}"),
            "content_block_stop" => assert!(open.remove(&index), "{name} {arguments:?}: {event}"),
            "message_start" => assert_eq!(event["message"]["id"], "theirs"),
            _ => {}
        }
    }
    assert!(
        open.is_empty(),
        "{name} {arguments:?}: {open:?} is left open"
    );
}

#[test]
fn every_block_that_is_closed_was_opened_wherever_a_tool_call_is_cut() {
    let arguments = r#"{"to": "x", "n": "536-22-1234", "m": 1}"#;
    for name in ["pay", "jane.doe", "a"] {
        check_messages(name, &[arguments]);
        for cut in 1..arguments.len() {
            let (first, second) = arguments.split_at(cut);
            check_messages(name, &[first, second]);
            check_messages(name, &["", first, "", second]);
        }
        let each: Vec<&str> = arguments.split("").collect();
        check_messages(name, &each);
    }
}

fn chat(id: &str, delta: &Value) -> Event {
    let data = json!({"id": id, "choices": [{"index": 1, "delta": delta}]});
    Event::from_parts(None, data.to_string().as_bytes())
}

#[test]
fn a_chat_that_is_blocked_keeps_its_id() {
    let text = "Call 536-22-1234 now";
    for cut in 1..text.len() {
        let (first, second) = text.split_at(cut);
        for role in [true, false] {
            let mut events = vec![chat("theirs", &json!({"role": "assistant", "content": ""}))];
            events.extend([first, second].map(|text| chat("theirs", &json!({"content": text}))));
            let from = usize::from(!role);
            let sent = pump(&rules(), FormatId::OpenaiChat, &events[from..]);
            assert!(matches!(sent.verdict, Verdict::Block(_)));
            let received = received(FormatId::OpenaiChat, &sent);
            let ids: BTreeSet<&str> = received
                .iter()
                .filter_map(|event| event["id"].as_str())
                .collect();
            assert_eq!(ids.len(), 1, "cut at {cut}: {received:?}");
            let choices = received
                .iter()
                .flat_map(|event| event["choices"].as_array().unwrap());
            let finished: Vec<_> = choices
                .filter(|choice| choice["finish_reason"].is_string())
                .collect();
            assert_eq!(finished.len(), 1, "{received:?}");
            assert_eq!(finished[0]["finish_reason"], "content_filter");
            let begun = sent.delivered.started;
            assert_eq!(finished[0]["index"], u64::from(begun), "{received:?}");
        }
    }
}
