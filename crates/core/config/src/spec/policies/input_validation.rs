//! The options of `input_validation`: what a rule over the form of messages may say besides
//! its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `input_validation`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct InputValidationSpec {
    /// Characters that are looked for in texts; `action: redact` removes them. Default:
    /// all but `private_use_character`.
    pub(crate) characters: Option<Vec<CharacterEntitySpec>>,
    /// The least score of a character that is found, 0 to 1. Default: 0.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
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
