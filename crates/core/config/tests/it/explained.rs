//! Every effective value has the place that set it.

use std::fmt::Write as _;

use tollgate_config::{Sources, explain, load};

/// Every field of the schema once.
pub(crate) const FULL: &str = include_str!("full.yaml");

#[test]
fn origins_follow_values_through_layers() {
    let base = "\
gateway:
  secret_key_ref: {env: OPENAI_API_KEY}
  timeouts: {whole_ms: 5000}
providers:
  - name: openai
    timeouts: {connect_ms: 10}
models:
  - name: fast
    targets: [{provider: openai}]
";
    let overlay = "gateway:\n  timeouts:\n    whole_ms: 6000\n";
    let sources =
        Sources::from_text("base/a.yaml", base).with_overlay("web", "services/web/a.yaml", overlay);
    let loaded = load(&sources).unwrap();
    let shown = |service: Option<&str>, path: &str| {
        let all = explain(&loaded, service);
        let found = all.iter().find(|explained| explained.path == path).unwrap();
        format!("{} {} {}", found.value, found.origin.layer, found.origin)
    };
    let whole = "models[0].targets[0].timeouts.whole_ms";
    let connect = "models[0].targets[0].timeouts.connect_ms";
    assert_eq!(shown(None, whole), "5000 base base/a.yaml:3:24");
    assert_eq!(
        shown(Some("web"), whole),
        "6000 service web services/web/a.yaml:3:15"
    );
    assert_eq!(shown(Some("web"), connect), "10 base base/a.yaml:6:28");
    assert_eq!(
        shown(None, "providers[0].secret_key_ref.env"),
        "\"OPENAI_API_KEY\" base base/a.yaml:2:25"
    );
    assert_eq!(
        shown(None, "gateway.failover.attempts_max"),
        "3 default default"
    );
}

#[test]
fn every_written_value_is_explained() {
    let loaded = load(&Sources::from_text("full.yaml", FULL)).unwrap();
    let all = explain(&loaded, None);
    let mut page = String::new();
    for explained in &all {
        let origin = &explained.origin;
        let _ = writeln!(page, "{} = {} ({origin})", explained.path, explained.value);
    }
    insta::assert_snapshot!(page);

    let mut fields = Vec::new();
    leaves(&tollgate_config::json_schema(), &mut fields);
    for field in fields {
        let explained = all.iter().any(|explained| {
            let ends = |path: &str| path.rsplit('.').next() == Some(field.as_str());
            ends(&explained.path) && &*explained.origin.layer == "base"
        });
        assert!(explained, "{field} is not explained");
    }
}

/// The names of all fields that hold a value, not further fields.
fn leaves(schema: &serde_json::Value, into: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(fields) => {
            if let Some(properties) = fields.get("properties").and_then(|p| p.as_object()) {
                for (name, field) in properties {
                    let text = field.to_string();
                    let holds_fields = ["Spec\"", "additionalProperties"]
                        .iter()
                        .any(|mark| text.contains(mark));
                    if !holds_fields && name != "remove" {
                        into.push(name.clone());
                    }
                }
            }
            fields.values().for_each(|value| leaves(value, into));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| leaves(item, into)),
        _ => {}
    }
}
