//! `tollgate models`: lists, filters, compares, shows.

use std::fs;

use serde_json::Value;

use crate::process::{folder, text, tollgate};

fn json(arguments: &[&str]) -> Vec<Value> {
    let ended = tollgate(&[&["models", "--json"], arguments].concat());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let printed: Value = serde_json::from_str(&ended.out).unwrap();
    printed["models"].as_array().unwrap().clone()
}

#[test]
fn all_models_are_listed_as_a_table_as_csv_and_as_json() {
    let all = json(&[]);
    assert!(all.len() > 200);
    let table = tollgate(&["models"]);
    let count = table.out.lines().last();
    assert_eq!(count, Some(format!("{} models", all.len()).as_str()));
    let csv = tollgate(&["models", "--csv"]);
    assert_eq!(csv.out.lines().count(), all.len() + 1);
    assert!(csv.out.starts_with("provider,model,family,context_tokens"));
}

#[test]
fn filters_leave_what_they_say() {
    let filters = [
        "--provider",
        "anthropic",
        "--ability",
        "reasoning",
        "--min-context",
        "500000",
        "--max-input-price",
        "2",
    ];
    let found = json(&filters);
    assert!(!found.is_empty());
    for model in &found {
        assert_eq!(model["kind"], "anthropic");
        assert!(
            model["context_tokens"].as_u64().unwrap() >= 500_000,
            "{model}"
        );
        let input: f64 = model["prices_usd"]["standard"]["input"]
            .as_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(input <= 2.0);
    }
    let names = json(&["openai/gpt-4.1*"]);
    assert_eq!(names.len(), 3);
    let family = json(&["--family", "command"]);
    assert!(family.iter().all(|model| model["family"] == "command"));
}

#[test]
fn prices_are_those_of_the_prompts_length() {
    let input = |tokens: &str| {
        let found = json(&["gemini/gemini-2.5-pro", "--prompt-tokens", tokens]);
        found[0]["prices_usd"]["standard"]["input"].clone()
    };
    assert_eq!(
        (input("1000"), input("200001")),
        ("1.25".into(), "2.50".into())
    );
}

#[test]
fn one_is_shown_in_full_with_its_sources_and_several_side_by_side() {
    let full = tollgate(&["models", "--full", "anthropic/claude-haiku-4-5"]);
    assert!(full.out.contains("read from"), "{}", full.out);
    assert!(full.out.contains("price, standard"), "{}", full.out);
    let compared = tollgate(&["models", "--compare", "openai/gpt-4o", "openai/gpt-4.1"]);
    let model = compared
        .out
        .lines()
        .find(|line| line.starts_with("model"))
        .unwrap();
    assert!(
        model.contains("gpt-4.1") && model.contains("gpt-4o"),
        "{model}"
    );
    let old = tollgate(&["models", "vertex/gemini-2.5-pro"]);
    assert!(old.out.contains("shut down"), "{}", old.out);
}

#[test]
fn a_configuration_is_laid_over_the_catalogue() {
    let folder = folder();
    let path = folder.path().join("a.yaml");
    let yaml = "providers: [{name: mine, kind: openai, base_url: 'https://a.example/v1', secret_key_ref: {env: K}}]\n\
        catalogue: [{provider: mine, model: deployed, like: openai/gpt-4o, prices: {input: 1, output: 2}}]\n";
    fs::write(&path, yaml).unwrap();
    let found = json(&["--config", text(&path), "--provider", "mine"]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["price_source"], "configuration");
    assert_eq!(found[0]["context_tokens"], 128_000);
    assert_eq!(found[0]["prices_usd"]["standard"]["output"], "2");
}

#[test]
fn a_service_is_shown_with_the_prices_of_its_overlay() {
    let folder = folder();
    let base = folder.path().join("base");
    let overlay = folder.path().join("services/search");
    fs::create_dir_all(&base).unwrap();
    fs::create_dir_all(&overlay).unwrap();
    let entry = |dollars: u32| {
        format!(
            "catalogue: [{{provider: mine, model: m, prices: {{input: {dollars}, output: 9}}}}]\n"
        )
    };
    let provider = "providers: [{name: mine, kind: openai, secret_key_ref: {env: K}}]\nservices: [{name: search}]\n";
    fs::write(base.join("a.yaml"), format!("{provider}{}", entry(1))).unwrap();
    fs::write(overlay.join("a.yaml"), entry(2)).unwrap();
    let price = |more: &[&str]| {
        let mut arguments = vec!["--config", text(folder.path()), "mine/m"];
        arguments.extend(more);
        json(&arguments)[0]["prices_usd"]["standard"]["input"].clone()
    };
    assert_eq!(price(&[]), "1");
    assert_eq!(price(&["--service", "search"]), "2");
    let config = text(folder.path());
    let unknown = tollgate(&["models", "--config", config, "--service", "nobody"]);
    assert_eq!(unknown.code, 1);
    assert!(
        unknown.err.contains("no service is called `nobody`"),
        "{}",
        unknown.err
    );
}

#[test]
fn what_is_not_there_ends_with_1_and_what_is_no_word_with_2() {
    assert_eq!(tollgate(&["models", "nobody-knows-me"]).code, 1);
    let wrong = tollgate(&["models", "--ability", "fly"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("`fly` is no ability"), "{}", wrong.err);
}
