//! The values of a configuration, one by one, in the order of the file.
//!
//! They are taken from the valid configuration, which is what runs; the tree
//! says who set them.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Explained;
use crate::tree::{Node, Value, child, item};
use tollgate_policy::{RuleAction, Style};

use crate::valid::{
    Config, GatewayConfig, IdentityConfig, ModelConfig, Origin, PolicyConfig, ProviderConfig,
    RouteConfig, RuleConfig, SecretRef, ServiceConfig, TelemetryConfig, Timeouts,
};

pub(super) fn of(config: &Config, tree: &Node) -> Vec<Explained> {
    let mut leaves = Leaves {
        tree,
        out: Vec::new(),
    };
    leaves.gateway(&config.gateway);
    leaves.gateway_sizes_and_times(&config.gateway);
    for (index, provider) in config.providers.iter().enumerate() {
        leaves.provider(&item("providers", index), provider);
    }
    for (index, model) in config.models.iter().enumerate() {
        leaves.model(&item("models", index), model, &config.providers);
    }
    let known = tree.field("catalogue").map(Node::items).unwrap_or_default();
    for (index, node) in known.iter().enumerate() {
        leaves.as_written(&item("catalogue", index), node);
    }
    let own = config.routes.iter().filter(|route| !route.is_pass_through);
    for (index, route) in own.enumerate() {
        leaves.route(&item("routes", index), route, &config.providers);
    }
    let services = tree.field("services").map(Node::items).unwrap_or_default();
    for (index, node) in services.iter().enumerate() {
        let name = node.field("name").and_then(Node::text).unwrap_or_default();
        if let Some(service) = config.services.get(name) {
            leaves.service(&item("services", index), service);
        }
    }
    for (index, policy) in config.policies.iter().enumerate() {
        leaves.policy(&item("policies", index), policy);
    }
    leaves.telemetry(&config.telemetry);
    leaves.out
}

struct Leaves<'t> {
    tree: &'t Node,
    out: Vec<Explained>,
}

