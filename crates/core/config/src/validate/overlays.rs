//! What only shows when several configurations are seen together.

use std::collections::BTreeMap;

use crate::problem::{Problem, quote};
use crate::tree::{Node, child, item};
use crate::valid::{Config, Origin};

/// Settings of the process: an overlay's take effect only in a gateway that runs
/// as that service.
const PROCESS_SETTINGS: [&str; 14] = [
    "gateway.host",
    "gateway.port",
    "gateway.service",
    "gateway.anonymous",
    "gateway.tls",
    "gateway.admin",
    "gateway.limits",
    "gateway.timeouts.header_ms",
    "gateway.timeouts.body_ms",
    "gateway.timeouts.idle_ms",
    "gateway.timeouts.request_ms",
    "gateway.state_dir",
    "gateway.drain_ms",
    "telemetry",
];

/// Warnings about settings of the process in the overlay of a service.
pub(crate) fn process_settings(overlay: &Node, service: &str) -> Vec<Problem> {
    let set = PROCESS_SETTINGS
        .iter()
        .filter_map(|path| Some((*path, overlay.at(path)?)));
    set.map(|(path, node)| {
        let name = quote(service);
        let message = format!("`{path}` takes effect only in a gateway that runs as {name}");
        let help = format!(
            "start that gateway with `TOLLGATE_SERVICE={service}`, or move the setting to the base"
        );
        Problem::warning(node.origin.clone(), path, message).with_help(help)
    })
    .collect()
}

/// One id is one key: across the base and all overlays it has one service and one hash.
pub(crate) fn check_keys_across<'c>(
    configs: impl Iterator<Item = (&'c Config, &'c Node)>,
) -> Vec<Problem> {
    let mut known: BTreeMap<&str, (&str, [u8; 32], Origin)> = BTreeMap::new();
    let mut problems = Vec::new();
    for (config, tree) in configs {
        let services = tree.field("services").map(Node::items).unwrap_or_default();
        for (index, node) in services.iter().enumerate() {
            let name = node.field("name").and_then(Node::text).unwrap_or_default();
            let Some(service) = config.services.get(name) else {
                continue;
            };
            let keys = node.field("keys").map(Node::items).unwrap_or_default();
            for (nth, node) in keys.iter().enumerate() {
                let id = node.field("id").and_then(Node::text);
                // A key that cannot be read is no key.
                let Some(key) = service.keys.iter().find(|key| id == Some(&*key.id)) else {
                    continue;
                };
                let path = child(&item("services", index), "keys");
                let path = child(&item(&path, nth), "id");
                let origin = tree.origin_near(&path);
                let (owner, hash, first) = known
                    .entry(&key.id)
                    .or_insert_with(|| (name, key.hash, origin.clone()));
                if *owner != name || *hash != key.hash {
                    let message = format!(
                        "the key {} is another key of {} already, at {first}",
                        quote(&key.id),
                        quote(owner)
                    );
                    let problem = Problem::error(origin, path, message);
                    problems.push(problem.with_help("make a new key with `tollgate keys new`"));
                }
            }
        }
    }
    problems
}
