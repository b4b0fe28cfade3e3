//! Who calls: services, keys, and the models each may use.

use std::collections::BTreeMap;

use super::Check;
use super::date::expiry;
use crate::problem::{Problem, quote};
use crate::spec::{KeySpec, ServiceSpec};
use crate::suggest::known_or_similar;
use crate::tree::{Node, child, item};
use crate::valid::{Config, KeyConfig, ServiceConfig};

/// The service that callers without a key are.
const ANONYMOUS: &str = "anonymous";
const HASH_BYTES: usize = 32;

impl Check<'_> {
    pub(super) fn services(&mut self, specs: &[ServiceSpec]) -> BTreeMap<String, ServiceConfig> {
        let mut services = BTreeMap::new();
        let mut key_owners: BTreeMap<String, String> = BTreeMap::new();
        for (index, spec) in specs.iter().enumerate() {
            let path = item("services", index);
            self.name(&child(&path, "name"), &spec.name);
            self.label(&child(&path, "team"), spec.team.as_deref());
            let models = child(&path, "models");
            self.model_patterns(&models, spec.models.as_ref());
            if spec.name == ANONYMOUS && !spec.keys.is_empty() {
                let message = "`anonymous` are the callers without a key, so it can have none";
                self.error(
                    &child(&path, "keys"),
                    message,
                    "give the service another name",
                );
            }
            let mut keys = Vec::with_capacity(spec.keys.len());
            for (index, key) in spec.keys.iter().enumerate() {
                let path = item(&child(&path, "keys"), index);
                if let Some(other) = key_owners.insert(key.id.clone(), spec.name.clone()) {
                    let id = quote(&key.id);
                    let message = format!("the key {id} belongs to {} already", quote(&other));
                    let help = "make a new key with `tollgate keys new`";
                    self.error(&child(&path, "id"), message, help);
                }
                keys.extend(self.key(&path, key, spec.models.as_deref()));
            }
            let service = ServiceConfig {
                name: spec.name.as_str().into(),
                team: spec.team.as_deref().map(Into::into),
                keys,
                models: spec.models.clone(),
            };
            services.insert(spec.name.clone(), service);
        }
        services
    }

    /// A key that can be read.
    fn key(
        &mut self,
        path: &str,
        spec: &KeySpec,
        service_models: Option<&[String]>,
    ) -> Option<KeyConfig> {
        let good = !spec.id.is_empty()
            && spec.id.len() <= 64
            && spec.id.chars().all(|c| c.is_ascii_alphanumeric());
        if !good {
            let message = format!("{} is not the id of a key", quote(&spec.id));
            let help =
                "the id is the third part of the key: `tg_<env>_<id>_...`, letters and digits";
            self.error(&child(path, "id"), message, help);
        }
        let hash = parse_hash(&spec.hash);
        if hash.is_none() {
            let help = "write what `tollgate keys new` prints: `sha256:` and 64 hexadecimal digits; the key itself is never written here";
            self.error(&child(path, "hash"), "this is not the hash of a key", help);
        }
        let expires_unix_s = spec.expires.as_deref().map(expiry);
        if expires_unix_s == Some(None) {
            let written = quote(spec.expires.as_deref().unwrap_or_default());
            let message = format!("{written} is not a date");
            let help =
                "write a day such as `2027-01-31`, or a time in UTC such as `2027-01-31T12:00:00Z`";
            self.error(&child(path, "expires"), message, help);
        }
        let models = child(path, "models");
        self.model_patterns(&models, spec.models.as_ref());
        self.scope(&models, spec.models.as_deref(), service_models);
        Some(KeyConfig {
            id: spec.id.clone(),
            hash: hash.filter(|_| good)?,
            expires_unix_s: expires_unix_s.flatten(),
            models: spec.models.clone(),
        })
    }

    /// Warns of models that a key allows and its service does not.
    fn scope(&mut self, path: &str, key: Option<&[String]>, service: Option<&[String]>) {
        let (Some(key), Some(service)) = (key, service) else {
            return;
        };
        for (index, pattern) in key.iter().enumerate() {
            if service.iter().any(|outer| meet(outer, pattern)) {
                continue;
            }
            let message = format!(
                "the service may not use {}, so the key cannot",
                quote(pattern)
            );
            let help = "add it to the `models` of the service, or remove it here";
            self.warning(&item(path, index), message, help);
        }
    }

    /// Warns of models that a service or key may use and nobody serves. With a
    /// default provider every name is served.
    pub(super) fn served(&mut self, config: &Config) {
        if config.providers.iter().any(|provider| provider.is_default) {
            return;
        }
        let served = |pattern: &str| {
            let listed = config.models.iter().any(|model| meet(&model.name, pattern));
            let direct = config.providers.iter().any(|provider| {
                let below = format!("{}/*", provider.name);
                meet(&below, pattern)
            });
            listed || direct
        };
        let patterns = patterns_of(self.tree);
        for (path, pattern) in patterns.iter().filter(|(_, pattern)| !served(pattern)) {
            let message = format!("no model is called {}", quote(pattern));
            let known = config.models.iter().map(|model| &*model.name);
            let help = known_or_similar(pattern, known, "known models", self.problems.len());
            let help = help.unwrap_or_else(|| "add it under `models`".to_owned());
            self.warning(path, message, help);
        }
    }

    /// Whether anybody can call at all.
    pub(super) fn callers(&mut self, config: &Config) {
        let keyless = config.services.values().all(|s| s.keys.is_empty());
        if keyless && !config.gateway.anonymous {
            let message = "no service has a key, so every call is answered with 401";
            let help = "make one with `tollgate keys new` and list it under `services`";
            self.warning("services", message, help);
        }
    }
}

