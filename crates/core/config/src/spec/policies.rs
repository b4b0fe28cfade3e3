//! What is inspected: policies, their rules, detectors and actions.

use schemars::JsonSchema;
use serde::Deserialize;

/// A policy: rules over what goes in and what comes out.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicySpec {
    /// Name, unique; appears in logs and in the answer to a blocked caller. Required.
    pub(crate) name: String,
    /// Remove the inherited policy of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// Rules over requests.
    #[serde(default)]
    pub(crate) input: Vec<RuleSpec>,
    /// Rules over answers, streamed ones included.
    #[serde(default)]
    pub(crate) output: Vec<RuleSpec>,
}

/// A rule: a detector and what happens with what it finds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum RuleSpec {
    /// Personal data with a known form.
    PiiDetection(PiiDetectionSpec),
    /// Hate, violence, self-harm, sexual content. Not enforced by this version:
    /// the gateway refuses to start with it unless `--allow-unenforced` is given.
    ContentSafety(ContentSafetySpec),
}

/// Personal data with a known form.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PiiDetectionSpec {
    /// Name, unique within its list. Default: the type.
    pub(crate) name: Option<String>,
    /// Remove the inherited rule of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// What happens with a finding. Required.
    pub(crate) action: ActionSpec,
    /// What is looked for. Default: all.
    #[serde(default)]
    pub(crate) entities: Vec<PiiEntitySpec>,
    /// What the caller reads when it is blocked. Default: names the policy and the entity.
    pub(crate) message: Option<String>,
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

impl PiiEntitySpec {
    /// As it is written.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Ssn => "ssn",
            Self::CreditCard => "credit_card",
            Self::EmailAddress => "email_address",
        }
    }
}

/// What happens with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActionSpec {
    /// Refuse the request, or end the answer.
    Block,
    /// Replace the finding by its label, for example `[SSN]`.
    Redact,
}

/// Hate, violence, self-harm, sexual content.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ContentSafetySpec {
    /// Name, unique within its list. Default: the type.
    pub(crate) name: Option<String>,
    /// Remove the inherited rule of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// What happens with a finding. Required.
    pub(crate) action: ActionSpec,
    /// What is looked for. Default: all.
    #[serde(default)]
    pub(crate) categories: Vec<SafetyCategorySpec>,
    /// What the caller reads when it is blocked.
    pub(crate) message: Option<String>,
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
