//! Portkey: a config in JSON.
//!
//! A config there belongs to a request and names no model that callers use. Here it becomes
//! one entry of `models`, whose name is an argument. Strategies within strategies become
//! one list: what would be asked first stands first, or has the weight.

mod condition;

use super::draft::{Draft, Model, Target, Timeouts, is_model_name, whole};
use super::input::{Input, Rule};
use super::known;
use super::parameters::{joined, sent};
use super::wanted::Wanted;

use Rule::{Lost, NotNeeded};

/// Where a cloud has a provider: our names and theirs.
const SITE: &[(&str, &str)] = &[
    ("region", "aws_region"),
    ("region", "vertex_region"),
    ("project", "vertex_project_id"),
    ("api_version", "api_version"),
];

/// Levels of targets within targets.
const DEPTH_MAX: usize = 8;

const CACHE: Rule = Lost("answers are not cached here yet");
const GUARDS: Rule =
    Lost("write rules under `policies`; see docs/policies.md for what is built in");
const ENVIRONMENT: Rule = Lost("set it in the gateway's environment");

const RULES: &[(&str, Rule)] = &[
    ("cache", CACHE),
    ("cache_namespace", CACHE),
    ("before_request_hooks", GUARDS),
    ("after_request_hooks", GUARDS),
    ("input_guardrails", GUARDS),
    ("output_guardrails", GUARDS),
    ("default_input_guardrails", GUARDS),
    ("default_output_guardrails", GUARDS),
    ("input_mutators", GUARDS),
    ("output_mutators", GUARDS),
    (
        "forward_headers",
        Lost("headers of callers are passed on by a list of the gateway's own"),
    ),
    ("aws_access_key_id", ENVIRONMENT),
    ("aws_secret_access_key", ENVIRONMENT),
    ("aws_session_token", ENVIRONMENT),
    ("vertex_service_account_json", ENVIRONMENT),
    ("api_version", NotNeeded("only Azure is asked by versions")),
    (
        "azure_api_version",
        NotNeeded("only Azure is asked by versions"),
    ),
    (
        "strict_open_ai_compliance",
        NotNeeded("answers have the caller's format"),
    ),
    ("name", NotNeeded("targets are named by provider and model")),
    (
        "metadata",
        Lost("nothing is added to requests for tracing; spans carry service and team"),
    ),
    (
        "on_status_codes",
        Lost("what fails over follows from the kind of failure"),
    ),
];

/// Imports a config as the model `name`.
pub(super) fn import(input: &Input<'_>, name: &str, draft: &mut Draft) {
    let made = targets(input, 0, draft);
    if let Some(first) = made.targets.first() {
        let is_plain = made.targets.len() == 1 && first.model.is_none() && first.when.is_none();
        if is_plain {
            draft.default = Some(first.provider.clone());
            input.carried(format!(
                "`default: true` at the provider {}: callers name its models",
                first.provider
            ));
        } else {
            if made.targets.iter().any(|target| target.model.is_none()) {
                input.lost(format!("a target names no model: callers did; write `model:` at each target of `{name}`"));
            }
            let model = Model {
                name: name.to_owned(),
                overrides: joined(&made.targets, "overrides", input),
                ..made
            };
            match draft.model(model) {
                Ok(()) => {
                    input.carried(format!("the model `{name}`; --model gives it another name"));
                }
                Err(instead) => input.lost(instead),
            }
        }
    }
    retries(input, draft);
    rest(input, 0);
}

/// Notes what nobody looked at, here and in targets within.
fn rest(input: &Input<'_>, depth: usize) {
    if depth <= DEPTH_MAX && !input.is_lost() {
        for target in input.items_at("targets") {
            rest(&target, depth.saturating_add(1));
        }
    }
    if let Some(params) = input.at("override_params") {
        for (_name, value) in params.members() {
            value.rest_as(Lost(
                "what has a name under `models[].prompt.overrides` is written there; the rest is sent by callers",
            ));
        }
    }
    input.rest(RULES);
}

