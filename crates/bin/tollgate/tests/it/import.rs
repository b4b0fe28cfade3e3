//! `tollgate import`: configurations of other gateways, in their shapes.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::process::{Ended, folder, text, tollgate};

const SAMPLES: [(&str, &str); 5] = [
    ("litellm", "litellm.yaml"),
    ("portkey", "portkey.json"),
    ("bifrost", "bifrost.json"),
    ("tensorzero", "tensorzero.toml"),
    ("envoy-ai-gateway", "envoy.yaml"),
];

fn sample(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/it/import")
        .join(file)
}

/// What an import gave: its end, our configuration, the report.
struct Imported {
    ended: Ended,
    config: Value,
    yaml: String,
    report: Value,
}

fn import(from: &str, file: &str) -> Imported {
    let folder = folder();
    let (out, report) = (
        folder.path().join("out.yaml"),
        folder.path().join("report.json"),
    );
    let ended = tollgate(&[
        "import",
        "--from",
        from,
        file,
        "--output",
        text(&out),
        "--report",
        text(&report),
    ]);
    assert_eq!(ended.code, 0, "{from}: {}", ended.err);
    let checked = tollgate(&["check", text(&out)]);
    assert_eq!(checked.code, 0, "{from}: {}", checked.err);
    let yaml = fs::read_to_string(&out).unwrap();
    let config = tollgate_config::YamlFile::from_text("out.yaml", &yaml).unwrap();
    Imported {
        ended,
        config: config.decode("").unwrap(),
        yaml,
        report: serde_json::from_slice(&fs::read(&report).unwrap()).unwrap(),
    }
}

fn import_sample(from: &str) -> Imported {
    let (_, file) = SAMPLES.iter().find(|(name, _file)| *name == from).unwrap();
    import(from, text(&sample(file)))
}

/// An import of a text.
fn import_text(from: &str, written: &str) -> Imported {
    let folder = folder();
    let file = folder.path().join("in");
    fs::write(&file, written).unwrap();
    import(from, text(&file))
}

fn refused(from: &str, written: &str) -> String {
    let folder = folder();
    let file = folder.path().join("in");
    fs::write(&file, written).unwrap();
    let ended = tollgate(&["import", "--from", from, text(&file)]);
    assert_eq!((ended.code, ended.out.as_str()), (1, ""), "{written:.200}");
    ended.err
}

/// The rows of the report about `path`, by what became of it.
fn fates(report: &Value, path: &str) -> Vec<String> {
    let mut found = Vec::new();
    for fate in ["lost", "carried", "not_needed"] {
        let rows = report[fate].as_array().unwrap();
        let about = rows.iter().filter(|row| row["input"] == path);
        found.extend(about.map(|_| fate.to_owned()));
    }
    found
}

fn model<'c>(config: &'c Value, name: &str) -> &'c Value {
    let models = config["models"].as_array().unwrap();
    models
        .iter()
        .find(|model| model["name"] == name)
        .unwrap_or(&Value::Null)
}

fn provider<'c>(config: &'c Value, name: &str) -> &'c Value {
    let providers = config["providers"].as_array().unwrap();
    providers
        .iter()
        .find(|provider| provider["name"] == name)
        .unwrap_or(&Value::Null)
}

/// Every leaf of an input by its path, as the report writes it.
fn leaves(value: &Value, path: String, out: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (key, value) in members {
                let plain = |c: char| c.is_ascii_alphanumeric() || "_-$/:@+ ".contains(c);
                let below = match (key.chars().all(plain), path.is_empty()) {
                    (false, _) => format!("{path}[{}]", json!(key)),
                    (true, true) => key.clone(),
                    (true, false) => format!("{path}.{key}"),
                };
                leaves(value, below, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                leaves(item, format!("{path}[{index}]"), out);
            }
        }
        _ => out.push(path),
    }
}

