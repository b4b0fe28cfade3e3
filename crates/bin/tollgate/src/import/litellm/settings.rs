//! `LiteLLM`'s settings: of the router, of the library, of the proxy.

use crate::import::draft::{Draft, Model, Target, seconds_ms, whole};
use crate::import::input::{Input, Rule};

use Rule::{Lost, NotNeeded};

const COOLDOWN: Rule = Lost("a target is not set aside; each request goes on to the next one");
const CACHE: Rule = Lost("answers are not cached here yet");
const SHARED: Rule = Lost("gateways share no state here yet");
const MONEY: Rule = Lost("there are no budgets here yet; keep the limit where it is");
const PROMPTS_UNLOGGED: Rule = NotNeeded("prompts and answers are never logged here");
const KEYS: Rule = Lost("keys are made by `tollgate keys new` and stand under `services`");
const DATABASE: Rule = NotNeeded("the configuration is files; there is no database");
const ALWAYS_FAILS_OVER: Rule =
    Lost("every failure that another target may not have fails over, by the list of targets");

/// Members of the whole that no code looks at.
pub(super) const TOP: &[(&str, Rule)] = &[
    (
        "mcp_servers",
        Lost("MCP servers are not spoken to by this gateway"),
    ),
    (
        "include",
        Lost("import each file by itself, and put the results into `base/` of a folder of layers"),
    ),
    (
        "credential_list",
        Lost("name each key by `secret_key_ref` at its provider"),
    ),
    (
        "callback_settings",
        Lost("traces go by OTLP: `telemetry.traces.otlp_endpoint`"),
    ),
    ("files_settings", Lost("files are not kept by this gateway")),
    (
        "finetune_settings",
        Lost("fine-tuning is not offered by this gateway"),
    ),
    (
        "vector_store_registry",
        Lost("vector stores are not offered by this gateway"),
    ),
];

const LIBRARY: &[(&str, Rule)] = &[
    ("set_verbose", NotNeeded("the log's level is TOLLGATE_LOG")),
    ("json_logs", NotNeeded("the access log is JSON")),
    ("telemetry", NotNeeded("nothing is sent to us")),
    ("turn_off_message_logging", PROMPTS_UNLOGGED),
    ("redact_user_api_key_info", PROMPTS_UNLOGGED),
    ("redact_messages_in_exceptions", PROMPTS_UNLOGGED),
    ("cache", CACHE),
    ("cache_params", CACHE),
    ("context_window_fallbacks", ALWAYS_FAILS_OVER),
    ("content_policy_fallbacks", ALWAYS_FAILS_OVER),
    ("allowed_fails", COOLDOWN),
    ("cooldown_time", COOLDOWN),
    ("max_budget", MONEY),
    ("budget_duration", MONEY),
    ("max_internal_user_budget", MONEY),
    ("max_end_user_budget", MONEY),
    ("upperbound_key_generate_params", KEYS),
    ("default_key_generate_params", KEYS),
    (
        "default_team_settings",
        Lost("settings of a team are `policies` with `teams`"),
    ),
    (
        "ssl_verify",
        Lost("certificates are always checked; name your own authority by `ca_file`"),
    ),
    (
        "modify_params",
        NotNeeded("requests are translated by format"),
    ),
    ("enable_preview_features", NotNeeded("there are none")),
];

const ROUTER: &[(&str, Rule)] = &[
    ("redis_host", SHARED),
    ("redis_port", SHARED),
    ("redis_password", SHARED),
    ("redis_url", SHARED),
    (
        "retry_policy",
        Lost("what is retried follows from the kind of failure; `gateway.failover` bounds it"),
    ),
    (
        "model_group_retry_policy",
        Lost("attempts are counted for all models: `gateway.failover.attempts_max`"),
    ),
    ("allowed_fails_policy", COOLDOWN),
    ("allowed_fails", COOLDOWN),
    ("cooldown_time", COOLDOWN),
    ("disable_cooldowns", NotNeeded("there are none")),
    ("context_window_fallbacks", ALWAYS_FAILS_OVER),
    ("content_policy_fallbacks", ALWAYS_FAILS_OVER),
    (
        "enable_pre_call_checks",
        Lost("write a condition at the target: `when: input_bytes < 100000`"),
    ),
    (
        "routing_strategy_args",
        Lost("targets are drawn by weight or taken in order: `strategy`"),
    ),
    ("provider_budget_config", MONEY),
    ("set_verbose", NotNeeded("the log's level is TOLLGATE_LOG")),
    ("cache_responses", CACHE),
];

