//! The options of `input_validation`: what a rule over the form of messages may say besides
//! its action.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `input_validation`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct InputValidationSpec {
    /// Characters that are looked for in texts; `action: redact` removes them. Default:
    /// all but `private_use_character`, or none where another field here is written.
    pub(crate) characters: Option<Vec<CharacterEntitySpec>>,
    /// The least score of a character that is found, 0 to 1. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
    /// The largest body of a request, in bytes. For `input` only, as the fields that
    /// follow.
    #[schemars(range(min = 1))]
    pub(crate) body_bytes_max: Option<u64>,
    /// The most messages of a request.
    #[schemars(range(min = 1))]
    pub(crate) turns_max: Option<u64>,
    /// The most characters of one text.
    #[schemars(range(min = 1))]
    pub(crate) text_chars_max: Option<u64>,
    /// The most characters of all texts of a request.
    #[schemars(range(min = 1))]
    pub(crate) all_chars_max: Option<u64>,
    /// Models that may be asked for.
    pub(crate) models: Option<NamesSpec>,
    /// Tools that may be offered or called, those of the provider by their type; MCP servers
    /// by their name.
    pub(crate) tools: Option<NamesSpec>,
    /// Members that the body may have, `messages` and all.
    pub(crate) parameters: Option<NamesSpec>,
    /// Between what the numbers in the body may be, by the name of the member:
    /// `max_tokens: {max: 4096}`. A dot leads into a member.
    pub(crate) ranges: Option<BTreeMap<String, RangeSpec>>,
    /// A JSON Schema for the body of a request.
    pub(crate) schema: Option<serde_json::Value>,
    /// What each text of an answer must be. It is held until it ends. For `output` only.
    pub(crate) answer: Option<AnswerFormSpec>,
}

/// Names that are allowed and denied; `*` at the end of one stands for anything.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct NamesSpec {
    /// The only ones that are allowed. Default: all.
    pub(crate) allow: Vec<String>,
    /// Those that are not allowed. Default: none.
    pub(crate) deny: Vec<String>,
}

/// Between what a number may be.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RangeSpec {
    /// The least.
    pub(crate) min: Option<f64>,
    /// The most.
    pub(crate) max: Option<f64>,
}

/// What a text of an answer must be.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct AnswerFormSpec {
    /// A JSON Schema. Default: any JSON.
    pub(crate) schema: Option<serde_json::Value>,
    /// The longest text in bytes; longer ones are blocked. Default: 262144.
    #[schemars(range(min = 1, max = 1_048_576))]
    pub(crate) bytes_max: Option<u32>,
}

/// Kinds of characters that have no business in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CharacterEntitySpec {
    /// Zero-width and other characters without a trace, outside of the words and emoji
    /// that need them.
    InvisibleCharacter,
    /// Tags, which spell ASCII that nobody sees.
    TagCharacter,
    /// Controls of direction, which show a text in another order.
    BidiControl,
    /// Variation selectors behind characters that have no variants.
    VariationSelector,
    /// Control characters other than tab, line end and page end.
    ControlCharacter,
    /// Characters without a meaning of their own.
    PrivateUseCharacter,
    /// Bytes that are not UTF-8.
    InvalidUtf8,
}
