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
fn a_guardrail_over_logs_only_enforces_nothing() {
    let of = |mode: &str| {
        let written = format!(
            "model_list: [{{model_name: a, litellm_params: {{model: gpt-4o}}}}]\nguardrails: [{{guardrail_name: g, litellm_params: {{guardrail: presidio, default_on: true, mode: {mode}}}}}]\n"
        );
        import_text("litellm", &written)
    };
    let imported = of("logging_only");
    assert_eq!(imported.config["policies"], Value::Null);
    assert_eq!(fates(&imported.report, "guardrails[0]"), ["not_needed"]);
    let imported = of("[logging_only, post_call]");
    let policy = &imported.config["policies"][0];
    assert_eq!(policy["input"], Value::Null);
    assert_eq!(policy["output"][0]["mode"], Value::Null);
    let imported = of("{tags: {a: pre_call}, default: logging_only}");
    assert_eq!(imported.config["policies"][0]["input"][0]["mode"], "shadow");
    assert_eq!(
        fates(&imported.report, "guardrails[0].litellm_params.mode"),
        ["lost"]
    );
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
    for (name, fate) in [
        ("a b", "lost"),
        ("../../x\n", "lost"),
        (long.as_str(), "lost"),
        ("a*b", "lost"),
        ("\u{1b}[2J", "lost"),
        ("../../x", "carried"),
    ] {
        let written = json!({"model_list": [
            {"model_name": "ok", "litellm_params": {"model": "gpt-4o"}},
            {"model_name": name, "litellm_params": {"model": "gpt-4o", "timeout": [1], "weight": -1}},
            {"model_name": "other", "litellm_params": {"model": format!("openai/{name}"), "api_base": "file:///etc/passwd"}},
        ]});
        // JSON is YAML.
        let imported = import_text("litellm", &written.to_string());
        let mut expected = vec!["ok"];
        if fate == "carried" {
            expected.extend([name, "other"]);
        }
        assert_eq!(model_names(&imported.config), expected, "{name:?}");
        let report = &imported.report;
        assert_eq!(fates(report, "model_list[1].model_name"), [fate]);
        assert_eq!(fates(report, "model_list[2].litellm_params.model"), [fate]);
        assert_eq!(
            fates(report, "model_list[2].litellm_params.api_base"),
            ["lost"]
        );
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

#[test]
fn two_keys_never_share_a_variable() {
    for other in ["", ", api_key: os.environ/OPENAI_API_KEY"] {
        for host in ["https://third.example/v1", "https://api.openai.com/v1"] {
            let written = format!(
                "model_list:\n  - {{model_name: a, litellm_params: {{model: openai/x, api_base: \"{host}\", api_key: sk-third}}}}\n  - {{model_name: b, litellm_params: {{model: openai/gpt-4o{other}}}}}\n"
            );
            let imported = import_text("litellm", &written);
            let key = |model: &str| {
                let target = &self::model(&imported.config, model)["targets"][0];
                let name = target["provider"].as_str().unwrap();
                provider(&imported.config, name)["secret_key_ref"]["env"].clone()
            };
            assert_eq!(key("b"), "OPENAI_API_KEY", "{}", imported.yaml);
            assert_ne!(key("a"), key("b"), "{}", imported.yaml);
        }
    }
}

#[test]
fn a_key_for_another_host_has_no_providers_usual_name() {
    let written = "model_list:\n  - {model_name: a, litellm_params: {model: openai/x, api_base: \"https://third.example/v1\", api_key: sk-third}}\n  - {model_name: b, litellm_params: {model: groq/x, api_base: \"https://fourth.example/v1\"}}\n  - {model_name: c, litellm_params: {model: mistral/x, api_key: 7}}\n  - {model_name: d, litellm_params: {model: mistral/x, api_key: 8}}\n";
    let imported = import_text("litellm", written);
    let variables: Vec<&str> = imported.report["variables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["variable"].as_str().unwrap())
        .collect();
    assert_eq!(
        variables,
        [
            "THIRD_EXAMPLE_API_KEY",
            "FOURTH_EXAMPLE_API_KEY",
            "MISTRAL_API_KEY",
            "MISTRAL_API_KEY_2"
        ]
    );
}

#[test]
fn a_key_for_an_address_that_is_none_goes_nowhere() {
    let written = "model_list: [{model_name: a, litellm_params: {model: openai/x, api_base: \"${HOST}/v1\", api_key: \"$uperSecret1\"}}]\n";
    let imported = import_text("litellm", written);
    let openai = provider(&imported.config, "openai");
    assert_eq!(openai["base_url"], "https://openai.invalid/v1");
    for told in [&imported.yaml, &imported.report.to_string()] {
        assert!(!told.contains("uperSecret1"), "{told}");
    }
}

#[test]
fn many_keys_are_refused_before_they_are_named_one_by_one() {
    let many: Vec<Value> = (0..15_000)
        .map(|n| json!({"provider": "openai", "api_key": format!("k{n}")}))
        .collect();
    let many = json!({"strategy": {"mode": "fallback"}, "targets": many}).to_string();
    assert!(refused("portkey", &many).contains("more than 500 providers"));
}

#[test]
fn servers_of_ones_own_get_a_key_only_where_one_is_said() {
    let written = "model_list:\n  - {model_name: a, litellm_params: {model: ollama/llama3}}\n  - {model_name: b, litellm_params: {model: ollama/llama3, api_base: \"http://ollama:11434\"}}\n  - {model_name: c, litellm_params: {model: hosted_vllm/x, api_base: \"https://v.example/v1\", api_key: os.environ/V}}\n";
    let imported = import_text("litellm", written);
    let keys: Vec<&Value> = imported.config["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|provider| &provider["secret_key_ref"])
        .collect();
    assert_eq!(keys, [&Value::Null, &Value::Null, &json!({"env": "V"})]);
    let written = "[models.m]\nrouting = ['p']\n[models.m.providers.p]\ntype = 'openai'\nmodel_name = 'x'\napi_base = 'https://h.example/v1'\napi_key_location = 'none'\n";
    let imported = import_text("tensorzero", written);
    assert_eq!(
        imported.config["providers"][0]["secret_key_ref"],
        Value::Null
    );
    assert_eq!(imported.report["variables"], json!([]));
}

#[test]
fn a_virtual_key_of_bifrost_never_may_more_than_before() {
    let written = json!({
        "providers": {"openai": {"keys": [{"value": "env.A", "models": ["*"]}]}},
        "governance": {"virtual_keys": [
            {"name": "unfit", "provider_configs": [{"provider": "openai", "allowed_models": ["a b"]}]},
            {"name": "nameless", "provider_configs": [{"allowed_models": ["*"]}]},
            {"name": "empty", "provider_configs": [{"provider": "openai", "allowed_models": []}]},
            {"name": "none"},
            {"name": "some", "value": "x", "provider_configs": [{"provider": "openai", "allowed_models": ["*"]}]},
            {"name": "some", "value": "y", "provider_configs": [{"provider": "openai", "allowed_models": ["m"]}]},
        ]},
    });
    let imported = import_text("bifrost", &written.to_string());
    let services: Vec<(&str, &Value)> = imported.config["services"]
        .as_array()
        .unwrap()
        .iter()
        .map(|service| (service["name"].as_str().unwrap(), &service["models"]))
        .collect();
    let none = json!([]);
    let (all, one) = (json!(["openai/*"]), json!(["openai/m"]));
    assert_eq!(
        services,
        [
            ("unfit", &none),
            ("nameless", &none),
            ("empty", &none),
            ("none", &none),
            ("some", &all),
            ("5-some", &one)
        ]
    );
    let report = &imported.report;
    assert_eq!(fates(report, "governance.virtual_keys[3]"), ["lost"]);
    assert!(
        report
            .to_string()
            .contains("tollgate keys new --service 5-some`"),
        "{report}"
    );
}

#[test]
fn a_key_of_bifrost_that_is_off_is_left_out() {
    let written = json!({"providers": {
        "openai": {"keys": [{"value": "env.A", "models": ["m"], "enabled": false}, {"value": "env.B", "models": ["m"], "enabled": true}]},
        "groq": {"keys": [{"value": "env.C", "models": ["*"], "enabled": false}]},
    }});
    let imported = import_text("bifrost", &written.to_string());
    let providers = imported.config["providers"].as_array().unwrap();
    assert_eq!(providers.len(), 1);
    assert_eq!(providers[0]["secret_key_ref"], json!({"env": "B"}));
    assert_eq!(
        fates(&imported.report, "providers.openai.keys[0]"),
        ["not_needed"]
    );
    assert_eq!(fates(&imported.report, "providers.groq"), ["lost"]);
}

#[test]
fn of_several_numbers_for_all_the_largest_is_kept() {
    let of = |retries: u64| json!({"keys": [{"value": "env.A", "models": ["*"]}], "network_config": {"max_retries": retries}});
    let written =
        json!({"providers": {"anthropic": of(2), "groq": of(5), "openai": of(0)}}).to_string();
    let imported = import_text("bifrost", &written);
    assert_eq!(imported.config["gateway"]["failover"]["attempts_max"], 6);
    let fate = |name: &str| {
        fates(
            &imported.report,
            &format!("providers.{name}.network_config.max_retries"),
        )
    };
    assert_eq!(fate("groq"), ["carried"]);
    assert_eq!(fate("openai"), ["lost"]);
    assert_eq!(fate("anthropic"), ["lost", "carried"]);
}

#[test]
fn resources_of_one_name_in_two_namespaces_are_two() {
    let backend = |space: &str, host: &str| {
        format!(
            "---\nkind: AIServiceBackend\nmetadata: {{name: b, namespace: {space}}}\nspec: {{schema: {{name: OpenAI}}, backendRef: {{name: h, kind: Backend}}}}\n---\nkind: Backend\nmetadata: {{name: h, namespace: {space}}}\nspec: {{endpoints: [{{fqdn: {{hostname: {host}, port: 443}}}}]}}\n---\nkind: BackendSecurityPolicy\nmetadata: {{name: p, namespace: {space}}}\nspec: {{targetRefs: [{{name: b}}], type: APIKey, apiKey: {{secretRef: {{name: key}}}}}}\n"
        )
    };
    let route = |space: &str, model: &str| {
        format!(
            "---\nkind: AIGatewayRoute\nmetadata: {{name: r, namespace: {space}}}\nspec: {{rules: [{{matches: [{{headers: [{{name: x-ai-eg-model, value: {model}}}]}}], backendRefs: [{{name: b}}]}}]}}\n"
        )
    };
    let written = [
        backend("one", "one.example"),
        backend("two", "two.example"),
        route("one", "m1"),
        route("two", "m2"),
    ]
    .concat();
    let imported = import_text("envoy-ai-gateway", written.trim_start_matches("---\n"));
    let of = |model: &str| {
        let target = &self::model(&imported.config, model)["targets"][0];
        provider(&imported.config, target["provider"].as_str().unwrap())
    };
    assert_eq!(of("m1")["base_url"], "https://one.example/v1");
    assert_eq!(of("m2")["base_url"], "https://two.example/v1");
    assert_ne!(of("m1")["secret_key_ref"], of("m2")["secret_key_ref"]);
}

#[test]
fn a_balance_within_a_condition_is_kept() {
    let target = |name: &str, weight: f64| json!({"provider": "openai", "api_key": "k", "weight": weight, "override_params": {"model": name}});
    let written = json!({
        "strategy": {"mode": "conditional", "default": "rest", "conditions": [
            {"query": {"params.model": {"$eq": "big"}}, "then": "pair"}]},
        "targets": [
            {"name": "pair", "strategy": {"mode": "loadbalance"}, "targets": [target("a", 0.75), target("b", 0.25)]},
            {"name": "rest", "provider": "openai", "api_key": "k", "override_params": {"model": "c"}}]});
    let imported = import_text("portkey", &written.to_string());
    let made = model(&imported.config, "default");
    assert_eq!(made["strategy"], "weighted");
    let targets: Vec<(&str, u64, &str)> = made["targets"]
        .as_array()
        .unwrap()
        .iter()
        .map(|target| {
            (
                target["model"].as_str().unwrap(),
                target["weight"].as_u64().unwrap(),
                target["when"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        targets,
        [
            ("a", 3, "model == \"big\""),
            ("b", 1, "model == \"big\""),
            ("c", 4, "!(model == \"big\")")
        ]
    );
}

#[test]
fn a_mode_that_asks_one_target_is_no_failover() {
    let of = |strategy: Value| {
        let target = |name: &str| json!({"provider": "openai", "api_key": "k", "override_params": {"model": name}});
        let written = json!({"strategy": strategy, "targets": [target("a"), target("b")]});
        import_text("portkey", &written.to_string())
    };
    let single = of(json!({"mode": "single"}));
    let targets = model(&single.config, "default")["targets"].as_array();
    assert_eq!(targets.unwrap().len(), 1);
    assert_eq!(fates(&single.report, "targets[1]"), ["not_needed"]);
    let unknown = of(json!({"mode": "newest"}));
    assert_eq!(fates(&unknown.report, "strategy.mode"), ["lost"]);
}

#[test]
fn a_target_without_a_fit_name_is_not_said_to_be_carried() {
    let written = json!({"strategy": {"mode": "fallback"}, "targets": [
        {"provider": "openai", "api_key": "k", "override_params": {"model": "a b"}},
        {"provider": "openai", "api_key": "k", "override_params": {"model": "c"}}]});
    let imported = import_text("portkey", &written.to_string());
    let targets = model(&imported.config, "default")["targets"].as_array();
    assert_eq!(targets.unwrap().len(), 1);
    assert_eq!(
        fates(&imported.report, "targets[0].override_params.model"),
        ["lost"]
    );
}

#[test]
fn what_cannot_act_on_a_terminal_is_told_of_a_file_that_serves_nothing() {
    let told = refused("bifrost", "{\"\\u001b[2Jgone\": 1}");
    assert!(
        told.contains("gone") && !told.contains('\u{1b}'),
        "{told:?}"
    );
}

#[test]
fn parameters_that_went_with_every_target_go_with_the_model() {
    let written = "model_list:\n  - {model_name: a, litellm_params: {model: openai/x, temperature: 0.2, max_tokens: 100, stop: END, seed: 7}}\n  - {model_name: a, litellm_params: {model: openai/y, temperature: 0.2, max_tokens: 200, stop: [END], seed: x}}\n  - {model_name: b, litellm_params: {model: openai/z, temperature: 9, extra_body: {a: 1}}}\n";
    let imported = import_text("litellm", written);
    assert_eq!(
        model(&imported.config, "a")["prompt"],
        json!({"defaults": {"temperature": 0.2, "stop": ["END"]}})
    );
    assert_eq!(model(&imported.config, "b")["prompt"], Value::Null);
    let fate = |entry: usize, name: &str| {
        fates(
            &imported.report,
            &format!("model_list[{entry}].litellm_params.{name}"),
        )
    };
    assert_eq!(fate(1, "temperature"), ["carried"]);
    for (entry, name) in [
        (0, "max_tokens"),
        (1, "max_tokens"),
        (0, "seed"),
        (1, "seed"),
        (2, "temperature"),
        (2, "extra_body"),
    ] {
        assert_eq!(fate(entry, name), ["lost"], "{entry} {name}");
    }
}

#[test]
fn parameters_that_replace_the_callers_do_so_here() {
    let target = |model: &str| json!({"provider": "openai", "api_key": "k", "override_params": {"model": model, "temperature": 0, "user": "u"}});
    let written = json!({"strategy": {"mode": "fallback"}, "targets": [target("a"), target("b")]});
    let imported = import_text("portkey", &written.to_string());
    assert_eq!(
        model(&imported.config, "default")["prompt"],
        json!({"overrides": {"temperature": 0}})
    );
    let at = "targets[1].override_params";
    assert_eq!(
        fates(&imported.report, &format!("{at}.temperature")),
        ["carried"]
    );
    assert_eq!(fates(&imported.report, &format!("{at}.user")), ["lost"]);
}

#[test]
fn prices_of_ones_own_are_prices_here() {
    let written = "model_list:\n  - {model_name: a, litellm_params: {model: openai/x, input_cost_per_token: 0.0000025, output_cost_per_token: 1e-05}}\n  - {model_name: b, litellm_params: {model: openai/y}, model_info: {input_cost_per_token: 0, output_cost_per_token: 0, mode: chat}}\n  - {model_name: c, litellm_params: {model: openai/z, input_cost_per_token: 1e-6}}\n  - {model_name: d, litellm_params: {model: openai/w, input_cost_per_token: 7, output_cost_per_token: 7}}\n  - {model_name: e, litellm_params: {model: openai/x, input_cost_per_token: 0.5e-6, output_cost_per_token: 1e-05}}\n";
    let imported = import_text("litellm", written);
    assert_eq!(
        imported.config["catalogue"],
        json!([
            {"provider": "openai", "model": "x", "prices": {"input": 2.5, "output": 10}},
            {"provider": "openai", "model": "y", "prices": {"input": 0, "output": 0}},
        ])
    );
    let fate = |path: &str| fates(&imported.report, path);
    assert_eq!(
        fate("model_list[0].litellm_params.input_cost_per_token"),
        ["carried"]
    );
    assert_eq!(
        fate("model_list[2].litellm_params.input_cost_per_token"),
        ["lost"]
    );
    assert_eq!(
        fate("model_list[3].litellm_params.output_cost_per_token"),
        ["lost"]
    );
    assert_eq!(fate("model_list[4]"), ["lost"]);
}