impl Leaves<'_> {
    fn put(&mut self, path: &str, value: impl Into<Json>) {
        self.put_inherited(path, value, &[]);
    }

    /// A value that comes from the first of these places that is written.
    fn put_inherited(&mut self, path: &str, value: impl Into<Json>, from: &[String]) {
        let own = self.tree.at(path);
        let written = own.or_else(|| from.iter().find_map(|path| self.tree.at(path)));
        let origin = written.map_or_else(default_origin, |node| node.origin.clone());
        self.out.push(Explained {
            path: path.to_owned(),
            value: value.into(),
            origin,
        });
    }

    /// A value without a default: only when it is there.
    fn put_some(&mut self, path: &str, value: Option<impl Into<Json>>) {
        if let Some(value) = value {
            self.put(path, value);
        }
    }

    /// All that is written below a place.
    fn put_leaves(&mut self, path: &str) {
        let Some(node) = self.tree.at(path) else {
            return;
        };
        for entry in node.entries() {
            let path = child(path, &entry.key);
            if matches!(entry.node.value, Value::Map(_)) {
                self.put_leaves(&path);
            } else {
                self.put_written(&path, "");
            }
        }
    }

    /// A value as it was written, or what its absence means.
    fn put_written(&mut self, path: &str, absent: &str) {
        let written = self.tree.at(path).map(Node::to_json);
        self.put(path, written.unwrap_or_else(|| absent.into()));
    }

    /// Everything in a map, as it was written.
    fn as_written(&mut self, path: &str, node: &Node) {
        match &node.value {
            Value::Map(entries) => {
                for entry in entries {
                    self.as_written(&child(path, &entry.key), &entry.node);
                }
            }
            _ => self.put(path, node.to_json()),
        }
    }

    fn gateway(&mut self, gateway: &GatewayConfig) {
        self.put_written("gateway.host", "TOLLGATE_HOST, else 127.0.0.1");
        self.put_written("gateway.port", "TOLLGATE_PORT, else 41002");
        for field in ["env", "file"] {
            let path = format!("gateway.secret_key_ref.{field}");
            let reference = self.tree.at(&path).map(Node::to_json);
            self.put_some(&path, reference);
        }
        self.put_some("gateway.service", gateway.service.as_deref());
        let anonymous = if gateway.anonymous { "allow" } else { "deny" };
        self.put("gateway.anonymous", anonymous);
        if let Some(tls) = &gateway.tls {
            self.put("gateway.tls.cert_file", text(&tls.cert_file));
            self.put("gateway.tls.key_file", text(&tls.key_file));
        }
        self.put("gateway.admin.host", gateway.admin_host.as_str());
        self.put_written("gateway.admin.port", "TOLLGATE_ADMIN_PORT, else 41003");
        let translation = if gateway.strict_translation {
            "strict"
        } else {
            "best_effort"
        };
        self.put("gateway.translation", translation);
        self.put_written("gateway.parameters", "pass");
        let state_dir = gateway.state_dir.as_deref().map(text);
        let absent = "TOLLGATE_STATE_DIR, else nothing is kept";
        self.put("gateway.state_dir", state_dir.as_deref().unwrap_or(absent));
    }

    fn gateway_sizes_and_times(&mut self, gateway: &GatewayConfig) {
        let limits = &gateway.limits;
        let failover = &gateway.failover;
        let callers = &gateway.caller_timeouts;
        for (field, value) in [
            ("limits.body_bytes_max", json!(limits.body_bytes_max)),
            ("limits.answer_bytes_max", json!(limits.answer_bytes_max)),
            (
                "limits.buffered_bytes_max",
                json!(limits.buffered_bytes_max),
            ),
            ("limits.event_bytes_max", json!(limits.event_bytes_max)),
            ("limits.header_bytes_max", json!(limits.header_bytes_max)),
            ("limits.headers_max", json!(limits.headers_max)),
            ("limits.connections_max", json!(limits.connections_max)),
            ("limits.requests_max", json!(limits.requests_max)),
            ("limits.counts_max", json!(limits.counts_max)),
            ("timeouts.connect_ms", millis(gateway.timeouts.connect)),
            (
                "timeouts.first_token_ms",
                millis(gateway.timeouts.first_token),
            ),
            (
                "timeouts.between_tokens_ms",
                millis(gateway.timeouts.between_tokens),
            ),
            ("timeouts.whole_ms", millis(gateway.timeouts.whole)),
            ("timeouts.header_ms", millis(callers.header)),
            ("timeouts.body_ms", millis(callers.body)),
            ("timeouts.idle_ms", millis(callers.idle)),
            ("timeouts.request_ms", millis(callers.request)),
            ("failover.attempts_max", json!(failover.attempts_max)),
            ("failover.hold_ms", millis(failover.hold)),
            ("failover.hold_bytes_max", json!(failover.hold_bytes_max)),
            ("failover.backoff_ms", millis(failover.backoff)),
            ("failover.backoff_ms_max", millis(failover.backoff_max)),
            (
                "failover.retry_budget_percent",
                json!(failover.retry_budget_percent),
            ),
            (
                "failover.retry_budget_per_second_min",
                json!(failover.retry_budget_per_second_min),
            ),
            ("drain_ms", millis(gateway.drain)),
        ] {
            self.put(&format!("gateway.{field}"), value);
        }
        if let Some(conversations) = &gateway.conversations {
            let at = |field: &str| format!("gateway.conversations.{field}");
            self.put(&at("header"), conversations.header.as_str());
            self.put(&at("ttl_s"), conversations.ttl.as_secs());
            self.put(&at("conversations_max"), conversations.conversations_max);
            self.put(&at("bytes_max"), conversations.bytes_max);
        }
    }

    fn timeouts(&mut self, path: &str, timeouts: &Timeouts, around: &[&str]) {
        for (field, value) in [
            ("connect_ms", timeouts.connect),
            ("first_token_ms", timeouts.first_token),
            ("between_tokens_ms", timeouts.between_tokens),
            ("whole_ms", timeouts.whole),
        ] {
            let from: Vec<String> = around
                .iter()
                .chain(&["gateway"])
                .map(|place| format!("{place}.timeouts.{field}"))
                .collect();
            self.put_inherited(&format!("{path}.timeouts.{field}"), millis(value), &from);
        }
    }

    fn provider(&mut self, path: &str, provider: &ProviderConfig) {
        self.put(&child(path, "name"), &*provider.name);
        self.put(&child(path, "kind"), provider.kind.label);
        self.put_written(&child(path, "formats"), "those of its kind");
        let address = provider.base_url.as_deref();
        self.put(&child(path, "base_url"), address.unwrap_or("built in"));
        if let Some((field, reference)) = provider.secret.as_ref().map(reference) {
            let shared = format!("gateway.secret_key_ref.{field}");
            let path = format!("{path}.secret_key_ref.{field}");
            self.put_inherited(&path, reference, &[shared]);
        }
        self.put_some(&child(path, "region"), provider.site.region.clone());
        self.put_some(&child(path, "project"), provider.site.project.clone());
        self.put_some(
            &child(path, "api_version"),
            provider.site.api_version.clone(),
        );
        if let Some(identity) = &provider.identity {
            self.identity(path, identity);
        }
        self.put(
            &child(path, "pass_caller_credential"),
            provider.pass_caller_credential,
        );
        let headers = child(path, "headers");
        let written = self.tree.at(&headers);
        for entry in written.map(Node::entries).unwrap_or_default() {
            let value = provider.headers.get(&entry.key.to_ascii_lowercase());
            self.out.push(Explained {
                path: child(&headers, &entry.key),
                value: json!(value),
                origin: entry.node.origin.clone(),
            });
        }
        let secrets = child(path, "secret_headers");
        let written = self.tree.at(&secrets);
        for entry in written.map(Node::entries).unwrap_or_default() {
            let secret = provider.secret_headers.get(&entry.key.to_ascii_lowercase());
            if let Some((field, reference)) = secret.map(reference) {
                self.put(&child(&child(&secrets, &entry.key), field), reference);
            }
        }
        self.pass_through(&child(path, "pass_through"));
        self.put(&child(path, "default"), provider.is_default);
        let ca_file = provider.ca_file.as_deref().map(text);
        self.put_some(&child(path, "ca_file"), ca_file);
        self.timeouts(path, &provider.timeouts, &[]);
    }

    fn pass_through(&mut self, path: &str) {
        let written = self.tree.at(path);
        let is_written = written.is_some_and(|node| matches!(node.value, Value::Map(_)));
        let enabled = child(path, "enabled");
        if self.tree.at(&enabled).is_some() {
            self.put_written(&enabled, "");
        } else {
            self.put(&enabled, is_written);
        }
        if is_written {
            self.put_written(&child(path, "paths"), "all");
            self.put_written(&child(path, "unscannable"), "deny");
            self.put_leaves(&child(path, "web_sockets"));
        }
    }

    fn identity(&mut self, path: &str, identity: &IdentityConfig) {
        let mut references: Vec<(&str, Option<&SecretRef>)> = Vec::new();
        match identity {
            IdentityConfig::Aws { keys, profile } => {
                self.put_some(&format!("{path}.aws.profile"), profile.clone());
                if let Some(keys) = keys {
                    references.push(("aws.access_key_id_ref", Some(&keys.id)));
                    references.push(("aws.secret_access_key_ref", Some(&keys.secret)));
                    references.push(("aws.session_token_ref", keys.session_token.as_ref()));
                }
            }
            IdentityConfig::Google { key } => references.push(("google.key_ref", key.as_ref())),
            IdentityConfig::Azure {
                tenant_id,
                client_id,
                client_secret,
            } => {
                self.put_some(&format!("{path}.azure.tenant_id"), tenant_id.clone());
                self.put_some(&format!("{path}.azure.client_id"), client_id.clone());
                references.push(("azure.client_secret_ref", client_secret.as_ref()));
            }
        }
        for (field, secret) in references {
            if let Some((kind, name)) = secret.map(reference) {
                self.put(&format!("{path}.{field}.{kind}"), name);
            }
        }
    }

    fn model(&mut self, path: &str, model: &ModelConfig, providers: &[ProviderConfig]) {
        self.put(&child(path, "name"), &*model.name);
        let strategy = if model.weighted {
            "weighted"
        } else {
            "priority"
        };
        self.put(&child(path, "strategy"), strategy);
        let prompt = child(path, "prompt");
        self.put_leaves(&prompt);
        for (index, target) in model.targets.iter().enumerate() {
            let path = item(&child(path, "targets"), index);
            let provider = provider_name(providers, target.provider);
            self.put(&child(&path, "name"), &*target.name);
            self.put(&child(&path, "provider"), provider);
            self.put(&child(&path, "model"), &*target.model);
            self.put(&child(&path, "weight"), target.weight);
            let when = target.when.as_ref().map(|when| when.value.as_str());
            self.put_some(&child(&path, "when"), when);
            let around = item("providers", target.provider);
            self.timeouts(&path, &target.timeouts, &[&around]);
        }
    }

    fn route(&mut self, path: &str, route: &RouteConfig, providers: &[ProviderConfig]) {
        self.put(&child(path, "name"), &*route.name);
        let suffix = if route.is_prefix { "/*" } else { "" };
        self.put(&child(path, "path"), format!("{}{suffix}", route.path));
        let methods = if route.methods.is_empty() {
            json!("all")
        } else {
            json!(route.methods)
        };
        self.put(&child(path, "methods"), methods);
        let provider = provider_name(providers, route.provider);
        self.put(&child(path, "provider"), provider);
        let to = route.to.as_deref();
        self.put(&child(path, "to"), to.unwrap_or("the path the caller used"));
        let unscannable = if route.unscannable_allowed {
            "allow"
        } else {
            "deny"
        };
        for (direction, paths) in [
            ("request", &route.request_texts),
            ("response", &route.response_texts),
        ] {
            let paths = paths.as_slice().iter().map(ToString::to_string);
            let path = child(&child(path, "texts"), direction);
            self.put(&path, paths.collect::<Vec<_>>());
        }
        self.put(&child(path, "unscannable"), unscannable);
        let around = item("providers", route.provider);
        self.timeouts(path, &route.timeouts, &[&around]);
    }

    fn service(&mut self, path: &str, service: &ServiceConfig) {
        self.put(&child(path, "name"), &*service.name);
        self.put_some(&child(path, "team"), service.team.as_deref());
        self.put_written(&child(path, "models"), "all");
        for (index, key) in service.keys.iter().enumerate() {
            let path = item(&child(path, "keys"), index);
            self.put(&child(&path, "id"), key.id.as_str());
            self.put_written(&child(&path, "hash"), "");
            self.put_written(&child(&path, "expires"), "never");
            self.put_written(&child(&path, "models"), "all of the service's");
        }
    }

    fn policy(&mut self, path: &str, policy: &PolicyConfig) {
        self.put(&child(path, "name"), &*policy.name);
        for field in ["services", "teams", "models", "routes", "formats", "when"] {
            self.put_written(&child(path, field), "all");
        }
        for (list, rules) in [("input", &policy.input), ("output", &policy.output)] {
            for (index, rule) in rules.iter().enumerate() {
                self.rule(&item(&child(path, list), index), rule);
            }
        }
    }

    fn rule(&mut self, path: &str, rule: &RuleConfig) {
        let kind = rule.detector.kind();
        self.put(&child(path, "type"), kind);
        self.put(&child(path, "name"), &*rule.name);
        self.put(&child(path, "action"), rule.action.label());
        self.put(&child(path, "mode"), rule.mode.label());
        self.put(&child(path, "on_error"), rule.on_error.label());
        self.put(&child(path, "unscannable"), rule.unscannable.label());
        self.options(path, kind);
        if let Some(key) = &rule.key {
            let (field, from) = reference(key);
            self.put(&child(&child(path, "key_ref"), field), from);
        }
        match &rule.action {
            RuleAction::Block { message } => {
                self.put_some(&child(path, "message"), message.as_deref());
            }
            RuleAction::Redact(style) => {
                self.put(&child(path, "style"), style.label());
                if let Style::Mask { keep_last } = style {
                    self.put(&child(path, "keep_last"), *keep_last);
                }
            }
            RuleAction::Route { model } => self.put(&child(path, "route_to"), &**model),
            RuleAction::Flag => {}
        }
    }

    /// The options of a rule's detector, as far as they are written.
    fn options(&mut self, path: &str, kind: &str) {
        const COMMON: [&str; 12] = [
            "type",
            "name",
            "remove",
            "action",
            "style",
            "keep_last",
            "route_to",
            "mode",
            "on_error",
            "unscannable",
            "message",
            "key_ref",
        ];
        let subject = match kind {
            "pii_detection" => Some(("entities", "the precise ones")),
            "waf" => Some(("entities", "all")),
            "content_safety" => Some(("categories", "all")),
            _ => None,
        };
        if let Some((subject, usual)) = subject {
            self.put_written(&child(path, subject), usual);
        }
        let entries = self.tree.at(path).map(Node::entries).unwrap_or_default();
        for entry in entries {
            let key = entry.key.as_str();
            if !COMMON.contains(&key) && subject.is_none_or(|(subject, _)| subject != key) {
                self.written(&child(path, key), &entry.node);
            }
        }
    }

    /// What is written, value by value; a list of values is one.
    fn written(&mut self, path: &str, node: &Node) {
        let holds_fields = |node: &Node| !node.entries().is_empty();
        // A JSON Schema is one value, whatever it consists of.
        let is_value = path.ends_with(".schema");
        if holds_fields(node) && !is_value {
            for entry in node.entries() {
                self.written(&child(path, &entry.key), &entry.node);
            }
        } else if node.items().iter().any(holds_fields) {
            for (index, node) in node.items().iter().enumerate() {
                self.written(&item(path, index), node);
            }
        } else {
            self.put(path, node.to_json());
        }
    }

    fn telemetry(&mut self, telemetry: &TelemetryConfig) {
        let enabled = telemetry.access_log.is_some();
        self.put("telemetry.access_log.enabled", enabled);
        self.put_written("telemetry.access_log.path", "-");
        self.put_written(
            "telemetry.traces.otlp_endpoint",
            "OTEL_EXPORTER_OTLP_ENDPOINT, else nothing is exported",
        );
        let percent = f64::from(telemetry.sample_ppm) / 10_000.0;
        self.put("telemetry.traces.sample_percent", percent);
        let absent = "OTEL_SERVICE_NAME, else tollgate";
        self.put_written("telemetry.traces.service_name", absent);
    }
}

fn default_origin() -> Origin {
    Origin {
        layer: "default".into(),
        ..Origin::default()
    }
}

fn provider_name(providers: &[ProviderConfig], index: usize) -> &str {
    providers.get(index).map_or("", |provider| &provider.name)
}

/// How a secret is referred to: the field and what stands in it.
fn reference(secret: &SecretRef) -> (&'static str, String) {
    match secret {
        SecretRef::Env(name) => ("env", name.clone()),
        SecretRef::File(file) => ("file", text(file)),
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn millis(duration: Duration) -> Json {
    json!(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}
