//! What is valid, and what it means.

use tollgate_config::{DetectorConfig, ProviderKind, SecretRef, Sources, load};

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
    assert_eq!(provider.kind, ProviderKind::Openai);
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
    assert_eq!(
        rules[0].detector,
        DetectorConfig::Unenforced {
            kind: "content_safety"
        }
    );
    assert_eq!((rules[1].origin.line, rules[1].origin.column), (11, 9));
    assert_eq!(loaded.set.revision.len(), 16);
}
