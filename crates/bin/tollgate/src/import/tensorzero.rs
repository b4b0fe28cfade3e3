//! `TensorZero`: `tensorzero.toml`.
//!
//! A model and its `routing` is a model with its targets in order; a function is a model
//! whose targets are those of its variants, by weight. Callers write the plain name.

use super::draft::{Draft, Model, Target, Timeouts, is_model_name, whole};
use super::input::{Input, Rule};
use super::known;
use super::parameters::{joined, sent};
use super::wanted::{Key, Wanted};
use super::yaml::Node;

use Rule::{Lost, NotNeeded};

/// Where a cloud has a provider: our names and theirs.
const SITE: &[(&str, &str)] = &[
    ("region", "region"),
    ("region", "location"),
    ("project", "project_id"),
];

const STORE: Rule =
    NotNeeded("prompts and answers are not kept; usage is a metric and in the access log");
const LEARNING: Rule = Lost("there are no evaluations and experiments here");
const PROMPT: Rule = Lost("write its text as `models[].prompt.system_before`, with our variables");
const SAMPLING: Rule = Lost("write it as `models[].prompt.defaults`, if it has a name there");
const REQUEST: Rule = Lost("it is the caller's: send it with the request");
const PRICES: Rule = Lost("write it as `catalogue[].prices`, in dollars for a million tokens");
const ENVIRONMENT: Rule = Lost("set it in the gateway's environment");

const TOP: &[(&str, Rule)] = &[
    ("clickhouse", STORE),
    ("postgres", STORE),
    ("object_storage", STORE),
    ("metrics", LEARNING),
    ("evaluations", LEARNING),
    ("optimizers", LEARNING),
    ("autopilot", LEARNING),
    (
        "tools",
        Lost("tools are the callers'; send them with the request"),
    ),
    (
        "embedding_models",
        Lost("list them under `models`, with their providers"),
    ),
    (
        "rate_limiting",
        Lost("there are no rate limits here yet; keep them where they are"),
    ),
    ("provider_types", Lost("write it at each provider")),
];

const GATEWAY: &[(&str, Rule)] = &[
    ("observability", STORE),
    ("debug", NotNeeded("the log's level is TOLLGATE_LOG")),
    (
        "disable_pseudonymous_usage_analytics",
        NotNeeded("nothing is sent to us"),
    ),
    (
        "auth",
        NotNeeded("callers always need a key: `tollgate keys new`"),
    ),
    (
        "export",
        Lost("traces go by OTLP: `telemetry.traces.otlp_endpoint`"),
    ),
    ("base_path", Lost("paths are those of the wire formats")),
    ("cache", Lost("answers are not cached here yet")),
    ("relay", Lost("write the other gateway as a provider")),
    ("metrics", NotNeeded("buckets of metrics are fixed")),
    ("template_filesystem_access", PROMPT),
    (
        "fetch_and_encode_input_files_before_inference",
        NotNeeded("files by address are fetched by the provider"),
    ),
    ("unstable_disable_feedback_target_validation", LEARNING),
];

const PROVIDER: &[(&str, Rule)] = &[
    ("cost", PRICES),
    ("batch_cost", PRICES),
    ("extra_body", SAMPLING),
    (
        "discard_unknown_chunks",
        NotNeeded("what nobody knows is passed on or named in `x-tollgate-loss`"),
    ),
    (
        "provider_tools",
        Lost("tools are the callers'; send them with the request"),
    ),
    (
        "api_type",
        Lost("the format follows from the provider and the caller"),
    ),
    (
        "include_encrypted_reasoning",
        NotNeeded("it is asked for by the caller"),
    ),
    ("region", ENVIRONMENT),
    ("location", ENVIRONMENT),
    ("project_id", ENVIRONMENT),
    ("credential_location", ENVIRONMENT),
    (
        "allow_auto_detect_region",
        NotNeeded("the region is said by the environment"),
    ),
    ("hosted_provider", Lost("SageMaker is not spoken to here")),
];

