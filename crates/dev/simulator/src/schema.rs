//! A value that satisfies a JSON Schema, for tool arguments and structured answers.
//!
//! The parts that tools use are understood: types, properties, items, enum, const, default,
//! anyOf and friends, local references. Limits on numbers and lengths are tried, patterns are not.

use serde_json::{Map, Value, json};

use crate::random::Random;

/// Schemas may refer to themselves.
const DEPTH_MAX: usize = 12;
/// Required list items beyond this are left out.
const ITEMS_MAX: u64 = 16;

/// A value of the schema `root`; an example object when it says nothing.
pub(crate) fn sample(root: &Value, random: &mut Random) -> Value {
    if root.as_object().is_none_or(Map::is_empty) {
        return json!({"answer": "simulated"});
    }
    Sampler { root, random }.value(root, "", 0)
}

struct Sampler<'a> {
    root: &'a Value,
    random: &'a mut Random,
}

impl Sampler<'_> {
    fn value(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        if depth > DEPTH_MAX {
            return Value::Null;
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
            let pointer = target.strip_prefix('#').unwrap_or_default();
            return match self.root.pointer(pointer) {
                Some(target) => self.value(target, name, depth + 1),
                None => Value::Null,
            };
        }
        for fixed in ["const", "default"] {
            if let Some(value) = schema.get(fixed) {
                return value.clone();
            }
        }
        if let Some(options) = schema.get("enum").and_then(Value::as_array) {
            return self.random.pick(options).cloned().unwrap_or_default();
        }
        for choice in ["anyOf", "oneOf", "allOf"] {
            if let Some(first) = schema.get(choice).and_then(|all| all.get(0)) {
                return self.value(first, name, depth + 1);
            }
        }
        match type_of(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "string" => json!(self.string(schema, name)),
            "integer" => json!(whole(schema)),
            "number" => schema
                .get("minimum")
                .cloned()
                .unwrap_or_else(|| json!(21.5)),
            "boolean" => json!(true),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let properties = schema.get("properties").and_then(Value::as_object);
        let fields = properties
            .into_iter()
            .flatten()
            .map(|(name, schema)| (name.clone(), self.value(schema, name, depth + 1)));
        Value::Object(fields.collect())
    }

    fn array(&mut self, schema: &Value, name: &str, depth: usize) -> Value {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(1);
        let items = schema.get("items").unwrap_or(&Value::Null);
        let count = least.clamp(1, ITEMS_MAX);
        Value::Array(
            (0..count)
                .map(|_| self.value(items, name, depth + 1))
                .collect(),
        )
    }

    fn string(&mut self, schema: &Value, name: &str) -> &'static str {
        let format = schema.get("format").and_then(Value::as_str);
        match (format, name) {
            (Some("date"), _) | (_, "date") => "2026-01-15",
            (Some("date-time"), _) => "2026-01-15T09:30:00Z",
            (Some("email"), _) | (_, "email") => "someone@example.com",
            (Some("uri"), _) | (_, "url") => "https://example.com/",
            (_, "location" | "city" | "place") => self
                .random
                .pick(&["Paris", "Lisbon", "Oslo", "Kyoto"])
                .copied()
                .unwrap_or("Paris"),
            _ => self
                .random
                .pick(&["simulated value", "an example", "some text"])
                .copied()
                .unwrap_or("text"),
        }
    }
}

fn type_of(schema: &Value) -> &str {
    match schema.get("type") {
        Some(Value::String(name)) => name,
        Some(Value::Array(names)) => names.first().and_then(Value::as_str).unwrap_or("null"),
        _ if schema.get("properties").is_some() => "object",
        _ if schema.get("items").is_some() => "array",
        _ => "string",
    }
}

fn whole(schema: &Value) -> i64 {
    let bound = |key| schema.get(key).and_then(Value::as_i64);
    bound("minimum").or_else(|| bound("maximum")).unwrap_or(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_property_gets_a_value_of_its_type() {
        let schema = json!({
            "type": "object",
            "$defs": {"unit": {"enum": ["c"]}},
            "properties": {
                "city": {"type": "string"}, "unit": {"$ref": "#/$defs/unit"}, "days": {"type": "integer", "minimum": 3},
                "tags": {"type": "array", "items": {"type": "boolean"}}, "maybe": {"anyOf": [{"type": "number"}, {"type": "null"}]},
            },
        });
        let value = sample(&schema, &mut Random::new(0, 0));
        assert!(value["city"].is_string());
        assert_eq!(value["unit"], "c");
        assert_eq!(value["days"], 3);
        assert_eq!(value["tags"], json!([true]));
        assert!(value["maybe"].is_number());
    }

    #[test]
    fn a_schema_that_contains_itself_ends() {
        let schema = json!({"type": "object", "properties": {"next": {"$ref": "#"}}});
        assert!(sample(&schema, &mut Random::new(0, 0)).is_object());
    }
}
