//! The same JSON at every place where a message may hold some: what its keys make of its
//! values does not depend on the format, nor on whether it comes whole or in pieces.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tollgate_formats::{FormatId, TextPaths};
use tollgate_policy::{
    DetectorOptions, KeywordList, KeywordsOptions, Machine, Mode, OnError, PiiOptions, Rule,
    RuleAction, RuleSet, SecretsOptions, Style, Verdict,
};
use tollgate_wire::Document;
use tollgate_wire::sse::Event;

use crate::support::pump;

/// Rules that find by the key, in the key, and in a number.
fn rules(action: &RuleAction) -> Arc<RuleSet> {
    let words = KeywordsOptions {
        lists: vec![KeywordList::new("codename", &["falcon"])],
    };
    let detectors = [
        DetectorOptions::Secrets(SecretsOptions::default()),
        DetectorOptions::Keywords(words),
        DetectorOptions::PiiDetection(PiiOptions::of(["credit_card"])),
    ];
    let rules = detectors.iter().map(|detector| Rule {
        policy: Arc::from("p"),
        name: Arc::from(detector.kind()),
        action: action.clone(),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: detector.build().unwrap(),
    });
    Arc::new(RuleSet::new(rules.collect()))
}

/// What somebody says, each of which is a finding, and what is to become of it.
fn said() -> [(Value, Value); 6] {
    [
        (
            json!({"db": {"password": "hV7xQm2pLz9s", "user": "app"}}),
            json!({"db": {"password": "[PASSWORD_ASSIGNMENT]", "user": "app"}}),
        ),
        (
            json!({"api_key": "9f8A7c6D5e4B3a2F1e0D9c8B", "n": [1, {"x": "caf\u{e9} \"\\\n"}]}),
            json!({"api_key": "[SECRET]", "n": [1, {"x": "caf\u{e9} \"\\\n"}]}),
        ),
        (
            json!({"MISTRAL_API_KEY": "Zx81kQpL0sVn37TbYwRe65UcHgMiJdFa"}),
            json!({"MISTRAL_API_KEY": "[SECRET]"}),
        ),
        (json!({"falcon": 1}), json!({"[CODENAME]": 1})),
        (
            json!({"x": {"card": 4_111_111_111_111_111_u64, "small": 41}}),
            json!({"x": {"card": "[CREDIT_CARD]", "small": 41}}),
        ),
        (
            json!({"l": [4_111_111_111_111_111_u64]}),
            json!({"l": ["[CREDIT_CARD]"]}),
        ),
    ]
}

/// Whose label it is does not matter here.
fn unlabelled(value: &str) -> String {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('[') {
        let label = after.split_once(']');
        let label = label.filter(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_')
        });
        out.push_str(before);
        out.push('[');
        rest = match label {
            Some((_, behind)) => behind,
            None => after,
        };
    }
    out + rest
}

