//! The options of `fingerprints`: what a rule over one's own records may say besides its
//! action.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::spec::SecretRefSpec;

/// Options of `fingerprints`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct FingerprintsSpec {
    /// What a finding of `hashes_file` is called. Default: `fingerprint`.
    pub(crate) entity: Option<String>,
    /// A file of salted hashes, made by `tollgate fingerprints`. From the folder of the
    /// configuration.
    pub(crate) hashes_file: Option<String>,
    /// The salt that the hashes were made with. Required.
    pub(crate) salt_ref: Option<SecretRefSpec>,
    /// Further files, each with a name of its own.
    pub(crate) lists: Vec<FingerprintListSpec>,
}

/// A file of salted hashes with a name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FingerprintListSpec {
    /// What a finding is called. Required.
    pub(crate) name: String,
    /// The file. Required.
    pub(crate) hashes_file: String,
}
