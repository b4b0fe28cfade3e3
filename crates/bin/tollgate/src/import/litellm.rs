//! `LiteLLM` proxy: `config.yaml`.
//!
//! Entries of `model_list` with one name are the targets of one model here. Their share is
//! `weight`, else `rpm`, else `tpm`, as its `simple-shuffle` draws; with `order` they stand
//! in that order.

mod guardrails;
mod settings;

use std::collections::BTreeMap;
use std::iter;

use super::draft::{Draft, Model, Target, Timeouts, is_model_name, seconds_ms};
use super::input::{Input, Rule};
use super::known;
use super::parameters::{joined, price, sent};
use super::wanted::Wanted;

use Rule::{Lost, NotNeeded};

/// Where a cloud has a provider: our names and theirs.
const SITE: &[(&str, &str)] = &[
    ("region", "aws_region_name"),
    ("region", "vertex_location"),
    ("project", "vertex_project"),
    ("api_version", "api_version"),
];

const LIMITS: Rule = Lost("there are no rate limits here yet; keep the limit where it is");

/// Members of `litellm_params` that no code looks at.
const PARAMETERS: &[(&str, Rule)] = &[
    (
        "vertex_credentials",
        Lost(
            "write it as `google: {key_ref: …}` at the provider, or set GOOGLE_APPLICATION_CREDENTIALS",
        ),
    ),
    (
        "aws_profile_name",
        Lost("write it as `aws: {profile: …}` at the provider"),
    ),
    (
        "tenant_id",
        Lost("write it under `azure` at the provider, or set AZURE_TENANT_ID"),
    ),
    (
        "client_id",
        Lost("write it under `azure` at the provider, or set AZURE_CLIENT_ID"),
    ),
    (
        "client_secret",
        Lost("write it under `azure` at the provider, or set AZURE_CLIENT_SECRET"),
    ),
    ("rpm", LIMITS),
    ("tpm", LIMITS),
    ("max_parallel_requests", LIMITS),
    (
        "weight",
        Lost("`order` decides, so the weight has no effect"),
    ),
    (
        "max_retries",
        Lost("attempts are counted for all targets: `gateway.failover.attempts_max`"),
    ),
    (
        "num_retries",
        Lost("attempts are counted for all targets: `gateway.failover.attempts_max`"),
    ),
    (
        "drop_params",
        NotNeeded("what a target cannot take is left out and named in `x-tollgate-loss`"),
    ),
    (
        "input_cost_per_second",
        Lost("a model is priced by tokens: `catalogue[].prices`"),
    ),
    (
        "output_cost_per_second",
        Lost("a model is priced by tokens: `catalogue[].prices`"),
    ),
    (
        "tags",
        Lost("write a condition over a header: `when` at the target"),
    ),
    ("mock_response", Lost("use a provider of kind `simulator`")),
    ("api_version", NotNeeded("only Azure is asked by versions")),
    (
        "aws_access_key_id",
        Lost("set it as AWS_ACCESS_KEY_ID in the environment"),
    ),
    (
        "aws_secret_access_key",
        Lost("set it as AWS_SECRET_ACCESS_KEY in the environment"),
    ),
    (
        "aws_session_token",
        Lost("set it as AWS_SESSION_TOKEN in the environment"),
    ),
    (
        "litellm_credential_name",
        Lost("name the key by `secret_key_ref` at the provider"),
    ),
    (
        "cooldown_time",
        Lost("a target is not set aside; each request goes on to the next one"),
    ),
    (
        "use_in_pass_through",
        NotNeeded("plain routes are written under `routes`"),
    ),
    ("temperature", SAMPLING),
    ("top_p", SAMPLING),
    ("max_tokens", SAMPLING),
    ("stop", SAMPLING),
    ("max_completion_tokens", SAMPLING),
    ("frequency_penalty", SAMPLING),
    ("presence_penalty", SAMPLING),
    ("seed", SAMPLING),
    ("reasoning_effort", SAMPLING),
    (
        "extra_body",
        Lost(
            "what has a name under `models[].prompt` is written there; the rest is sent by callers",
        ),
    ),
];

