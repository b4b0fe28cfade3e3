//! What the schema for editors allows beyond that of the effective configuration:
//! an item of a layer that removes the inherited one.

use serde_json::{Map, Value, json};

use super::variants;
use crate::tree::IDENTITY;

/// Lets every item with `remove: true` leave out all but its key.
pub(super) fn allow_removal(schema: &mut Value) {
    if !variants(schema).is_empty() {
        return allow_removal_of_variants(schema);
    }
    match schema {
        Value::Object(fields) => {
            fields.values_mut().for_each(allow_removal);
            relax(fields);
        }
        Value::Array(items) => items.iter_mut().for_each(allow_removal),
        _ => {}
    }
}

/// Beside the variants, which know themselves by their `type`, an item that is
/// known by its name alone.
fn allow_removal_of_variants(schema: &mut Value) {
    let Some(options) = schema.get_mut("oneOf").and_then(Value::as_array_mut) else {
        return;
    };
    options
        .iter_mut()
        .filter_map(Value::as_object_mut)
        .for_each(relax);
    options.push(json!({
        "description": "Removes the inherited item of this name.",
        "type": "object",
        "properties": {"name": {"type": "string"}, "remove": {"const": true}},
        "required": ["name", "remove"],
        "additionalProperties": false,
    }));
}

/// Asks for the required fields only where nothing is removed.
fn relax(schema: &mut Map<String, Value>) {
    let properties = schema.get("properties").and_then(Value::as_object);
    let Some(properties) = properties.filter(|all| all.contains_key("remove")) else {
        return;
    };
    let allowed: Vec<&str> = IDENTITY
        .into_iter()
        .filter(|name| properties.contains_key(*name))
        .collect();
    let required = schema.get("required").cloned().unwrap_or_else(|| json!([]));
    let is_required = |name: &&str| {
        let names = required.as_array();
        names.is_some_and(|all| all.iter().any(|other| other == name))
    };
    let key = ["type", "name", "id"]
        .into_iter()
        .find(|name| is_required(name));
    let then = match key {
        Some(key) => json!({"required": [key], "propertyNames": {"enum": allowed}}),
        None => json!({
            "anyOf": [{"required": ["name"]}, {"required": ["provider"]}],
            "propertyNames": {"enum": allowed},
        }),
    };
    let removed = json!({"properties": {"remove": {"const": true}}, "required": ["remove"]});
    schema.remove("required");
    schema.insert("if".to_owned(), removed);
    schema.insert("then".to_owned(), then);
    schema.insert("else".to_owned(), json!({ "required": required }));
}
