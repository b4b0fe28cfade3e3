//! Members found under every spelling, and bodies that stay JSON whatever is changed.

use bytes::Bytes;
use proptest::prelude::{
    Just, Strategy, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use serde_json::{Map, Value as Json, json};
use tollgate_wire::Document;

use super::{Members, last_name};
use crate::spelling::Spelling;

const PATHS: &[&str] = &[
    "top",
    "other",
    "a.topP",
    "a.b.deep",
    "list.[a.b]",
    "list.[c]",
];

fn members(body: &str) -> Members<'_> {
    Members::read(body.as_bytes(), PATHS, Spelling::CamelOrSnake).expect("an object")
}

fn changed(body: &str, change: impl FnOnce(&mut Members<'_>)) -> String {
    let mut members = members(body);
    change(&mut members);
    let pieces = Document::new(Bytes::from(body.to_owned())).finish(&members.finish());
    String::from_utf8(pieces.concat()).expect("text")
}

#[test]
fn a_member_is_found_in_every_spelling_of_every_name_on_the_way_to_it() {
    const PATH: &[&str] = &["outerName.innerName"];
    for (body, is_there) in [
        (r#"{"outerName":{"innerName":1}}"#, true),
        (r#"{"outerName":{"inner_name":1}}"#, true),
        (r#"{"outer_name":{"innerName":1}}"#, true),
        (r#"{"outer_name":{"inner_name":1}}"#, true),
        (r#"{"outer_\u006eame":{"inner_name":1}}"#, true),
        (r#"{"outerName":{"innerName":null}}"#, false),
        (r#"{"outerName.innerName":1}"#, false),
        (r#"{"innerName":1,"outerName":[{"innerName":1}]}"#, false),
    ] {
        let read = |spelling| Members::read(body.as_bytes(), PATH, spelling).expect("an object");
        let found = read(Spelling::CamelOrSnake).value(PATH[0]).is_some();
        assert_eq!(found, is_there, "{body}");
        let exact = read(Spelling::Exact).value(PATH[0]).is_some();
        assert_eq!(exact, is_there && !body.contains('_'), "{body}");
    }
}

#[test]
fn what_is_removed_goes_with_one_comma() {
    for (body, path, expected) in [
        (r#"{ "top" : 1 , "x":2}"#, "top", r#"{ "x":2}"#),
        (r#"{"x":2 , "top":1 }"#, "top", r#"{"x":2 }"#),
        (r#"{"top":1,"x":2,"top":3}"#, "top", r#"{"x":2}"#),
        (r#"{"top":1}"#, "top", "{}"),
        (r#"{"a":{"topP":1,"x":1}}"#, "a.topP", r#"{"a":{"x":1}}"#),
        (
            r#"{"a":{"b":{"deep":{}}}}"#,
            "a.b.deep",
            r#"{"a":{"b":{}}}"#,
        ),
        (
            r#"{"list":["x", "a.b", "c"]}"#,
            "list.[a.b]",
            r#"{"list":["x", "c"]}"#,
        ),
        (
            r#"{"list":["x", "\u0063"]}"#,
            "list.[c]",
            r#"{"list":["x"]}"#,
        ),
    ] {
        let made = changed(body, |members| assert!(members.remove(path)));
        assert_eq!(made, expected);
    }
    let made = changed(r#"{"top":null,"x":1}"#, |members| {
        assert!(!members.remove("top"));
    });
    assert_eq!(made, r#"{"x":1}"#);
}

#[test]
fn a_renamed_member_gives_way_to_one_that_says_something() {
    for (body, expected, is_lost) in [
        (r#"{"top":1}"#, r#"{"other":1}"#, false),
        (r#"{"top":1,"other":null}"#, r#"{"other":1}"#, false),
        (r#"{"other":null,"top":1}"#, r#"{"other":1}"#, false),
        (r#"{"top":1,"other":1}"#, r#"{"other":1}"#, false),
        (r#"{"top":1,"other":2}"#, r#"{"other":2}"#, true),
        (r#"{"top":null,"other":2}"#, r#"{"other":2}"#, false),
        (r#"{"top":null}"#, "{}", false),
    ] {
        let made = changed(body, |members| {
            assert_eq!(members.rename("top", "other"), is_lost, "{body}");
        });
        assert_eq!(made, expected);
    }
    let made = changed(r#"{"top":7}"#, |members| {
        members.rename("top", "other");
        members.replace("other", |_| Some(Bytes::from_static(b"5")));
    });
    assert_eq!(made, r#"{"other":5}"#);
}

#[test]
fn what_is_put_in_comes_with_what_it_is_in() {
    for (body, expected) in [
        ("{}", json!({"top": 1, "a": {"topP": 2, "b": {"deep": 3}}})),
        (
            r#"{"x":0}"#,
            json!({"x": 0, "top": 1, "a": {"topP": 2, "b": {"deep": 3}}}),
        ),
        (
            r#"{"a":null}"#,
            json!({"top": 1, "a": {"topP": 2, "b": {"deep": 3}}}),
        ),
        (
            r#"{"a":{"b":{}}}"#,
            json!({"top": 1, "a": {"topP": 2, "b": {"deep": 3}}}),
        ),
        (
            r#"{"a":{"b":{"x":0},"x":0}}"#,
            json!({"top": 1, "a": {"x": 0, "topP": 2, "b": {"x": 0, "deep": 3}}}),
        ),
    ] {
        let made = changed(body, |members| {
            members.insert("a.b.deep", b"3").expect("room");
            members.insert("top", b"1").expect("room");
            members.insert("a.topP", b"2").expect("room");
        });
        assert_eq!(
            serde_json::from_str::<Json>(&made).expect("JSON"),
            expected,
            "{made}"
        );
    }
    assert!(members(r#"{"a":7}"#).insert("a.topP", b"1").is_err());
    assert!(members(r#"{"a":[]}"#).insert("a.b.deep", b"1").is_err());
}

#[test]
fn what_exceeds_a_limit_is_read_in_every_notation() {
    for (json, is_over) in [
        ("100", false),
        ("101", true),
        ("100.0", false),
        ("1e9", true),
        ("1E+2", false),
        ("18446744073709551616", true),
        ("-5", false),
        (r#""100""#, false),
        (r#"" 1e3 ""#, true),
        (r#""\u0031000""#, true),
        (r#""1_000""#, true),
        (r#""NaN""#, true),
        ("null", false),
        ("true", false),
        ("[1000]", false),
    ] {
        let body = format!(r#"{{"top":{json}}}"#);
        let over = members(&body).replace("top", |value| {
            value.exceeds(100).then(|| Bytes::from_static(b"100"))
        });
        assert_eq!(over, is_over, "{json}");
    }
}

#[test]
fn the_last_name_is_that_of_the_member() {
    for (path, name) in [
        ("top", "top"),
        ("a.b.deep", "deep"),
        ("list.[a.b]", "[a.b]"),
    ] {
        assert_eq!(last_name(path), name);
    }
}

#[test]
fn what_is_no_object_is_refused() {
    for body in ["", "[]", "{", "{\"a\":}", "{} {}"] {
        assert!(
            Members::read(body.as_bytes(), PATHS, Spelling::Exact).is_err(),
            "{body}"
        );
    }
}

fn object() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        Just("top"),
        Just("other"),
        Just("a"),
        Just("b"),
        Just("deep"),
        Just("topP"),
        Just("list"),
        Just("x"),
    ];
    let leaf = prop_oneof![
        any::<u8>().prop_map(|number| number.to_string()),
        Just("null".to_owned()),
        Just(r#"["c","a.b", 1]"#.to_owned()),
        "[a-z]{0,3}".prop_map(|text| format!(" \"{text}\" ")),
    ];
    let object = |value: proptest::strategy::BoxedStrategy<String>| {
        prop::collection::hash_map(name.clone(), value, 0..6).prop_map(|members| {
            let members = members
                .into_iter()
                .map(|(name, value)| format!(" \"{name}\" :{value}"));
            format!("{{{} }}", members.collect::<Vec<_>>().join(" ,"))
        })
    };
    let inner = object(Strategy::boxed(leaf.clone()));
    let middle = object(Strategy::boxed(prop_oneof![leaf.clone(), inner]));
    object(Strategy::boxed(prop_oneof![leaf, middle]))
}

proptest! {
    #[test]
    fn any_changes_leave_one_object_with_all_that_they_do_not_name(
        body in object(),
        removed in prop::collection::vec(prop::sample::select(PATHS), 0..4),
        is_renamed in any::<bool>(),
        inserts in any::<bool>(),
    ) {
        let before: Map<String, Json> = serde_json::from_str(&body).expect("JSON");
        let made = changed(&body, |members| {
            for path in &removed {
                members.remove(path);
            }
            if is_renamed {
                members.rename("top", "other");
            }
            if inserts && members.value("top").is_none() {
                members.remove("top");
                members.insert("top", b"true").expect("the request is an object");
            }
        });
        let after: Map<String, Json> = serde_json::from_str(&made).expect("JSON");
        prop_assert_eq!(after.get("x"), before.get("x"), "{}", made);
        for path in &removed {
            prop_assert!(members(&made).value(path).is_none() || is_renamed || inserts, "{}", made);
        }
        if is_renamed && !inserts {
            prop_assert!(!after.contains_key("top"), "{}", made);
        }
    }
}
