//! The options of `content_safety`: what a rule over content that hurts may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `content_safety`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ContentSafetySpec {
    /// What is looked for. Default: all.
    pub(crate) categories: Vec<SafetyCategorySpec>,
}

/// Categories of unsafe content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SafetyCategorySpec {
    /// Hate.
    Hate,
    /// Violence.
    Violence,
    /// Self-harm.
    SelfHarm,
    /// Sexual content.
    Sexual,
}
