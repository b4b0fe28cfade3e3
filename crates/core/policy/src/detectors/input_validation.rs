//! `input_validation`: what a message may consist of.
//!
//! Two kinds of checks. Over texts: characters that are not seen or that change what is
//! seen (zero-width, tags, directions, controls, private use, broken UTF-8), where the
//! text around them gives them no right to be there. Redacting one removes it. Over the
//! message as a whole: its size, turns, model, tools and parameters, and whether it, or the
//! text of an answer, is the JSON that a schema asks for.

mod answer;
mod characters;
mod kinds;
mod limits;
mod schema;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::check::Check;
use crate::detector::{Detector, Matcher};
use crate::detectors::DetectorError;
pub use answer::AnswerForm;
use answer::AnswerMatcher;
use characters::CharacterMatcher;
use limits::LimitCheck;
pub use limits::{Names, RequestLimits};
pub use schema::{Schema, SchemaError};

/// Kinds of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CharacterEntity {
    /// A character without a trace: zero-width spaces and joiners outside of the words
    /// and emoji they belong to, soft hyphens, fillers, marks of byte order inside.
    InvisibleCharacter,
    /// A tag (U+E0000 to U+E0FFF), which can spell ASCII that nobody sees; those of flags
    /// are none.
    TagCharacter,
    /// A control of direction that can show a text in another order than it is read.
    BidiControl,
    /// A variation selector behind a character without variants.
    VariationSelector,
    /// A control character other than tab, line end and page end.
    ControlCharacter,
    /// A character without a meaning of its own.
    PrivateUseCharacter,
    /// A byte that is not UTF-8.
    InvalidUtf8,
}

impl CharacterEntity {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::InvisibleCharacter,
        Self::TagCharacter,
        Self::BidiControl,
        Self::VariationSelector,
        Self::ControlCharacter,
        Self::PrivateUseCharacter,
        Self::InvalidUtf8,
    ];

    /// As configuration and records write it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::InvisibleCharacter => "invisible_character",
            Self::TagCharacter => "tag_character",
            Self::BidiControl => "bidi_control",
            Self::VariationSelector => "variation_selector",
            Self::ControlCharacter => "control_character",
            Self::PrivateUseCharacter => "private_use_character",
            Self::InvalidUtf8 => "invalid_utf8",
        }
    }
}

/// What an `input_validation` rule checks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InputValidationOptions {
    /// Kinds of characters that are looked for in texts.
    pub characters: Vec<CharacterEntity>,
    /// The least score of a finding, in hundredths.
    pub threshold: u8,
    /// What a request may be.
    pub limits: RequestLimits,
    /// What the texts of an answer must be.
    pub answer: Option<AnswerForm>,
}

/// The detector.
#[derive(Debug)]
pub struct InputValidationDetector {
    matchers: Vec<Arc<dyn Matcher>>,
    checks: Vec<Arc<dyn Check>>,
}

impl InputValidationDetector {
    /// A detector of what is wanted.
    ///
    /// # Errors
    /// A schema that is none.
    pub fn new(options: &InputValidationOptions) -> Result<Self, DetectorError> {
        let InputValidationOptions {
            characters,
            limits,
            answer,
            ..
        } = options;
        let mut matchers: Vec<Arc<dyn Matcher>> = Vec::new();
        let mut checks: Vec<Arc<dyn Check>> = Vec::new();
        if !characters.is_empty() {
            matchers.push(Arc::new(CharacterMatcher::new(options)));
        }
        if let Some(form) = answer {
            let schema = compiled(&form.schema)?;
            matchers.push(Arc::new(AnswerMatcher::new(schema, form.bytes_max)));
        }
        if *limits != RequestLimits::default() {
            let schema = limits.schema.as_ref().map(compiled).transpose()?;
            checks.push(Arc::new(LimitCheck::new(limits, schema)));
        }
        Ok(Self { matchers, checks })
    }
}

fn compiled(schema: &serde_json::Value) -> Result<Schema, DetectorError> {
    Schema::new(schema).map_err(|error| DetectorError::Option {
        message: format!("this schema cannot be checked, {error}"),
        help:
            "write a JSON Schema out of the words that `docs/detectors/input_validation.md` lists"
                .to_owned(),
    })
}

impl Detector for InputValidationDetector {
    fn name(&self) -> &'static str {
        "input_validation"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }

    fn checks(&self) -> &[Arc<dyn Check>] {
        &self.checks
    }
}
