//! The options of `regex`: what a rule over patterns may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `regex`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct RegexSpec {
    /// The patterns. Required.
    pub(crate) patterns: Vec<PatternSpec>,
}

/// One pattern.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PatternSpec {
    /// What a finding is called. Required.
    pub(crate) name: String,
    /// The pattern, in the syntax of Rust's regex crate: no look-around and no
    /// back-references. Required.
    pub(crate) pattern: String,
    /// The longest match in bytes. Default: the pattern's own bound; required where it
    /// has none, or one of more than 4096.
    #[schemars(range(min = 1, max = 4096))]
    pub(crate) max_len: Option<u16>,
    /// The score of each finding, 0 to 1. Default: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) score: Option<f64>,
    /// The capture group that is the finding, by name or number. Default: the whole match.
    pub(crate) group: Option<String>,
}
