//! Envoy AI Gateway: its Kubernetes resources, several in one file.
//!
//! A rule of an `AIGatewayRoute` that asks for a model by `x-ai-eg-model` is a model here,
//! with its backends as targets: by priority, the first ones by weight. Other headers a
//! rule asks for are conditions of its targets.

mod backend;

use super::draft::{Draft, Model, Target, Timeouts, is_model_name, seconds_ms, whole};
use super::input::{Input, Rule};
use backend::{backend, namespace};

use Rule::{Lost, NotNeeded};

/// The header that names the model.
const MODEL_HEADER: &str = "x-ai-eg-model";

const OF_CLUSTER: &str = "it runs in the cluster and says nothing of models";

const RULE: &[(&str, Rule)] = &[
    ("name", NotNeeded("models are named")),
    (
        "modelsOwnedBy",
        NotNeeded("listings say whose they are by themselves"),
    ),
    (
        "modelsCreatedAt",
        NotNeeded("listings say when by themselves"),
    ),
    (
        "filters",
        Lost("write headers at the provider, parameters and texts as `models[].prompt`"),
    ),
];

const ROUTE: &[(&str, Rule)] = &[
    ("parentRefs", NotNeeded("there is one gateway")),
    ("targetRefs", NotNeeded("there is one gateway")),
    (
        "schema",
        NotNeeded("the caller's format follows from the path"),
    ),
    (
        "hostnames",
        Lost("the gateway answers under every host name"),
    ),
    ("filterConfig", NotNeeded("there is no external processor")),
    (
        "llmRequestCosts",
        Lost("tokens are counted by themselves; there are no rate limits here yet"),
    ),
];

const BACKEND_REF: &[(&str, Rule)] = &[
    ("name", NotNeeded("it names the backend")),
    ("namespace", NotNeeded("it names the backend")),
    ("group", NotNeeded("it names the backend")),
    ("kind", NotNeeded("it names the backend")),
    ("headerMutation", Lost("write `headers` at the provider")),
    (
        "bodyMutation",
        Lost("write parameters as `models[].prompt.overrides`"),
    ),
];

/// Imports every resource of a file.
pub(super) fn import(input: &Input<'_>, draft: &mut Draft) {
    let documents = input.items();
    for document in &documents {
        match document.word("kind") {
            Some("AIGatewayRoute") => route(document, &documents, draft),
            Some("BackendTrafficPolicy") => traffic(document, draft),
            _ => {}
        }
    }
    for document in &documents {
        match document.word("kind") {
            Some("AIServiceBackend" | "Backend" | "BackendSecurityPolicy" | "BackendTLSPolicy") => {
                backend::rest(document);
            }
            Some("Secret") => document
                .lost("what it holds is not copied: set the variables that this report names"),
            Some("Gateway") => {
                document.not_needed("address and port: `gateway.host`, `gateway.port`");
            }
            Some(
                "GatewayClass"
                | "EnvoyProxy"
                | "ClientTrafficPolicy"
                | "ReferenceGrant"
                | "GatewayConfig"
                | "Namespace"
                | "Deployment"
                | "Service"
                | "ServiceAccount"
                | "ConfigMap"
                | "Pod"
                | "Job"
                | "Role"
                | "RoleBinding"
                | "ClusterRole"
                | "ClusterRoleBinding",
            ) => document.not_needed(OF_CLUSTER),
            Some("MCPRoute") => document.lost("MCP servers are not spoken to by this gateway"),
            Some("QuotaPolicy") => document
                .lost("there are no budgets and rate limits here yet; keep them where they are"),
            Some("HTTPRoute") => document.lost("write it as a plain route under `routes`"),
            Some("InferencePool") => {
                document.lost("write the address of the pool's service as `base_url`");
            }
            Some("AIGatewayRoute" | "BackendTrafficPolicy") => {}
            _ => document.lost("a resource of this kind is not known here"),
        }
    }
}

/// What one rule asks for and where it leads.
struct Asked {
    models: Vec<String>,
    when: Option<String>,
}

