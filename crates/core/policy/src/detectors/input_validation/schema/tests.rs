//! What schemas accept, word by word.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DEPTH_MAX, Schema};

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
    let mut value = json!([]);
    for _ in 0..60 {
        value = json!([value]);
    }
    assert!(
        !accepts(&twice, &value),
        "more than the steps that are allowed"
    );
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
