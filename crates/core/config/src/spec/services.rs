//! Who calls: services and their keys.

use schemars::JsonSchema;
use serde::Deserialize;

/// A service that calls, and its keys.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServiceSpec {
    /// Name, unique; appears in logs, metrics and conditions. Required.
    pub(crate) name: String,
    /// Remove the inherited service of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// The team that owns it.
    pub(crate) team: Option<String>,
    /// Its keys; two valid at once make rotation possible.
    #[serde(default)]
    pub(crate) keys: Vec<KeySpec>,
    /// Model names it may use, `*` at the end for a prefix. Default: all.
    pub(crate) models: Option<Vec<String>>,
}

/// A gateway key, as `tollgate keys new` prints it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeySpec {
    /// The key's id: the third part of the key. Required.
    pub(crate) id: String,
    /// Remove the inherited key of this id.
    #[serde(default)]
    pub(crate) remove: bool,
    /// `sha256:` and 64 hexadecimal digits. Required.
    pub(crate) hash: String,
    /// Until when it is valid: `2027-01-31` (end of that day, UTC) or `2027-01-31T12:00:00Z`. Default: for ever.
    pub(crate) expires: Option<String>,
    /// Model names it may use, within those of the service. Default: all of them.
    pub(crate) models: Option<Vec<String>>,
}