const SAMPLING: Rule =
    Lost("write it as `models[].prompt.defaults`, where it has a name and a value of its kind");

/// Members of one entry that no code looks at.
const ENTRY: &[(&str, Rule)] = &[(
    "model_info",
    NotNeeded("what models can do is built in; say what you know better under `catalogue`"),
)];

/// One entry of the list.
struct Entry<'v> {
    name: &'v str,
    input: Input<'v>,
    params: Input<'v>,
    target: Option<Target>,
}

/// Imports a whole configuration.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    for item in input.items_at("model_list") {
        let (Some(name), Some(params)) = (item.word("model_name"), item.at("litellm_params"))
        else {
            item.lost(
                "an entry has a `model_name` and `litellm_params`; correct it and import again",
            );
            continue;
        };
        let target = target(&params, draft);
        if let Some(target) = &target {
            costs(&item, &params, target, draft);
        }
        entries.push(Entry {
            name,
            input: item,
            params,
            target,
        });
    }
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Vec<&Entry<'_>>> = Vec::new();
    for entry in &entries {
        let place = *places.entry(entry.name).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(entry),
            None => groups.push(vec![entry]),
        }
    }
    for group in groups {
        one_model(&group, draft);
    }
    for entry in &entries {
        entry.params.rest(PARAMETERS);
        entry.input.rest(ENTRY);
    }
    guardrails::import(input, draft);
    settings::import(input, draft);
    input.rest(settings::TOP);
}

/// What an entry says that its model costs.
fn costs(item: &Input<'_>, params: &Input<'_>, target: &Target, draft: &mut Draft) {
    let info = item.at("model_info");
    let said: Vec<&Input<'_>> = iter::once(params).chain(&info).collect();
    if let Some(price) = price(&said, target)
        && !draft.price(price)
    {
        item.lost("another entry has another price for this model at this provider: `catalogue[].prices` has one");
    }
}

