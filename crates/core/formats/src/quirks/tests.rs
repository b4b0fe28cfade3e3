//! Quirks on texts, each with what it loses, and on any text.

use bytes::Bytes;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};
use tollgate_catalogue::{PROVIDERS, Quirk};
use tollgate_wire::Document;

use super::splice;
use crate::loss::{Loss, Losses};

fn quirked(body: &str, quirks: &[Quirk]) -> (String, String) {
    let quirks: Vec<&Quirk> = quirks.iter().collect();
    let mut losses = Losses::default();
    let edits = splice(body.as_bytes(), &quirks, &mut losses).expect("an object");
    let pieces = Document::new(Bytes::from(body.to_owned())).finish(&edits);
    let text = pieces.concat();
    (String::from_utf8(text).expect("text"), losses.to_string())
}

#[test]
fn a_member_is_left_out_with_one_comma_and_is_a_loss() {
    let quirks = [Quirk::Refused("user"), Quirk::Refused("stop")];
    for (body, expected, losses) in [
        (r#"{"user":"u","model":"m"}"#, r#"{"model":"m"}"#, "user"),
        (r#"{"model":"m","user":"u"}"#, r#"{"model":"m"}"#, "user"),
        (
            r#"{"a":1, "user" : "u" , "model":"m"}"#,
            r#"{"a":1, "model":"m"}"#,
            "user",
        ),
        (r#"{"user":"u"}"#, "{}", "user"),
        (
            r#"{"stop":[1],"a":1,"user":2,"stop":3}"#,
            r#"{"a":1}"#,
            "user, stop",
        ),
        (r#"{"user":1,"stop":2}"#, "{}", "user, stop"),
        (r#"{"\u0075ser":1,"a":2}"#, r#"{"a":2}"#, "user"),
        (r#"{"a":{"user":1}}"#, r#"{"a":{"user":1}}"#, ""),
        (r#"{"user":null,"a":1}"#, r#"{"a":1}"#, ""),
        ("{}", "{}", ""),
    ] {
        assert_eq!(
            quirked(body, &quirks),
            (expected.to_owned(), losses.to_owned())
        );
    }
}

#[test]
fn a_member_gets_its_other_name_unless_that_is_there() {
    let quirks = [Quirk::Renamed("seed", "random_seed")];
    for (body, expected, losses) in [
        (r#"{"seed":7,"a":1}"#, r#"{"random_seed":7,"a":1}"#, ""),
        (
            r#"{"random_seed":1,"seed":7}"#,
            r#"{"random_seed":1}"#,
            "seed",
        ),
        (r#"{"random_seed":7,"seed":7}"#, r#"{"random_seed":7}"#, ""),
        (
            r#"{"seed":7,"random_seed":null}"#,
            r#"{"random_seed":7}"#,
            "",
        ),
        (
            r#"{"seed":null,"random_seed":7}"#,
            r#"{"random_seed":7}"#,
            "",
        ),
        (r#"{"a":{"seed":7}}"#, r#"{"a":{"seed":7}}"#, ""),
    ] {
        let told = (expected.to_owned(), losses.to_owned());
        assert_eq!(quirked(body, &quirks), told);
    }
}

#[test]
fn a_limit_is_not_lost_to_a_null_of_its_other_name() {
    let rules = PROVIDERS
        .iter()
        .filter(|provider| provider.label == "openai");
    let rules = rules.flat_map(|provider| provider.quirks_of("openai_chat", "gpt-5"));
    let quirks: Vec<Quirk> = rules.copied().collect();
    let body = r#"{"model":"gpt-5","max_tokens":100,"max_completion_tokens":null}"#;
    let made = r#"{"model":"gpt-5","max_completion_tokens":100}"#;
    assert_eq!(quirked(body, &quirks), (made.to_owned(), String::new()));
}

#[test]
fn what_a_path_says_is_left_out_and_what_a_server_wants_is_added() {
    let quirks = [
        Quirk::Needless("model"),
        Quirk::Added("anthropic_version", "\"v\""),
    ];
    for (body, expected) in [
        (
            r#"{"model":"claude","max_tokens":1}"#,
            r#"{"anthropic_version":"v","max_tokens":1}"#,
        ),
        (r#"{"model":"claude"}"#, r#"{"anthropic_version":"v"}"#),
        (
            r#"{"anthropic_version":"own","model":"c"}"#,
            r#"{"anthropic_version":"own"}"#,
        ),
        (
            r#"{"anthropic_version":null,"max_tokens":1}"#,
            r#"{"anthropic_version":"v","max_tokens":1}"#,
        ),
    ] {
        assert_eq!(quirked(body, &quirks), (expected.to_owned(), String::new()));
    }
}

#[test]
fn a_number_is_cut_to_what_a_server_takes() {
    let quirks = [Quirk::AtMost("temperature", 1.0), Quirk::AtMost("n", 1.0)];
    for (body, expected, losses) in [
        (
            r#"{"temperature":1.7}"#,
            r#"{"temperature":1}"#,
            "temperature",
        ),
        (
            r#"{"temperature":1.0,"n":3}"#,
            r#"{"temperature":1.0,"n":1}"#,
            "n",
        ),
        (
            r#"{"temperature":null,"n":"2"}"#,
            r#"{"temperature":null,"n":"2"}"#,
            "",
        ),
    ] {
        assert_eq!(
            quirked(body, &quirks),
            (expected.to_owned(), losses.to_owned())
        );
    }
}

#[test]
fn a_schema_and_a_role_become_what_the_server_knows() {
    let quirks = [Quirk::NoSchema, Quirk::NoDeveloper];
    let body = r#"{"messages":[{"role":"developer","content":"developer"},1,{"content":{"role":"developer"}}],"response_format":{"json_schema":{"schema":{}},"type":"json_schema"}}"#;
    let expected = r#"{"messages":[{"role":"system","content":"developer"},1,{"content":{"role":"developer"}}],"response_format":{"type":"json_object"}}"#;
    let told = (expected.to_owned(), "response_format".to_owned());
    assert_eq!(quirked(body, &quirks), told);
    let fine = r#"{"messages":null,"response_format":{"type":"text"}}"#;
    assert_eq!(quirked(fine, &quirks), (fine.to_owned(), String::new()));
}

#[test]
fn what_is_refused_has_a_name_of_its_own_as_a_loss() {
    let rules = PROVIDERS.iter().flat_map(|provider| provider.quirks);
    for quirk in rules.flat_map(|rule| rule.all) {
        if let Quirk::Refused(name) | Quirk::AtMost(name, _) | Quirk::Renamed(name, _) = quirk {
            assert_eq!(Loss::member(name), Loss::Parameter(name));
        }
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["", "[]", "{", "{\"a\":}", "{} {}"] {
        let mut losses = Losses::default();
        let quirks = [&Quirk::Refused("a")];
        assert!(
            splice(body.as_bytes(), &quirks, &mut losses).is_err(),
            "{body}"
        );
    }
}

/// The quirks of every provider together, and what they name.
fn member() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof![
        Just("user"),
        Just("stop"),
        Just("seed"),
        Just("random_seed"),
        Just("n"),
        Just("model"),
        Just("messages"),
        Just("response_format"),
        Just("other"),
        Just("max_tokens"),
    ];
    let value = prop_oneof![
        any::<i32>().prop_map(|number| number.to_string()),
        Just("null".to_owned()),
        Just("[{\"role\":\"developer\"},{}]".to_owned()),
        Just("{\"type\":\"json_schema\"}".to_owned()),
        "[a-z]{0,4}".prop_map(|text| format!(" \"{text}\" ")),
    ];
    (name.prop_map(str::to_owned), value)
}

proptest! {
    #[test]
    fn any_request_stays_one_and_keeps_what_no_quirk_names(
        members in proptest::collection::vec(member(), 0..8)
    ) {
        let quirks = [
            Quirk::Refused("user"), Quirk::Refused("stop"), Quirk::Needless("model"),
            Quirk::Renamed("seed", "random_seed"), Quirk::Added("v", "\"1\""),
            Quirk::AtMost("n", 1.0), Quirk::NoSchema, Quirk::NoDeveloper,
        ];
        let inside: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let body = format!("{{{}}}", inside.join(","));
        let (text, _) = quirked(&body, &quirks);
        let after: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&text).expect("JSON");
        let before: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&body).expect("JSON");
        for name in ["user", "stop", "model", "seed"] {
            assert!(!after.contains_key(name), "{name} in {text}");
        }
        assert_eq!(after["v"], "1");
        for name in ["other", "max_tokens"] {
            assert_eq!(after.get(name), before.get(name), "{name} of {text}");
        }
        if before.get("seed").is_some_and(|seed| !seed.is_null()) {
            assert!(after.contains_key("random_seed"), "{text}");
        }
    }
}
