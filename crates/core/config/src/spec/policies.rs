//! What is inspected: policies, their rules, detectors and actions.
//!
//! The options of each detector are in a file of its own.

use schemars::JsonSchema;
use serde::Deserialize;

use super::SecretRefSpec;

mod content_safety;
mod fingerprints;
mod input_validation;
mod keywords;
mod pii_detection;
mod regex;
mod secrets;
mod waf;

pub(crate) use content_safety::{ContentSafetySpec, SafetyCategorySpec};
pub(crate) use fingerprints::FingerprintsSpec;
pub(crate) use input_validation::{CharacterEntitySpec, InputValidationSpec, NamesSpec};
pub(crate) use keywords::{CaseSpec, KeywordsSpec};
pub(crate) use pii_detection::{PiiCheckSpec, PiiCustomSpec, PiiDetectionSpec};
pub(crate) use regex::RegexSpec;
pub(crate) use secrets::SecretsSpec;
pub(crate) use waf::{WafEntitySpec, WafPlaceSpec, WafSpec};

/// A policy: rules over what goes in and what comes out.
///
/// It holds for all traffic unless `services`, `teams`, `models`, `routes`, `formats` or
/// `when` narrow it; where several are written, all must hold, but for two that are
/// alternatives: `models` and `formats` leave plain routes out, `routes` leaves models out;
/// `models` with `routes` holds for both.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PolicySpec {
    /// Name, unique; appears in logs and in the answer to a blocked caller. Required.
    pub(crate) name: String,
    /// Remove the inherited policy of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// Services it holds for. Default: all.
    #[serde(default)]
    pub(crate) services: Vec<String>,
    /// Teams whose services it holds for; a service says its own under `team`. Default: all.
    #[serde(default)]
    pub(crate) teams: Vec<String>,
    /// Models it holds for, by the names that callers use, also with a provider's name
    /// before them, and the targets of those models; `*` at the end stands for anything.
    /// Default: all.
    #[serde(default)]
    pub(crate) models: Vec<String>,
    /// Plain HTTP routes it holds for, by name. Default: all of them, and all models.
    /// With `routes` and without `models` it holds for no model.
    #[serde(default)]
    pub(crate) routes: Vec<String>,
    /// Wire formats it holds for, as the caller speaks them: `openai_chat`,
    /// `anthropic_messages`. Default: all.
    #[serde(default)]
    pub(crate) formats: Vec<String>,
    /// CEL condition; the policy holds where it is true, and where it cannot be
    /// evaluated. Variables: `service`, `team`, `headers`, `path`, `model`,
    /// `input_bytes`, `has_image`, `tokens`.
    pub(crate) when: Option<String>,
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
    PiiDetection(DetectorRuleSpec<PiiDetectionSpec>),
    /// Hate, violence, self-harm, sexual content, harassment, requests for crimes.
    ContentSafety(DetectorRuleSpec<ContentSafetySpec>),
    /// Words and phrases from lists.
    Keywords(DetectorRuleSpec<KeywordsSpec>),
    /// Patterns.
    Regex(DetectorRuleSpec<RegexSpec>),
    /// Your own records, known by their hashes.
    Fingerprints(DetectorRuleSpec<FingerprintsSpec>),
    /// What a message may consist of.
    InputValidation(Box<DetectorRuleSpec<InputValidationSpec>>),
    /// Attacks on what stands behind the model: tools, plug-ins, viewers of logs.
    Waf(DetectorRuleSpec<WafSpec>),
    /// Keys, tokens, passwords and private keys.
    Secrets(DetectorRuleSpec<SecretsSpec>),
}

/// A rule of one type: what all rules have, and the options of its detector.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct DetectorRuleSpec<O> {
    #[serde(flatten)]
    pub(crate) rule: RuleCommonSpec,
    #[serde(flatten)]
    pub(crate) options: O,
}

/// What all rules have.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub(crate) struct RuleCommonSpec {
    /// Name, unique within its list. Default: the type.
    pub(crate) name: Option<String>,
    /// Remove the inherited rule of this name.
    #[serde(default)]
    pub(crate) remove: bool,
    /// What happens with a finding. Required.
    pub(crate) action: ActionSpec,
    /// What stands in the text instead of a finding, with `action: redact`. Default:
    /// `label`.
    pub(crate) style: Option<StyleSpec>,
    /// How many characters at its end a mask leaves, with `style: mask`; never more than
    /// half of the finding. Default: 0.
    #[schemars(range(max = 16))]
    pub(crate) keep_last: Option<u8>,
    /// The key of `style: hash` and `style: encrypt`: any secret text. Required by them.
    pub(crate) key_ref: Option<SecretRefSpec>,
    /// The model that takes the request, with `action: route`.
    pub(crate) route_to: Option<String>,
    /// `shadow` records what the rule would do, and does not do it. Default: `enforce`.
    pub(crate) mode: Option<ModeSpec>,
    /// What happens with a message that the rule cannot check within its limits.
    /// Default: `block`.
    pub(crate) on_error: Option<OnErrorSpec>,
    /// What happens where the rule finds no texts to read: on a plain HTTP route that
    /// names none, with a body there that is no JSON, or with inputs of embeddings or prompts
    /// that are ids of tokens. With `block` the configuration is invalid, or the body is
    /// refused.
    /// Default: `block`.
    pub(crate) unscannable: Option<OnErrorSpec>,
    /// What the caller reads when it is blocked. Default: names the policy and the entity.
    pub(crate) message: Option<String>,
}

/// What happens with a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ActionSpec {
    /// Refuse the request, or end the answer.
    Block,
    /// Replace the finding, for example by its label: `[SSN]`.
    Redact,
    /// Record the finding and go on.
    Flag,
    /// Send the request to another model (`route_to`). For `input` only.
    Route,
}

/// What stands in the text instead of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StyleSpec {
    /// The entity's name: `[CREDIT_CARD]`.
    Label,
    /// Stars, but for the last `keep_last` characters.
    Mask,
    /// The entity's name with a keyed hash (HMAC-SHA-256, its first 8 bytes in
    /// hexadecimal): `[SSN:1f0c5a…]`. Equal findings are seen to be equal.
    Hash,
    /// The entity's name with the finding, encrypted (AES-256-GCM-SIV, in hexadecimal):
    /// `[SSN:9b1d…]`. `tollgate reveal` reads it with the key.
    Encrypt,
    /// A placeholder such as `[EMAIL_ADDRESS_1]`, the same for the same text; the answer
    /// gets the original back, streamed answers and tool arguments included. For `input`
    /// only.
    Restore,
}

impl StyleSpec {
    /// Whether it needs a key.
    pub(crate) const fn wants_key(self) -> bool {
        matches!(self, Self::Hash | Self::Encrypt)
    }
}

/// Whether a rule does what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModeSpec {
    /// It does.
    Enforce,
    /// It is only recorded what it would do.
    Shadow,
}

/// What happens with a message that a rule cannot check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OnErrorSpec {
    /// It is blocked.
    Block,
    /// It goes on unchecked, and the record says so.
    Allow,
}