/// The targets of a config, or of one within another.
fn targets(input: &Input<'_>, depth: usize, draft: &mut Draft) -> Model {
    let listed = input.items_at("targets");
    if listed.is_empty() {
        return Model {
            targets: target(input, draft).into_iter().collect(),
            ..Model::default()
        };
    }
    if depth >= DEPTH_MAX {
        input.lost(format!(
            "targets within targets deeper than {DEPTH_MAX} levels"
        ));
        return Model::default();
    }
    let strategy = input.at("strategy");
    let inner: Vec<(Input<'_>, Model)> = listed
        .into_iter()
        .map(|target| {
            let made = targets(&target, depth.saturating_add(1), draft);
            retries(&target, draft);
            (target, made)
        })
        .collect();
    let made = match &strategy {
        Some(strategy) => combined(strategy, &inner),
        None => {
            if inner.len() > 1 {
                input.lost("it says no strategy; its targets are taken in order");
            }
            in_order(&inner)
        }
    };
    if let Some(strategy) = strategy {
        strategy.rest(RULES);
    }
    made
}

/// The targets as a strategy has them.
fn combined(strategy: &Input<'_>, inner: &[(Input<'_>, Model)]) -> Model {
    let mode = strategy.at("mode");
    let carried = || {
        if let Some(mode) = &mode {
            mode.carried("`strategy`, or the order of the targets");
        }
    };
    match mode.as_ref().and_then(|mode| mode.text()) {
        Some("loadbalance") => {
            carried();
            balanced(inner)
        }
        Some("conditional") => {
            carried();
            condition::chosen(strategy, inner)
        }
        Some("fallback") => {
            carried();
            in_order(inner)
        }
        Some("single") => {
            carried();
            let (first, others) = inner.split_at(inner.len().min(1));
            for (target, _made) in others {
                target.not_needed("with `single` only the first target is asked");
            }
            in_order(first)
        }
        _ => {
            let told = "this mode is not known here; the targets are taken in order";
            mode.as_ref().unwrap_or(strategy).lost(told);
            in_order(inner)
        }
    }
}

