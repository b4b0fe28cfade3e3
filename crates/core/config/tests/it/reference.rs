//! The schema and the page made from it, and that what they say is true.

use std::collections::BTreeMap;

use tollgate_config::{Sources, explain, json_schema, load, reference_markdown};

#[test]
fn the_schema_is_stable() {
    insta::assert_snapshot!(format!("{:#}", json_schema()));
}

#[test]
fn the_reference_names_every_field_with_its_default() {
    insta::assert_snapshot!(reference_markdown());
}

/// The defaults in the comments of `spec` are those that take effect.
#[test]
fn documented_defaults_are_the_effective_ones() {
    let text = "providers: [{name: simulator}]\n";
    let loaded = load(&Sources::from_text("a.yaml", text)).unwrap();
    let effective: BTreeMap<String, serde_json::Value> = explain(&loaded, None)
        .into_iter()
        .map(|explained| (explained.path, explained.value))
        .collect();
    let schema = json_schema();
    let mut documented = Vec::new();
    for section in ["gateway", "telemetry"] {
        let reference = schema.pointer(&format!("/properties/{section}")).unwrap();
        collect(&schema, reference, section, &mut documented);
    }
    assert!(documented.len() > 25, "{}", documented.len());
    for (path, default) in documented {
        let Some(value) = effective.get(&path) else {
            panic!("{path} is not explained");
        };
        let value = match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let default = default.replace('`', "");
        let number = default.split(' ').next().unwrap_or_default();
        let says_so = value == default || value == number || value.parse() == number.parse::<f64>();
        assert!(
            says_so,
            "{path}: documented {default:?}, effective {value:?}"
        );
    }
}

fn collect(
    schema: &serde_json::Value,
    part: &serde_json::Value,
    path: &str,
    into: &mut Vec<(String, String)>,
) {
    let reference = part.get("$ref").and_then(|r| r.as_str());
    let part = reference.map_or(part, |r| schema.pointer(&r[1..]).unwrap());
    let fields = part.get("properties").and_then(|p| p.as_object());
    for (name, field) in fields.into_iter().flatten() {
        let path = format!("{path}.{name}");
        let about = field.get("description").and_then(|d| d.as_str());
        if let Some((_, default)) = about.unwrap_or_default().split_once("Default: ") {
            let end = default.find(". ").unwrap_or(default.len());
            let default = default[..end].trim_end_matches('.');
            // The environment's part of a default is not known here.
            let word = default.rsplit("; ").next().unwrap_or(default);
            into.push((path, word.to_owned()));
        } else {
            collect(schema, field, &path, into);
        }
    }
}
