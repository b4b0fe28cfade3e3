//! The options of `secrets`: what a rule over keys and passwords may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `secrets`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct SecretsSpec {
    /// What is looked for, by the names of rules (`openai_api_key`) or by their tags (`ai`,
    /// `cloud`, `vcs` …). Default: all but those with the tag `noisy`.
    pub(crate) rules: Vec<String>,
    /// What is not looked for, by name or by tag.
    pub(crate) exclude: Vec<String>,
    /// Values that are no findings; `*` at the end stands for anything.
    pub(crate) allow: Vec<String>,
    /// The least score of what is reported, 0 to 1. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
    /// The text of a `gitleaks.toml`, applied as it is. With it, the rules of our own apply
    /// only when it says `useDefault = true`, or when `rules` names them.
    pub(crate) gitleaks: Option<String>,
}
