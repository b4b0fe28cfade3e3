//! What is valid, and what it means.

use tollgate_config::{ProviderKind, SecretRef, Sources, load};
use tollgate_policy::DetectorOptions;

const SMALL: &str = "\
gateway:
  port: 41002
  secret_key_ref:
    env: OPENAI_API_KEY
policies:
  - name: default
    input:
      - type: content_safety
        action: block
        categories: [hate, violence, self_harm, sexual]
      - type: pii_detection
        action: redact
        entities: [ssn, credit_card]
";

#[test]
fn the_small_form_is_one_openai_provider_with_two_rules() {
    let loaded = load(&Sources::from_text("policy-config.yaml", SMALL)).unwrap();
    let base = &loaded.set.base;
    let [provider] = &*base.providers else {
        panic!("{:?}", base.providers)
    };
    assert_eq!(&*provider.name, "openai");
    assert_eq!(provider.kind, ProviderKind::openai());
    assert!(provider.is_default);
    assert_eq!(
        provider.base_url.as_deref(),
        Some("https://api.openai.com/v1")
    );
    assert_eq!(
        provider.secret,
        Some(SecretRef::Env("OPENAI_API_KEY".into()))
    );
    let rules = &base.policies[0].input;
    assert_eq!(rules[0].detector.kind(), "content_safety");
    let DetectorOptions::PiiDetection(options) = &rules[1].detector else {
        panic!("{:?}", rules[1].detector);
    };
    assert_eq!(options.entities, ["ssn", "credit_card"]);
    assert_eq!((rules[1].origin.line, rules[1].origin.column), (11, 9));
    assert_eq!(loaded.set.revision.len(), 16);
}

#[test]
fn a_configuration_that_uses_every_field_is_valid() {
    let loaded = load(&Sources::from_text("./full.yaml", crate::explained::FULL)).unwrap();
    let base = &loaded.set.base;
    assert_eq!(
        base.providers[0].base_url.as_deref(),
        Some("https://openai.example/v1")
    );
    assert_eq!(
        base.providers[0].secret,
        Some(SecretRef::Env("OPENAI_API_KEY".into())),
        "the gateway's key is for providers of kind openai without their own"
    );
    assert_eq!(
        base.providers[1].secret,
        Some(SecretRef::File("./keys/anthropic".into()))
    );
    assert!(base.routes[0].is_prefix);
    assert_eq!(base.routes[0].path, "/v1/sentiment");
    assert_eq!(base.routes[0].methods, ["GET", "POST"]);
    assert_eq!(base.services["billing"].keys[0].hash[31], 0x1f);
    assert_eq!(base.telemetry.sample_ppm, 125_000);
    let whole = base.models[0].targets[0].timeouts.whole;
    assert_eq!(whole.as_millis(), 1002);
    let connect = base.models[0].targets[0].timeouts.connect;
    assert_eq!(connect.as_millis(), 1001, "the provider's own");
}

#[test]
fn a_provider_is_known_by_its_name_before_its_address() {
    let text = "\
providers:
  - {name: anthropic, base_url: \"http://localhost:1\"}
  - {name: mine, base_url: \"http://localhost:2/v1\"}
  - {name: other, kind: anthropic, secret_key_ref: {env: A}}
";
    let base = load(&Sources::from_text("a.yaml", text)).unwrap().set.base;
    let kinds: Vec<&str> = base.providers.iter().map(|p| p.kind.label).collect();
    assert_eq!(kinds, ["anthropic", "openai_compatible", "anthropic"]);
    assert_eq!(
        base.providers[2].base_url.as_deref(),
        Some("https://api.anthropic.com")
    );
}

#[test]
fn the_default_provider_is_the_first_that_serves_models() {
    let default = |text: &str| {
        let base = load(&Sources::from_text("a.yaml", text)).unwrap().set.base;
        let found = base.providers.iter().find(|provider| provider.is_default);
        found.map(|provider| provider.name.to_string())
    };
    let web = "providers:\n  - {name: web, kind: http, base_url: \"http://w\"}\n";
    assert_eq!(default(web), None);
    let first = format!("{web}  - name: simulator\n  - {{name: b, kind: simulator}}\n");
    assert_eq!(default(&first).as_deref(), Some("simulator"));
    let second =
        format!("{web}  - name: simulator\n  - {{name: b, kind: simulator, default: true}}\n");
    assert_eq!(default(&second).as_deref(), Some("b"));
    let none = format!("{web}  - {{name: simulator, default: false}}\n");
    assert_eq!(default(&none), None);
}

#[test]
fn anchors_and_quoted_keys_work() {
    let text = "\
providers:
  - {name: simulator, timeouts: &slow {connect_ms: 7}}
  - {\"name\": b, kind: simulator, timeouts: *slow}
";
    let base = load(&Sources::from_text("a.yaml", text)).unwrap().set.base;
    assert_eq!(base.providers[1].timeouts.connect.as_millis(), 7);
}

#[test]
fn a_known_provider_needs_no_more_than_its_name_and_its_key() {
    let text = "
providers:
  - {name: groq, secret_key_ref: {env: GROQ_API_KEY}}
  - {name: near, kind: ollama}
  - {name: perplexity, base_url: 'https://api.perplexity.ai', secret_key_ref: {env: KEY}}
";
    let loaded = load(&Sources::from_text("policy-config.yaml", text)).unwrap();
    let mut warnings = loaded.warnings.iter();
    let is_about_us = warnings.any(|warning| warning.path.starts_with("providers"));
    assert!(!is_about_us, "{:?}", loaded.warnings);
    let urls = loaded.set.base.providers.iter();
    let urls: Vec<_> = urls.map(|one| one.base_url.as_deref()).collect();
    let expected = [
        "https://api.groq.com/openai/v1",
        "http://localhost:11434/v1",
        "https://api.perplexity.ai",
    ];
    assert_eq!(urls, expected.map(Some));
}

#[test]
fn whoever_asks_for_a_key_is_not_configured_without_one() {
    for kind in tollgate_config::PROVIDERS {
        let (label, url) = (kind.label, kind.base_url);
        let text = format!("providers: [{{name: one, kind: {label}}}]\n");
        let report = load(&Sources::from_text("policy-config.yaml", &text));
        let is_refused = report.is_err();
        let has_address = url.is_some() || label == "simulator";
        assert_eq!(
            is_refused,
            kind.key_variable.is_some() || !has_address,
            "{label}"
        );
    }
}

#[test]
fn a_provider_in_a_cloud_needs_no_more_than_its_place() {
    let text = "
providers:
  - {name: bedrock, region: eu-central-1}
  - {name: vertex, project: p}
  - {name: azure_openai, base_url: 'https://x.openai.azure.com/'}
";
    let loaded = load(&Sources::from_text("policy-config.yaml", text)).unwrap();
    let providers = &loaded.set.base.providers;
    let urls: Vec<_> = providers
        .iter()
        .map(|one| one.base_url.as_deref())
        .collect();
    let expected = [
        "https://bedrock-runtime.eu-central-1.amazonaws.com",
        "https://aiplatform.googleapis.com",
        "https://x.openai.azure.com",
    ];
    assert_eq!(urls, expected.map(Some));
    assert!(providers.iter().all(|provider| provider.identity.is_some()));
}