fn route(document: &Input<'_>, documents: &[Input<'_>], draft: &mut Draft) {
    let Some(spec) = document.at("spec") else {
        document.lost("it has no `spec`");
        return;
    };
    let mut models: Vec<Model> = Vec::new();
    let mut is_after: Vec<String> = Vec::new();
    for rule in spec.items_at("rules") {
        let (targets, is_weighted) = targets(&rule, namespace(document), documents, draft);
        let asked = asked(&rule);
        for asked in asked {
            for name in &asked.models {
                let with = |target: &Target| Target {
                    when: asked.when.clone(),
                    ..target.clone()
                };
                let more = targets.iter().map(with);
                match models.iter_mut().find(|model| &model.name == name) {
                    Some(model) => {
                        model.targets.extend(more);
                        is_after.push(name.clone());
                    }
                    None => models.push(Model {
                        name: name.clone(),
                        is_weighted,
                        targets: more.collect(),
                        ..Model::default()
                    }),
                }
            }
        }
        rule.rest(RULE);
    }
    for mut model in models {
        if is_after.contains(&model.name) {
            // The rule that holds comes first, whatever the weights within another.
            model.is_weighted = false;
        }
        if let Err(instead) = draft.model(model) {
            spec.lost(instead);
        }
    }
    spec.rest(ROUTE);
    document.rest(META);
}

pub(super) const META: &[(&str, Rule)] = &[
    ("apiVersion", NotNeeded("it says what the resource is")),
    ("kind", NotNeeded("it says what the resource is")),
    (
        "metadata",
        NotNeeded("names of resources are not names of models"),
    ),
    ("status", NotNeeded("it is what the cluster said")),
];

/// The models and conditions of each match of a rule.
fn asked(rule: &Input<'_>) -> Vec<Asked> {
    let matches = rule.items_at("matches");
    if matches.is_empty() {
        rule.lost("it is for every model: name a provider as `default: true`, or list models");
    }
    let mut all = Vec::new();
    for one in matches {
        let mut asked = Asked {
            models: Vec::new(),
            when: None,
        };
        let mut conditions = Vec::new();
        let mut is_understood = true;
        for header in one.items_at("headers") {
            let (Some(name), Some(value)) = (header.word("name"), header.word("value")) else {
                header.lost("a match has a name and a value");
                is_understood = false;
                continue;
            };
            let is_exact = matches!(header.word("type"), None | Some("Exact"));
            if !is_exact {
                header.lost("a pattern over a header is no condition here: list the models, or write `when` with `matches`");
                is_understood = false;
            } else if name.eq_ignore_ascii_case(MODEL_HEADER) {
                header.carried("`models[].name`");
                asked.models.push(value.to_owned());
            } else {
                header.carried("`when` of the targets");
                let name = serde_json::Value::from(name.to_ascii_lowercase());
                let value = serde_json::Value::from(value);
                conditions.push(format!("{name} in headers && headers[{name}] == {value}"));
            }
        }
        if asked.models.is_empty() && is_understood {
            one.lost("it asks for no model: list the models that it is for");
        }
        asked.when = (!conditions.is_empty()).then(|| conditions.join(" && "));
        if is_understood {
            all.push(asked);
        }
        one.rest(&[]);
    }
    all
}

