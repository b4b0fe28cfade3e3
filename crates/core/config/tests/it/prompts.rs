//! The prompts of models: what is refused, what is warned of.

use tollgate_config::{Sources, load};

fn config(prompt: &str) -> Sources {
    let text = format!(
        "gateway: {{anonymous: allow}}\nproviders: [{{name: simulator}}]\n\
         models:\n  - name: m\n    targets: [{{provider: simulator}}]\n    prompt: {prompt}\n"
    );
    Sources::from_text("a.yaml", &text)
}

#[test]
fn what_is_no_variable_or_value_is_refused_where_it_stands() {
    for (prompt, expected) in [
        ("{system_before: 'for {{user}}'}", "no variable `user`"),
        ("{system_after: '{{headers.authorization}}'}", "credential"),
        ("{system_after: '{{service'}", "no `}}`"),
        (
            "{defaults: {temperature: 3}}",
            "3 is no value of `temperature`",
        ),
        ("{overrides: {max_tokens: 0}}", "0 is no value"),
        ("{overrides: {stop: ['']}}", "ends no answer"),
        ("{overrides: {reasoning_effort: 'a b'}}", "not a word"),
        ("{overrides: {temprature: 1}}", "unknown field"),
    ] {
        let report = load(&config(prompt)).expect_err(prompt).to_string();
        assert!(
            report.contains(expected) && report.contains("a.yaml:6"),
            "{report}"
        );
    }
}

#[test]
fn what_a_format_does_not_offer_is_named() {
    let loaded = load(&config(
        "{overrides: {seed: 7, temperature: 1}, defaults: {temperature: 0}}",
    ));
    let warnings: Vec<String> = loaded
        .unwrap()
        .warnings
        .iter()
        .map(ToString::to_string)
        .collect();
    let about = |word: &str| warnings.iter().any(|warning| warning.contains(word));
    assert!(
        about("`seed` is not offered by") && about("anthropic_messages"),
        "{warnings:?}"
    );
    assert!(
        about("the default of `temperature` has no effect"),
        "{warnings:?}"
    );
    let loaded = load(&config("{system_before: 'x', defaults: {max_tokens: 9}}")).unwrap();
    let prompt = loaded.set.base.models[0].prompt.as_ref().unwrap();
    assert_eq!(prompt.defaults.len(), 1);
    assert!(
        load(&config("{}")).unwrap().set.base.models[0]
            .prompt
            .is_none()
    );
}
