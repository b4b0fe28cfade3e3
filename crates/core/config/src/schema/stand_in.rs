//! The least that decodes where a value is wrong or missing.

use serde_json::{Map, Value as Json, json};

use super::{choices, resolve, type_of, variants};

/// Stands for a text, also in messages that name their item.
const TEXT: &str = "?";

/// A value of a schema: the first word or variant, no items, and fields only where
/// they are required.
pub(super) fn stand_in(root: &Json, schema: &Json) -> Json {
    let schema = resolve(root, schema);
    if let Some(word) = schema.get("const") {
        return word.clone();
    }
    if let Some((word, _)) = choices(schema).first() {
        return Json::from(*word);
    }
    if let Some((_, variant)) = variants(schema).first() {
        return stand_in(root, variant);
    }
    match type_of(schema) {
        Some("object") => {
            let required = schema.get("required").and_then(Json::as_array);
            let names = required.into_iter().flatten().filter_map(Json::as_str);
            let field = |name: &str| {
                let of = schema.get("properties")?.get(name)?;
                Some((name.to_owned(), stand_in(root, of)))
            };
            Json::Object(names.filter_map(field).collect::<Map<_, _>>())
        }
        Some("array") => json!([]),
        Some("string") => json!(TEXT),
        Some("boolean") => json!(false),
        Some(_) => json!(0),
        None => Json::Null,
    }
}
