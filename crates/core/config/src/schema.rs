//! The JSON Schema of the configuration, made from the types of `spec`.
//!
//! One schema serves the editor, the reference page and the structural check
//! that every configuration passes before it is decoded. The editor's sees one layer
//! at a time, so it also allows what only layers have.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde_json::Value;

use crate::spec::ConfigSpec;

mod advice;
mod check;
mod editor;
mod reference;
mod stand_in;

pub(crate) use check::{Checked, check, check_part};
pub use reference::reference_markdown;

static SCHEMA: LazyLock<Value> = LazyLock::new(build);
static FIELDS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let mut fields = BTreeSet::new();
    collect_fields(&SCHEMA, &mut fields);
    fields
});

/// The JSON Schema (draft 2020-12) of a configuration, for editors and `tollgate
/// schema`. An item that is removed needs no more than its key; for any other it is
/// the schema of the effective configuration, while a layer may leave out what it
/// inherits.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = SCHEMA.clone();
    editor::allow_removal(&mut schema);
    schema
}

/// Whether some field of the configuration has this name.
pub(crate) fn is_field(name: &str) -> bool {
    FIELDS.contains(name)
}

/// The JSON Schema of a type, as the structural check reads it.
pub(crate) fn of<T: JsonSchema>() -> Value {
    let mut schema = Value::from(schemars::schema_for!(T));
    tidy(&mut schema);
    close_variants(&mut schema);
    schema
}

fn build() -> Value {
    let mut schema = of::<ConfigSpec>();
    if let Some(root) = schema.as_object_mut() {
        root.insert("title".to_owned(), "Tollgate configuration".into());
    }
    schema
}

/// Joins wrapped lines of descriptions, and drops `default: null`, which says
/// nothing: the true default is in the description.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if fields.get("default").is_some_and(Value::is_null) {
                fields.remove("default");
            }
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "description" => *text = unwrap_lines(text),
                    value => tidy(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// A variant that is put together of several types does not close itself.
fn close_variants(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is_variant = fields
                .get("properties")
                .is_some_and(|properties| properties.pointer("/type/const").is_some());
            if is_variant {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
            fields.values_mut().for_each(close_variants);
        }
        Value::Array(items) => items.iter_mut().for_each(close_variants),
        _ => {}
    }
}

fn unwrap_lines(text: &str) -> String {
    let paragraphs: Vec<String> = text
        .split("\n\n")
        .map(|paragraph| paragraph.replace('\n', " "))
        .collect();
    paragraphs.join("\n\n")
}

fn collect_fields(schema: &Value, into: &mut BTreeSet<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                into.extend(properties.keys().cloned());
            }
            fields
                .values()
                .for_each(|value| collect_fields(value, into));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_fields(item, into)),
        _ => {}
    }
}

/// A schema with `$ref` followed and `or null` taken off: what a value must be.
fn resolve<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        let target = reference.strip_prefix('#').and_then(|at| root.pointer(at));
        return target.unwrap_or(schema);
    }
    if let Some(options) = schema.get("anyOf").and_then(Value::as_array) {
        let is_null = |option: &&Value| type_of(option) == Some("null");
        let mut real = options.iter().filter(|option| !is_null(option));
        if let (Some(only), None) = (real.next(), real.next()) {
            return resolve(root, only);
        }
    }
    schema
}

/// The type of a schema, `or null` taken off.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(name) => Some(name),
        Value::Array(names) => {
            let mut names = names.iter().filter_map(Value::as_str);
            names.find(|name| *name != "null")
        }
        _ => None,
    }
}

/// The texts an enumeration allows, with what they mean; empty when it is none.
fn choices(schema: &Value) -> Vec<(&str, &str)> {
    let options = schema.get("oneOf").and_then(Value::as_array);
    options
        .into_iter()
        .flatten()
        .filter_map(|option| {
            let value = option.get("const").and_then(Value::as_str)?;
            Some((value, description(option)))
        })
        .collect()
}

/// The alternatives of a tagged list item, by their `type`; empty when it is none.
fn variants(schema: &Value) -> Vec<(&str, &Value)> {
    let options = schema.get("oneOf").and_then(Value::as_array);
    options
        .into_iter()
        .flatten()
        .filter_map(|option| {
            let tag = option.pointer("/properties/type/const")?.as_str()?;
            Some((tag, option))
        })
        .collect()
}

fn description(schema: &Value) -> &str {
    let text = schema.get("description").and_then(Value::as_str);
    text.unwrap_or_default()
}