fn parsed(from: &str, file: &str) -> Value {
    let written = fs::read_to_string(sample(file)).unwrap();
    let yaml = |file: tollgate_config::YamlFile| file.decode("").unwrap();
    match from {
        "litellm" => yaml(tollgate_config::YamlFile::from_text(file, &written).unwrap()),
        "envoy-ai-gateway" => {
            yaml(tollgate_config::YamlFile::documents_from_text(file, &written).unwrap())
        }
        "tensorzero" => toml::from_str(&written).unwrap(),
        _ => serde_json::from_str(&written).unwrap(),
    }
}

#[test]
fn every_member_of_an_input_has_a_fate() {
    for (from, file) in SAMPLES {
        let report = import_sample(from).report;
        let mut noted: Vec<String> = Vec::new();
        for fate in ["lost", "carried", "not_needed"] {
            let rows = report[fate].as_array().unwrap();
            noted.extend(
                rows.iter()
                    .map(|row| row["input"].as_str().unwrap().to_owned()),
            );
        }
        let mut all = Vec::new();
        leaves(&parsed(from, file), String::new(), &mut all);
        for leaf in all {
            // What is said of a list or map holds for all below it.
            let is_noted = noted.iter().filter(|path| !path.is_empty()).any(|path| {
                let rest = leaf.strip_prefix(path.as_str());
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            });
            assert!(is_noted, "{from}: nothing is said of {leaf}");
        }
    }
}

#[test]
fn secrets_are_never_written() {
    for (from, _file) in SAMPLES {
        let imported = import_sample(from);
        for written in [
            &imported.yaml,
            &imported.report.to_string(),
            &imported.ended.err,
            &imported.ended.out,
        ] {
            for secret in ["hidden", "not-a-real-key"] {
                let written = written.to_lowercase();
                assert!(!written.contains(secret), "{from}: {written}");
            }
        }
    }
}

