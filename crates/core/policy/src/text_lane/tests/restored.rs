//! Originals that come back into JSON, however deep it stands in strings.

use std::sync::Arc;

use serde_json::{Value, json};
use tollgate_formats::view::Field;

use super::{Spelling, written};
use crate::Restorer;
use crate::rule::{Mode, OnError, Rule, RuleAction, RuleSet, Style};
use crate::session::Session;
use crate::text_lane::{Passed, TextLane};

/// An original that would end its string and say another member.
const BREAKING: &str = "a\"b\\c\nd\",\"admin\":true,\"z\":\"\u{1}";

fn session() -> Session {
    let rules = Arc::new(RuleSet::new(vec![Rule {
        policy: Arc::from("p"),
        name: Arc::from("r"),
        action: RuleAction::Redact(Style::Original),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable: OnError::Block,
        detector: Arc::new(Restorer::default()),
    }]));
    let mut session = Session::new(rules);
    for (label, original) in [("[X]", BREAKING), ("[Y]", "plain")] {
        let placeholder = session.vault.placeholder(label, original.as_bytes());
        assert!(placeholder.is_some());
    }
    session
}

/// What a caller reads in place of the text, the same for every cut.
fn restored(field: Field, text: &str) -> String {
    let units = written(text, Spelling::Short);
    let mut answers: Vec<Vec<u8>> = [1, 2, 7, units.len()]
        .map(|size| {
            let mut session = session();
            let mut lane = TextLane::new(field);
            let mut out = Vec::new();
            let pieces = units.chunks(size).map(<[Vec<u8>]>::concat);
            for (piece, last) in pieces
                .map(|piece| (piece, false))
                .chain([(Vec::new(), true)])
            {
                match lane.push(&mut session, &piece, last) {
                    Passed::Same => out.extend_from_slice(&piece),
                    Passed::Instead(changed) => out.extend_from_slice(changed),
                    stopped => panic!("{stopped:?}"),
                }
            }
            out
        })
        .into();
    answers.dedup();
    assert_eq!(answers.len(), 1, "one answer for every cut");
    serde_json::from_slice(&[b"\"", answers.remove(0).as_slice(), b"\""].concat()).unwrap()
}

/// The same for a text that is JSON.
fn restored_json(field: Field, text: &str) -> Value {
    let text = restored(field, text);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn inner(value: &Value) -> Value {
    serde_json::from_str(value.as_str().unwrap()).unwrap()
}

#[test]
fn an_original_stays_within_its_string_in_arguments() {
    let direct = restored_json(
        Field::ToolArguments,
        r#"{"a": "[X_1]", "b": [X_1], "c": "so [Y_1]"}"#,
    );
    let whole = json!({"a": BREAKING, "b": [BREAKING], "c": "so plain"});
    assert_eq!(direct, whole);
}

#[test]
fn an_original_stays_within_its_string_in_json_that_a_string_holds() {
    let payload = json!({"a": "[X_1] and [X_1]", "b": "[Y_1]", "c": "z"}).to_string();
    let expected = json!({"a": format!("{BREAKING} and {BREAKING}"), "b": "plain", "c": "z"});
    let arguments = json!({"note": "say \"[Y_1]\"", "p": payload, "q": payload}).to_string();
    let got = restored_json(Field::ToolArguments, &arguments);
    assert_eq!(inner(&got["p"]), expected);
    assert_eq!(inner(&got["q"]), expected);
    assert_eq!(got["note"], "say \"plain\"");

    let deeper = json!({"j": json!({"k": payload}).to_string()}).to_string();
    let got = restored_json(Field::ToolArguments, &deeper);
    assert_eq!(inner(&inner(&got["j"])["k"]), expected);
}

#[test]
fn an_original_becomes_a_string_where_json_has_none_around_it() {
    let arguments = json!({"p": r#"{"a": [X_1]}"#}).to_string();
    let got = restored_json(Field::ToolArguments, &arguments);
    assert_eq!(inner(&got["p"]), json!({"a": BREAKING}));
}

#[test]
fn an_original_stays_within_its_string_in_an_answer_that_is_json() {
    for text in [r#"{"a": "[X_1]"}"#, r#"{"a": [X_1]}"#] {
        assert_eq!(restored_json(Field::Text, text), json!({"a": BREAKING}));
    }
    let plain = restored_json(Field::Text, r#"{"a": [Y_1], "b": "[Y_1]"}"#);
    assert_eq!(plain, json!({"a": "plain", "b": "plain"}));
    let text = json!({"p": json!({"a": "[X_1]"}).to_string()}).to_string();
    let got = restored_json(Field::Text, &text);
    assert_eq!(inner(&got["p"]), json!({"a": BREAKING}));
    let deeper = json!({"q": text}).to_string();
    let got = inner(&restored_json(Field::Text, &deeper)["q"]);
    assert_eq!(inner(&got["p"]), json!({"a": BREAKING}));
    let fenced = restored(Field::Text, "A 5\" pipe:\n```json\n{\"a\": \"[X_1]\"}\n```");
    let json = fenced.lines().nth(2).unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(json).unwrap(),
        json!({"a": BREAKING})
    );
}

#[test]
fn prose_gets_the_original_as_it_was() {
    assert_eq!(
        restored(Field::Text, "It is [X_1].\n\"Yes\", [X_1]"),
        format!("It is {BREAKING}.\n\"Yes\", {BREAKING}")
    );
    for before in [
        "```json\n{\"a\": 1}\n```\n",
        "fn main() { println!(\"hi\"); }\n",
        "Use {name} and \"quotes\" with ",
    ] {
        assert_eq!(
            restored(Field::Text, &format!("{before}[X_1], [Y_1]")),
            format!("{before}{BREAKING}, plain")
        );
    }
    let arguments = json!({"body": "Dear [X_1],\n[X_1]"}).to_string();
    let got = restored_json(Field::ToolArguments, &arguments);
    assert_eq!(got["body"], format!("Dear {BREAKING},\n{BREAKING}"));
}

#[test]
fn a_placeholder_stays_where_nobody_can_tell_how_deep_it_stands() {
    let mut text = json!({"x": "[X_1]", "y": "[Y_1]"}).to_string();
    for _ in 0..3 {
        text = json!({ "j": text }).to_string();
    }
    let mut got = restored_json(Field::Text, &text);
    for _ in 0..3 {
        got = inner(&got["j"]);
    }
    assert_eq!(got, json!({"x": "[X_1]", "y": "plain"}));
}