type Place = (FormatId, fn(&Value) -> Value, &'static str);

const CHAT: FormatId = FormatId::OpenaiChat;
const MESSAGES: FormatId = FormatId::AnthropicMessages;

/// Requests with the JSON at a place.
const REQUESTS: [Place; 10] = [
    (
        CHAT,
        |said| {
            json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": said.to_string()}}]}]})
        },
        "/messages/0/tool_calls/0/function/arguments",
    ),
    (
        CHAT,
        |said| {
            json!({"model": "m", "messages": [{"role": "assistant", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": said}}]}]})
        },
        "/messages/0/tool_calls/0/function/arguments",
    ),
    (
        CHAT,
        |said| json!({"model": "m", "messages": [], "metadata": said}),
        "/metadata",
    ),
    (
        CHAT,
        |said| json!({"model": "m", "messages": [], "odd": said}),
        "/odd",
    ),
    (
        CHAT,
        |said| json!({"model": "m", "messages": [{"role": "user", "content": "x", "odd": said}]}),
        "/messages/0/odd",
    ),
    (
        CHAT,
        |said| json!({"model": "m", "messages": [], "user": {"odd": said}}),
        "/user/odd",
    ),
    (
        MESSAGES,
        |said| {
            json!({"model": "m", "messages": [{"role": "assistant", "content": [
                {"type": "tool_use", "id": "a", "name": "f", "input": said}]}]})
        },
        "/messages/0/content/0/input",
    ),
    (
        MESSAGES,
        |said| json!({"model": "m", "messages": [], "metadata": said}),
        "/metadata",
    ),
    (
        MESSAGES,
        |said| json!({"model": "m", "messages": [], "odd": said}),
        "/odd",
    ),
    (
        MESSAGES,
        |said| {
            json!({"model": "m", "messages": [{"role": "user", "content": [
                {"type": "odd", "odd": said}]}]})
        },
        "/messages/0/content/0/odd",
    ),
];

/// Whole answers.
const ANSWERS: [Place; 6] = [
    (
        CHAT,
        |said| {
            json!({"choices": [{"message": {"role": "assistant", "tool_calls": [
                {"id": "a", "type": "function", "function": {"name": "f", "arguments": said.to_string()}}]}}]})
        },
        "/choices/0/message/tool_calls/0/function/arguments",
    ),
    (
        CHAT,
        |said| json!({"choices": [{"message": {"role": "assistant", "content": "x", "odd": said}}]}),
        "/choices/0/message/odd",
    ),
    (CHAT, |said| json!({"choices": [], "odd": said}), "/odd"),
    (
        MESSAGES,
        |said| json!({"content": [{"type": "tool_use", "id": "a", "name": "f", "input": said}]}),
        "/content/0/input",
    ),
    (
        MESSAGES,
        |said| json!({"content": [{"type": "odd", "odd": said}]}),
        "/content/0/odd",
    ),
    (MESSAGES, |said| json!({"content": [], "odd": said}), "/odd"),
];

/// The JSON at a place of what was sent.
fn at(sent: &[u8], place: &str) -> Value {
    let sent: Value = serde_json::from_slice(sent).unwrap();
    match sent.pointer(place).unwrap() {
        Value::String(text) => serde_json::from_str(text).unwrap(),
        value => value.clone(),
    }
}

fn whole(places: &[Place], show: impl Fn(&mut Machine, FormatId, &mut Document) -> Verdict) {
    for (format, body, place) in places {
        for (said, wanted) in said() {
            let body = Bytes::from(body(&said).to_string());
            let mut document = Document::new(body.clone());
            let mut machine = Machine::new(rules(&RuleAction::Redact(Style::Label)));
            assert_eq!(show(&mut machine, *format, &mut document), Verdict::Pass);
            let sent = at(&document.to_bytes(), place).to_string();
            assert_eq!(
                unlabelled(&sent),
                unlabelled(&wanted.to_string()),
                "{body:?}"
            );
            let mut machine = Machine::new(rules(&RuleAction::Block { message: None }));
            let verdict = show(&mut machine, *format, &mut Document::new(body.clone()));
            assert!(matches!(verdict, Verdict::Block(_)), "{body:?}");
        }
    }
}

#[test]
fn a_request_is_read_with_its_keys() {
    whole(&REQUESTS, |machine, format, document| {
        let view = format.format().view_request(document.original(), true);
        machine.request(document, &view.unwrap())
    });
}

#[test]
fn a_whole_answer_is_read_with_its_keys() {
    whole(&ANSWERS, |machine, format, document| {
        let view = format.format().view_answer(document.original(), true);
        machine.answer(document, &view.unwrap())
    });
}

#[test]
fn the_body_of_a_plain_route_is_read_with_its_keys() {
    let places: [Place; 2] = [
        (CHAT, |said| json!({"a": {"b": said}}), "/a/b"),
        (CHAT, |said| json!([{"text": said}]), "/0/text"),
    ];
    for path in ["**", "a.b", "text"] {
        let paths = TextPaths::new(vec![path.parse().unwrap()]);
        let fits: &[Place] = match path {
            "a.b" => &places[..1],
            "text" => &places[1..],
            _ => &places,
        };
        whole(fits, |machine, _, document| {
            let view = paths.view_request(document.original());
            machine.request(document, &view.unwrap())
        });
    }
}

#[test]
fn a_stream_is_read_with_its_keys() {
    let event = |data: Value| Event::from_parts(None, data.to_string().as_bytes());
    let start = |input: Value| {
        event(json!({"type": "content_block_start", "index": 0,
            "content_block": {"type": "tool_use", "id": "a", "name": "f", "input": input}}))
    };
    let end = || event(json!({"type": "content_block_stop", "index": 0}));
    for (said, wanted) in said() {
        let mut pieces = vec![start(json!({}))];
        for character in said.to_string().chars() {
            pieces.push(event(json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": character}})));
        }
        pieces.push(end());
        let at_once = vec![start(said), end()];
        for events in [pieces, at_once] {
            let sent = pump(&rules(&RuleAction::Redact(Style::Label)), MESSAGES, &events);
            assert_eq!(sent.verdict, Verdict::Pass);
            let mut joined = String::new();
            for data in sent.json() {
                joined += data["delta"]["partial_json"].as_str().unwrap_or_default();
                let input = &data["content_block"]["input"];
                if input.as_object().is_some_and(|input| !input.is_empty()) {
                    joined += &input.to_string();
                }
            }
            let joined: Value = serde_json::from_str(&joined).unwrap();
            assert_eq!(
                unlabelled(&joined.to_string()),
                unlabelled(&wanted.to_string())
            );
            let blocked = pump(
                &rules(&RuleAction::Block { message: None }),
                MESSAGES,
                &events,
            );
            assert!(matches!(blocked.verdict, Verdict::Block(_)));
        }
    }
}
