//! Findings that go over what gives JSON its structure: it stays JSON, for every cut.

use std::sync::{Arc, LazyLock};

use proptest::prelude::{any, prop};
use proptest::{prop_assert, prop_assert_eq, proptest};
use serde_json::{Value, json};
use tollgate_formats::view::Field;

use super::{Spelling, cut, cuts, run, written};
use crate::detector::Detector;
use crate::rule::RuleSet;
use crate::session::Session;
use crate::testing::redacting;
use crate::text_lane::{Passed, TextLane};
use crate::{
    ContentSafetyDetector, ContentSafetyOptions, PatternOptions, RegexDetector, RegexOptions,
};

fn pattern(name: &str, pattern: &str) -> Arc<RuleSet> {
    let options = RegexOptions {
        patterns: vec![PatternOptions {
            max_len: Some(256),
            ..PatternOptions::new(name, pattern)
        }],
    };
    Arc::new(redacting(Arc::new(RegexDetector::new(&options).unwrap())))
}

/// What comes of JSON that stands in no string, in pieces of `size` bytes.
fn bare(rules: &Arc<RuleSet>, text: &str, size: usize) -> String {
    let mut lane = TextLane::new(Field::Text);
    lane.reset(Field::Text, true);
    let mut session = Session::new(Arc::clone(rules));
    let mut out = Vec::new();
    let pieces = text.as_bytes().chunks(size).map(|piece| (piece, false));
    for (piece, last) in pieces.chain([(&b""[..], true)]) {
        match lane.push(&mut session, piece, last) {
            Passed::Same => out.extend_from_slice(piece),
            Passed::Instead(changed) => out.extend_from_slice(changed),
            stopped => panic!("{stopped:?}"),
        }
    }
    String::from_utf8(out).unwrap()
}

/// What comes of JSON in a string, cut into these pieces.
fn in_string(rules: &Arc<RuleSet>, pieces: &[Vec<u8>]) -> String {
    let (out, _) = run(rules, Field::ToolArguments, pieces);
    serde_json::from_slice(&[b"\"", out.as_slice(), b"\""].concat()).unwrap()
}

/// What comes of JSON text wherever it stands, the same for every size of its pieces.
fn redacted(rules: &Arc<RuleSet>, text: &str) -> Value {
    let whole = bare(rules, text, text.len());
    let units = written(text, Spelling::Short);
    for size in [1, 2, 3, 7, 64, text.len()] {
        assert_eq!(bare(rules, text, size), whole, "pieces of {size}");
        let pieces: Vec<Vec<u8>> = units.chunks(size).map(<[Vec<u8>]>::concat).collect();
        assert_eq!(in_string(rules, &pieces), whole, "pieces of {size}");
    }
    serde_json::from_str(&whole).unwrap_or_else(|error| panic!("{error}: {whole}"))
}

#[test]
fn a_number_behind_its_name_becomes_null() {
    let card = pattern("card", r"card\W+\d+");
    for (text, expected) in [
        (r#"{"card": 12345}"#, json!({"[CARD]": null})),
        (r#"{"card": 12345.5e3 }"#, json!({"[CARD]": null})),
        (r#"["card",[{"n":-7}]]"#, json!(["card", [{"n": -7}]])),
        (r#"["card",[-7, 8]]"#, json!(["[CARD]", [null, 8]])),
    ] {
        assert_eq!(redacted(&card, text), expected, "{text}");
    }
    let digit = pattern("card", r"card\W+\d");
    let whole = redacted(&digit, r#"{"card": 12345}"#);
    assert_eq!(whole, json!({"[CARD]": null}));
}

#[test]
fn words_outside_of_strings_become_null() {
    let rules = pattern("all", r#"(?s)start.{1,60}stop"#);
    let text = r#"{"a":"start","b":[true,false , null,5],"c":"stop it"}"#;
    assert_eq!(
        bare(&rules, text, text.len()),
        r#"{"a":"[ALL]","":[null,null , null,null],"":" it"}"#
    );
    assert!(redacted(&rules, text).is_object());
}

#[test]
fn a_passage_that_is_not_safe_leaves_json() {
    let options = ContentSafetyOptions::default();
    let detector: Arc<dyn Detector> = Arc::new(ContentSafetyDetector::new(&options).unwrap());
    let rules = Arc::new(redacting(detector));
    let text = r#"{"query":"Sex with you","limit":5,"exact":true}"#;
    assert_eq!(
        bare(&rules, text, text.len()),
        r#"{"[SEXUAL]":"","":null,"":null}"#
    );
    assert!(redacted(&rules, text).is_object());
}

#[test]
fn a_long_number_stays_a_number() {
    let rules = pattern("long", r"123");
    for (before, after) in [(80, 80), (0, 80), (80, 0), (31, 30), (31, 31), (64, 0)] {
        let (before, after) = ("9".repeat(before), "8".repeat(after));
        let text = format!(r#"{{"a":{before}123{after},"b":-0.{before}123{after}e5}}"#);
        let out = bare(&rules, &text, text.len());
        assert!(!out.contains("123"), "{out}");
        redacted(&rules, &text);
    }
    let all = pattern("long", r"[-.\d]+");
    let text = format!(r#"[-0.{},5]"#, "7".repeat(100));
    let out = bare(&all, &text, text.len());
    assert_eq!(out, format!(r#"[-1.{},"[LONG]"]"#, "1".repeat(100)));
    redacted(&all, &text);
}

/// Rules whose findings go over structure, end within numbers, or lie within long ones.
static OVER_STRUCTURE: LazyLock<[Arc<RuleSet>; 5]> = LazyLock::new(|| {
    [
        r"b\W+\d\d",
        r"\d\W+[tna]",
        r"\d{3}\W+\d",
        r"(?s)ab.{3,200}?e",
        "[1-3]{2,}",
    ]
    .map(|finding| pattern("x", finding))
});

proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_finding_over_structure_leaves_the_same_json_for_every_cut(
        values in prop::collection::vec("[0-9]{0,3}x|\"(ab|cd|,| )*\"|-?[1-9][0-9]{0,80}(\\.[0-9]{1,70})?|true|null|\\[1,\"ab\"\\]", 0..8),
        cuts in cuts(), escaped in any::<bool>(),
    ) {
        let values: Vec<String> = values.into_iter().filter(|value| !value.ends_with('x')).collect();
        let text = format!("[{}]", values.join(" ,"));
        let spelling = if escaped { Spelling::Units } else { Spelling::Short };
        let units = written(&text, spelling);
        for rules in OVER_STRUCTURE.iter() {
            let whole = in_string(rules, &[units.concat()]);
            prop_assert_eq!(&in_string(rules, &cut(&units, &cuts)), &whole);
            prop_assert_eq!(&bare(rules, &text, 1), &whole);
            prop_assert!(serde_json::from_str::<Value>(&whole).is_ok(), "{}: {}", text, whole);
        }
    }
}