const PROXY: &[(&str, Rule)] = &[
    ("database_url", DATABASE),
    ("database_connection_pool_limit", DATABASE),
    ("store_model_in_db", DATABASE),
    ("salt_key", DATABASE),
    (
        "disable_spend_logs",
        NotNeeded("usage is a metric and a field of the access log"),
    ),
    (
        "alerting",
        Lost("alert by the metrics: docs/reference/metrics.md"),
    ),
    (
        "alerting_threshold",
        Lost("alert by the metrics: docs/reference/metrics.md"),
    ),
    (
        "alert_types",
        Lost("alert by the metrics: docs/reference/metrics.md"),
    ),
    (
        "background_health_checks",
        Lost("providers are not asked in advance; failures fail over"),
    ),
    (
        "health_check_interval",
        Lost("providers are not asked in advance; failures fail over"),
    ),
    (
        "pass_through_endpoints",
        Lost("write each as a `routes` entry with a provider of kind `http`"),
    ),
    (
        "enable_jwt_auth",
        Lost("callers have gateway keys: `services[].keys`"),
    ),
    (
        "litellm_jwtauth",
        Lost("callers have gateway keys: `services[].keys`"),
    ),
    (
        "custom_auth",
        Lost("callers have gateway keys: `services[].keys`"),
    ),
    (
        "allowed_routes",
        Lost("models are allowed by service: `services[].models`"),
    ),
    ("ui_access_mode", NotNeeded("there is no console yet")),
    (
        "max_response_size_mb",
        Lost("write it as `gateway.limits.answer_bytes_max`"),
    ),
];

/// Imports everything but the models.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    let sections = ["router_settings", "litellm_settings", "general_settings"];
    let sections: Vec<Input<'_>> = sections.iter().filter_map(|key| input.at(key)).collect();
    for section in &sections {
        common(section, draft);
    }
    // Aliases first: a fallback may name one.
    let aliases: Vec<Alias> = sections
        .iter()
        .flat_map(|section| aliases(section, draft))
        .collect();
    for section in &sections {
        fallbacks(section, &aliases, draft);
    }
    for (key, rules) in [
        ("router_settings", ROUTER),
        ("litellm_settings", LIBRARY),
        ("general_settings", PROXY),
    ] {
        if let Some(section) = input.at(key) {
            proxy(&section, draft);
            section.rest(rules);
        }
    }
    for (name, value) in input.members_at("environment_variables") {
        value.lost(format!("set {name} in the gateway's environment"));
    }
    if input
        .at("general_settings")
        .and_then(|general| general.at("master_key"))
        .is_none()
    {
        input.lost("without `master_key` everybody was served: callers need keys here, or write `gateway.anonymous: allow`");
    }
}

/// What may stand in more than one section.
fn common(section: &Input<'_>, draft: &mut Draft) {
    if let Some(retries) = section.at("num_retries") {
        if let Some(count) = retries.number() {
            // The first attempt counts too.
            let attempts = whole(count + 1.0, 1.0, 100.0);
            draft.number(("failover", "attempts_max"), attempts, &retries);
        } else {
            retries.lost("write it as `gateway.failover.attempts_max`");
        }
    }
    for (key, group, field) in [
        ("timeout", "timeouts", "whole_ms"),
        ("request_timeout", "timeouts", "whole_ms"),
        ("stream_timeout", "timeouts", "first_token_ms"),
        ("retry_after", "failover", "backoff_ms"),
    ] {
        let Some(input) = section.at(key) else {
            continue;
        };
        if let Some(seconds) = input.number().filter(|seconds| *seconds > 0.0) {
            let ms = match field {
                "backoff_ms" => seconds_ms(seconds).min(2000),
                _ => seconds_ms(seconds),
            };
            draft.number((group, field), ms, &input);
        } else if input.number().is_some() {
            input.not_needed("nothing waits longer than it must");
        }
    }
    if let Some(strategy) = section.at("routing_strategy") {
        match strategy.text() {
            Some("simple-shuffle") => strategy.carried("`strategy: weighted`"),
            _ => strategy.lost("targets are drawn by weight or taken in order: `strategy`"),
        }
    }
    if let Some(drop) = section.at("drop_params") {
        drop.not_needed("what a target cannot take is left out and named in `x-tollgate-loss`");
    }
    callbacks(section);
}

