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
    /// listed on the page of the detector. Default: those that are precise enough
    /// for every text.
    pub(crate) entities: Vec<String>,
    /// The least score of a finding, 0 to 1. Default: 0.5.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(crate) threshold: Option<f64>,
}
