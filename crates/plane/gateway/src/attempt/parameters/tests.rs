//! What is removed, renamed and lowered in bodies of every format.

use bytes::Bytes;
use proptest::prelude::*;
use serde_json::{Value, json};
use smallvec::SmallVec;
use tollgate_catalogue::{Facts, Parameter, Word};
use tollgate_config::{Parameters, Quirk};
use tollgate_formats::{ChatFormat, Dialect, chat_formats};
use tollgate_tokens::Estimate;

use super::{Limits, Room};
use crate::attempt::outbound::Wanted;

fn facts(refuses: &[Parameter]) -> Facts {
    Facts {
        output_tokens: 100,
        refuses: refuses.iter().copied().collect(),
        ..Facts::default()
    }
}

const REFUSED: [Parameter; 3] = [
    Parameter::Temperature,
    Parameter::TopP,
    Parameter::MaxTokens,
];

fn format(label: &str) -> &'static dyn ChatFormat {
    chat_formats()
        .find(|format| format.label() == label)
        .unwrap()
}

fn changed_for(
    label: &str,
    (facts, dialect): (&Facts, Dialect),
    quirks: &[&'static Quirk],
    body: &str,
) -> (String, Vec<&'static str>) {
    let wanted = Wanted {
        format: format(label).id(),
        model: "m",
        dialect,
        is_native: true,
        quirks: SmallVec::from_slice(quirks),
    };
    let limits = Limits::of(&wanted, facts, None).unwrap();
    let changes = limits.changes(body.as_bytes());
    let made = changes.made(&Bytes::from(body.to_owned())).concat();
    (String::from_utf8(made).unwrap(), changes.lost.labels())
}

fn changed(label: &str, body: &str) -> (String, Vec<&'static str>) {
    changed_for(label, (&facts(&REFUSED), Dialect::Original), &[], body)
}

const CHAT: &str = "openai_chat";

#[test]
fn what_a_model_refuses_is_removed_and_the_rest_stays_as_it_was() {
    for (body, made, names) in [
        (
            r#"{"model":"m", "temperature" : 0.5 ,"messages":[{"temperature":1}]}"#,
            r#"{"model":"m", "messages":[{"temperature":1}]}"#,
            vec!["temperature"],
        ),
        (
            r#"{"model":"m","top_p":1, "temperature":null }"#,
            r#"{"model":"m" }"#,
            vec!["top_p"],
        ),
        (r#"{ "temperature":1}"#, "{ }", vec!["temperature"]),
        (r#"{"model":"m"}"#, r#"{"model":"m"}"#, vec![]),
    ] {
        assert_eq!(changed(CHAT, body), (made.to_owned(), names), "{body}");
    }
}

#[test]
fn a_limit_is_lowered_and_gets_the_name_that_the_model_takes() {
    for (body, made, names) in [
        (
            r#"{"max_completion_tokens":101,"a":1}"#,
            r#"{"max_completion_tokens":100,"a":1}"#,
            vec!["max_tokens"],
        ),
        (
            r#"{"max_tokens":7}"#,
            r#"{"max_completion_tokens":7}"#,
            vec![],
        ),
        (
            r#"{"max_tokens":700}"#,
            r#"{"max_completion_tokens":100}"#,
            vec!["max_tokens"],
        ),
        (
            r#"{"max_tokens":7,"max_completion_tokens":8}"#,
            r#"{"max_completion_tokens":8}"#,
            vec!["max_tokens"],
        ),
        (
            r#"{"max_tokens":8,"max_completion_tokens":8}"#,
            r#"{"max_completion_tokens":8}"#,
            vec![],
        ),
        (
            r#"{"max_tokens":7,"max_completion_tokens":null}"#,
            r#"{"max_completion_tokens":7}"#,
            vec![],
        ),
        (
            r#"{"max_completion_tokens":1.5}"#,
            r#"{"max_completion_tokens":1.5}"#,
            vec![],
        ),
    ] {
        for dialect in [Dialect::Original, Dialect::Compatible] {
            let told = changed_for(CHAT, (&facts(&REFUSED), dialect), &[], body);
            assert_eq!(told, (made.to_owned(), names.clone()), "{body}");
        }
    }
}

#[test]
fn a_limit_in_another_notation_is_lowered_too() {
    for number in [
        "1e9",
        "1.01E2",
        "100000.0",
        r#""100000""#,
        r#""1e9""#,
        r#""\u0039999""#,
    ] {
        let body = format!(r#"{{"max_completion_tokens":{number}}}"#);
        let made = r#"{"max_completion_tokens":100}"#.to_owned();
        assert_eq!(changed(CHAT, &body), (made, vec!["max_tokens"]), "{body}");
    }
    for number in ["1e2", r#""50""#, "null", "true"] {
        let body = format!(r#"{{"max_completion_tokens":{number}}}"#);
        assert_eq!(changed(CHAT, &body), (body.clone(), vec![]));
    }
}

#[test]
fn a_limit_keeps_the_name_that_the_server_gave_it() {
    const RENAMED: Quirk = Quirk::Renamed("max_completion_tokens", "max_tokens");
    let asked = (&facts(&REFUSED), Dialect::Compatible);
    let told = changed_for(CHAT, asked, &[&RENAMED], r#"{"max_tokens":700}"#);
    let made = r#"{"max_tokens":100}"#.to_owned();
    assert_eq!(told, (made, vec!["max_tokens"]));
}

#[test]
fn every_format_has_its_own_places() {
    for (label, body, made) in [
        (
            "anthropic_messages",
            r#"{"temperature":1,"max_tokens":500,"m":1}"#,
            r#"{"max_tokens":100,"m":1}"#,
        ),
        (
            "openai_responses",
            r#"{"temperature":1,"max_output_tokens":500,"m":1}"#,
            r#"{"max_output_tokens":100,"m":1}"#,
        ),
        (
            "gemini_generate",
            r#"{"temperature":1,"generationConfig":{"temperature":1,"maxOutputTokens":500}}"#,
            r#"{"temperature":1,"generationConfig":{"maxOutputTokens":100}}"#,
        ),
        (
            "gemini_generate",
            r#"{"generationConfig":{"max_output_tokens":500,"temperature":1}}"#,
            r#"{"generationConfig":{"max_output_tokens":100}}"#,
        ),
        (
            "gemini_generate",
            r#"{"generation_config":{"temperature":1,"maxOutputTokens":"500"}}"#,
            r#"{"generation_config":{"maxOutputTokens":100}}"#,
        ),
        (
            "bedrock_converse",
            r#"{"inferenceConfig":{"temperature":1,"maxTokens":500}}"#,
            r#"{"inferenceConfig":{"maxTokens":100}}"#,
        ),
    ] {
        let told = (made.to_owned(), vec!["temperature", "max_tokens"]);
        assert_eq!(changed(label, body), told, "{label}");
    }
}

#[test]
fn probabilities_of_tokens_are_not_asked_for_in_a_list_either() {
    let facts = facts(&[Parameter::Logprobs]);
    let body = r#"{"include":["a","message.output_text.logprobs"],"top_logprobs":0}"#;
    let told = changed_for("openai_responses", (&facts, Dialect::Original), &[], body);
    assert_eq!(told, (r#"{"include":["a"]}"#.to_owned(), vec!["logprobs"]));
}

#[test]
fn no_format_leaves_a_refused_parameter_where_it_has_it() {
    let facts = facts(Parameter::ALL);
    for format in chat_formats() {
        for place in format.parameters(Dialect::Original) {
            if place.parameter == Parameter::MaxTokens {
                continue;
            }
            for path in place.paths.iter().filter(|path| !path.contains('[')) {
                let body = path.rsplit('.').fold("1".to_owned(), |json, name| {
                    format!("{{\"{name}\":{json}}}")
                });
                let asked = (&facts, Dialect::Original);
                let (made, names) = changed_for(format.label(), asked, &[], &body);
                assert!(!made.contains('1'), "{made}");
                assert_eq!(names, [place.parameter.label()], "{body}");
            }
        }
    }
}

#[test]
fn nothing_known_changes_nothing() {
    let wanted = Wanted {
        format: format(CHAT).id(),
        model: "m",
        dialect: Dialect::Original,
        is_native: true,
        quirks: SmallVec::new(),
    };
    assert!(Limits::of(&wanted, &Facts::default(), None).is_none());
    let limits = Limits::of(&wanted, &facts(&REFUSED), None).unwrap();
    assert!(limits.changes(b"[1").is_none() && limits.changes(b"[]").is_none());
}

#[test]
fn a_limit_is_lowered_to_what_the_prompt_leaves_of_the_window() {
    let facts = Facts {
        context_tokens: 1_000,
        output_tokens: 900,
        ..Facts::default()
    };
    let estimate = Estimate {
        low: 300,
        tokens: 400,
        high: 500,
        ..Estimate::default()
    };
    let wanted = Wanted {
        format: format(CHAT).id(),
        model: "m",
        dialect: Dialect::Original,
        is_native: true,
        quirks: SmallVec::new(),
    };
    for (parameters, limit, made) in [
        (Parameters::Adjust, 600, 600),
        (Parameters::Adjust, 601, 500),
        (Parameters::Adjust, 2_000, 500),
        (Parameters::Refuse, 700, 700),
        (Parameters::Refuse, 701, 500),
    ] {
        let room = Room::of(&facts, &estimate, parameters);
        let limits = Limits::of(&wanted, &facts, room).unwrap();
        let body = Bytes::from(format!(r#"{{"max_tokens":{limit}}}"#));
        let text = limits.changes(&body).made(&body).concat();
        let expected = format!(r#"{{"max_tokens":{made}}}"#);
        assert_eq!(String::from_utf8(text).unwrap(), expected);
    }
    let full = Estimate {
        high: 1_200,
        ..estimate
    };
    assert_eq!(Room::of(&facts, &full, Parameters::Adjust), None);
}

proptest! {
    #[test]
    fn what_is_left_is_json_with_all_other_members(
        members in prop::collection::btree_map("(temperature|top_p|[a-z]{1,3})", 0..9_u8, 0..8),
    ) {
        let text: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
        let body = format!("{{ {} }}", text.join(" , "));
        let (made, _) = changed(CHAT, &body);
        let mut expected = json!({});
        for (name, value) in members {
            if name != "temperature" && name != "top_p" {
                expected[name] = json!(value);
            }
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), expected, "{}", made);
    }
}
