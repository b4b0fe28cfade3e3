//! What is accepted with a warning, in the words that are shown.

use tollgate_config::{Problem, Severity, Sources, load};

fn warnings(text: &str) -> Vec<Problem> {
    load(&Sources::from_text("policy-config.yaml", text))
        .unwrap()
        .warnings
}

fn shown(problems: &[Problem]) -> String {
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    all.join("\n")
}

const KEYED: &str = "\
services:
  - name: billing
    keys:
      - id: k1
        hash: sha256:0000000000000000000000000000000000000000000000000000000000000000
        expires: 2026-01-31
";

#[test]
fn a_plain_configuration_has_no_warnings() {
    let text = format!("{KEYED}providers: [{{name: simulator}}]\n");
    assert_eq!(warnings(&text), []);
}

#[test]
fn strict_translation_beside_adjusted_parameters_is_named() {
    for (parameters, is_named) in [("adjust", true), ("refuse", false), ("pass", false)] {
        let text = format!(
            "gateway: {{translation: strict, parameters: {parameters}}}\n{KEYED}providers: [{{name: simulator}}]\n"
        );
        let warned = shown(&warnings(&text));
        assert_eq!(
            warned.contains("what `adjust` would change"),
            is_named,
            "{warned}"
        );
    }
}

#[test]
fn everything_suspicious_is_named() {
    let text = "\
gateway:
  anonymous: allow
  service: billng
  secret_key_ref: {env: OPENAI_API_KEY}
  admin: {host: 0.0.0.0}
  failover: {attempts_max: 2}
  limits: {body_bytes_max: 1000000, buffered_bytes_max: 1000}
  timeouts: {first_token_ms: 700000}
providers:
  - name: simulator
    secret_key_ref: {env: SIMULATOR_KEY}
  - name: vllm
    base_url: http://localhost:8000
  - name: web
    kind: http
    base_url: http://localhost:9000
models:
  - name: fast
    targets:
      - {provider: simulator, model: a, when: has_image}
      - {provider: simulator, model: b, weight: 3}
      - {provider: simulator, model: c}
      - {provider: simulator, model: d, timeouts: {whole_ms: 950000}}
services:
  - name: billing
    models: [gpt-*]
    keys:
      - id: k1
        hash: sha256:0000000000000000000000000000000000000000000000000000000000000000
        models: [gpt-4o, claude-*]
policies:
  - name: empty
  - name: wordy
    input:
      - {type: pii_detection, action: redact, message: no}
";
    let text = text.replace("message: no}", "message: \"no\"}");
    let found = warnings(&text);
    assert!(found.iter().all(|p| p.severity == Severity::Warning));
    insta::assert_snapshot!(shown(&found));
}

