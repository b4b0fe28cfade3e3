//! From YAML to decisions, without a socket.

use std::sync::Arc;

use http::HeaderMap;
use tollgate_config::{Problem, ProviderKind, Sources, load};
use tollgate_policy::{
    DetectorOptions, FingerprintList, FingerprintsOptions, Keys, RequestFacts, fingerprints,
};

use super::compile::formats_of;
use super::{Model, ModelNotFound, Options, Plan, Resolved, compile};

fn try_plan(
    base: &str,
    overlays: &[(&str, &str)],
    options: &Options,
) -> Result<Plan, Vec<Problem>> {
    let sources = overlays.iter().fold(
        Sources::from_text("base.yaml", base),
        |sources, (service, text)| {
            sources.with_overlay(
                service,
                &format!("services/{service}/policy-config.yaml"),
                text,
            )
        },
    );
    let loaded = load(&sources).unwrap_or_else(|report| panic!("{report}"));
    compile(&loaded.set, options)
}

fn plan(base: &str) -> Plan {
    try_plan(base, &[], &Options::default()).expect("compiles")
}

const TWO_PROVIDERS: &str = "
providers:
  - {name: one, base_url: 'http://one.test/v1'}
  - {name: two, base_url: 'http://two.test/v1'}
";

fn facts<'a>(headers: &'a HeaderMap, input_bytes: u64) -> RequestFacts<'a> {
    RequestFacts {
        service: "s",
        team: "",
        headers,
        path: "/",
        model: Some("m"),
        input_bytes,
        has_image: false,
        tokens: 1,
    }
}

fn model<'p>(plan: &'p Plan, name: &str) -> &'p Model {
    match plan.default.resolve(plan, name) {
        Ok(Resolved::Model(model)) => model,
        other => panic!("{name} is no configured model: {other:?}"),
    }
}

fn order(plan: &Plan, name: &str, facts: &RequestFacts<'_>, random: u64) -> Vec<String> {
    let candidates = plan.select(model(plan, name), facts, random);
    candidates
        .iter()
        .map(|id| plan.target(*id).name.as_ref().to_owned())
        .collect()
}

#[test]
fn an_unlisted_name_goes_to_the_default_provider_as_it_is() {
    let plan = plan(TWO_PROVIDERS);
    let Ok(Resolved::Direct { target, prefix: 0 }) = plan.default.resolve(&plan, "gpt-4o") else {
        panic!("not direct");
    };
    assert_eq!(&*plan.target(target).name, "one");
    assert_eq!(plan.target(target).model, None);
}

#[test]
fn a_provider_is_addressed_by_name_and_an_unknown_one_is_not_found() {
    let plan = plan(TWO_PROVIDERS);
    let Ok(Resolved::Direct { target, prefix: 4 }) = plan.default.resolve(&plan, "two/a/b") else {
        panic!("not direct");
    };
    assert_eq!(&*plan.target(target).name, "two");
    let error = plan.default.resolve(&plan, "three/a").expect_err("unknown");
    assert_eq!(
        error,
        ModelNotFound::Provider {
            provider: "three".into()
        }
    );
}

#[test]
fn a_configured_name_wins_over_a_provider_prefix() {
    let plan = plan(&format!(
        "{TWO_PROVIDERS}models:\n  - name: two/fast\n    targets: [{{provider: one}}]\n"
    ));
    assert_eq!(
        order(&plan, "two/fast", &facts(&HeaderMap::new(), 0), 0),
        ["one/two/fast"]
    );
}

#[test]
fn without_a_default_provider_an_unlisted_name_is_not_found() {
    let plan = plan(
        "
providers:
  - {name: one, base_url: 'http://one.test/v1', default: false}
models:
  - name: fast
    targets: [{provider: one}]
",
    );
    let error = plan.default.resolve(&plan, "slow").expect_err("unknown");
    assert_eq!(
        error,
        ModelNotFound::Model {
            model: "slow".into()
        }
    );
}

