//! Answers that cannot be read in one way only: blocked, or passed on and said to be
//! unchecked, as their rules want it.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_policy::{Machine, OnError, Rule, RuleAction, RuleSet, Style, Verdict};
use tollgate_wire::Document;
use tollgate_wire::sse::Event;

use crate::support::{pump_with, rule};

fn chunk(delta: &Value) -> Event {
    let data = json!({"id": "c", "choices": [{"index": 0, "delta": delta}]});
    Event::from_parts(None, data.to_string().as_bytes())
}

/// A call whose arguments break off because another call begins at its place.
fn broken_off() -> Vec<Event> {
    let call = |id: &str, arguments: &str| {
        chunk(
            &json!({"tool_calls": [{"index": 0, "id": id, "function": {"name": "f", "arguments": arguments}}]}),
        )
    };
    vec![
        chunk(&json!({"content": "mail jane"})),
        call("c1", "{\"a\": \"x"),
        call("c2", "{}"),
        chunk(&json!({"content": "@example.org"})),
        Event::from_parts(None, b"[DONE]"),
    ]
}

fn machine(action: RuleAction, on_error: OnError) -> Machine {
    let rule = Rule {
        on_error,
        ..rule("r", action, &["email_address"])
    };
    Machine::new(Arc::new(RuleSet::new(vec![rule])))
}

#[test]
fn a_rule_that_only_flags_stops_nothing_it_cannot_check() {
    let events = broken_off();
    let sent = pump_with(
        machine(RuleAction::Flag, OnError::Block),
        FormatId::OpenaiChat,
        &events,
    );
    assert_eq!(sent.verdict, Verdict::Pass);
    let original: Vec<u8> = events
        .iter()
        .flat_map(|event| event.raw().to_vec())
        .collect();
    assert_eq!(sent.frames.concat(), original);
    assert!(sent.is_incomplete);
}

#[test]
fn what_cannot_be_checked_is_blocked_or_passed_on_with_all_that_was_held() {
    let redact = || RuleAction::Redact(Style::Label);
    let blocked = pump_with(
        machine(redact(), OnError::Block),
        FormatId::OpenaiChat,
        &broken_off(),
    );
    assert!(
        matches!(blocked.verdict, Verdict::Block(blocked) if &*blocked.entity == "unenforceable")
    );
    let passed = pump_with(
        machine(redact(), OnError::Allow),
        FormatId::OpenaiChat,
        &broken_off(),
    );
    assert_eq!(passed.verdict, Verdict::Pass);
    let content: String = passed
        .json()
        .iter()
        .filter_map(|event| {
            event["choices"][0]["delta"]["content"]
                .as_str()
                .map(str::to_owned)
        })
        .collect();
    assert_eq!(content, "mail [EMAIL_ADDRESS]");
    assert!(
        passed.is_incomplete,
        "what was checked was, and the rest is said"
    );
}

#[test]
fn what_is_too_much_passes_once_and_as_it_is() {
    let choices = |count: u32, text: &str| {
        let choice = |index| json!({"index": index, "delta": {"content": text}});
        let choices: Vec<Value> = (0..count).map(choice).collect();
        Event::from_parts(None, json!({"choices": choices}).to_string().as_bytes())
    };
    let padded = |text: &str| {
        let id = "y".repeat(1 << 20);
        let data = json!({"id": id, "choices": [{"index": 0, "delta": {"content": text}}]});
        Event::from_parts(None, data.to_string().as_bytes())
    };
    let done = || Event::from_parts(None, b"[DONE]");
    let of_many = vec![choices(300, "1"), choices(300, " 2"), done()];
    let of_large = vec![padded("a 12"), padded("3 b"), done()];
    for (events, text) in [(of_many, "1 2"), (of_large, "a 123 b")] {
        let redact = machine(RuleAction::Redact(Style::Label), OnError::Allow);
        let sent = pump_with(redact, FormatId::OpenaiChat, &events);
        assert_eq!(sent.verdict, Verdict::Pass);
        assert!(sent.is_incomplete);
        let mut texts: Vec<String> = vec![String::new(); 300];
        for event in sent.json() {
            for choice in event["choices"].as_array().into_iter().flatten() {
                let index = usize::try_from(choice["index"].as_u64().unwrap()).unwrap();
                texts[index] += choice["delta"]["content"].as_str().unwrap();
            }
        }
        assert!(
            texts.iter().all(|one| one == text || one.is_empty()),
            "{texts:?}"
        );
        assert_eq!(texts[0], text);
    }
}

#[test]
fn a_body_that_cannot_be_read_goes_the_same_way() {
    let mut strict = machine(RuleAction::Redact(Style::Label), OnError::Block);
    assert!(matches!(strict.unreadable(), Verdict::Block(_)));
    let mut lenient = machine(RuleAction::Redact(Style::Label), OnError::Allow);
    assert_eq!(lenient.unreadable(), Verdict::Pass);
    assert!(lenient.checks().all(|check| !check.is_complete));
}

#[test]
fn rules_that_only_take_note_change_no_byte() {
    let chunk = r#"data: {"id":"c","choices":[{"index":0,"delta":{"content":"a@b.co"},"logprobs":{"content":[{"token":"a"}]}}],"extra":1}"#;
    let raw = format!(": a comment\n\nid: 7\n{chunk}\n\ndata: [DONE]\n\n");
    let mut reader = tollgate_wire::sse::EventReader::new(4096);
    reader.push(raw.clone().into());
    let mut events = Vec::new();
    while let Some(event) = reader.next_event().unwrap() {
        events.push(event);
    }
    let sent = pump_with(
        machine(RuleAction::Flag, OnError::Block),
        FormatId::OpenaiChat,
        &events,
    );
    assert_eq!(sent.frames.concat(), raw.as_bytes());
    assert_eq!(sent.records[0].count, 1);
}