/// Warnings about keys that are over at this time.
pub(crate) fn expired_keys(config: &Config, tree: &Node, now_unix_s: u64) -> Vec<Problem> {
    let mut problems = Vec::new();
    let services = tree.field("services").map(Node::items).unwrap_or_default();
    for (index, node) in services.iter().enumerate() {
        let name = node.field("name").and_then(Node::text).unwrap_or_default();
        let keys = config.services.get(name).map(|service| &service.keys);
        for (nth, key) in keys.into_iter().flatten().enumerate() {
            if key.expires_unix_s.is_some_and(|end| end <= now_unix_s) {
                let path = child(&item("services", index), "keys");
                let path = child(&item(&path, nth), "expires");
                let message = format!("the key {} of {} has expired", quote(&key.id), quote(name));
                let problem = Problem::warning(tree.origin_near(&path), path, message);
                problems.push(
                    problem.with_help("remove it, or make a new one with `tollgate keys new`"),
                );
            }
        }
    }
    problems
}

/// Every pattern of a service or key, and where it stands.
fn patterns_of(tree: &Node) -> Vec<(String, String)> {
    let mut patterns = Vec::new();
    let mut collect = |path: &str, node: &Node| {
        let path = child(path, "models");
        let items = node.field("models").map(Node::items).unwrap_or_default();
        let texts = items.iter().filter_map(Node::text).enumerate();
        patterns.extend(texts.map(|(index, text)| (item(&path, index), text.to_owned())));
    };
    let services = tree.field("services").map(Node::items).unwrap_or_default();
    for (index, service) in services.iter().enumerate() {
        let path = item("services", index);
        collect(&path, service);
        let keys = service.field("keys").map(Node::items).unwrap_or_default();
        for (index, key) in keys.iter().enumerate() {
            collect(&item(&child(&path, "keys"), index), key);
        }
    }
    patterns
}

/// Whether some name matches both patterns.
fn meet(a: &str, b: &str) -> bool {
    match (a.strip_suffix('*'), b.strip_suffix('*')) {
        (Some(a), Some(b)) => a.starts_with(b) || b.starts_with(a),
        (Some(prefix), None) => b.starts_with(prefix),
        (None, Some(prefix)) => a.starts_with(prefix),
        (None, None) => a == b,
    }
}

fn parse_hash(text: &str) -> Option<[u8; HASH_BYTES]> {
    let digits = text.strip_prefix("sha256:")?.as_bytes();
    if digits.len() != 2 * HASH_BYTES {
        return None;
    }
    let mut hash = [0; HASH_BYTES];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let mut value = 0;
        for digit in pair {
            let digit = char::from(*digit).to_digit(16)?;
            value = value * 16 + u8::try_from(digit).ok()?;
        }
        *byte = value;
    }
    Some(hash)
}