const VARIANT: &[(&str, Rule)] = &[
    ("type", NotNeeded("the model is asked as the caller asks")),
    ("system_template", PROMPT),
    ("user_template", PROMPT),
    ("assistant_template", PROMPT),
    ("templates", PROMPT),
    ("input_wrappers", PROMPT),
    ("system_instructions", PROMPT),
    ("temperature", SAMPLING),
    ("top_p", SAMPLING),
    ("max_tokens", SAMPLING),
    ("presence_penalty", SAMPLING),
    ("frequency_penalty", SAMPLING),
    ("seed", SAMPLING),
    ("stop_sequences", SAMPLING),
    ("json_mode", REQUEST),
    ("thinking_budget_tokens", SAMPLING),
    ("service_tier", SAMPLING),
    ("timeouts", Lost("write `timeouts` at the targets")),
    ("reasoning_effort", SAMPLING),
    ("verbosity", SAMPLING),
    ("extra_body", SAMPLING),
    (
        "extra_headers",
        Lost("write it under `headers` of the provider"),
    ),
    (
        "retries",
        Lost("attempts are counted for all models: `gateway.failover.attempts_max`"),
    ),
];

const FUNCTION: &[(&str, Rule)] = &[
    ("type", NotNeeded("the model is asked as the caller asks")),
    ("system_schema", PROMPT),
    ("user_schema", PROMPT),
    ("assistant_schema", PROMPT),
    ("output_schema", REQUEST),
    ("schemas", PROMPT),
    ("tools", REQUEST),
    ("tool_choice", REQUEST),
    ("parallel_tool_calls", REQUEST),
    ("description", NotNeeded("it is a comment")),
    ("evaluators", LEARNING),
];

/// Imports a whole configuration.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    for (name, model) in input.members_at("models") {
        one_model(name, &model, draft);
    }
    for (name, function) in input.members_at("functions") {
        one_function(name, &function, draft);
    }
    if let Some(gateway) = input.at("gateway") {
        address(&gateway, draft);
        if let Some(wait) = gateway.at("global_outbound_http_timeout_ms")
            && let Some(ms) = wait.number()
        {
            let ms = whole(ms, 1.0, 86_400_000.0);
            draft.number(("timeouts", "whole_ms"), ms, &wait);
        }
        gateway.rest(GATEWAY);
    }
    input.rest(TOP);
}

fn address(gateway: &Input<'_>, draft: &mut Draft) {
    let Some(bind) = gateway.at("bind_address") else {
        return;
    };
    let parsed = bind
        .text()
        .and_then(|text| text.parse::<std::net::SocketAddr>().ok());
    let Some(address) = parsed else {
        bind.lost("write it as `gateway.host` and `gateway.port`");
        return;
    };
    bind.carried("`gateway.host` and `gateway.port`");
    draft.gateway("", "host", Node::text(address.ip().to_string()));
    draft.gateway("", "port", Node::Number(u64::from(address.port())));
}

fn one_model(name: &str, input: &Input<'_>, draft: &mut Draft) {
    let around = waits(input, "`timeouts` of the targets");
    let providers = input.members_at("providers");
    let routing = input.items_at("routing");
    let order: Vec<&str> = routing.iter().filter_map(Input::text).collect();
    let mut targets = Vec::new();
    for word in &order {
        let Some((_, provider)) = providers.iter().find(|(key, _provider)| key == word) else {
            continue;
        };
        let Some(mut target) = target(word, name, provider, draft) else {
            continue;
        };
        for (wait, ms) in &around {
            target.timeouts.entry(wait).or_insert(*ms);
        }
        targets.push(target);
    }
    for (word, provider) in &providers {
        if !order.contains(word) {
            provider.not_needed("`routing` does not name it");
        } else if !provider.is_lost() {
            provider.rest(PROVIDER);
        }
    }
    if let Some(routing) = input.at("routing") {
        routing.carried("the order of the targets");
    }
    let model = Model {
        name: name.to_owned(),
        targets,
        ..Model::default()
    };
    match draft.model(model) {
        Ok(()) => input.carried(format!(
            "the model `{name}`, which callers name without `tensorzero::model_name::`"
        )),
        Err(instead) => input.lost(instead),
    }
    input.rest(&[
        ("skip_relay", NotNeeded("there is no relay")),
        (
            "namespace",
            Lost("write a condition over a header: `when` at the targets"),
        ),
        (
            "retries",
            Lost("attempts are counted for all models: `gateway.failover.attempts_max`"),
        ),
    ]);
}