#[test]
fn a_model_that_nobody_serves_is_named() {
    let text = "\
gateway: {anonymous: deny}
providers: [{name: simulator, default: false}]
models: [{name: fast, targets: [{provider: simulator}]}]
services:
  - name: billing
    models: [fast, fats, f*, simulator/*, sim*]
    keys:
      - id: k1
        hash: sha256:0000000000000000000000000000000000000000000000000000000000000000
        models: [slow]
";
    insta::assert_snapshot!(shown(&warnings(text)));
}

#[test]
fn nobody_can_call_without_a_key() {
    let found = warnings("providers: [{name: simulator}]\n");
    insta::assert_snapshot!(shown(&found));
}

#[test]
fn callers_without_a_key_share_their_conversations() {
    let gateway = "gateway: {anonymous: allow, conversations: {header: x-conversation-id}}";
    let found = warnings(&format!("{gateway}\nproviders: [{{name: simulator}}]\n"));
    let shared = found.iter().find(|it| it.path == "gateway.conversations");
    assert!(
        shared
            .unwrap()
            .message
            .contains("share their conversations")
    );
}

#[test]
fn a_key_is_reported_once_it_has_expired() {
    let text = format!("{KEYED}providers: [{{name: simulator}}]\n");
    let loaded = load(&Sources::from_text("policy-config.yaml", &text)).unwrap();
    // 2026-02-01T00:00:00Z: the day of expiry is over.
    let over = 1_769_904_000;
    assert_eq!(loaded.warnings_at(over - 1, None), []);
    insta::assert_snapshot!(shown(&loaded.warnings_at(over, None)));
}

#[test]
fn settings_of_the_process_in_an_overlay_are_reported_to_others() {
    let base = format!("{KEYED}providers: [{{name: simulator}}]\n");
    let overlay = "gateway: {port: 1, failover: {attempts_max: 2}}\ntelemetry: {}\n";
    let sources = Sources::from_text("base/policy-config.yaml", &base).with_overlay(
        "billing",
        "services/billing/policy-config.yaml",
        overlay,
    );
    let loaded = load(&sources).unwrap();
    assert_eq!(loaded.warnings_at(0, Some("billing")), []);
    let found = loaded.warnings_at(0, Some("bililng"));
    let unknown = found.last().unwrap();
    assert_eq!(
        unknown.message,
        "the gateway runs as `bililng`, which is not listed and has no overlay"
    );
    assert_eq!(unknown.help.as_deref(), Some("did you mean `billing`?"));
    insta::assert_snapshot!(shown(&loaded.warnings_at(0, None)));
}

#[test]
fn a_variable_that_is_not_filled_in_is_named() {
    let text = "providers: [{name: simulator}]\nmodels: [{name: \"${MODEL}\", targets: [{provider: simulator}]}]\ngateway: {anonymous: allow}\n";
    let loaded = load(&Sources::from_text("a.yaml", text)).expect("valid");
    let named = |problem: &Problem| problem.path == "models[0].name";
    assert!(loaded.warnings.iter().any(named), "{:?}", loaded.warnings);
}

#[test]
fn a_threshold_that_an_entity_reaches_by_a_word_only_is_named() {
    let rule = |options: &str| {
        let text = format!(
            "{KEYED}providers: [{{name: simulator}}]\npolicies:\n  - name: p\n    input:\n      - {{type: pii_detection, action: block, {options}}}\n"
        );
        shown(&warnings(&text))
    };
    let found = rule("entities: [ssn, email_address, url], threshold: 1");
    assert!(found.contains("`ssn` scores 0.85 at most"), "{found}");
    assert!(found.contains("`url` scores 0.95 at most"), "{found}");
    assert!(!found.contains("email_address` scores"), "{found}");
    assert_eq!(rule("entities: [ssn], threshold: 0.85"), "");
    assert_eq!(rule("entities: [us_passport]"), "");
}

#[test]
fn a_rule_that_reads_no_prose_of_a_route_is_named() {
    let shown = |route: &str, policy: &str| {
        let text = format!(
            "{KEYED}providers: [{{name: simulator}}, {{name: mood, kind: http, base_url: 'http://mood.test'}}]\nroutes: [{{name: r, path: /mood, provider: mood, {route}}}]\npolicies: [{{name: p, {policy}}}]\n"
        );
        shown(&warnings(&text))
    };
    let both = "texts: {request: [text], response: [label]}";
    let rule = |options: &str| format!("input: [{{type: waf, action: block{options}}}]");
    let answers = "output: [{type: waf, name: out, action: block}]";
    let found = shown(both, &format!("{}, {answers}", rule("")));
    insta::assert_snapshot!(found);
    assert_eq!(shown("texts: {request: [text]}", answers), "");
    for (route, policy) in [
        (both, rule(", places: [text, query]")),
        (both, rule(", places: [path, query, header]")),
        (both, rule(", unscannable: allow")),
        (both, format!("models: ['*'], {}", rule(""))),
        (
            both,
            "input: [{type: pii_detection, action: block}]".to_owned(),
        ),
        ("texts: {response: [label]}", rule("")),
    ] {
        assert_eq!(shown(route, &policy), "", "{route} {policy}");
    }
}