#[test]
fn input_that_is_told_by_ids_of_tokens_is_read_by_no_rule() {
    let run = |action: RuleAction, unscannable: OnError, (format, input): (FormatId, &Value)| {
        let rule = Rule {
            unscannable,
            ..rule("r", action, &["email_address"])
        };
        let body = json!({"model": "m", "input": input, "prompt": input});
        let body = Bytes::from(body.to_string());
        let view = format.format().view_request(&body, true).unwrap();
        let mut document = Document::new(body);
        let mut machine = Machine::new(Arc::new(RuleSet::new(vec![rule])));
        let verdict = machine.request(&mut document, &view);
        let is_complete = machine.checks().all(|check| check.is_complete);
        (verdict, is_complete)
    };
    let redact = || RuleAction::Redact(Style::Label);
    let inputs = [json!([40, 41]), json!([[40, 41], [42]]), json!(["x", [42]])];
    let formats = [FormatId::OpenaiEmbeddings, FormatId::OpenaiCompletions];
    let every = inputs
        .iter()
        .flat_map(|input| formats.map(|format| (format, input)));
    for input in every {
        for action in [RuleAction::Block { message: None }, redact()] {
            let (verdict, _) = run(action.clone(), OnError::Block, input);
            let Verdict::Block(blocked) = verdict else {
                panic!("{input:?} passed {action:?}");
            };
            assert_eq!(&*blocked.entity, "unscannable");
            assert!(blocked.told().contains("send the input as text"));
            assert_eq!(run(action, OnError::Allow, input), (Verdict::Pass, false));
        }
        let flagged = run(RuleAction::Flag, OnError::Block, input);
        assert_eq!(flagged, (Verdict::Pass, false));
    }
    assert_eq!(
        run(
            redact(),
            OnError::Block,
            (FormatId::OpenaiEmbeddings, &json!(["x"]))
        ),
        (Verdict::Pass, true)
    );
}

#[test]
fn a_text_in_base64_is_read_by_no_rule_and_so_does_not_go_on() {
    let block = |format: FormatId, body: &Value| {
        let body = Bytes::from(body.to_string());
        let view = format.format().view_request(&body, true).unwrap();
        let rule = rule("r", RuleAction::Block { message: None }, &["email_address"]);
        let mut machine = Machine::new(Arc::new(RuleSet::new(vec![rule])));
        match machine.request(&mut Document::new(body), &view) {
            Verdict::Pass => None,
            Verdict::Block(blocked) => Some(blocked.entity.to_string()),
        }
    };
    let turn = |part: Value| json!({"messages": [{"role": "user", "content": [part]}]});
    let document = |format: &str, source: Value| {
        turn(json!({"document": {"name": "n", "format": format, "source": source}}))
    };
    let inline = |mime_type: &str| {
        let part = json!({"inlineData": {"mimeType": mime_type, "data": "YUBiLmNv"}});
        json!({"contents": [{"role": "user", "parts": [part]}]})
    };
    let file = |media_type: &str| {
        let data = format!("data:{media_type};base64,YUBiLmNv");
        turn(json!({"type": "file", "file": {"filename": "f", "file_data": data}}))
    };
    let base64 = |media_type: &str| {
        let source = json!({"type": "base64", "media_type": media_type, "data": "YUBiLmNv"});
        turn(json!({"type": "document", "source": source}))
    };
    let bytes = || json!({"bytes": "YUBiLmNv"});
    let unread = Some("unscannable".to_owned());
    for (format, body, expected) in [
        (FormatId::BedrockConverse, document("txt", bytes()), &unread),
        (FormatId::BedrockConverse, document("md", bytes()), &unread),
        (FormatId::BedrockConverse, document("pdf", bytes()), &None),
        (
            FormatId::BedrockConverse,
            document("txt", json!({"text": "hi"})),
            &None,
        ),
        (FormatId::GeminiGenerate, inline("text/csv"), &unread),
        (FormatId::GeminiGenerate, inline("image/png"), &None),
        (FormatId::OpenaiChat, file("text/plain"), &unread),
        (FormatId::OpenaiChat, file("application/pdf"), &None),
        (FormatId::AnthropicMessages, base64("text/plain"), &unread),
        (
            FormatId::AnthropicMessages,
            base64("application/pdf"),
            &None,
        ),
    ] {
        assert_eq!(&block(format, &body), expected, "{body}");
    }
}

#[test]
fn a_role_that_nobody_knows_is_a_text() {
    let turn =
        |place: &str, what: &str| json!({place: [{"role": "a@b.co", what: [{"text": "x"}]}]});
    for (format, body) in [
        (FormatId::OpenaiChat, turn("messages", "content")),
        (FormatId::AnthropicMessages, turn("messages", "content")),
        (FormatId::BedrockConverse, turn("messages", "content")),
        (FormatId::CohereChat, turn("messages", "content")),
        (FormatId::OpenaiResponses, turn("input", "content")),
        (FormatId::GeminiGenerate, turn("contents", "parts")),
    ] {
        let body = Bytes::from(body.to_string());
        let view = format.format().view_request(&body, true).unwrap();
        let rule = rule("r", RuleAction::Block { message: None }, &["email_address"]);
        let mut machine = Machine::new(Arc::new(RuleSet::new(vec![rule])));
        let verdict = machine.request(&mut Document::new(body), &view);
        assert!(matches!(verdict, Verdict::Block(_)), "{format:?}");
    }
}
