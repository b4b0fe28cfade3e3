//! Text that is spread in unusual ways: over choices, members and calls of one event.

use proptest::prelude::prop;
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_policy::Verdict;
use tollgate_wire::sse::Event;

use crate::support::{Sent, pump, redact};

fn event(choices: &[Value]) -> Event {
    Event::from_parts(None, json!({ "choices": choices }).to_string().as_bytes())
}

fn says(text: &str) -> Value {
    json!({"index": 0, "delta": {"content": text}})
}

fn calls(calls: &Value) -> Event {
    event(&[json!({"index": 0, "delta": {"tool_calls": calls}})])
}

fn sent(events: &[Event]) -> Sent {
    pump(&redact(), FormatId::OpenaiChat, events)
}

fn text(sent: &Sent, path: &str) -> String {
    let frames = sent.json();
    let choices = frames
        .iter()
        .flat_map(|frame| frame["choices"].as_array().into_iter().flatten());
    choices
        .filter_map(|choice| choice.pointer(path).and_then(Value::as_str))
        .collect()
}

fn is_unenforceable(sent: &Sent) -> bool {
    matches!(&sent.verdict, Verdict::Block(blocked) if &*blocked.entity == "unenforceable")
}

#[test]
fn choices_that_repeat_an_index_join() {
    let events = [
        event(&[says("my 12"), says("3-45-67")]),
        event(&[says("89 ok")]),
    ];
    let sent = sent(&events);
    assert_eq!(sent.verdict, Verdict::Pass);
    assert_eq!(text(&sent, "/delta/content"), "my [SSN] ok");
}

#[test]
fn events_with_very_many_pieces_join() {
    let mut many: Vec<Value> = (1..70)
        .map(|index| json!({"index": index, "delta": {"content": "x "}}))
        .collect();
    many.push(says("my 123-45"));
    let sent = sent(&[event(&many), event(&[says("-6789 ok")])]);
    assert_eq!(sent.verdict, Verdict::Pass);
    assert!(text(&sent, "/delta/content").ends_with("my [SSN] ok"));
}

#[test]
fn a_tool_name_in_pieces_joins() {
    let name = |name: &str| calls(&json!([{"index": 0, "function": {"name": name}}]));
    let path = "/delta/tool_calls/0/function/name";
    let joined = sent(&[name("123-45-"), name("6789")]);
    assert_eq!(joined.verdict, Verdict::Pass);
    assert_eq!(text(&joined, path), "[SSN]");
    let apart = sent(&[name("123-45-"), event(&[says("x")]), name("6789")]);
    assert!(is_unenforceable(&apart));
}

#[test]
fn events_too_large_to_keep_block_and_large_texts_do_not() {
    let padded = |padding: usize| {
        let choice = json!({"index": 0, "delta": {"content": "12"}, "id": "y".repeat(padding)});
        event(&[choice])
    };
    assert!(is_unenforceable(&sent(&[padded(1 << 20)])));
    let large = format!("{} 12", "a, ".repeat(1 << 19));
    let sent = sent(&[event(&[says(&large)])]);
    assert_eq!(sent.verdict, Verdict::Pass);
    assert_eq!(text(&sent, "/delta/content"), large);
}

#[test]
fn another_call_at_the_same_index_is_read_afresh() {
    let call = |id: &str, arguments: &str| json!({"index": 0, "id": id, "function": {"name": id, "arguments": arguments}});
    let hidden = r#"{"s":"123-45-\u0036789"}"#;
    let broken = sent(&[
        calls(&json!([call("a", "\"")])),
        calls(&json!([call("b", hidden)])),
    ]);
    assert!(is_unenforceable(&broken));
    for together in [false, true] {
        let (first, second) = (call("a", "{\"n\": 1}"), call("b", hidden));
        let events = if together {
            vec![calls(&json!([first, second]))]
        } else {
            vec![calls(&json!([first])), calls(&json!([second]))]
        };
        let sent = sent(&events);
        assert_eq!(sent.verdict, Verdict::Pass);
        let all: String = sent.json().iter().map(Value::to_string).collect();
        assert!(all.contains("[SSN]") && !all.contains("u0036789"), "{all}");
    }
}

#[test]
fn more_of_a_text_that_is_over_blocks() {
    let finished = |text: &str| {
        let mut choice = says(text);
        choice["finish_reason"] = json!("stop");
        event(&[choice])
    };
    let joined = sent(&[finished("my 123-45"), event(&[says("-6789")])]);
    assert!(is_unenforceable(&joined));
    let nothing = sent(&[finished("my 123-45"), event(&[says("")])]);
    assert_eq!(nothing.verdict, Verdict::Pass);
}