/// The backends of a rule by priority, and whether the first ones are drawn by weight.
fn targets(
    rule: &Input<'_>,
    namespace: &str,
    documents: &[Input<'_>],
    draft: &mut Draft,
) -> (Vec<Target>, bool) {
    let around = waits(rule);
    let mut found: Vec<(f64, Target)> = Vec::new();
    for reference in rule.items_at("backendRefs") {
        let number = |key: &str| reference.at(key).and_then(|value| value.number());
        let Some(provider) = backend(&reference, namespace, documents, draft) else {
            continue;
        };
        let unfit = reference
            .at("modelNameOverride")
            .filter(|name| !name.text().is_some_and(is_model_name));
        if let Some(unfit) = unfit {
            unfit.lost("this is no name of a model here; add the target by hand");
            continue;
        }
        let model = reference.take("modelNameOverride", "`model` of the target");
        for (key, place) in [
            ("priority", "the order of the targets"),
            ("weight", "`weight` of the target"),
        ] {
            if let Some(member) = reference.at(key) {
                member.carried(place);
            }
        }
        found.push((
            number("priority").unwrap_or(0.0),
            Target {
                provider,
                model: model.map(str::to_owned),
                weight: number("weight").unwrap_or(1.0),
                timeouts: around.clone(),
                ..Target::default()
            },
        ));
        reference.rest(BACKEND_REF);
    }
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let first = found.first().map_or(0.0, |(priority, _target)| *priority);
    let of_first = |priority: f64| priority.total_cmp(&first).is_eq();
    let is_weighted = found
        .iter()
        .filter(|(priority, _target)| of_first(*priority))
        .count()
        > 1;
    let targets = found.into_iter().map(|(priority, target)| Target {
        weight: if of_first(priority) {
            target.weight
        } else {
            0.0
        },
        ..target
    });
    (targets.collect(), is_weighted)
}

fn waits(rule: &Input<'_>) -> Timeouts {
    let mut timeouts = Timeouts::new();
    let whole = rule.at("timeouts");
    for (input, name) in [
        (
            whole.as_ref().and_then(|waits| waits.at("request")),
            "whole_ms",
        ),
        (rule.at("streamIdleTimeout"), "between_tokens_ms"),
    ] {
        let Some(input) = input else { continue };
        match input
            .text()
            .and_then(duration_s)
            .filter(|seconds| *seconds > 0.0)
        {
            Some(seconds) => {
                input.carried(format!("`timeouts.{name}` of the targets"));
                timeouts.insert(name, seconds_ms(seconds));
            }
            None => input.lost(format!("write it as `timeouts.{name}`, in milliseconds")),
        }
    }
    if let Some(whole) = whole {
        whole.rest(&[(
            "backendRequest",
            Lost("write it as `timeouts.whole_ms`, which holds for an attempt"),
        )]);
    }
    timeouts
}

/// A duration as the Gateway API writes it, in seconds: `1h30m`, `500ms`.
pub(super) fn duration_s(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let number: f64 = number.parse().ok()?;
        let (unit, after) = [("ms", 0.001), ("h", 3600.0), ("m", 60.0), ("s", 1.0)]
            .into_iter()
            .find_map(|(unit, seconds)| Some((seconds, after.strip_prefix(unit)?)))?;
        sum += number * unit;
        rest = after;
    }
    Some(sum)
}

/// Retries; nothing else of how traffic is shaped has a place here.
fn traffic(document: &Input<'_>, draft: &mut Draft) {
    if let Some(spec) = document.at("spec") {
        if let Some(retry) = spec.at("retry") {
            if let Some(retries) = retry.at("numRetries")
                && let Some(count) = retries.number()
            {
                // The first attempt counts too.
                let count = whole(count + 1.0, 1.0, 100.0);
                draft.number(("failover", "attempts_max"), count, &retries);
            }
            retry.rest(&[
                (
                    "retryOn",
                    Lost("what fails over follows from the kind of failure"),
                ),
                (
                    "perRetry",
                    Lost("waits: `gateway.failover.backoff_ms`, `timeouts.whole_ms`"),
                ),
                (
                    "numAttemptsPerPriority",
                    Lost("a target is asked again within `attempts_max`"),
                ),
            ]);
        }
        spec.rest(&[
            ("targetRefs", NotNeeded("there is one gateway")),
            (
                "rateLimit",
                Lost("there are no rate limits here yet; keep them where they are"),
            ),
            ("timeout", Lost("write it as `gateway.timeouts.whole_ms`")),
            (
                "healthCheck",
                Lost("providers are not asked in advance; failures fail over"),
            ),
            (
                "circuitBreaker",
                Lost("`gateway.limits.requests_max` bounds what is in work"),
            ),
        ]);
    }
    document.rest(META);
}

#[cfg(test)]
mod tests {
    use super::duration_s;

    #[test]
    fn durations_are_read() {
        assert_eq!(duration_s("1h30m"), Some(5400.0));
        assert_eq!(duration_s("500ms"), Some(0.5));
        assert_eq!(duration_s("60s"), Some(60.0));
        for text in ["1", "s", "1x", "1s2"] {
            assert_eq!(duration_s(text), None, "{text}");
        }
    }
}