#[test]
fn deployments_of_one_name_are_targets_by_weight_with_fallbacks_behind_them() {
    let imported = import_sample("litellm");
    let fast = model(&imported.config, "fast");
    assert_eq!(fast["strategy"], "weighted");
    let targets: Vec<(&str, u64)> = fast["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            (
                target["provider"].as_str().unwrap(),
                target["weight"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        targets,
        [
            ("openai", 9),
            ("azure_openai", 1),
            ("anthropic", 0),
            ("vllm", 0)
        ]
    );
    assert_eq!(fast["targets"][1]["timeouts"]["whole_ms"], 30_000);
    assert_eq!(
        model(&imported.config, "quick")["targets"],
        fast["targets"],
        "an alias"
    );
    let ordered = model(&imported.config, "ordered");
    assert_eq!(ordered["targets"][0]["provider"], "groq");
    assert_eq!(model(&imported.config, "picture"), &Value::Null);
    let report = &imported.report;
    assert_eq!(
        fates(report, "model_list[8].litellm_params.model"),
        ["lost"]
    );
    assert_eq!(
        fates(report, "model_list[0].litellm_params.rpm"),
        ["lost", "carried"]
    );
    assert_eq!(fates(report, "litellm_settings.some_new_setting"), ["lost"]);
    assert_eq!(
        fates(report, "litellm_settings.callbacks[0]"),
        ["not_needed"]
    );
    assert_eq!(fates(report, "general_settings.master_key"), ["lost"]);
    assert_eq!(fates(report, "model_list[6].model_name"), ["carried"]);
}

#[test]
fn settings_of_litellm_are_settings_here() {
    let imported = import_sample("litellm");
    let gateway = &imported.config["gateway"];
    assert_eq!(gateway["failover"]["attempts_max"], 3);
    assert_eq!(gateway["timeouts"]["whole_ms"], 120_000);
    assert_eq!(gateway["limits"]["body_bytes_max"], 10 << 20);
    let rules = &imported.config["policies"][0];
    assert_eq!(rules["input"][0]["entities"], json!(["EMAIL_ADDRESS"]));
    assert_eq!(rules["input"][1]["action"], "block");
    assert_eq!(rules["output"].as_array().unwrap().len(), 2);
}

#[test]
fn keys_are_references_and_addresses_have_nothing_but_an_address() {
    let imported = import_sample("litellm");
    let azure = provider(&imported.config, "azure_openai");
    assert_eq!(
        azure["secret_key_ref"],
        json!({"env": "AZURE_OPENAI_API_KEY"})
    );
    assert_eq!(azure["base_url"], "https://azure-host.invalid");
    let local = provider(&imported.config, "vllm");
    assert_eq!(local["base_url"], "http://llama.internal:8000/v1");
    assert_eq!(local["headers"], json!({"openai-organization": "org-1"}));
    assert_eq!(
        local["secret_headers"],
        json!({"x-team-token": {"env": "VLLM_X_TEAM_TOKEN"}})
    );
    let variables = imported.report["variables"].as_array().unwrap();
    let of = |name: &str| {
        variables
            .iter()
            .find(|row| row["variable"] == name)
            .unwrap()
    };
    assert_eq!(of("AZURE_OPENAI_API_KEY")["written_out"], true);
    assert_eq!(of("OPENAI_API_KEY")["written_out"], false);
}

#[test]
fn a_guardrail_that_callers_chose_only_records() {
    let written = "model_list: [{model_name: a, litellm_params: {model: gpt-4o}}]\n\
        guardrails: [{guardrail_name: g, litellm_params: {guardrail: hide-secrets, mode: pre_call}}]\n";
    let imported = import_text("litellm", written);
    let rule = &imported.config["policies"][0]["input"][0];
    assert_eq!(
        (&rule["type"], &rule["mode"]),
        (&json!("secrets"), &json!("shadow"))
    );
    assert_eq!(fates(&imported.report, "guardrails[0]"), ["lost"]);
}

#[test]
fn strategies_within_strategies_become_one_list() {
    let imported = import_sample("portkey");
    let made = model(&imported.config, "default");
    assert_eq!(made["strategy"], "weighted");
    let shares: Vec<u64> = made["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["weight"].as_u64().unwrap())
        .collect();
    assert_eq!(shares, [3, 1, 0, 0]);
    assert_eq!(imported.config["gateway"]["failover"]["attempts_max"], 5);
    assert_eq!(fates(&imported.report, "targets[3].virtual_key"), ["lost"]);
    assert_eq!(fates(&imported.report, "cache"), ["lost"]);
    assert_eq!(made["targets"][2]["timeouts"]["whole_ms"], 20_000);
}

#[test]
fn a_portkey_config_of_one_provider_takes_every_name() {
    let imported = import_text(
        "portkey",
        r#"{"provider": "openai", "api_key": "sk-hidden"}"#,
    );
    assert_eq!(imported.config["models"], Value::Null);
    assert_eq!(provider(&imported.config, "openai")["default"], true);
}

#[test]
fn a_condition_over_the_model_is_kept_and_another_leaves_its_target_out() {
    let imported = import_text(
        "portkey",
        r#"{
        "strategy": {"mode": "conditional", "default": "b", "conditions": [
            {"query": {"params.model": {"$eq": "big"}}, "then": "a"},
            {"query": {"metadata.plan": {"$eq": "paid"}}, "then": "c"}]},
        "targets": [
            {"name": "a", "provider": "openai", "api_key": "k1", "override_params": {"model": "gpt-4o"}},
            {"name": "b", "provider": "openai", "api_key": "k1", "override_params": {"model": "gpt-4o-mini"}},
            {"name": "c", "provider": "openai", "api_key": "k1", "override_params": {"model": "o3"}}]}"#,
    );
    let made = model(&imported.config, "default");
    let targets = made["targets"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    assert_eq!(targets[0]["when"], "model == \"big\"");
    assert_eq!(targets[1]["model"], "gpt-4o-mini");
    assert_eq!(fates(&imported.report, "strategy.conditions[1]"), ["lost"]);
}

#[test]
fn keys_of_bifrost_share_a_model_and_virtual_keys_are_services() {
    let imported = import_sample("bifrost");
    let shared = model(&imported.config, "openai/gpt-4o");
    assert_eq!(
        (
            &shared["targets"][0]["weight"],
            &shared["targets"][1]["weight"]
        ),
        (&json!(7), &json!(3))
    );
    assert_eq!(
        model(&imported.config, "azure/gpt-4.1")["targets"][0]["model"],
        "prod-41"
    );
    assert_eq!(
        provider(&imported.config, "ours")["base_url"],
        "http://llama.internal:8000/v1"
    );
    let service = &imported.config["services"][0];
    assert_eq!(service["models"], json!(["openai/gpt-4o", "ours/*"]));
    assert_eq!(service["team"], "Search-Team");
    assert_eq!(imported.config["services"].as_array().unwrap().len(), 1);
    assert_eq!(fates(&imported.report, "providers.elevenlabs"), ["lost"]);
    assert_eq!(
        fates(&imported.report, "governance.virtual_keys[0].value"),
        ["lost"]
    );
}

#[test]
fn routing_of_tensorzero_is_an_order_and_a_function_draws_by_weight() {
    let imported = import_sample("tensorzero");
    let clever = model(&imported.config, "clever");
    assert_eq!(clever["targets"].as_array().unwrap().len(), 3);
    assert_eq!(
        clever["targets"][0]["timeouts"],
        json!({"first_token_ms": 3000, "whole_ms": 15000})
    );
    let function = model(&imported.config, "extract");
    let shares: Vec<u64> = function["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| target["weight"].as_u64().unwrap())
        .collect();
    assert_eq!(shares, [4, 0, 0, 1]);
    assert_eq!(imported.config["gateway"]["port"], 3100);
    assert_eq!(fates(&imported.report, "functions.best"), ["lost"]);
    assert_eq!(
        fates(
            &imported.report,
            "functions.extract.variants.careful.system_template"
        ),
        ["lost"]
    );
    assert_eq!(
        fates(&imported.report, "models.clever.providers.unused"),
        ["not_needed"]
    );
}

#[test]
fn rules_of_envoy_are_models_by_priority_weight_and_header() {
    let imported = import_sample("envoy-ai-gateway");
    let fast = model(&imported.config, "fast");
    let targets: Vec<(&str, u64)> = fast["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            (
                target["provider"].as_str().unwrap(),
                target["weight"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(targets, [("openai", 4), ("ours", 1), ("claude", 0)]);
    assert_eq!(fast["targets"][0]["timeouts"]["whole_ms"], 90_000);
    let quick = model(&imported.config, "quick");
    assert_eq!(
        quick["targets"][0]["when"],
        "\"x-tier\" in headers && headers[\"x-tier\"] == \"gold\""
    );
    assert_eq!(provider(&imported.config, "openai")["kind"], "openai");
    assert_eq!(provider(&imported.config, "claude")["kind"], "anthropic");
    assert_eq!(
        provider(&imported.config, "ours")["base_url"],
        "http://llama.default.svc.cluster.local:8000/v1"
    );
    assert_eq!(imported.config["gateway"]["failover"]["attempts_max"], 5);
    let report = &imported.report;
    assert_eq!(
        fates(report, "[0].spec.rules[1].matches[0].headers[0]"),
        ["lost"]
    );
    assert_eq!(fates(report, "[0].spec.rules[2].backendRefs[0]"), ["lost"]);
    assert_eq!(fates(report, "[8]"), ["lost"], "a secret is not copied");
}

#[test]
fn the_report_can_be_read_in_each_form() {
    let file = sample("litellm.yaml");
    let ended = tollgate(&["import", "--from", "litellm", text(&file), "--deny-losses"]);
    assert_eq!(ended.code, 1);
    assert!(
        ended.out.starts_with("# Made by `tollgate import`"),
        "{}",
        ended.out
    );
    assert!(
        ended.err.contains("set these variables:\n  OPENAI_API_KEY"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("lost:\n"), "{}", ended.err);
    let folder = folder();
    let report = folder.path().join("report.md");
    let ended = tollgate(&[
        "import",
        "--from",
        "litellm",
        text(&file),
        "--report",
        text(&report),
    ]);
    assert_eq!(ended.code, 0);
    assert!(ended.err.starts_with("from LiteLLM: "), "{}", ended.err);
    let written = fs::read_to_string(report).unwrap();
    assert!(written.contains("## Not needed"), "{written}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    for (from, written, expected) in [
        ("litellm", "model_list: [", ":1:14"),
        ("litellm", "a: 1\na: sk-hidden\n", ":2:1"),
        ("envoy-ai-gateway", "kind: a\n---\nkind: !x b\n", ":3:"),
        ("portkey", "{\"a\": \n  sk-hidden}", ":2:3"),
        ("bifrost", "[1, 2", ":1:"),
        ("tensorzero", "a = 1\nb = sk-hidden\n", ":2:5"),
        ("tensorzero", "[models]\n[models]\n", ":2:"),
    ] {
        let told = refused(from, written);
        assert!(told.contains(expected), "{from}: {told}");
        assert!(!told.contains("hidden"), "{from}: {told}");
    }
}

#[test]
fn what_serves_nothing_is_refused() {
    for (from, _file) in SAMPLES {
        let written = if from == "tensorzero" { "" } else { "[]" };
        assert!(
            refused(from, written).contains("nothing in this file"),
            "{from}"
        );
        let written = if from == "tensorzero" {
            "a = 1"
        } else {
            "{\"a\": {\"b\": [1, null]}}"
        };
        assert!(
            refused(from, written).contains("nothing in this file"),
            "{from}"
        );
    }
}

#[test]
fn wrong_types_and_hostile_names_are_losses_or_refused() {
    let long = "n".repeat(5000);
    for written in [
        "model_list: {a: 1}".to_owned(),
        "model_list: [7, {model_name: 1}, {model_name: a, litellm_params: {model: 7}}]".to_owned(),
    ] {
        refused("litellm", &written);
    }
    for (model, name) in [
        ("a b", "x"),
        ("\"../../x\\n\"", "y"),
        (long.as_str(), "z"),
        ("a*b", "w"),
    ] {
        let written = format!(
            "model_list:\n  - {{model_name: ok, litellm_params: {{model: gpt-4o}}}}\n  - {{model_name: {model}, litellm_params: {{model: gpt-4o, timeout: [1], weight: -1}}}}\n  - {{model_name: {name}, litellm_params: {{model: openai/{model}, api_base: \"file:///etc/passwd\"}}}}\n"
        );
        if written.contains('*') || !written.contains("openai/\"") {
            let imported = import_text("litellm", &written);
            assert_ne!(model_names(&imported.config), Vec::<String>::new());
        }
    }
    let numbers = r#"{"provider": "openai", "api_key": "k", "request_timeout": 1e300, "retry": {"attempts": -5}}"#;
    let imported = import_text("portkey", numbers);
    assert_eq!(imported.config["gateway"]["failover"]["attempts_max"], 1);
    let many: Vec<Value> = (0..600)
        .map(|n| json!({"provider": "openai", "api_key": format!("k{n}")}))
        .collect();
    let many = json!({"strategy": {"mode": "fallback"}, "targets": many}).to_string();
    assert!(refused("portkey", &many).contains("more than 500 providers"));
    let deep = format!("{}{}", "{\"targets\":[".repeat(40), "]}".repeat(40));
    refused("portkey", &deep);
    let large = " ".repeat((1 << 20) + 1);
    assert!(refused("bifrost", &large).contains("larger than"));
}

fn model_names(config: &Value) -> Vec<String> {
    let models = config["models"].as_array().unwrap();
    models
        .iter()
        .map(|model| model["name"].as_str().unwrap().to_owned())
        .collect()
}