#[test]
fn what_an_event_says_besides_its_text_is_said_once() {
    let delta = json!({"role": "assistant", "content": "room 42", "timings": {"prompt": "a b"}});
    let first = json!({"choices": [{"index": 0, "delta": delta}], "more": "x y", "n": 12_345_678});
    let first = Event::from_parts(None, first.to_string().as_bytes());
    let call = |index: u32, id: &str| json!({"index": index, "id": id, "type": "function", "function": {"name": "f", "arguments": "7"}});
    let events = [
        first,
        calls(&json!([call(0, "a")])),
        calls(&json!([call(1, "b")])),
        event(&[]),
    ];
    let sent = sent(&events);
    assert_eq!(sent.verdict, Verdict::Pass);
    assert_eq!(sent.json().len(), sent.frames.len(), "every event is JSON");
    assert_eq!(text(&sent, "/delta/role"), "assistant");
    assert_eq!(text(&sent, "/delta/content"), "room 42");
    assert_eq!(text(&sent, "/delta/tool_calls/0/id"), "ab");
    assert_eq!(text(&sent, "/delta/tool_calls/0/function/arguments"), "77");
}

#[test]
fn a_block_that_begins_once_more_goes_on() {
    let start = |kind: &str| {
        let block = json!({"type": kind, kind: ""});
        let data = json!({"type": "content_block_start", "index": 0, "content_block": block});
        Event::from_parts(Some("content_block_start"), data.to_string().as_bytes())
    };
    let delta = |text: &str| {
        let delta = json!({"type": "text_delta", "text": text});
        let data = json!({"type": "content_block_delta", "index": 0, "delta": delta});
        Event::from_parts(Some("content_block_delta"), data.to_string().as_bytes())
    };
    let stop = || {
        let data = json!({"type": "content_block_stop", "index": 0});
        Event::from_parts(Some("content_block_stop"), data.to_string().as_bytes())
    };
    for between in [vec![start("text")], vec![start("thinking")]] {
        let mut events = vec![start("text"), delta("my 123-45")];
        events.extend(between);
        events.extend([delta("-6789 ok"), stop()]);
        let sent = pump(&redact(), FormatId::AnthropicMessages, &events);
        let texts = sent.json();
        let texts = texts
            .iter()
            .filter_map(|event| event["delta"]["text"].as_str());
        assert_eq!(texts.collect::<String>(), "my [SSN] ok");
    }
    let after_its_end = [
        start("text"),
        delta("my 123-45"),
        stop(),
        start("text"),
        delta("-6789"),
    ];
    let sent = pump(&redact(), FormatId::AnthropicMessages, &after_its_end);
    assert!(is_unenforceable(&sent));
}

#[test]
fn an_event_of_very_many_strings_takes_linear_time() {
    let many = vec!["x"; 200_000];
    let told = event(&[json!({"index": 0, "delta": {"zz": many, "content": "123-45-6789"}})]);
    let sent = sent(std::slice::from_ref(&told));
    assert_eq!(sent.verdict, Verdict::Pass);
    assert_eq!(text(&sent, "/delta/content"), "[SSN]");
}

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 150, failure_persistence: None, ..Default::default() })]

    #[test]
    fn pieces_spread_over_choices_of_events_are_redacted_exactly(
        cuts in prop::collection::vec(1_usize..9, 1..12), shares in prop::collection::vec(1_usize..5, 1..6),
    ) {
        let whole = "Mail john.doe@example.com, card 4111 1111 1111 1111.\nSSN \"457-55-5462\" ok";
        let chars: Vec<char> = whole.chars().collect();
        let (mut at, mut cuts, mut shares) = (0, cuts.iter().cycle(), shares.iter().cycle());
        let mut events = Vec::new();
        while at < chars.len() {
            let mut choices = Vec::new();
            for _ in 0..*shares.next().unwrap() {
                let end = chars.len().min(at + cuts.next().unwrap());
                choices.push(says(&chars[at..end].iter().collect::<String>()));
                at = end;
            }
            events.push(event(&choices));
        }
        let sent = sent(&events);
        prop_assert!(sent.verdict == Verdict::Pass);
        prop_assert_eq!(text(&sent, "/delta/content"), "Mail [EMAIL_ADDRESS], card [CREDIT_CARD].\nSSN \"[SSN]\" ok");
    }
}
