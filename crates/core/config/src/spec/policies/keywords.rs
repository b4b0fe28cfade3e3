//! The options of `keywords`: what a rule over words and phrases may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `keywords`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct KeywordsSpec {
    /// What a finding of `words` is called. Default: `keyword`.
    pub(crate) entity: Option<String>,
    /// Words and phrases. A space stands for any white space.
    pub(crate) words: Vec<String>,
    /// A text file with more of them, one in a line; lines that begin with `#` are
    /// comments. From the folder of the configuration.
    pub(crate) words_file: Option<String>,
    /// Whether capital and small letters differ. Default: `insensitive`.
    pub(crate) case: Option<CaseSpec>,
    /// Find them as whole words only, not inside of others. Default: `true`.
    pub(crate) whole_words: Option<bool>,
    /// The score of each finding, 0 to 1. Default: 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) score: Option<f64>,
    /// Further lists, each with a name and options of its own.
    pub(crate) lists: Vec<KeywordListSpec>,
}

/// A list of words with a name.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeywordListSpec {
    /// What a finding is called. Required.
    pub(crate) name: String,
    /// Words and phrases. These or a file are required.
    #[serde(default)]
    pub(crate) words: Vec<String>,
    /// A text file with more of them, as above.
    pub(crate) words_file: Option<String>,
    /// Whether capital and small letters differ. Default: the rule's.
    pub(crate) case: Option<CaseSpec>,
    /// Find them as whole words only. Default: the rule's.
    pub(crate) whole_words: Option<bool>,
    /// The score of each finding, 0 to 1. Default: the rule's.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) score: Option<f64>,
}

/// Whether capital and small letters differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CaseSpec {
    /// They do not: `Secret` is found where `secret` is listed, in every script.
    Insensitive,
    /// They do.
    Sensitive,
}
