//! The options of `content_safety`: what a rule over content that hurts may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `content_safety`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct ContentSafetySpec {
    /// What is looked for. Default: all.
    pub(crate) categories: Vec<SafetyCategorySpec>,
    /// The least severity of a finding: 2 is likely of the category, 4 is sure enough to
    /// act on, 6 is sure and threatening, graphic, instructing or about children.
    /// Default: 4.
    #[schemars(range(min = 2, max = 6))]
    pub(crate) severity: Option<u8>,
    /// The least probability of a finding, 0 to 1, the same for all categories. Instead
    /// of `severity`. Default: the categories' own, for severity 4.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
    /// How much of an answer is held until it is judged: `window(BYTES)` holds a window of
    /// 256 to 65536 bytes at a time and judges each; `buffer` holds all of a text, up to
    /// 64 KiB. Required in `output` by rules that act. Default elsewhere: windows of 2048
    /// bytes are judged, and nothing is held.
    pub(crate) stream: Option<String>,
}

/// Categories of unsafe content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SafetyCategorySpec {
    /// Contempt for people because of what they are.
    Hate,
    /// Threats, praise and graphic depictions of violence.
    Violence,
    /// Suicide and self-harm.
    SelfHarm,
    /// Sexual content.
    Sexual,
    /// Sexual content that involves children.
    SexualMinors,
    /// Insults and attacks on a person.
    Harassment,
    /// Requests for help with crimes.
    Illicit,
}
