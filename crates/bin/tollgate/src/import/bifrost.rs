//! Bifrost: `config.json`.
//!
//! Callers there write `provider/model`, which here names a model of a provider directly.
//! A provider with several keys is several providers here; the models that keys list are
//! drawn among them by weight.

mod service;

use std::collections::BTreeMap;

use super::draft::{Draft, Model, Target, Timeouts, is_model_name, seconds_ms, whole};
use super::input::{Input, Rule};
use super::wanted::{Key, Wanted};
use service::service;

use Rule::{Lost, NotNeeded};

/// Where a cloud has a provider: our names and theirs.
const SITE: &[(&str, &str)] = &[
    ("region", "region"),
    ("project", "project_id"),
    ("api_version", "api_version"),
];

const STORE: Rule = NotNeeded("the configuration is files; there is no database");
const ENVIRONMENT: Rule = Lost("set it in the gateway's environment");
const LOGS: Rule = NotNeeded("the access log is a file or standard output, without prompts");
const LIMITS: Rule =
    Lost("there are no budgets and rate limits here yet; keep them where they are");

const TOP: &[(&str, Rule)] = &[
    ("$schema", NotNeeded("ours is printed by `tollgate schema`")),
    ("config_store", STORE),
    ("logs_store", LOGS),
    ("vector_store", Lost("answers are not cached here yet")),
    ("framework", NotNeeded("list prices are built in")),
    ("mcp", Lost("MCP servers are not spoken to by this gateway")),
    ("encryption_key", NotNeeded("no secret is kept here")),
    ("version", NotNeeded("it says how the file is read")),
    (
        "server",
        NotNeeded("buffers are bounded by `gateway.limits`"),
    ),
    ("source_of_truth", STORE),
    ("env_label", NotNeeded("there is no console yet")),
    ("auth_config", NotNeeded("there is no console yet")),
];

const CLIENT: &[(&str, Rule)] = &[
    (
        "drop_excess_requests",
        NotNeeded("requests beyond `gateway.limits.requests_max` get 503"),
    ),
    (
        "initial_pool_size",
        NotNeeded("connections are made as they are needed"),
    ),
    ("enable_logging", LOGS),
    ("disable_content_logging", LOGS),
    ("log_retention_days", LOGS),
    (
        "allow_direct_keys",
        Lost("write `pass_caller_credential: true` at a provider"),
    ),
    (
        "allowed_origins",
        Lost("browsers are not answered with CORS headers"),
    ),
    (
        "prometheus_labels",
        Lost("labels of metrics are fixed: docs/reference/metrics.md"),
    ),
    (
        "enable_litellm_fallbacks",
        NotNeeded("formats are recognised by path"),
    ),
    ("enable_governance", NotNeeded("callers always need a key")),
    (
        "enforce_governance_header",
        NotNeeded("callers always need a key"),
    ),
    (
        "enforce_auth_on_inference",
        NotNeeded("callers always need a key"),
    ),
];

const PROVIDER: &[(&str, Rule)] = &[
    (
        "concurrency_and_buffer_size",
        NotNeeded("requests in work are bounded by `gateway.limits.requests_max`"),
    ),
    (
        "proxy_config",
        Lost("proxies on the way to providers are not used here"),
    ),
    (
        "send_back_raw_response",
        Lost("answers have the caller's format and nothing beside it"),
    ),
    (
        "send_back_raw_request",
        Lost("answers have the caller's format and nothing beside it"),
    ),
    (
        "custom_provider_config",
        NotNeeded("its `base_provider_type` is the `kind`"),
    ),
    (
        "pricing_overrides",
        Lost("write it as `catalogue[].prices`, in dollars for a million tokens"),
    ),
];

const NETWORK: &[(&str, Rule)] = &[
    (
        "retry_backoff_initial",
        Lost("write it as `gateway.failover.backoff_ms`"),
    ),
    (
        "retry_backoff_max",
        Lost("write it as `gateway.failover.backoff_ms_max`"),
    ),
    (
        "insecure_skip_verify",
        Lost("certificates are always checked; name your own authority by `ca_file`"),
    ),
    (
        "ca_cert_pem",
        Lost("put it into a file and name that by `ca_file`"),
    ),
    (
        "max_conns_per_host",
        NotNeeded("connections are made as they are needed"),
    ),
];

