//! The schema and the page made from it, and that what they say is true.

use std::collections::BTreeMap;

use tollgate_config::{Sources, explain, json_schema, load, reference_markdown};

/// A file of `docs/reference`, which `cargo xtask generate` writes.
fn checked_in(name: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/reference");
    std::fs::read_to_string(format!("{root}/{name}")).unwrap()
}

#[test]
fn the_schema_is_the_one_that_is_checked_in() {
    let written = format!("{:#}\n", json_schema());
    assert!(
        written == checked_in("config.schema.json"),
        "cargo xtask generate"
    );
}

#[test]
fn the_reference_is_the_one_that_is_checked_in() {
    let written = reference_markdown();
    assert!(
        written == checked_in("configuration.md"),
        "cargo xtask generate"
    );
}

#[test]
fn every_field_has_a_meaning_or_a_default_in_the_reference() {
    let page = reference_markdown();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let bare: Vec<&str> = rows.filter(|row| row.ends_with("|  |  |")).collect();
    assert_eq!(bare, [""; 0]);
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
