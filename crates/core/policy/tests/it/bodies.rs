//! Requests and whole answers.

use std::sync::Arc;

use bytes::Bytes;
use tollgate_formats::{FormatId, TextPaths};
use tollgate_policy::{Machine, RuleSet, Verdict};
use tollgate_wire::Document;

use crate::support::{block, redact};

fn request(rules: Arc<RuleSet>, format: FormatId, body: &str) -> (String, Verdict, Machine) {
    let mut document = Document::new(Bytes::copy_from_slice(body.as_bytes()));
    let view = format.format().view_request(body.as_bytes(), true).unwrap();
    let mut machine = Machine::new(rules);
    let verdict = machine.request(&mut document, &view);
    (
        String::from_utf8(document.to_bytes().to_vec()).unwrap(),
        verdict,
        machine,
    )
}

fn answer(rules: Arc<RuleSet>, format: FormatId, body: &str) -> (String, Verdict) {
    let mut document = Document::new(Bytes::copy_from_slice(body.as_bytes()));
    let view = format.format().view_answer(body.as_bytes(), true).unwrap();
    let verdict = Machine::new(rules).answer(&mut document, &view);
    (
        String::from_utf8(document.to_bytes().to_vec()).unwrap(),
        verdict,
    )
}

#[test]
fn a_request_is_redacted_in_every_place_and_keeps_all_other_bytes() {
    let body = r#"{ "model":"m", "messages":[{"role":"system","content":"mail a@b.co"},
 {"role":"user","content":[{"type":"text","text":"caf\u00e9 123-45-6789\n!"}]},
 {"role":"assistant","tool_calls":[{"id":"1","type":"function","function":{"name":"pay","arguments":"{\"card\": 4111111111111111}"}}]},
 {"role":"tool","tool_call_id":"1","content":"4111 1111 1111 1111"}], "unknown" : 1e3 }"#;
    let expected = body
        .replace("a@b.co", "[EMAIL_ADDRESS]")
        .replace("123-45-6789", "[SSN]")
        .replace("4111111111111111", r#"\"[CREDIT_CARD]\""#)
        .replace("4111 1111 1111 1111", "[CREDIT_CARD]");
    let (out, verdict, machine) = request(redact(), FormatId::OpenaiChat, body);
    assert_eq!((out, verdict), (expected, Verdict::Pass));
    let counts: Vec<_> = machine
        .records()
        .iter()
        .map(|record| (&*record.entity, record.action, record.count))
        .collect();
    assert_eq!(
        counts,
        [
            ("email_address", "redact", 1),
            ("ssn", "redact", 1),
            ("credit_card", "redact", 2)
        ]
    );
}

#[test]
fn a_request_of_the_other_format_is_redacted_too() {
    let body = r#"{"model":"m","max_tokens":5,"system":"a@b.co","messages":[{"role":"user","content":"123-45-6789"},
 {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"pay","input":{"card":"4111111111111111","id":"4111111111111111"}}]},
 {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"x@y.org"}]}]}]}"#;
    let expected = body
        .replace("a@b.co", "[EMAIL_ADDRESS]")
        .replace("123-45-6789", "[SSN]")
        .replace("4111111111111111", "[CREDIT_CARD]")
        .replace("x@y.org", "[EMAIL_ADDRESS]");
    let (out, verdict, _) = request(redact(), FormatId::AnthropicMessages, body);
    assert_eq!((out, verdict), (expected, Verdict::Pass));
}

#[test]
fn numbers_among_tool_inputs_are_redacted_and_stay_json() {
    let body = r#"{"model":"m","max_tokens":5,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"pay","input":{"card":4111111111111111,"all":[1,-378282246310005]}}]}]}"#;
    let (out, verdict, _) = request(redact(), FormatId::AnthropicMessages, body);
    assert_eq!(verdict, Verdict::Pass);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    let input = &json["messages"][0]["content"][0]["input"];
    assert_eq!(
        input.to_string(),
        r#"{"all":[1,"[CREDIT_CARD]"],"card":"[CREDIT_CARD]"}"#
    );
}