/// All entries of one name as one model.
fn one_model(group: &[&Entry<'_>], draft: &mut Draft) {
    let group = || group.iter().copied();
    let Some(name) = group().map(|entry| entry.name).next() else {
        return;
    };
    if name.contains('*') {
        group().for_each(|entry| wildcard(entry, draft));
        return;
    }
    let has = |key: &str| group().any(|entry| entry.params.at(key).is_some());
    let ordered = has("order");
    let measure = ["weight", "rpm", "tpm"].into_iter().find(|key| has(key));
    let is_weighted = !ordered && group().count() > 1;
    let mut targets: Vec<(f64, Target)> = Vec::new();
    for entry in group() {
        let number = |key: &str| entry.params.at(key).and_then(|value| value.number());
        let Some(mut target) = entry.target.clone() else {
            continue;
        };
        target.weight = match measure {
            Some(key) if is_weighted => number(key).unwrap_or(0.0),
            _ => 1.0,
        };
        if is_weighted && let Some(share) = measure.and_then(|key| entry.params.at(key)) {
            share.carried("`weight`, its share among the targets of the name");
            if measure != Some("weight") {
                share.lost(
                    "it is a share now and no longer a limit; there are no rate limits here yet",
                );
            }
        }
        if let Some(order) = entry.params.at("order") {
            order.carried("the order of the targets");
        }
        targets.push((number("order").unwrap_or(f64::MAX), target));
    }
    if ordered {
        targets.sort_by(|one, other| one.0.total_cmp(&other.0));
    }
    let targets: Vec<Target> = targets.into_iter().map(|(_order, target)| target).collect();
    let mut model = Model {
        name: name.to_owned(),
        is_weighted,
        ..Model::default()
    };
    if let Some(entry) = group().next() {
        model.defaults = joined(&targets, "defaults", &entry.params);
    }
    model.targets = targets;
    let made = draft.model(model);
    for entry in group() {
        let Some(written) = entry.input.at("model_name") else {
            continue;
        };
        match &made {
            Ok(()) => written.carried("`models[].name`"),
            Err(instead) => written.lost(instead.clone()),
        }
    }
}

/// `openai/*` is reached here by the name of its provider, `*` by the default provider.
fn wildcard(entry: &Entry<'_>, draft: &mut Draft) {
    let Some(written) = entry.input.at("model_name") else {
        return;
    };
    let Some(target) = &entry.target else {
        written.lost("its provider was not carried");
        return;
    };
    let prefix = entry.name.strip_suffix("/*");
    if entry.name == "*" && draft.default.is_none() && target.model.is_none() {
        draft.default = Some(target.provider.clone());
        written.carried(format!(
            "`default: true` at the provider {}",
            target.provider
        ));
    } else if prefix == Some(target.provider.as_str()) && target.model.is_none() {
        written.carried(format!(
            "callers name its models `{}/NAME`, as before",
            target.provider
        ));
    } else {
        let provider = &target.provider;
        written.lost(format!(
            "callers name models of a provider `{provider}/NAME`; list other names under `models`"
        ));
    }
}

/// The target that an entry describes.
fn target(params: &Input<'_>, draft: &mut Draft) -> Option<Target> {
    let model = params.at("model")?;
    let written = model.text()?;
    let custom = params.take("custom_llm_provider", "`kind` of the provider");
    let (word, there) = match (custom, written.split_once('/')) {
        (Some(word), Some((first, rest))) if first == word => (word, rest),
        (Some(word), _) => (word, written),
        (None, Some((first, rest))) => (first, rest),
        (None, None) => (guessed(written), written),
    };
    let there = rewritten(there, &model);
    let Some(provider) = provider(word, params, draft) else {
        model.lost(format!(
            "nobody here speaks to {word}; reach it by an OpenAI-compatible `base_url`"
        ));
        return None;
    };
    let is_any = there == "*";
    if !is_any && !is_model_name(there) {
        model.lost("this is no name of a model here");
        return None;
    }
    model.carried(format!("`models[].targets[]` at the provider {provider}"));
    Some(Target {
        provider,
        model: (!is_any).then(|| there.to_owned()),
        weight: 1.0,
        when: None,
        timeouts: timeouts(params),
        sent: sent(params),
    })
}

/// The name without words that say which of its APIs a provider is asked by.
fn rewritten<'n>(there: &'n str, model: &Input<'_>) -> &'n str {
    for prefix in ["responses/", "converse/", "invoke/", "chat/"] {
        if let Some(rest) = there.strip_prefix(prefix) {
            model.carried("without its prefix: the API follows from the provider");
            return rest;
        }
    }
    there
}

/// Whose model a name without provider is.
fn guessed(model: &str) -> &'static str {
    if model.starts_with("claude") {
        "anthropic"
    } else if model.starts_with("gemini") {
        "vertex_ai"
    } else {
        "openai"
    }
}

fn provider(word: &str, params: &Input<'_>, draft: &mut Draft) -> Option<String> {
    let mut headers = params.members_at("extra_headers");
    headers.extend(
        params
            .at("organization")
            .map(|value| ("openai-organization", value)),
    );
    Wanted {
        word,
        name: known::label(word),
        base: params.at("api_base").or_else(|| params.at("base_url")),
        key: params.at("api_key").into(),
        headers,
        timeouts: Timeouts::new(),
        site: params.pick(SITE),
    }
    .provider(params, draft)
}

fn timeouts(params: &Input<'_>) -> Timeouts {
    let mut timeouts = Timeouts::new();
    for (key, name) in [
        ("timeout", "whole_ms"),
        ("stream_timeout", "first_token_ms"),
    ] {
        let Some(input) = params.at(key) else {
            continue;
        };
        match input.number().filter(|seconds| *seconds > 0.0) {
            Some(seconds) => {
                input.carried(format!("`timeouts.{name}` of the target"));
                timeouts.insert(name, seconds_ms(seconds));
            }
            None => input.lost(format!("write it as `timeouts.{name}`, in milliseconds")),
        }
    }
    timeouts
}