const KEY: &[(&str, Rule)] = &[
    ("id", NotNeeded("keys are named by their provider here")),
    ("name", NotNeeded("keys are named by their provider here")),
    ("use_for_batch_api", Lost("batches are not translated")),
    (
        "blacklisted_models",
        Lost("write the models that services may use: `services[].models`"),
    ),
    (
        "enabled",
        NotNeeded("it is on: one that is off is left out"),
    ),
    ("vllm_key_config", Lost("write its address as `base_url`")),
];

const CONFIGS: &[(&str, Rule)] = &[
    ("api_version", NotNeeded("only Azure is asked by versions")),
    ("access_key", ENVIRONMENT),
    ("secret_key", ENVIRONMENT),
    ("session_token", ENVIRONMENT),
    ("auth_credentials", ENVIRONMENT),
    ("client_id", ENVIRONMENT),
    ("client_secret", ENVIRONMENT),
    ("tenant_id", ENVIRONMENT),
];

/// What keys give for one model: providers with their share and the model's name there.
type Shared = BTreeMap<String, Vec<Target>>;

/// Imports a whole configuration.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    for (name, provider) in input.members_at("providers") {
        one_provider(name, &provider, draft);
    }
    if let Some(client) = input.at("client") {
        if let Some(size) = client.at("max_request_body_size_mb")
            && let Some(mb) = size.number()
        {
            let bytes = whole(mb * 1_048_576.0, 1.0, 1_073_741_824.0);
            draft.number(("limits", "body_bytes_max"), bytes, &size);
        }
        client.rest(CLIENT);
    }
    if let Some(governance) = input.at("governance") {
        for key in governance.items_at("virtual_keys") {
            service(&key, &governance, draft);
        }
        governance.rest(&[
            ("budgets", LIMITS),
            ("rate_limits", LIMITS),
            (
                "customers",
                Lost("a service has a team and nothing above it"),
            ),
            ("teams", NotNeeded("a service says its `team`")),
            ("auth_config", NotNeeded("there is no console yet")),
            ("routing_rules", Lost("write conditions at targets: `when`")),
        ]);
    }
    for plugin in input.items_at("plugins") {
        let is_off = plugin.at("enabled").is_some_and(|on| !on.is_true());
        match plugin.word("name") {
            _ if is_off => plugin.not_needed("it is off"),
            Some("telemetry" | "logging" | "prometheus") => plugin
                .not_needed("metrics are at `/metrics` of the admin port, the access log is on"),
            Some("governance") => plugin.not_needed("callers always need a key"),
            Some("otel") => plugin.lost("traces go by OTLP: `telemetry.traces.otlp_endpoint`"),
            Some("semantic_cache") => plugin.lost("answers are not cached here yet"),
            _ => plugin.lost("there are no plug-ins"),
        }
    }
    input.rest(TOP);
}

/// Its keys that are on; one that is none where it has none.
fn keys<'v>(input: &Input<'v>) -> Vec<Option<Input<'v>>> {
    let keys = input.items_at("keys");
    if keys.is_empty() {
        return vec![None];
    }
    let is_off = |key: &Input<'_>| key.at("enabled").is_some_and(|on| !on.is_true());
    let (off, on): (Vec<_>, Vec<_>) = keys.into_iter().partition(is_off);
    off.iter().for_each(|key| key.not_needed("it is off"));
    on.into_iter().map(Some).collect()
}

/// What a key says of its secret.
fn secret<'v>(key: Option<&Input<'v>>, provider: &Input<'_>) -> Key<'v> {
    let custom = provider.at("custom_provider_config");
    let keyless = custom.and_then(|custom| custom.at("is_key_less"));
    match key.and_then(|key| key.at("value")) {
        Some(value) if value.value() != "" => Key::Said(value),
        _ if keyless.is_some_and(|keyless| keyless.is_true()) => Key::NotWanted,
        _ => Key::Unsaid,
    }
}

