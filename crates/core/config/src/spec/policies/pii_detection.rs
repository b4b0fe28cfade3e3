//! The options of `pii_detection`: what a rule over personal data may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `pii_detection`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct PiiDetectionSpec {
    /// What is looked for: entities by their name (`credit_card`, `uk_nhs`), their short
    /// form (`iban`, `email`) or the name that Presidio gives them (`US_SSN`), and groups
    /// (`financial`, `health`, `government_id`, `contact`, `eu`, `de`, `all`). All are
    /// listed in `docs/reference/pii-entities.md`. Default: those that are precise enough
    /// for every text.
    pub(crate) entities: Vec<String>,
    /// The least score of a finding, 0 to 1. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
    /// Values that are never findings, capitals and small letters being alike.
    pub(crate) allow: Vec<String>,
    /// Patterns, in the syntax of Rust's regex crate: what one matches as a whole is
    /// never a finding.
    pub(crate) allow_patterns: Vec<String>,
    /// Entities of your own, besides those of `entities`. With `entities: [none]` they
    /// are all that is looked for.
    pub(crate) custom: Vec<PiiCustomSpec>,
}

/// An entity of your own, found by a pattern or by its values.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PiiCustomSpec {
    /// What a finding is called. Required.
    pub(crate) name: String,
    /// The form of its values, in the syntax of Rust's regex crate. This or `values` is
    /// required.
    pub(crate) pattern: Option<String>,
    /// The longest match in bytes. Default: the pattern's own bound.
    #[schemars(range(min = 1, max = 4096))]
    pub(crate) max_len: Option<u16>,
    /// Its values, one by one: words and phrases, in capitals or small letters.
    #[serde(default)]
    pub(crate) values: Vec<String>,
    /// What the letters and digits of a value must obey; one that does is certain.
    pub(crate) check: Option<PiiCheckSpec>,
    /// Words in the 64 bytes before a value that raise its score by 0.35, to 0.4 at least.
    #[serde(default)]
    pub(crate) context: Vec<String>,
    /// The score of a value by its form alone, 0 to 1. Default: 0.3 with `context`,
    /// otherwise 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) score: Option<f64>,
}

/// A check digit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PiiCheckSpec {
    /// Luhn's, as in card numbers.
    Luhn,
    /// ISO/IEC 7064 MOD 97-10, as in IBANs.
    Mod97,
    /// Verhoeff's.
    Verhoeff,
    /// ISO/IEC 7064 MOD 11,10.
    #[serde(rename = "mod11_10")]
    Mod11And10,
    /// ICAO 9303, as in passports.
    Icao9303,
}
