//! Mistakes of every phase are shown in one round, and none that only follows
//! from another.

use tollgate_config::{Sources, load, load_best_effort};

fn messages(text: &str) -> Vec<String> {
    let report = load(&Sources::from_text("policy-config.yaml", text)).expect_err(text);
    let messages = report.problems.iter().map(|p| p.message.clone());
    messages.collect()
}

#[test]
fn mistakes_of_every_phase_are_shown_at_once() {
    let text = "\
gateway:
  prot: 1
  secret_key_ref: {env: OPENAI_API_KEY}
  drain_ms: 30s
  failover: {attempts_max: 0}
providers:
  - {name: openai, headers: {host: x}}
  - {name: web, kind: http}
models:
  - name: fast
    targets:
      - {provider: opnai, model: gpt-4o, weight: many}
      - {provider: web}
routes:
  - {name: a, provider: wbe, methods: [\"GET POST\"]}
services:
  - name: billing
    keys:
      - {id: 12345678, hash: short}
policies:
  - name: p q
    input:
      - {type: pii, action: block}
  - {name: p q}
";
    let overlay = "\
models:
  - name: slow
    targets: [{provider: nowhere, wieght: 1}]
  - {name: gone, remove: true}
";
    let sources = Sources::from_text("base.yaml", text).with_overlay("a", "a.yaml", overlay);
    let report = load(&sources).expect_err("refused");
    insta::assert_snapshot!(report);
}

#[test]
fn what_only_follows_from_another_mistake_is_not_shown() {
    let cases = [
        // References to what cannot be read.
        "providers:\n  openai: {}\nmodels: [{name: a, targets: [{provider: openai}]}]\n",
        "providers: [{nme: simulator}]\nmodels: [{name: a, targets: [{provider: simulator}]}]\n",
        "providers: [simulator]\nroutes: [{name: a, path: /a, provider: simulator}]\n",
        "provders: [{name: simulator}]\n",
        "gateway: {secret_key_ref: sk-proj-abcdefgh}\nmodels: [{name: a, targets: [{provider: openai}]}]\n",
        // What a wrong value would have said.
        "providers: [{name: vllm, kind: opnai}]\n",
        "providers: [{name: openai, kind: simulater}]\n",
        "providers: [{name: vllm, base_url: 1}]\n",
        "providers: [{name: web, kind: http, bas_url: \"http://w\"}]\n",
        "providers: [{name: openai, secret_key: {env: A}}]\n",
        "providers: [{name: openai, secret_key_ref: {env: 1}}]\n",
        "providers: [{name: simulator}]\nmodels: [{name: a, target: [{provider: simulator}]}]\n",
        "providers: [{name: simulator}]\nmodels: [{name: a, strategy: weighted, targets: [{provider: simulator, weight: x}]}]\n",
        "providers: [{name: simulator}]\nmodels: [{name: a, targets: [{provider: simulator, when: \" \"}]}]\n",
        "providers: [{name: simulator}]\ngateway: {failover: {backoff_ms: 5000, backoff_ms_max: 10s}}\n",
        "providers: [{name: simulator}]\nroutes:\n  - {name: a, path: /a, provider: simulator, methods: GET}\n  - {name: b, path: /a, provider: simulator, methods: [POST]}\n",
        "providers: [{name: simulator}]\nservices: [{nam: a, keys: []}]\n",
        "hello\n",
    ];
    for text in cases {
        assert_eq!(messages(text).len(), 1, "{text}: {:#?}", messages(text));
    }
}

#[test]
fn what_is_left_of_a_broken_configuration_is_complete() {
    let text = "\
providers: [{name: simulator, kind: simulater}]
models: [{name: a, targets: [{provider: nowhere, when: tokens > 1}]}]
routes: [{name: r, path: /r, provider: nowhere, unscannable: alow}]
";
    let sources = Sources::from_text("base.yaml", text).with_overlay("s", "s.yaml", "x: 1\n");
    let rest = load_best_effort(&sources).expect_err("refused").rest;
    let rest = rest.expect("something is left");
    for config in [&rest.base, &rest.services["s"]] {
        let target = &config.models[0].targets[0];
        assert!(target.when.is_some());
        assert!(config.providers.get(target.provider).is_some());
        assert!(config.providers.get(config.routes[0].provider).is_some());
        assert!(config.routes[0].unscannable_allowed);
    }
    let no_yaml = Sources::from_text("base.yaml", "a: [");
    let broken = load_best_effort(&no_yaml).expect_err("refused");
    assert!(broken.rest.is_some() && broken.report.has_errors());
}

#[test]
fn a_file_that_is_no_yaml_does_not_hide_the_mistakes_of_others() {
    let overlay = "models:\n  - {name: b, targets: [{provider: nowhere, wieght: 1}]}\n";
    let sources = Sources::from_text(
        "base.yaml",
        "providers: [{name: simulator}]\ngateway: {prot: 1}\n",
    )
    .with_overlay("a", "a.yaml", "models: [\n")
    .with_overlay(
        "a",
        "a2.yaml",
        "models: [{name: b, targets: [{provider: simulator, when: 1}]}, {name: c, remove: true}]\n",
    )
    .with_overlay("b", "b.yaml", overlay);
    let report = load(&sources).expect_err("refused");
    insta::assert_snapshot!(report);
}

#[test]
fn what_may_stand_in_an_unreadable_base_is_not_missed() {
    let overlay = "\
providers: [{name: vllm, kind: openai_compatible}, {name: openai}, {name: gone, remove: true}]
models: [{name: b, targets: [{provider: there}]}, {name: c}]
services: [{name: s, keys: [{id: a}]}]
gateway: {tls: {key_file: k}, drian_ms: 1}
";
    let sources =
        Sources::from_text("base.yaml", "providers: [\n").with_overlay("a", "a.yaml", overlay);
    let report = load(&sources).expect_err("refused");
    let messages: Vec<&str> = report.problems.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(messages.len(), 2, "{messages:#?}");
    assert!(messages[0].starts_with("not valid YAML") && messages[1].contains("drian_ms"));
}

#[test]
fn thousands_of_unknown_references_are_found_in_no_time() {
    let list = |count, item: &dyn Fn(usize) -> String| -> String { (0..count).map(item).collect() };
    let text = format!(
        "providers:\n{}models:\n{}",
        list(1000, &|n| format!(
            "  - {{name: provider-{n}, kind: simulator}}\n"
        )),
        list(9000, &|n| format!(
            "  - {{name: m{n}, targets: [{{provider: missing-{n}}}]}}\n"
        )),
    );
    let compared = load(&Sources::from_text("a.yaml", &text)).expect_err("refused");
    let helped = compared.problems.iter().filter(|p| {
        p.help
            .as_deref()
            .is_some_and(|h| h.contains("known providers"))
    });
    assert_eq!(helped.count(), tollgate_config::PROBLEMS_MAX);
    assert_eq!(compared.left_out, 9000 - tollgate_config::PROBLEMS_MAX);
}

#[test]
fn what_stands_before_a_syntax_error_is_checked() {
    let text = "gateway:\n  prot: 1\n  state_dir: state\nproviders: [{name: openai}]\nmodels: ]\n";
    let broken = load_best_effort(&Sources::from_text("base.yaml", text)).expect_err("refused");
    let lines: Vec<u32> = broken
        .report
        .problems
        .iter()
        .map(|p| p.origin.line)
        .collect();
    assert_eq!(lines, [2, 5], "{}", broken.report);
    let base = broken.rest.expect("something is left").base;
    assert!(
        base.gateway
            .state_dir
            .as_deref()
            .is_some_and(|dir| dir.ends_with("state"))
    );
    assert_eq!(base.providers.len(), 1);
}

#[test]
fn a_word_that_no_text_has_is_shown_where_it_stands() {
    let text = "\
providers: [{name: simulator}]
policies:
  - name: p
    input:
      - type: pii_detection
        action: redact
        custom:
          - name: member
            pattern: 'M-[0-9]{8}'
            context:
              - Member-No
              - '-'
";
    let report = load(&Sources::from_text("policy-config.yaml", text)).expect_err(text);
    let page = report.render(false);
    assert_eq!(report.problems.len(), 1, "{page}");
    assert!(
        page.contains("the word `-` has no letter or digit"),
        "{page}"
    );
    assert!(page.contains("policy-config.yaml:12"), "{page}");
}
