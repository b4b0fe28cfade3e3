//! The form of a `gitleaks.toml`. What is not listed has no meaning for a text.

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
pub(super) struct File {
    #[serde(default)]
    pub(super) extend: Extend,
    #[serde(default)]
    pub(super) rules: Vec<Rule>,
    /// The older form of `allowlists`.
    pub(super) allowlist: Option<AllowlistSpec>,
    #[serde(default)]
    pub(super) allowlists: Vec<AllowlistSpec>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Extend {
    pub(super) path: String,
    pub(super) use_default: bool,
    pub(super) disabled_rules: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    pub(super) id: Spanned<String>,
    pub(super) regex: Option<Spanned<String>>,
    /// A rule of a path only has no pattern.
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) secret_group: usize,
    #[serde(default)]
    pub(super) entropy: f64,
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    /// The rule only serves others.
    #[serde(default)]
    pub(super) skip_report: bool,
    /// The older form of `allowlists`.
    pub(super) allowlist: Option<AllowlistSpec>,
    #[serde(default)]
    pub(super) allowlists: Vec<AllowlistSpec>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AllowlistSpec {
    #[serde(default)]
    pub(super) condition: String,
    #[serde(default)]
    pub(super) commits: Vec<String>,
    #[serde(default)]
    pub(super) paths: Vec<String>,
    #[serde(default)]
    pub(super) regex_target: String,
    #[serde(default)]
    pub(super) regexes: Vec<String>,
    #[serde(default, alias = "stopWords")]
    pub(super) stopwords: Vec<String>,
    #[serde(default)]
    pub(super) target_rules: Vec<String>,
}