fn callbacks(section: &Input<'_>) {
    for key in [
        "callbacks",
        "success_callback",
        "failure_callback",
        "service_callback",
    ] {
        let Some(list) = section.at(key) else {
            continue;
        };
        let items = list.items();
        let items = if items.is_empty() { vec![list] } else { items };
        for item in items {
            match item.text() {
                Some("prometheus" | "prometheus_system") => {
                    item.not_needed("metrics are at `/metrics` of the admin port");
                }
                Some("otel" | "arize" | "langfuse_otel") => item.lost(
                    "traces go by OTLP: set OTEL_EXPORTER_OTLP_ENDPOINT, or `telemetry.traces.otlp_endpoint`",
                ),
                _ => item.lost("there are no callbacks; the access log, traces and metrics say what they said"),
            }
        }
    }
}

/// Another name, and the name whose targets it has.
type Alias = (String, String);

/// Other names for models.
fn aliases(section: &Input<'_>, draft: &mut Draft) -> Vec<Alias> {
    let mut made = Vec::new();
    for key in ["model_group_alias", "model_alias_map"] {
        for (alias, input) in section.members_at(key) {
            let named = input.text().or_else(|| input.word("model"));
            let known = named.and_then(|name| draft.models.iter().find(|model| model.name == name));
            let Some(known) = known.cloned() else {
                input.lost("it names no model that was carried; add it to `models` by hand");
                continue;
            };
            let hidden = input.at("hidden").is_some_and(|hidden| hidden.is_true());
            // Targets without a name of their own take the caller's: the alias.
            let name = known.name.clone();
            let there = name.clone();
            let named = |target: Target| Target {
                model: target.model.or_else(|| Some(there.clone())),
                ..target
            };
            let targets = known.targets.into_iter().map(named).collect();
            let model = Model {
                name: alias.to_owned(),
                targets,
                ..known
            };
            match draft.model(model) {
                Ok(()) => {
                    input.carried("`models[]`: the same targets under another name");
                    made.push((alias.to_owned(), name));
                }
                Err(instead) => input.lost(instead),
            }
            if hidden && let Some(hidden) = input.at("hidden") {
                hidden.lost("every name is listed by `/v1/models`");
            }
        }
    }
    made
}

/// The targets of other models behind those of a model.
fn fallbacks(section: &Input<'_>, aliases: &[Alias], draft: &mut Draft) {
    for item in section.items_at("fallbacks") {
        for (name, others) in item.members() {
            let listed: Vec<String> = others
                .items()
                .iter()
                .filter_map(|other| other.text().map(str::to_owned))
                .collect();
            for (alias, _name) in aliases.iter().filter(|(_alias, known)| known == name) {
                draft.fall_back(alias, &listed);
            }
            let missing = listed
                .iter()
                .find(|other| !draft.models.iter().any(|model| model.name == **other));
            if listed.is_empty() || others.items().len() != listed.len() {
                others.lost("a fallback is a list of names; add its targets by hand");
            } else if !draft.fall_back(name, &listed) {
                others.lost("it is for no model that was carried; add its targets by hand");
            } else if missing.is_some() {
                others.lost("it names a model that was not carried; the others are targets now");
            } else {
                others.carried("targets behind those of the model");
            }
        }
    }
    let default: Vec<String> = section
        .items_at("default_fallbacks")
        .iter()
        .filter_map(|other| other.text().map(str::to_owned))
        .collect();
    if let Some(input) = section
        .at("default_fallbacks")
        .filter(|_| !default.is_empty())
    {
        let names: Vec<String> = draft
            .models
            .iter()
            .map(|model| model.name.clone())
            .collect();
        for name in names.iter().filter(|name| !default.contains(name)) {
            draft.fall_back(name, &default);
        }
        input.carried("targets behind those of every other model");
    }
}

/// What the proxy says of callers and sizes.
fn proxy(section: &Input<'_>, draft: &mut Draft) {
    if let Some(key) = section.at("master_key") {
        key.lost(
            "make gateway keys with `tollgate keys new --service NAME` and give them to callers",
        );
    }
    let numbers = [
        (
            "max_request_size_mb",
            "body_bytes_max",
            1_048_576.0,
            1_073_741_824.0,
        ),
        (
            "global_max_parallel_requests",
            "requests_max",
            1.0,
            1_000_000.0,
        ),
        ("max_parallel_requests", "requests_max", 1.0, 1_000_000.0),
    ];
    for (key, field, unit, max) in numbers {
        let Some(input) = section.at(key) else {
            continue;
        };
        if key == "max_parallel_requests" {
            input
                .lost("it held for each key; `gateway.limits.requests_max` holds for all together");
        } else if let Some(number) = input.number() {
            draft.number(("limits", field), whole(number * unit, 1.0, max), &input);
        }
    }
}