/// The first of each in the order written; the others of each behind it.
fn in_order(inner: &[(Input<'_>, Model)]) -> Model {
    let is_weighted = inner
        .first()
        .is_some_and(|(_target, made)| made.is_weighted);
    let mut targets = Vec::new();
    for (index, (target, made)) in inner.iter().enumerate() {
        if let Some(weight) = target.at("weight") {
            weight.not_needed("targets are taken in order");
        }
        if index > 0 && made.is_weighted {
            target.lost("behind the first, targets are taken in the order of their weights");
        }
        let mut more = made.targets.clone();
        if index > 0 {
            more.sort_by(|one, other| other.weight.total_cmp(&one.weight));
            more.iter_mut().for_each(|target| target.weight = 0.0);
        }
        targets.extend(more);
    }
    Model {
        is_weighted,
        targets,
        ..Model::default()
    }
}

/// How much of a target's share each target within it has.
fn within(made: &Model) -> Vec<f64> {
    let sum: f64 = made.targets.iter().map(|target| target.weight).sum();
    let share = |(index, target): (usize, &Target)| match (made.is_weighted, index) {
        (true, _) if sum > 0.0 => target.weight / sum,
        (_, 0) => 1.0,
        _ => 0.0,
    };
    made.targets.iter().enumerate().map(share).collect()
}

/// Each target of each by its share of the whole.
fn balanced(inner: &[(Input<'_>, Model)]) -> Model {
    let mut targets = Vec::new();
    for (target, made) in inner {
        let weight = target.at("weight");
        if let Some(weight) = &weight {
            weight.carried("`weight` of the target");
        }
        let share = weight.and_then(|weight| weight.number()).unwrap_or(1.0);
        for (target, within) in made.targets.iter().zip(within(made)) {
            targets.push(Target {
                weight: share * within,
                ..target.clone()
            });
        }
    }
    Model {
        is_weighted: true,
        targets,
        ..Model::default()
    }
}

fn target(input: &Input<'_>, draft: &mut Draft) -> Option<Target> {
    let overridden = input.at("override_params");
    let named = overridden.as_ref().and_then(|params| params.at("model"));
    let written = named.as_ref().and_then(|model| model.text());
    // `@slug/model` names a provider that Portkey keeps.
    let slug = written
        .and_then(|model| model.strip_prefix('@'))
        .and_then(|rest| rest.split_once('/'));
    let (word, key, kept) = whose(input, slug.map(|(slug, _model)| slug))?;
    let model = slug.map(|(_slug, model)| model).or(written);
    if let Some(named) = named.as_ref().filter(|_| !model.is_some_and(is_model_name)) {
        named.lost("this is no name of a model here; add the target by hand");
        return None;
    }
    let kept_variable = kept.as_ref().map(|kept| {
        kept.carried("`secret_key_ref`: the key itself is kept by Portkey");
        let id = kept.text().unwrap_or_default();
        let host = base(input);
        let host = host.as_ref().and_then(|host| host.text());
        let wanted = known::key_variable_at(&word, host);
        draft.secrets.elsewhere(kept.path(), id, &wanted)
    });
    let wanted = Wanted {
        word: &word,
        name: known::label(&word),
        base: base(input),
        key: key.into(),
        headers: headers(input),
        timeouts: Timeouts::new(),
        site: input.pick(SITE),
    };
    let made = match kept_variable {
        Some(variable) => wanted.provider_with(&variable, input, draft),
        None => wanted.provider(input, draft),
    };
    let Some(provider) = made else {
        input.lost(format!(
            "nobody here speaks to {word}; reach it by an OpenAI-compatible `custom_host`"
        ));
        return None;
    };
    if let Some(written) = input.at("provider") {
        written.carried(format!("the provider {provider}"));
    }
    let sent = overridden.as_ref().map(sent).unwrap_or_default();
    if let Some(model) = &named {
        model.carried("`model` of the target");
    }
    let mut timeouts = Timeouts::new();
    if let Some(wait) = input.at("request_timeout")
        && let Some(ms) = wait.number()
    {
        wait.carried("`timeouts.whole_ms` of the target");
        timeouts.insert("whole_ms", whole(ms, 1.0, 86_400_000.0));
    }
    Some(Target {
        provider,
        model: model.map(str::to_owned),
        weight: 1.0,
        when: None,
        timeouts,
        sent,
    })
}

/// Headers that have a member of their own.
fn headers<'v>(input: &Input<'v>) -> Vec<(&'v str, Input<'v>)> {
    let mut headers = Vec::new();
    for (key, header) in [
        ("openai_organization", "openai-organization"),
        ("openai_project", "openai-project"),
        ("anthropic_version", "anthropic-version"),
        ("anthropic_beta", "anthropic-beta"),
    ] {
        headers.extend(input.at(key).map(|value| (header, value)));
    }
    headers
}

/// The provider's word, its key, and the name under which Portkey keeps the key.
fn whose<'v>(
    input: &Input<'v>,
    slug: Option<&str>,
) -> Option<(String, Option<Input<'v>>, Option<Input<'v>>)> {
    let provider = input.at("provider");
    let virtual_key = input.at("virtual_key");
    let written = provider.as_ref().and_then(|provider| provider.text());
    let kept = written.and_then(|name| name.strip_prefix('@'));
    if let Some(word) = written.filter(|_| kept.is_none()) {
        return Some((word.to_owned(), input.at("api_key"), virtual_key));
    }
    let (name, at) = match (kept, &virtual_key, slug) {
        (Some(name), _, _) => (name, provider.clone()),
        (None, Some(key), _) => (key.text()?, virtual_key.clone()),
        (None, None, Some(slug)) => (
            slug,
            input
                .at("override_params")
                .and_then(|params| params.at("model")),
        ),
        (None, None, None) => {
            if input.at("override_params").is_some() || input.at("api_key").is_some() {
                input.lost(
                    "it names no provider; callers did by a header. Add the provider by hand",
                );
            }
            return None;
        }
    };
    let Some(word) = guessed(name) else {
        if let Some(at) = &at {
            at.lost("Portkey keeps whose key this is; add the provider and the target by hand");
        }
        return None;
    };
    if let Some(at) = &at {
        at.lost(format!(
            "it is taken for {word} by its name; see that this is right"
        ));
    }
    Some((word, None, at))
}

/// Whose key it is, by the words of its name.
fn guessed(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| known::is_known(word)).map(str::to_owned)
}

/// Its address: written, or made of what Azure is asked by.
fn base<'v>(input: &Input<'v>) -> Option<Input<'v>> {
    input
        .at("custom_host")
        .or_else(|| input.at("azure_foundry_url"))
}

fn retries(input: &Input<'_>, draft: &mut Draft) {
    if let Some(retry) = input.at("retry") {
        if let Some(attempts) = retry.at("attempts")
            && let Some(count) = attempts.number()
        {
            // The first attempt counts too.
            let count = whole(count + 1.0, 1.0, 100.0);
            draft.number(("failover", "attempts_max"), count, &attempts);
        }
        if let Some(header) = retry.at("use_retry_after_header") {
            header
                .not_needed("`retry-after` is waited for, up to `gateway.failover.backoff_ms_max`");
        }
        retry.rest(RULES);
    }
    if !input.items_at("targets").is_empty()
        && let Some(wait) = input.at("request_timeout")
        && let Some(ms) = wait.number()
    {
        let ms = whole(ms, 1.0, 86_400_000.0);
        draft.number(("timeouts", "whole_ms"), ms, &wait);
    }
}
