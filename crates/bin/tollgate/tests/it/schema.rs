//! The printed JSON Schema against the example configurations.

use std::fs;
use std::path::Path;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

use crate::process::{text, tollgate};

/// Whether `value` is what `schema` allows, as far as our schema uses JSON Schema.
fn allows(root: &Value, schema: &Value, value: &Value) -> bool {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root
            .pointer(reference.trim_start_matches('#'))
            .unwrap_or_else(|| panic!("{reference} leads nowhere"));
        if !allows(root, target, value) {
            return false;
        }
    }
    let list = |key: &str| schema[key].as_array().map(Vec::as_slice);
    list("anyOf").is_none_or(|any| any.iter().any(|one| allows(root, one, value)))
        && list("oneOf")
            .is_none_or(|any| any.iter().filter(|one| allows(root, one, value)).count() == 1)
        && list("allOf").is_none_or(|all| all.iter().all(|one| allows(root, one, value)))
        && branch(root, schema, value)
        && list("enum").is_none_or(|words| words.contains(value))
        && schema.get("const").is_none_or(|word| word == value)
        && schema.get("type").is_none_or(|kind| has_type(kind, value))
        && value.as_array().is_none_or(|items| {
            schema
                .get("items")
                .is_none_or(|of| items.iter().all(|item| allows(root, of, item)))
        })
        && value.as_object().is_none_or(|fields| {
            list("required").is_none_or(|names| {
                names
                    .iter()
                    .all(|name| fields.contains_key(name.as_str().unwrap()))
            }) && schema.get("propertyNames").is_none_or(|of| {
                fields
                    .keys()
                    .all(|name| allows(root, of, &Value::from(name.as_str())))
            }) && fields
                .iter()
                .all(|(name, field)| match schema["properties"].get(name) {
                    Some(of) => allows(root, of, field),
                    None => match schema.get("additionalProperties") {
                        None | Some(Value::Bool(true)) => true,
                        Some(Value::Bool(false)) => false,
                        Some(of) => allows(root, of, field),
                    },
                })
        })
}

/// `if`, `then`, `else`.
fn branch(root: &Value, schema: &Value, value: &Value) -> bool {
    let Some(condition) = schema.get("if") else {
        return true;
    };
    let branch = if allows(root, condition, value) {
        schema.get("then")
    } else {
        schema.get("else")
    };
    branch.is_none_or(|branch| allows(root, branch, value))
}

fn has_type(kind: &Value, value: &Value) -> bool {
    match kind {
        Value::Array(kinds) => kinds.iter().any(|kind| has_type(kind, value)),
        kind => match kind.as_str().unwrap() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "null" => value.is_null(),
            other => panic!("{other} is no type of JSON Schema"),
        },
    }
}

/// The one document of a YAML text, as JSON.
fn yaml(text: &str) -> Value {
    let mut open: Vec<(Value, Option<String>)> = vec![(Value::Array(Vec::new()), None)];
    for event in Parser::new_from_str(text) {
        let done = match event.unwrap().0 {
            Event::MappingStart(..) => {
                open.push((Value::Object(Map::new()), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((Value::Array(Vec::new()), None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().unwrap().0,
            Event::Scalar(text, ScalarStyle::Plain, ..) => {
                serde_json::from_str(&text).unwrap_or_else(|_| Value::from(text.as_ref()))
            }
            Event::Scalar(text, ..) => Value::from(text.as_ref()),
            _ => continue,
        };
        match open.last_mut().unwrap() {
            (Value::Array(items), _) => items.push(done),
            (Value::Object(fields), key) => match key.take() {
                Some(key) => drop(fields.insert(key, done)),
                None => *key = Some(done.as_str().unwrap().to_owned()),
            },
            (other, _) => panic!("{other} is open"),
        }
    }
    open.remove(0).0[0].take()
}

fn configurations(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            configurations(&path, found);
        } else if path
            .extension()
            .is_some_and(|extension| extension == "yaml")
            && !text(&path).ends_with(".test.yaml")
        {
            found.push(path);
        }
    }
}

#[test]
fn the_schema_accepts_every_example_and_no_typing_mistake() {
    let printed = tollgate(&["schema"]);
    assert_eq!(printed.code, 0);
    let schema: Value = serde_json::from_str(&printed.out).unwrap();
    assert!(
        schema["$schema"]
            .as_str()
            .unwrap()
            .starts_with("https://json-schema.org/")
    );
    let mut examples = Vec::new();
    configurations(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../examples"),
        &mut examples,
    );
    assert!(examples.len() > 5, "{examples:?}");
    for path in examples {
        let value: Value = yaml(&fs::read_to_string(&path).unwrap());
        assert!(
            allows(&schema, &schema, &value),
            "{} is refused",
            path.display()
        );
    }
    for wrong in [
        "gatway: {}",
        "gateway: {port: many}",
        "gateway: {anonymous: maybe}",
        "providers: [{kind: openai}]",
        "policies: [{name: a, input: [{type: no_such, action: block}]}]",
        "routes: [{name: a, remove: false}]",
        "routes: [{remove: true}]",
        "routes: [{name: a, path: /a, provider: b, remove: true}]",
        "services: [{name: a, keys: [{id: k1}]}]",
        "services: [{name: a, keys: [{name: k1, remove: true}]}]",
        "policies: [{name: a, input: [{remove: true}]}]",
        "policies: [{name: a, input: [{name: b, action: block}]}]",
        "models: [{name: a, targets: [{model: b, remove: true}]}]",
    ] {
        let value: Value = yaml(wrong);
        assert!(!allows(&schema, &schema, &value), "{wrong} is accepted");
    }
}

#[test]
fn the_schema_accepts_an_item_that_removes_the_inherited_one_by_its_key() {
    let schema: Value = serde_json::from_str(&tollgate(&["schema"]).out).unwrap();
    for overlay in [
        "providers: [{name: a, remove: true}]",
        "models: [{name: a, remove: true}]",
        "models: [{name: a, targets: [{name: b, remove: true}]}]",
        "models: [{name: a, targets: [{provider: b, model: c, remove: true}]}]",
        "routes: [{name: a, remove: true}]",
        "services: [{name: a, keys: [{id: k1, remove: true}]}]",
        "policies: [{name: a, input: [{type: pii_detection, remove: true}]}]",
        "policies: [{name: a, output: [{name: b, remove: true}]}]",
    ] {
        let value = yaml(overlay);
        assert!(allows(&schema, &schema, &value), "{overlay} is refused");
    }
}
