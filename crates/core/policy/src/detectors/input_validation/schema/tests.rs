//! What schemas accept, word by word.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DEPTH_MAX, Judge, NodeId, Schema, Steps};

fn accepts(schema: &Value, value: &Value) -> bool {
    Schema::new(schema).unwrap().is_valid(value)
}

/// Schemas by word, with values that they accept and values that they refuse.
const CASES: &str = include_str!("cases.json");

#[test]
fn every_word_accepts_what_it_says() {
    let cases: Vec<Value> = serde_json::from_str(CASES).unwrap();
    for case in &cases {
        let schema = &case["schema"];
        for value in case["valid"].as_array().unwrap() {
            assert!(accepts(schema, value), "{schema} refuses {value}");
        }
        for value in case["invalid"].as_array().unwrap() {
            assert!(!accepts(schema, value), "{schema} accepts {value}");
        }
    }
}

#[test]
fn what_would_not_be_checked_is_refused() {
    for (schema, place) in [
        (
            json!({"unevaluatedProperties": false}),
            "#/unevaluatedProperties",
        ),
        (
            json!({"properties": {"a": {"dependentRequired": {}}}}),
            "#/properties/a/dependentRequired",
        ),
        (json!({"$ref": "https://example.org/schema"}), "#/$ref"),
        (json!({"$ref": "#/$defs/none"}), "#/$ref"),
        (json!({"type": "text"}), "#/type"),
        (json!({"type": 1}), "#/type"),
        (json!({"pattern": "("}), "#/pattern"),
        (json!({"pattern": "(?=a)"}), "#/pattern"),
        (json!({"minLength": -1}), "#"),
        (json!({"multipleOf": 0}), "#/multipleOf"),
        (json!({"anyOf": []}), "#/anyOf"),
        (json!({"properties": []}), "#"),
        (json!({"items": 1}), "#/items"),
        (json!({"required": "a"}), "#/required"),
        (json!([]), "#"),
        (json!({"minimum": "1"}), "#/minimum"),
        (json!({"enum": 1}), "#/enum"),
        (json!({"uniqueItems": 1}), "#"),
    ] {
        let error = Schema::new(&schema).unwrap_err();
        assert_eq!(error.place, place, "{schema}: {error}");
    }
}

#[test]
fn a_schema_that_never_ends_accepts_nothing() {
    assert!(!accepts(&json!({"$ref": "#"}), &json!(1)));
    assert!(!accepts(
        &json!({"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}),
        &json!(1)
    ));
    let mut deep = json!({});
    for _ in 0..=DEPTH_MAX {
        deep = json!({"not": deep});
    }
    assert!(Schema::new(&deep).is_err());
    // Each level asks twice about the next one.
    let twice =
        json!({"type": "array", "items": {"$ref": "#"}, "allOf": [{"items": {"$ref": "#"}}]});
    let nested = |levels| (0..levels).fold(json!([]), |value, _| json!([value]));
    assert!(accepts(&twice, &nested(5)));
    assert!(
        !accepts(&twice, &nested(25)),
        "more than the steps that are allowed"
    );
}

#[test]
fn comparing_takes_steps_by_what_is_compared() {
    let unique = json!({"uniqueItems": true});
    let rows = |count: usize, of: usize| -> Value {
        let row = |last: usize| (0..of).map(move |place| if place + 1 < of { 0 } else { last });
        (0..count)
            .map(|row_| row(row_).collect::<Vec<_>>())
            .collect()
    };
    assert!(accepts(&unique, &rows(50, 361)));
    assert!(!accepts(&unique, &rows(1400, 361)), "too many steps");
    let texts = |count: usize| -> Value {
        let text = |last: usize| format!("{}{last:04}", "x".repeat(10_000));
        (0..count).map(text).collect()
    };
    assert!(accepts(&unique, &texts(50)));
    assert!(!accepts(&unique, &texts(150)), "too many steps");
    let same = Schema::new(&json!({"enum": [rows(1, 1000)[0]]})).unwrap();
    let mut judge = Judge {
        nodes: &same.nodes,
        steps: Steps(1000),
    };
    assert_eq!(judge.node(NodeId(0), &rows(1, 1000)[0], 1), None);
    let long = Schema::new(&json!({"maxLength": 20_000})).unwrap();
    let mut judge = Judge {
        nodes: &long.nodes,
        steps: Steps(100),
    };
    assert_eq!(judge.node(NodeId(0), &texts(1)[0], 1), None);
}

#[test]
fn members_that_no_rule_names_take_steps() {
    let schema =
        Schema::new(&json!({"properties": {"a": true}, "patternProperties": {"^b": true}}));
    let schema = schema.unwrap();
    let value: Value = (0..100).map(|name| (name.to_string(), json!(1))).collect();
    let answer = |steps: usize| {
        let mut judge = Judge {
            nodes: &schema.nodes,
            steps: Steps(steps),
        };
        judge.node(NodeId(0), &value, DEPTH_MAX)
    };
    assert_eq!(answer(201), Some(true));
    assert_eq!(answer(200), None);
}

#[test]
fn names_are_escaped_wherever_they_stand() {
    for word in ["properties", "patternProperties"] {
        let schema = json!({word: {"a/b~c": {"type": 1}}});
        let error = Schema::new(&schema).unwrap_err();
        assert_eq!(error.place, format!("#/{word}/a~1b~0c/type"));
    }
    let schema = json!({"patternProperties": {"^a/b$": {"type": "string"}}, "properties":
        {"c": {"$ref": "#/patternProperties/^a~1b$"}}});
    assert!(accepts(&schema, &json!({"c": "x"})));
    assert!(!accepts(&schema, &json!({"c": 1})));
}

#[test]
fn what_is_wrong_in_a_pattern_is_said() {
    let error = Schema::new(&json!({"pattern": "ab("})).unwrap_err();
    assert!(
        error.fact.contains("at character 3: unclosed group"),
        "{error}"
    );
    let error = Schema::new(&json!({"pattern": "\\w{1000}{1000}"})).unwrap_err();
    assert!(error.fact.contains("too large"), "{error}");
}

proptest! {
    #[test]
    fn any_json_is_a_schema_or_refused(
        words in prop::collection::vec(prop::sample::select(vec![
            "type", "enum", "const", "properties", "required", "items", "allOf", "not", "$ref", "if",
            "minimum", "pattern", "minItems", "additionalProperties", "$defs", "other",
        ]), 0..4),
        values in prop::collection::vec(prop::sample::select(vec![
            r#""string""#, "1", "-1", "1.5", "true", "null", "[]", "{}", r##""#""##, r#"["a"]"#, r#"[{}]"#,
            r#"{"a": {}}"#, r##"{"a": {"$ref": "#/$defs/a"}}"##, r##""#/$defs/a""##,
        ]), 8),
    ) {
        let mut schema = serde_json::Map::new();
        let values: Vec<Value> = values.iter().map(|text| serde_json::from_str(text).unwrap()).collect();
        for (word, value) in words.iter().zip(&values) {
            schema.insert((*word).to_owned(), value.clone());
        }
        if let Ok(schema) = Schema::new(&Value::Object(schema)) {
            for value in &values {
                let _is_valid = schema.is_valid(value);
            }
        }
    }
}
