//! The configuration as it is written.
//!
//! These doc comments are the user reference: `tollgate schema` and
//! `docs/reference/configuration.md` are generated from them. Every field is
//! optional unless it says otherwise; the small form must stay small.

#![expect(
    dead_code,
    reason = "some fields are only for the schema: the merge reads `remove` from the tree, and \
              no detector of this version reads `categories`"
)]

use schemars::JsonSchema;
use serde::Deserialize;

mod catalogue;
mod gateway;
mod policies;
mod routing;
mod services;
mod telemetry;

pub(crate) use catalogue::*;
pub(crate) use gateway::*;
pub(crate) use policies::*;
pub(crate) use routing::*;
pub(crate) use services::*;
pub(crate) use telemetry::*;

/// A Tollgate configuration: one file, or one layer of several.
///
/// A folder of layers has `base/*.yaml`, merged in the order of their names, and
/// `services/<name>/*.yaml`, which overlay the base for one service. Fields merge
/// by their name. Lists of items merge by `name` (keys: `id`; rules: `name`, else
/// `type`; targets: `name`, else `provider/model`): known items change in place, new
/// ones follow, `remove: true` removes the inherited item. Lists of words replace.
/// A field without a value is the same as no field. Files named `*.test.yaml` are tests
/// of policies (`tollgate test`) and no layers.
///
/// In an overlay, settings of the process (`gateway.host`, `port`, `anonymous`,
/// `tls`, `admin`, `limits`, `state_dir`, `drain_ms`, the timeouts of callers, and
/// `telemetry`) take effect only in a gateway that runs as that service; any other
/// gateway warns of them. Everything else also holds in a shared gateway.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ConfigSpec {
    /// The process: where it listens, who may call, limits and timeouts.
    pub(crate) gateway: GatewaySpec,
    /// Where models are served. Without any, `gateway.secret_key_ref` makes one
    /// OpenAI provider named `openai`.
    pub(crate) providers: Vec<ProviderSpec>,
    /// The names callers use, and what answers them. A name that is not listed
    /// goes unchanged to the default provider, if there is one.
    pub(crate) models: Vec<ModelSpec>,
    /// What is known of models, over the built-in catalogue (`tollgate models`).
    pub(crate) catalogue: Vec<CatalogueSpec>,
    /// Plain HTTP routes to model microservices.
    pub(crate) routes: Vec<RouteSpec>,
    /// Who calls: services and their keys.
    pub(crate) services: Vec<ServiceSpec>,
    /// What is inspected, and what happens with what is found.
    pub(crate) policies: Vec<PolicySpec>,
    /// Access log, traces and metrics.
    pub(crate) telemetry: TelemetrySpec,
}
