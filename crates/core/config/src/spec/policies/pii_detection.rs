//! The options of `pii_detection`: what a rule over personal data may say besides its action.

use schemars::JsonSchema;
use serde::Deserialize;

/// Options of `pii_detection`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct PiiDetectionSpec {
    /// What is looked for. Default: all.
    pub(crate) entities: Vec<PiiEntitySpec>,
}

/// Kinds of personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PiiEntitySpec {
    /// US social security number.
    Ssn,
    /// Payment card number (12 to 19 digits, Luhn).
    CreditCard,
    /// E-mail address.
    EmailAddress,
}
