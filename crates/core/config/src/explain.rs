//! Every effective value and the place that set it.

use serde_json::Value as Json;

use crate::load::Loaded;
use crate::valid::{Config, Origin};

mod leaves;

/// One effective value.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// `models[2].targets[0].when`.
    pub path: String,
    /// The value; durations in milliseconds, secrets as references. What the
    /// environment decides is a text that says so.
    pub value: Json,
    /// Where it was set; layer `default` when nobody wrote it.
    pub origin: Origin,
}

/// Every effective value of the base, or of a service. A service without an
/// overlay has the base.
#[must_use]
pub fn explain(loaded: &Loaded, service: Option<&str>) -> Vec<Explained> {
    let tree = loaded.tree(service);
    let config: &Config = loaded.set.for_service(service);
    leaves::of(config, &tree)
}
