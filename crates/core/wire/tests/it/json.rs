//! The JSON reader agrees with `serde_json`.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use tollgate_wire::json::{decode, escape_into};

use crate::json_reference::check;

const PARTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n\t\r",
    "\"a\"",
    "\"\"",
    "\"\\u006d\"",
    "null",
    "true",
    "false",
    "nul",
    "0",
    "-1",
    "01",
    "1.5",
    "1.",
    "2e3",
    "1e309",
    "-",
    "\"",
    "\\",
    "\\n",
    "\\u",
    "\\ud83d",
    "\\ude00",
    "\\ud83d\\ude00",
    "\u{1}",
    "\u{7f}",
    "\u{e9}",
    "\u{1f600}",
    "long text ",
    "{\"k\":",
    "[[[[[[[[[[[[[[[[",
    "]]]]]]]]]]]]]]]]",
];

fn json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![any::<String>(), "[ -~]{0,200}", "[\\x00-\\x7f]{0,8}"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((text.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn every_document_reads_as_serde_json_reads_it(value in json(), pretty in any::<bool>()) {
        let text = if pretty {
            serde_json::to_string_pretty(&value).unwrap()
        } else {
            value.to_string()
        };
        check(text.as_bytes());
    }

    #[test]
    fn a_damaged_document_is_refused_when_serde_json_refuses_it(
        value in json(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<bool>(),
    ) {
        let mut text = value.to_string().into_bytes();
        let place = place.index(text.len());
        if cut {
            text.truncate(place);
        } else {
            text[place] = byte;
        }
        check(&text);
    }

    #[test]
    fn any_pile_of_parts_is_accepted_or_refused_alike(parts in vec(select(PARTS), 0..24)) {
        check(parts.concat().as_bytes());
        check(format!("\"{}\"", parts.concat()).as_bytes());
        check(format!("[{}]", parts.join(",")).as_bytes());
    }

    #[test]
    fn any_number_is_accepted_or_refused_alike(number in "-?[0-9]{1,24}(\\.[0-9]{1,24})?([eE][+-]?[0-9]{1,4})?") {
        check(number.as_bytes());
    }

    #[test]
    fn any_bytes_are_accepted_or_refused_alike(bytes in vec(any::<u8>(), 0..48)) {
        check(&bytes);
        check(&[b"\"", bytes.as_slice(), b"\""].concat());
    }

    #[test]
    fn text_is_escaped_as_serde_json_escapes_it(text in any::<String>(), low in "[\\x00-\\x7f]{0,80}") {
        for text in [text, low] {
            let mut content = Vec::new();
            escape_into(&text, &mut content);
            let quoted = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(&content, &quoted.as_bytes()[1..quoted.len() - 1]);
            prop_assert_eq!(decode(&content, true).unwrap(), text);
        }
    }
}
