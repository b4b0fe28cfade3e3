//! Paths to texts over bodies of any shape.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::Value;

use crate::paths_reference::{PATHS, check};

fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\"\\\\\n\u{e9}\u{1f600}]{0,5}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let key = prop_oneof![
            Just("text".to_owned()),
            Just("a".to_owned()),
            Just("b".to_owned()),
            Just("a b".to_owned()),
            "[a-z0-9@]{0,5}",
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(key, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// The body as a sender may write it: every letter of it escaped.
fn escaped(value: &Value) -> String {
    let string = |text: &str| {
        let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
        format!("\"{}\"", units.collect::<String>())
    };
    match value {
        Value::String(text) => string(text),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(escaped).collect();
            format!("[{}]", elements.join(" , "))
        }
        Value::Object(members) => {
            let members = members.iter();
            let members: Vec<String> = members
                .map(|(key, member)| format!("{} : {}", string(key), escaped(member)))
                .collect();
            format!("{{{}}}", members.join(" , "))
        }
        other => other.to_string(),
    }
}

proptest! {
    #[test]
    fn paths_lead_where_a_slow_walk_leads(body in body(), set in 0..PATHS.len()) {
        for written in [body.to_string(), escaped(&body)] {
            prop_assert!(check(PATHS[set], written.as_bytes()).is_ok());
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in "[\\[\\]{}:,\"ab1 \\\\u]{0,40}", set in 0..PATHS.len()) {
        let _refused = check(PATHS[set], bytes.as_bytes());
    }
}