fn target(word: &str, name: &str, input: &Input<'_>, draft: &mut Draft) -> Option<Target> {
    let kind = input.word("type")?;
    let base = ["api_base", "endpoint", "endpoint_url"]
        .into_iter()
        .find_map(|key| input.at(key));
    let headers = input.items_at("extra_headers");
    let headers = headers
        .iter()
        .filter_map(|header| Some((header.word("name")?, header.at("value")?)));
    let wanted = Wanted {
        word: kind,
        name: if known::is_known(word) {
            known::label(word)
        } else {
            word
        },
        base,
        key: key(input),
        headers: headers.collect(),
        timeouts: Timeouts::new(),
        site: input.pick(SITE),
    };
    let Some(provider) = wanted.provider(input, draft) else {
        input.lost(format!(
            "nobody here speaks to {kind}; reach it by an OpenAI-compatible `api_base`"
        ));
        return None;
    };
    if let Some(written) = input.at("type") {
        written.carried(format!("the provider {provider}"));
    }
    for header in input.items_at("extra_headers") {
        header.rest(&[
            ("name", NotNeeded("it names the header")),
            ("delete", Lost("headers are not taken away")),
        ]);
    }
    let named = ["model_name", "model_id", "deployment_id"]
        .into_iter()
        .find_map(|key| input.at(key));
    if let Some(named) = &named {
        named.carried("`model` of the target");
    }
    let model = named.and_then(|named| named.text()).unwrap_or(name);
    if !is_model_name(model) {
        input.lost("this is no name of a model here");
        return None;
    }
    Some(Target {
        provider,
        model: Some(model.to_owned()),
        weight: 1.0,
        when: None,
        timeouts: waits(input, "`timeouts` of the target"),
        ..Target::default()
    })
}

/// Its key; one that is said by a file or by the caller gets another way.
fn key<'v>(provider: &Input<'v>) -> Key<'v> {
    let Some(key) = provider.at("api_key_location") else {
        return Key::Unsaid;
    };
    let Some(text) = key.text() else {
        key.lost("the first of several places counts here: name one variable by `secret_key_ref`");
        return Key::Unsaid;
    };
    if let Some(_path) = text.strip_prefix("path::") {
        key.lost("write it as `secret_key_ref: {file: …}`");
    } else if text.starts_with("dynamic::") {
        key.lost("a key that callers send is passed on by `pass_caller_credential: true`");
    } else if text == "none" {
        key.not_needed("it needs no key");
        return Key::NotWanted;
    } else {
        return Key::Said(key);
    }
    Key::Unsaid
}

/// Waits: the older flat words, or those for whole and streamed answers.
fn waits(input: &Input<'_>, place: &str) -> Timeouts {
    let mut timeouts = Timeouts::new();
    let Some(written) = input.at("timeouts") else {
        return timeouts;
    };
    for (group, key, name) in [
        ("non_streaming", "total_ms", "whole_ms"),
        ("streaming", "total_ms", "whole_ms"),
        ("streaming", "ttft_ms", "first_token_ms"),
    ] {
        let Some(wait) = written.at(group).and_then(|group| group.at(key)) else {
            continue;
        };
        let Some(ms) = wait.number() else { continue };
        let ms = whole(ms, 1.0, 86_400_000.0);
        wait.carried(format!("{place}: `{name}`"));
        // One wait holds for whole and streamed answers: the longer one cuts nothing short.
        let longest = timeouts.get(name).copied().unwrap_or(0).max(ms);
        timeouts.insert(name, longest);
    }
    timeouts
}