#[test]
fn priority_keeps_the_order_and_conditions_leave_targets_out() {
    let plan = plan(&format!(
        "{TWO_PROVIDERS}
models:
  - name: m
    targets:
      - {{provider: one, when: 'headers[\"x-tier\"] == \"gold\"'}}
      - {{provider: two, when: 'input_bytes < 100'}}
      - {{name: last, provider: one, model: other}}
"
    ));
    let mut gold = HeaderMap::new();
    gold.insert("x-tier", "gold".parse().expect("a value"));
    assert_eq!(
        order(&plan, "m", &facts(&gold, 10), 7),
        ["one/m", "two/m", "last"]
    );
    assert_eq!(
        order(&plan, "m", &facts(&HeaderMap::new(), 10), 7),
        ["two/m", "last"]
    );
    assert_eq!(
        order(&plan, "m", &facts(&HeaderMap::new(), 1000), 7),
        ["last"]
    );
}

#[test]
fn weights_decide_who_comes_first_and_a_weight_of_nothing_comes_last() {
    let plan = plan(&format!(
        "{TWO_PROVIDERS}
models:
  - name: m
    strategy: weighted
    targets:
      - {{name: spare, provider: two, model: x, weight: 0}}
      - {{name: most, provider: one, weight: 3}}
      - {{name: some, provider: two, weight: 1}}
"
    ));
    let headers = HeaderMap::new();
    let mut first = std::collections::BTreeMap::new();
    for round in 0..4000_u64 {
        let order = order(
            &plan,
            "m",
            &facts(&headers, 0),
            round.wrapping_mul(0x9E37_79B9_7F4A_7C15),
        );
        assert_eq!(order.len(), 3);
        assert_eq!(order[2], "spare");
        *first.entry(order[0].clone()).or_insert(0_u32) += 1;
    }
    let most = first["most"];
    assert!(
        (2850..=3150).contains(&most),
        "three quarters of 4000, and {most} were drawn"
    );
}

#[test]
fn a_service_with_an_overlay_has_its_own_plan_and_shares_providers() {
    let overlay = (
        "billing",
        "models:\n  - name: m\n    targets:\n      - {name: own, provider: two}\n",
    );
    let plan = try_plan(TWO_PROVIDERS, &[overlay], &Options::default()).expect("compiles");
    assert_eq!(plan.providers.len(), 2);
    assert!(plan.for_service("billing").models.contains_key("m"));
    assert!(!plan.for_service("other").models.contains_key("m"));
}

