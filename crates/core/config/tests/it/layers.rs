//! Overlays: what they change, what they keep, what they may not do.

use tollgate_config::{Report, Sources, load};
use tollgate_policy::{RuleAction, Style};

const BASE: &str = "\
gateway:
  secret_key_ref: {env: OPENAI_API_KEY}
  failover: {attempts_max: 3}
providers:
  - name: openai
  - name: simulator
    headers: {x-a: \"1\"}
models:
  - name: fast
    targets:
      - {provider: openai, model: gpt-4o-mini}
      - {provider: simulator}
services:
  - name: billing
    keys:
      - {id: k1, hash: \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}
    models: [fast, slow]
policies:
  - name: pii
    input:
      - {type: pii_detection, action: block, entities: [ssn]}
";

fn layered(overlay: &str) -> Sources {
    Sources::from_text("base/policy-config.yaml", BASE).with_overlay(
        "billing",
        "services/billing/policy-config.yaml",
        overlay,
    )
}

fn refused(overlay: &str) -> Report {
    load(&layered(overlay)).expect_err("refused")
}

#[test]
fn an_overlay_changes_items_in_place_and_appends_new_ones() {
    let overlay = "\
gateway: {failover: {attempts_max: 1}}
providers:
  - name: simulator
    headers: {x-b: \"2\"}
models:
  - name: slow
    targets: [{provider: simulator}]
  - name: fast
    targets:
      - {provider: simulator, weight: 5}
      - {name: openai/gpt-4o-mini, when: input_bytes < 100}
services:
  - name: billing
    models: [fast]
policies:
  - name: pii
    input:
      - {type: pii_detection, action: redact}
";
    let loaded = load(&layered(overlay)).unwrap();
    let base = &loaded.set.base;
    let billing = loaded.set.for_service(Some("billing"));

    assert_eq!(base.gateway.failover.attempts_max, 3);
    assert_eq!(billing.gateway.failover.attempts_max, 1);
    let names: Vec<&str> = billing.models.iter().map(|model| &*model.name).collect();
    assert_eq!(names, ["fast", "slow"]);
    let fast: Vec<&str> = billing.models[0].targets.iter().map(|t| &*t.name).collect();
    assert_eq!(fast, ["openai/gpt-4o-mini", "simulator/fast"]);
    assert_eq!(billing.models[0].targets[1].weight, 5);
    let when = billing.models[0].targets[0].when.as_ref().unwrap();
    assert_eq!(&*when.origin.layer, "service billing");
    assert_eq!(when.origin.line, 11);
    let headers: Vec<&str> = billing.providers[1].headers.keys().map(|k| &**k).collect();
    assert_eq!(headers, ["x-a", "x-b"]);
    assert_eq!(
        billing.services["billing"].models.as_deref(),
        Some(&["fast".to_owned()][..])
    );
    assert_eq!(billing.services["billing"].keys.len(), 1);
    assert_eq!(
        billing.policies[0].input[0].action,
        RuleAction::Redact(Style::Label)
    );
    assert_eq!(
        base.policies[0].input[0].action,
        RuleAction::Block { message: None }
    );
}

#[test]
fn an_overlay_removes_what_it_inherits() {
    let overlay = "\
policies: [{name: pii, remove: true}]
models:
  - name: fast
    targets: [{provider: simulator, remove: true}]
";
    let loaded = load(&layered(overlay)).unwrap();
    let billing = loaded.set.for_service(Some("billing"));
    assert!(billing.policies.is_empty());
    assert_eq!(billing.models[0].targets.len(), 1);
    assert_eq!(loaded.set.base.policies.len(), 1);
}

#[test]
fn sections_with_every_line_commented_out_change_nothing() {
    let loaded = load(&layered("policies:\n#  - name: x\nmodels: []\ngateway:\n")).unwrap();
    let billing = loaded.set.for_service(Some("billing"));
    assert_eq!(billing.policies.len(), 1);
    assert_eq!(billing.models.len(), 1);
}

#[test]
fn mistakes_in_overlays_are_explained() {
    let cases = [
        "policies: [{name: pi, remove: true}]\n",
        "policies: [{name: pii, remove: true, input: []}]\n",
        "providers: [{name: simulator, remove: true}]\n",
        "models: [{name: new, targets: [{model: a}]}]\n",
        "services:\n  - name: other\n    keys:\n      - {id: k1, hash: \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"}\n",
    ];
    let page: Vec<String> = cases
        .iter()
        .map(|case| format!("##### {case}\n{}", refused(case)))
        .collect();
    insta::assert_snapshot!(page.join("\n"));
}

#[test]
fn a_mistake_of_the_base_is_said_once() {
    let base = BASE.replace("attempts_max: 3", "attempts_max: 0");
    let sources = Sources::from_text("base/policy-config.yaml", &base)
        .with_overlay("a", "services/a/policy-config.yaml", "")
        .with_overlay(
            "b",
            "services/b/policy-config.yaml",
            "models: [{name: x}]\n",
        );
    let report = load(&sources).err().unwrap();
    let shown: Vec<String> = report
        .problems
        .iter()
        .map(|problem| format!("{} {}", problem.origin, problem.message))
        .collect();
    assert_eq!(
        shown,
        [
            "base/policy-config.yaml:3:28 0 is too small",
            "services/b/policy-config.yaml:1:10 the model `x` has no targets",
        ]
    );
}

#[test]
fn one_key_id_in_two_overlays_is_refused() {
    let key = |service: &str, digit: &str| {
        let hash = digit.repeat(64);
        format!("services: [{{name: {service}, keys: [{{id: same, hash: \"sha256:{hash}\"}}]}}]\n")
    };
    let sources = Sources::from_text("base.yaml", "providers: [{name: simulator}]\n")
        .with_overlay("a", "a.yaml", &key("a", "1"))
        .with_overlay("b", "b.yaml", &key("b", "2"));
    let report = load(&sources).err().unwrap();
    insta::assert_snapshot!(report);
}

#[test]
fn callers_are_found_in_the_base_and_in_their_overlays() {
    let overlay = "services: [{name: billing, keys: [{id: k2, hash: \"sha256:1111111111111111111111111111111111111111111111111111111111111111\"}]}]\n";
    let loaded = load(&layered(overlay)).unwrap();
    let keys: Vec<&str> = loaded
        .set
        .callers()
        .flat_map(|service| &service.keys)
        .map(|key| &*key.id)
        .collect();
    assert_eq!(keys, ["k1", "k2"]);
}
