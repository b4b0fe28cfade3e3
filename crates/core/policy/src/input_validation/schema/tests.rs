//! What schemas accept, word by word.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{DEPTH_MAX, Schema};

fn accepts(schema: &Value, value: &Value) -> bool {
    Schema::new(schema).unwrap().is_valid(value)
}

#[test]
fn every_word_accepts_what_it_says() {
    for (schema, good, bad) in [
        (json!(true), json!([1, null]), json!(null)),
        (json!({}), json!("x"), json!(null)),
        (
            json!({"type": "integer"}),
            json!([1, 2.0, -3, 1e3]),
            json!([1.5, "1", null, true]),
        ),
        (
            json!({"type": "number"}),
            json!([1, 2.5]),
            json!(["1", null]),
        ),
        (
            json!({"type": ["string", "null"]}),
            json!(["", null]),
            json!([1, {}, []]),
        ),
        (json!({"type": "object"}), json!([{}]), json!([[], "x"])),
        (
            json!({"enum": [1, "a", {"b": [1.0]}]}),
            json!([1, 1.0, "a", {"b": [1]}]),
            json!([2, "b", {"b": []}]),
        ),
        (json!({"const": null}), json!([null]), json!([0, false, ""])),
        (
            json!({"minimum": 1, "maximum": 3}),
            json!([1, 3, 2.5, "x"]),
            json!([0, 3.01, -1]),
        ),
        (
            json!({"exclusiveMinimum": 0, "exclusiveMaximum": 1.0}),
            json!([0.5]),
            json!([0, 1, 0.0]),
        ),
        (
            json!({"maximum": 9_007_199_254_740_993_u64}),
            json!([9_007_199_254_740_993_u64]),
            json!([9_007_199_254_740_994_u64]),
        ),
        (
            json!({"multipleOf": 3}),
            json!([0, 3, -9, 6.0]),
            json!([1, 4]),
        ),
        (
            json!({"multipleOf": 0.01}),
            json!([0.07, 1, 19.99]),
            json!([0.075, 1.001]),
        ),
        (
            json!({"minLength": 2, "maxLength": 3}),
            json!(["ab", "éßn", 1]),
            json!(["a", "abcd", ""]),
        ),
        (
            json!({"pattern": "^a+$"}),
            json!(["a", "aa", 1]),
            json!(["", "ba", "ab"]),
        ),
        (json!({"pattern": "b"}), json!(["abc"]), json!(["ac"])),
        (
            json!({"items": {"type": "string"}}),
            json!([[], ["a"], "x"]),
            json!([[1], ["a", null]]),
        ),
        (json!({"items": false}), json!([[]]), json!([[1]])),
        (
            json!({"prefixItems": [{"const": 1}], "items": {"const": 2}}),
            json!([[], [1], [1, 2, 2]]),
            json!([[2], [1, 1]]),
        ),
        (
            json!({"contains": {"const": 1}}),
            json!([[1], [0, 1]]),
            json!([[], [0]]),
        ),
        (
            json!({"minItems": 1, "maxItems": 2}),
            json!([[1], [1, 2]]),
            json!([[], [1, 2, 3]]),
        ),
        (
            json!({"uniqueItems": true}),
            json!([[], [1, "1"], [[1], [2]]]),
            json!([[1, 1.0], [{"a": 1}, {"a": 1}]]),
        ),
        (
            json!({"required": ["a"]}),
            json!([{"a": null}, [], 1]),
            json!([{}, {"b": 1}]),
        ),
        (
            json!({"properties": {"a": {"type": "string"}}, "additionalProperties": false}),
            json!([{}, {"a": ""}]),
            json!([{"a": 1}, {"b": 1}, {"a": "", "b": 1}]),
        ),
        (
            json!({"patternProperties": {"^x": {"type": "number"}}, "additionalProperties": {"type": "null"}}),
            json!([{"x1": 1, "y": null}]),
            json!([{"x1": "1"}, {"y": 1}]),
        ),
        (
            json!({"propertyNames": {"maxLength": 1}}),
            json!([{"a": 1}]),
            json!([{"ab": 1}]),
        ),
        (
            json!({"minProperties": 1, "maxProperties": 1}),
            json!([{"a": 1}]),
            json!([{}, {"a": 1, "b": 2}]),
        ),
        (
            json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}),
            json!([1, 2]),
            json!([0, 3]),
        ),
        (
            json!({"anyOf": [{"const": 1}, {"type": "string"}]}),
            json!([1, "x"]),
            json!([2, null]),
        ),
        (
            json!({"oneOf": [{"minimum": 2}, {"maximum": 4}]}),
            json!([1, 5]),
            json!([2, 3, 4]),
        ),
        (
            json!({"not": {"type": "string"}}),
            json!([1, null]),
            json!(["x"]),
        ),
        (
            json!({"if": {"type": "number"}, "then": {"minimum": 1}, "else": {"type": "string"}}),
            json!([1, "x"]),
            json!([0, null]),
        ),
        (
            json!({"$defs": {"n": {"type": "number"}}, "type": "array", "items": {"$ref": "#/$defs/n"}}),
            json!([[1, 2.5], []]),
            json!([["1"], 1]),
        ),
        (
            json!({"definitions": {"a/b": {"type": "null"}}, "$ref": "#/definitions/a~1b"}),
            json!([null]),
            json!([1]),
        ),
        (
            json!({"type": "object", "properties": {"next": {"$ref": "#"}}, "additionalProperties": false}),
            json!([{}, {"next": {"next": {}}}]),
            json!([{"next": 1}, {"next": {"last": {}}}]),
        ),
        (
            json!({"title": "t", "description": "d", "default": 1, "format": "email", "x-own": 1, "type": "string"}),
            json!(["no address"]),
            json!([1]),
        ),
    ] {
        if schema == json!(true) || schema == json!({}) {
            assert!(accepts(&schema, &good));
            continue;
        }
        for value in good.as_array().unwrap() {
            assert!(accepts(&schema, value), "{schema} refuses {value}");
        }
        for value in bad.as_array().unwrap() {
            assert!(!accepts(&schema, value), "{schema} accepts {value}");
        }
    }
    assert!(!accepts(&json!(false), &json!(1)));
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