fn one_function(name: &str, input: &Input<'_>, draft: &mut Draft) {
    let mut targets: Vec<Target> = Vec::new();
    let variants = input.members_at("variants");
    let shares = candidates(input);
    for (variant_name, variant) in &variants {
        let weight = variant.at("weight");
        if let Some(weight) = &weight {
            weight.carried("`weight` of the targets");
        }
        let written = weight.and_then(|weight| weight.number());
        let of_experiment = shares.iter().find(|(name, _share)| name == variant_name);
        // With weights, a variant without one is asked only when others fail.
        let share = of_experiment.map(|(_name, share)| *share).or(written);
        let any = !shares.is_empty()
            || variants
                .iter()
                .any(|(_name, other)| other.at("weight").is_some());
        let share = share.unwrap_or(if any { 0.0 } else { 1.0 });
        let made = of_variant(variant, draft);
        for (index, target) in made.into_iter().enumerate() {
            targets.push(Target {
                weight: if index == 0 { share } else { 0.0 },
                sent: sent(variant),
                ..target
            });
        }
    }
    let defaults = joined(&targets, "defaults", input);
    for (_name, variant) in variants.iter().filter(|(_name, other)| !other.is_lost()) {
        variant.rest(VARIANT);
    }
    let model = Model {
        name: name.to_owned(),
        is_weighted: targets.len() > 1,
        targets,
        defaults,
        ..Model::default()
    };
    match draft.model(model) {
        Ok(()) => input.carried(format!(
            "the model `{name}`, which callers name without `tensorzero::function_name::`"
        )),
        Err(instead) => input.lost(instead),
    }
    input.rest(FUNCTION);
}

/// Shares that an experiment gives to variants.
fn candidates<'v>(input: &Input<'v>) -> Vec<(&'v str, f64)> {
    let Some(experiment) = input.at("experimentation") else {
        return Vec::new();
    };
    let weighted = experiment.members_at("candidate_variants");
    let shares: Vec<(&str, f64)> = weighted
        .iter()
        .filter_map(|(name, share)| Some((*name, share.number()?)))
        .collect();
    if experiment.word("type") == Some("static_weights") && !shares.is_empty() {
        for (_name, share) in &weighted {
            share.carried("`weight` of the targets");
        }
    } else {
        let names = experiment.items_at("candidate_variants");
        let shares = names
            .iter()
            .filter_map(|name| Some((name.text()?, 1.0)))
            .collect();
        experiment.lost("variants are drawn evenly; there are no experiments here");
        return shares;
    }
    experiment.rest(&[
        ("type", NotNeeded("weights are `strategy: weighted`")),
        (
            "fallback_variants",
            Lost("add their targets with `weight: 0`"),
        ),
    ]);
    shares
}

/// The targets of a variant: those of a model of this file, or a provider's by its short name.
fn of_variant(variant: &Input<'_>, draft: &mut Draft) -> Vec<Target> {
    let Some(model) = variant.at("model") else {
        variant.lost("it names no model; several calls for one request are not made here");
        return Vec::new();
    };
    let Some(name) = model.text() else {
        return Vec::new();
    };
    if let Some(known) = draft.models.iter().find(|known| known.name == name) {
        model.carried("the targets of that model");
        return known.targets.clone();
    }
    let short = name
        .split_once("::")
        .filter(|(_word, there)| is_model_name(there));
    let Some((word, there)) = short else {
        model.lost("it names no model that was carried");
        return Vec::new();
    };
    let wanted = Wanted {
        word,
        name: known::label(word),
        base: None,
        key: Key::Unsaid,
        headers: Vec::new(),
        timeouts: Timeouts::new(),
        site: Vec::new(),
    };
    let Some(provider) = wanted.provider(variant, draft) else {
        model.lost(format!("nobody here speaks to {word}"));
        return Vec::new();
    };
    model.carried(format!("a target at the provider {provider}"));
    vec![Target {
        provider,
        model: Some(there.to_owned()),
        weight: 1.0,
        ..Target::default()
    }]
}