#[test]
fn a_detector_that_many_rules_share_is_given_its_salt_once() {
    let rule = "input: [{type: keywords, words: [x], action: flag}]";
    let text = format!("policies: [{{name: p, {rule}}}, {{name: q, {rule}}}]\n{TWO_PROVIDERS}");
    let sources = Sources::from_text("base.yaml", &text);
    let mut loaded = load(&sources).unwrap_or_else(|report| panic!("{report}"));
    let mut config = (*loaded.set.base).clone();
    for policy in &mut config.policies {
        let list = FingerprintList {
            name: Arc::clone(&policy.name),
            hashes: fingerprints(["jo@example.com"], b"salt").hashes.into(),
        };
        policy.input[0].detector = DetectorOptions::Fingerprints(FingerprintsOptions {
            lists: vec![list],
            ..FingerprintsOptions::default()
        });
    }
    loaded.set.base = Arc::new(config);
    let overlay = Arc::clone(&loaded.set.base);
    loaded.set.services.insert("billing".into(), overlay);
    let plan = compile(&loaded.set, &Options::default()).expect("compiles");
    let errors = plan.arm(&Keys::default()).expect_err("no salt");
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn a_sidecar_serves_everyone_by_its_overlay() {
    let overlay = (
        "billing",
        "models:\n  - name: m\n    targets: [{provider: two}]\n",
    );
    let options = Options {
        service: Some("billing".to_owned()),
    };
    let plan = try_plan(TWO_PROVIDERS, &[overlay], &options).expect("compiles");
    assert!(plan.for_service("anyone").models.contains_key("m"));
}

/// A route and a policy, each with more of its own; the problems there are.
fn blind(route: &str, policy: &str) -> Vec<String> {
    let text = format!(
        "{TWO_PROVIDERS}
  - {{name: sentiment, kind: http, base_url: 'http://sentiment.test'}}
models: [{{name: m, targets: [{{provider: one}}]}}]
routes:
  - {{name: r, path: /v1/sentiment, provider: sentiment{route}}}
policies:
  - {{name: p, {policy}}}
"
    );
    match try_plan(&text, &[], &Options::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems
            .into_iter()
            .map(|problem| {
                assert!(problem.origin.line > 0 && problem.help.is_some());
                problem.message
            })
            .collect(),
    }
}

#[test]
fn a_rule_that_finds_nothing_to_read_on_a_route_is_a_problem() {
    let input = "input: [{type: pii_detection, action: redact}]";
    let output = "output: [{type: pii_detection, name: out, action: block}]";
    let both = format!("{input}, {output}");
    let restore = "input: [{type: pii_detection, action: redact, style: restore}]";
    for (route, policy, directions) in [
        ("", input, vec!["requests"]),
        ("", output, vec!["answers"]),
        ("", both.as_str(), vec!["requests", "answers"]),
        (", texts: {request: [text]}", both.as_str(), vec!["answers"]),
        (
            ", texts: {response: [text]}",
            both.as_str(),
            vec!["requests"],
        ),
        (", texts: {request: [text]}", restore, vec!["answers"]),
        (
            "",
            "routes: [r], input: [{type: pii_detection, action: flag}]",
            vec!["requests"],
        ),
    ] {
        let found = blind(route, policy);
        assert_eq!(found.len(), directions.len(), "{route} {policy}: {found:?}");
        for (message, direction) in found.iter().zip(directions) {
            let all = ["policy `p`", "rule `", "route `r`", direction];
            assert!(all.iter().all(|part| message.contains(part)), "{message}");
        }
    }
}

#[test]
fn a_rule_that_has_something_to_read_or_lets_it_pass_is_none() {
    let rule = |more: &str| format!("input: [{{type: pii_detection, action: redact{more}}}]");
    for (route, policy) in [
        (", texts: {request: [text]}", rule("")),
        (", unscannable: allow", rule("")),
        ("", rule(", unscannable: allow")),
        ("", format!("models: [\"*\"], {}", rule(""))),
        ("", format!("formats: [openai_chat], {}", rule(""))),
    ] {
        assert_eq!(blind(route, &policy), [""; 0], "{route} {policy}");
    }
}

#[test]
fn a_route_is_not_sent_to_a_model() {
    let route = ", texts: {request: [text]}";
    let rule = "{type: pii_detection, action: route, route_to: m}";
    let allowed = "{type: pii_detection, action: route, route_to: m, unscannable: allow}";
    let both = format!("{route}, unscannable: allow");
    for (route, rule) in [
        (route, rule),
        (route, allowed),
        ("", allowed),
        (&both, rule),
    ] {
        let found = blind(route, &format!("input: [{rule}]"));
        assert!(found[0].contains("to a model"), "{route} {rule}: {found:?}");
    }
    let shadow = "{type: pii_detection, action: route, route_to: m, mode: shadow}";
    assert_eq!(blind(route, &format!("input: [{shadow}]")), [""; 0]);
    let narrowed = format!("models: [\"*\"], input: [{rule}]");
    assert_eq!(blind(route, &narrowed), [""; 0]);
}

#[test]
fn a_policy_over_heads_reads_every_route() {
    let text = |places: &str| {
        format!(
            "{TWO_PROVIDERS}
  - {{name: sentiment, kind: http, base_url: 'http://sentiment.test'}}
routes:
  - {{name: r, path: /v1/sentiment, provider: sentiment}}
policies:
  - name: p
    input: [{{type: waf, action: block, places: [{places}]}}]
"
        )
    };
    assert!(try_plan(&text("path, query, header"), &[], &Options::default()).is_ok());
    assert!(try_plan(&text("query, metadata"), &[], &Options::default()).is_err());
}

#[test]
fn every_broken_condition_is_reported_at_once() {
    let text = format!(
        "{TWO_PROVIDERS}models:\n  - name: m\n    targets:\n      - {{provider: one, when: 'input_bytes <'}}\n      - {{provider: two, when: 'colour == 1'}}\n"
    );
    let problems = try_plan(&text, &[], &Options::default()).expect_err("refused");
    assert_eq!(problems.len(), 2);
    assert!(problems.iter().all(|problem| problem.origin.line > 0));
}

#[test]
fn routes_match_exactly_first_and_then_by_the_longest_prefix() {
    let plan = plan(
        "
providers:
  - {name: h, kind: http, base_url: 'http://h.test'}
routes:
  - {name: all, path: '/m/*', provider: h, to: /models}
  - {name: deep, path: '/m/deep/*', provider: h}
  - {name: exact, path: /m/deep/one, provider: h, to: /x}
",
    );
    let route = |path: &str| {
        plan.default
            .route(path, "GET")
            .ok()
            .map(|route| (route.config.name.as_ref(), route.upstream_path(path)))
    };
    assert_eq!(route("/m/deep/one"), Some(("exact", "/x".to_owned())));
    assert_eq!(
        route("/m/deep/two"),
        Some(("deep", "/m/deep/two".to_owned()))
    );
    assert_eq!(route("/m/a/b"), Some(("all", "/models/a/b".to_owned())));
    assert_eq!(route("/m"), Some(("all", "/models".to_owned())));
    assert_eq!(route("/mm"), None);
}

#[test]
fn a_policy_holds_for_its_model_however_it_is_asked_for() {
    let plan = plan(
        "
providers:
  - {name: one, base_url: 'http://one.test/v1', default: true}
  - {name: two, base_url: 'http://two.test/v1'}
models:
  - {name: mine, targets: [{provider: one, model: real}, {provider: two, model: other}]}
policies:
  - {name: p, models: [mine], input: [{type: pii_detection, action: redact}]}
  - {name: long, when: 'input_bytes > 99', input: [{type: pii_detection, action: flag}]}
",
    );
    let headers = HeaderMap::new();
    let rules = |model: Option<&str>| {
        let facts = RequestFacts {
            model,
            ..facts(&headers, 1)
        };
        let guard = plan.default.policies.guard(&crate::policies::Traffic {
            facts,
            format: None,
            route: None,
        });
        guard.input.rules().len()
    };
    for model in ["mine", "one/mine", "one/real", "real", "two/other"] {
        assert_eq!(rules(Some(model)), 1, "{model}");
    }
    for model in ["yours", "one/yours", "two/real", "other"] {
        assert_eq!(rules(Some(model)), 0, "{model}");
    }
    assert_eq!(
        rules(None),
        2,
        "a model that nobody knows may be any, and so its request"
    );
}

#[test]
fn a_name_that_is_passed_on_says_no_more_than_a_name() {
    let plan = plan(&format!(
        "{TWO_PROVIDERS}models: [{{name: modèle, targets: [{{provider: one, model: x}}]}}]\n"
    ));
    for (name, passed) in [
        ("modèle", None),
        ("one/gpt-4o", Some("gpt-4o")),
        ("one/org/model:v1@2024", Some("org/model:v1@2024")),
        ("three/x", Some("three/x")),
    ] {
        assert_eq!(plan.default.passed_name(name), passed);
        assert_eq!(plan.default.check_name(name), Ok(()));
    }
    for name in [
        "one/so it is",
        "so it is",
        "one/caf\u{e9}",
        &"x".repeat(129),
    ] {
        let refused = plan.default.resolve(&plan, name).expect_err(name);
        assert!(matches!(refused, ModelNotFound::Name { .. }), "{refused}");
    }
}

#[test]
fn a_provider_speaks_the_formats_that_its_configuration_says() {
    let plan = plan(
        "providers: [{name: one, base_url: \"http://one/v1\", formats: [openai_responses, anthropic_messages]}]\n",
    );
    let format = |label: &str| {
        let mut formats = tollgate_formats::FORMATS.iter();
        formats
            .find(|format| format.label() == label)
            .map(|format| format.id())
    };
    let provider = &plan.providers[0];
    for (caller, spoken) in [
        ("openai_chat", "openai_responses"),
        ("openai_responses", "openai_responses"),
        ("anthropic_messages", "anthropic_messages"),
    ] {
        let caller = format(caller).expect("a format");
        assert_eq!(provider.speaks(caller, "any"), format(spoken));
    }
}

#[test]
fn every_format_that_a_kind_of_provider_names_exists() {
    for provider in tollgate_config::PROVIDERS {
        let kind = ProviderKind::find(provider.label).expect("a kind");
        assert_eq!(formats_of(kind).len(), provider.formats.len(), "{kind:?}");
    }
}