#[test]
fn a_number_in_the_place_of_a_content_is_redacted() {
    for format in [FormatId::OpenaiChat, FormatId::AnthropicMessages] {
        let body = r#"{"model":"m","messages":[{"role":"user","content":4111111111111111}]}"#;
        let (out, verdict, _) = request(redact(), format, body);
        let expected = body.replace("4111111111111111", r#""[CREDIT_CARD]""#);
        assert_eq!((out, verdict), (expected, Verdict::Pass));
    }
}

#[test]
fn a_number_in_another_shape_than_the_paths_say_is_redacted() {
    let paths = ["messages[].text", "meta.a.b"].map(|path| path.parse().unwrap());
    let paths = TextPaths::new(paths.to_vec());
    for body in [
        "4111111111111111",
        r#"{"messages":4111111111111111}"#,
        r#"{"messages":[4111111111111111]}"#,
        r#"{"meta":{"a":4111111111111111}}"#,
    ] {
        let mut document = Document::new(Bytes::copy_from_slice(body.as_bytes()));
        let view = paths.view_request(body.as_bytes()).unwrap();
        let verdict = Machine::new(redact()).request(&mut document, &view);
        let expected = body.replace("4111111111111111", r#""[CREDIT_CARD]""#);
        assert_eq!(document.to_bytes(), expected.as_bytes());
        assert_eq!(verdict, Verdict::Pass);
    }
}

#[test]
fn a_clean_request_is_not_edited() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"Hello, 42 times"}]}"#;
    let (out, verdict, machine) = request(redact(), FormatId::OpenaiChat, body);
    assert_eq!((out.as_str(), verdict), (body, Verdict::Pass));
    assert!(machine.records().is_empty());
}

#[test]
fn a_block_names_policy_rule_and_entity_and_wins_over_a_redaction() {
    let body = r#"{"model":"m","messages":[{"role":"user","content":"a@b.co 4111111111111111"}]}"#;
    let (_, verdict, machine) = request(block(), FormatId::OpenaiChat, body);
    let Verdict::Block(blocked) = verdict else {
        panic!("passed")
    };
    assert_eq!(
        (&*blocked.policy, &*blocked.rule, &*blocked.entity),
        ("default", "cards", "credit_card")
    );
    assert_eq!(blocked.message.as_deref(), Some("no cards"));
    let counts: Vec<(&str, u64)> = machine
        .records()
        .iter()
        .map(|record| (&*record.entity, record.count))
        .collect();
    assert_eq!(counts, [("email_address", 1), ("credit_card", 1)]);
}

#[test]
fn every_choice_of_an_answer_is_redacted_and_all_logprobs_go() {
    let body = r#"{"id":"x","object":"chat.completion","created":1,"model":"m","choices":[
{"index":0,"message":{"role":"assistant","content":"fine"},"logprobs":{"content":[]},"finish_reason":"stop"},
{"index":1,"message":{"role":"assistant","content":"123-45-6789","refusal":null},"logprobs":{"content":[{"token":"123"}]},"finish_reason":"stop"}]}"#;
    let (out, verdict) = answer(redact(), FormatId::OpenaiChat, body);
    assert_eq!(verdict, Verdict::Pass);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["choices"][1]["message"]["content"], "[SSN]");
    assert!(json["choices"][1]["logprobs"].is_null());
}

fn chat_body(content: &str) -> String {
    serde_json::json!({"model": "m", "messages": [{"role": "user", "content": content}]})
        .to_string()
}

#[test]
fn findings_at_every_place_around_the_end_of_a_window_are_redacted() {
    for shift in 0..16 {
        for (first, ssn) in [("", "123-45-6789"), ("\n", "123-45-6789")] {
            let before = format!("{first}{}", " a,".repeat((256 * 1024 - 32 + shift) / 3));
            let text = format!("{before}{} {ssn} b", ".".repeat(shift));
            let (out, verdict, _) = request(redact(), FormatId::OpenaiChat, &chat_body(&text));
            assert_eq!(verdict, Verdict::Pass);
            assert_eq!(out, chat_body(&text.replace(ssn, "[SSN]")));
        }
    }
}

#[test]
fn more_findings_than_the_limit_block() {
    for separator in [" ", "\n"] {
        let fits = ["123-45-6789"; 100_000].join(separator);
        let (out, verdict, machine) = request(redact(), FormatId::OpenaiChat, &chat_body(&fits));
        assert_eq!(verdict, Verdict::Pass);
        assert_eq!(out, chat_body(&fits.replace("123-45-6789", "[SSN]")));
        assert_eq!(machine.records()[0].count, 100_000);
        let more = format!("{fits}{separator}123-45-6789");
        let (_, verdict, _) = request(redact(), FormatId::OpenaiChat, &chat_body(&more));
        let Verdict::Block(blocked) = verdict else {
            panic!("passed")
        };
        assert_eq!(&*blocked.entity, "unenforceable");
    }
}
