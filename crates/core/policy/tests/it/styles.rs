//! What stands in a text instead of a finding, and what an answer gets back.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tollgate_formats::FormatId;
use tollgate_formats::view::Field;
use tollgate_policy::{
    DetectorOptions, KeyId, Keys, Machine, Mode, OnError, PatternOptions, PiiDetector, PiiOptions,
    Place, RegexOptions, Restorer, Rule, RuleAction, RuleSet, SecretsOptions, Style, Vault,
    Verdict, try_on,
};
use tollgate_wire::Document;

use crate::support::{chat_pieces, pump_with};

fn input(style: Style) -> Arc<RuleSet> {
    let options = PiiOptions::of(["ssn", "email_address"]);
    let detector = PiiDetector::new(&options).unwrap();
    rules(RuleAction::Redact(style), Arc::new(detector))
}

fn rules(action: RuleAction, detector: Arc<dyn tollgate_policy::Detector>) -> Arc<RuleSet> {
    Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action,
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector,
    }]))
}

fn output() -> Arc<RuleSet> {
    rules(
        RuleAction::Redact(Style::Original),
        Arc::new(Restorer::default()),
    )
}

fn keys() -> Arc<Keys> {
    Arc::new(Keys::new([&b"a secret"[..]]))
}

/// What a request becomes, and the vault that is left.
fn request(style: Style, content: &str) -> (String, Vault) {
    let body = json!({"model": "m", "messages": [{"role": "user", "content": content}]});
    let body = Bytes::from(body.to_string());
    let view = FormatId::OpenaiChat
        .format()
        .view_request(&body, true)
        .unwrap();
    let mut document = Document::new(body);
    let mut machine = Machine::new(input(style)).with_vault(Vault::new(keys()));
    assert_eq!(machine.request(&mut document, &view), Verdict::Pass);
    let sent: Value = serde_json::from_slice(&document.to_bytes()).unwrap();
    (
        sent["messages"][0]["content"].as_str().unwrap().to_owned(),
        machine.vault(),
    )
}

#[test]
fn a_hash_shows_that_findings_are_equal() {
    let style = Style::Hash { key: KeyId(0) };
    let (sent, _) = request(style, "a@b.co, c@d.co, a@b.co");
    let parts: Vec<&str> = sent.split(", ").collect();
    assert_eq!(parts[0], parts[2]);
    assert_ne!(parts[0], parts[1]);
    assert!(
        parts[0].starts_with("[EMAIL_ADDRESS:") && parts[0].len() == 32,
        "{sent}"
    );
}

#[test]
fn what_is_encrypted_can_be_read_with_the_key() {
    let (sent, _) = request(Style::Encrypt { key: KeyId(0) }, "ssn 123-45-6789!");
    let sealed = sent
        .strip_prefix("ssn [SSN:")
        .unwrap()
        .strip_suffix("]!")
        .unwrap();
    assert_eq!(keys().decrypt(KeyId(0), sealed).unwrap(), b"123-45-6789");
}

#[test]
fn without_its_key_a_style_falls_back_to_the_label() {
    let (sent, _) = request(Style::Hash { key: KeyId(7) }, "a@b.co");
    assert_eq!(sent, "[EMAIL_ADDRESS]");
}

#[test]
fn a_whole_answer_gets_the_originals_back() {
    let (sent, vault) = request(Style::Restore, "a@b.co and ssn 123-45-6789 and a@b.co");
    assert_eq!(
        sent,
        "[EMAIL_ADDRESS_1] and ssn [SSN_1] and [EMAIL_ADDRESS_1]"
    );
    let arguments = json!({"to": "[EMAIL_ADDRESS_1]", "list": ["[SSN_1]"]}).to_string();
    let body = json!({"id": "x", "choices": [{"index": 0, "message": {
        "role": "assistant",
        "content": "Dear [EMAIL_ADDRESS_1], [SSN_1] but not [SSN_2] or [X].",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "send", "arguments": arguments}}],
    }}]});
    let body = Bytes::from(body.to_string());
    let view = FormatId::OpenaiChat
        .format()
        .view_answer(&body, true)
        .unwrap();
    let mut document = Document::new(body);
    let mut machine = Machine::new(output()).with_vault(vault);
    assert_eq!(machine.answer(&mut document, &view), Verdict::Pass);
    let got: Value = serde_json::from_slice(&document.to_bytes()).unwrap();
    let message = &got["choices"][0]["message"];
    assert_eq!(
        message["content"],
        "Dear a@b.co, 123-45-6789 but not [SSN_2] or [X]."
    );
    let arguments = message["tool_calls"][0]["function"]["arguments"]
        .as_str()
        .unwrap();
    let arguments: Value = serde_json::from_str(arguments).unwrap();
    assert_eq!(arguments, json!({"to": "a@b.co", "list": ["123-45-6789"]}));
    assert_eq!(machine.records()[0].action, "restore");
    assert_eq!(
        machine.records()[0].count,
        4,
        "what stands for nothing is not counted"
    );
}

#[test]
fn a_streamed_answer_gets_the_originals_back_however_it_is_cut() {
    let (_, vault) = request(Style::Restore, "a@b.co, 123-45-6789");
    let text = "To [EMAIL_ADDRESS_1]: [[SSN_1]] [SSN_9] [ see [EMAIL_ADDRESS_1";
    for length in 1..text.len() {
        let sent = pump_with(
            Machine::new(output()).with_vault(vault.clone()),
            FormatId::OpenaiChat,
            &chat_pieces(text, length),
        );
        let got: String = sent
            .json()
            .iter()
            .filter_map(|event| {
                event["choices"][0]["delta"]["content"]
                    .as_str()
                    .map(str::to_owned)
            })
            .collect();
        assert_eq!(
            got, "To a@b.co: [123-45-6789] [SSN_9] [ see [EMAIL_ADDRESS_1",
            "cut every {length}"
        );
    }
}

#[test]
fn no_rule_takes_over_what_another_swallows() {
    let named = |name: &str, style, detector| Rule {
        name: Arc::from(name),
        ..rules(RuleAction::Redact(style), detector).rules()[0].clone()
    };
    let tails = DetectorOptions::Regex(RegexOptions {
        patterns: vec![PatternOptions {
            max_len: Some(64),
            ..PatternOptions::new("tail", "[A-Za-z0-9]+;")
        }],
    });
    let keys = DetectorOptions::Secrets(SecretsOptions::default());
    let rules = Arc::new(RuleSet::new(vec![
        named("keys", Style::Label, keys.build().unwrap()),
        named(
            "tails",
            Style::Mask { keep_last: 32 },
            tails.build().unwrap(),
        ),
    ]));
    let key = "T3BlbkFJ".repeat(40);
    let text = format!("key sk-proj-{key}; ok");
    let whole = try_on(
        &rules,
        Vault::default(),
        Place::Of(Field::Text),
        [text.as_str()],
    )
    .text;
    assert!(!whole.contains("BlbkFJ"), "{whole}");
    for length in [1, 4, 16, 63] {
        let characters: Vec<char> = text.chars().collect();
        let pieces: Vec<String> = characters
            .chunks(length)
            .map(|piece| piece.iter().collect())
            .collect();
        let tried = try_on(
            &rules,
            Vault::default(),
            Place::Of(Field::Text),
            pieces.iter().map(String::as_str),
        );
        assert_eq!(tried.text, whole, "in pieces of {length}");
    }
}