fn one_provider(name: &str, input: &Input<'_>, draft: &mut Draft) {
    let custom = input
        .at("custom_provider_config")
        .and_then(|custom| custom.at("base_provider_type"));
    if let Some(custom) = &custom {
        custom.carried("`kind`");
    }
    let word = custom
        .as_ref()
        .and_then(|custom| custom.text())
        .unwrap_or(name);
    let network = input.at("network_config");
    let timeouts = waits(network.as_ref(), draft);
    let keys = keys(input);
    if keys.is_empty() {
        input.lost("none of its keys is on, so it is left out");
        return;
    }
    let is_alone = keys.len() == 1;
    let mut shared = Shared::new();
    for key in &keys {
        let config = key
            .as_ref()
            .and_then(|key| key.at(&format!("{}_key_config", name.replace('-', "_"))));
        let base = network.as_ref().and_then(|network| network.at("base_url"));
        let wanted = Wanted {
            word,
            name,
            base: base.or_else(|| config.as_ref().and_then(|config| config.at("endpoint"))),
            key: secret(key.as_ref(), input),
            headers: network
                .as_ref()
                .map_or_else(Vec::new, |network| network.members_at("extra_headers")),
            timeouts: timeouts.clone(),
            site: config
                .as_ref()
                .map_or_else(Vec::new, |config| config.pick(SITE)),
        };
        let Some(provider) = wanted.provider(input, draft) else {
            input.lost(format!(
                "nobody here speaks to {word}; reach it by an OpenAI-compatible `base_url`"
            ));
            return;
        };
        input.carried(format!("the provider {provider}"));
        if let Some(key) = key {
            models(
                key,
                config.as_ref(),
                &provider,
                (name, is_alone),
                &mut shared,
            );
            key.rest(KEY);
        }
    }
    for (model, targets) in shared {
        let entry = Model {
            name: format!("{name}/{model}"),
            is_weighted: targets.len() > 1,
            targets,
            ..Model::default()
        };
        if let Err(instead) = draft.model(entry) {
            input.lost(instead);
        }
    }
    if let Some(network) = network {
        network.rest(NETWORK);
    }
    input.rest(PROVIDER);
}

/// The models that a key is for.
fn models(
    key: &Input<'_>,
    config: Option<&Input<'_>>,
    provider: &str,
    (name, is_alone): (&str, bool),
    shared: &mut Shared,
) {
    let weight = key.at("weight");
    if let Some(weight) = &weight {
        if is_alone {
            weight.not_needed("there is one key");
        } else {
            weight.carried("`weight` of the targets");
        }
    }
    let share = weight.and_then(|weight| weight.number()).unwrap_or(1.0);
    let aliases = ["aliases", "deployments"].into_iter().find_map(|word| {
        key.at(word)
            .or_else(|| config.and_then(|config| config.at(word)))
    });
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for model in key.items_at("models") {
        match model.text() {
            Some("*") => {}
            Some(text) if is_model_name(text) => {
                names.insert(text.to_owned(), text.to_owned());
            }
            _ => model.lost("this is no name of a model here"),
        }
    }
    for (from, to) in aliases.iter().flat_map(|aliases| aliases.members()) {
        if let Some(there) = to
            .text()
            .filter(|there| is_model_name(there) && is_model_name(from))
        {
            names.insert(from.to_owned(), there.to_owned());
            to.carried("`model` of the target");
        }
    }
    let renamed = names.iter().any(|(from, to)| from != to);
    if let Some(models) = key.at("models") {
        if is_alone && !renamed {
            models.carried(format!("callers write `{name}/MODEL`, as before; what they may use is said by `services[].models`"));
        } else if names.is_empty() {
            models.lost(format!("keys are shared here for listed models only: `{name}/MODEL` uses the first key; add `models` with a target for each provider"));
        } else {
            models.carried("`models[]`");
        }
    }
    if !is_alone || renamed {
        for (from, to) in names {
            shared.entry(from).or_default().push(Target {
                provider: provider.to_owned(),
                model: Some(to),
                weight: share,
                ..Target::default()
            });
        }
    }
    if let Some(config) = config {
        config.rest(CONFIGS);
    }
}

fn waits(network: Option<&Input<'_>>, draft: &mut Draft) -> Timeouts {
    let mut timeouts = Timeouts::new();
    let Some(network) = network else {
        return timeouts;
    };
    if let Some(wait) = network.at("default_request_timeout_in_seconds")
        && let Some(seconds) = wait.number().filter(|seconds| *seconds > 0.0)
    {
        wait.carried("`timeouts.whole_ms` of the provider");
        timeouts.insert("whole_ms", seconds_ms(seconds));
    }
    if let Some(wait) = network.at("stream_idle_timeout_in_seconds")
        && let Some(seconds) = wait.number().filter(|seconds| *seconds > 0.0)
    {
        wait.carried("`timeouts.between_tokens_ms` of the provider");
        timeouts.insert("between_tokens_ms", seconds_ms(seconds));
    }
    if let Some(retries) = network.at("max_retries")
        && let Some(count) = retries.number()
    {
        // The first attempt counts too.
        let count = whole(count + 1.0, 1.0, 100.0);
        draft.number(("failover", "attempts_max"), count, &retries);
    }
    timeouts
}
