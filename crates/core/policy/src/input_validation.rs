//! `input_validation`: what a message may consist of.
//!
//! Two kinds of checks. Over texts: characters that are not seen or that change what is
//! seen (zero-width, tags, directions, controls, private use, broken UTF-8), where the
//! text around them gives them no right to be there. Redacting one removes it.

mod characters;
mod kinds;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::detector::{Detector, Matcher};
use characters::CharacterMatcher;

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
}

/// The detector.
#[derive(Debug)]
pub struct InputValidationDetector {
    matchers: Vec<Arc<dyn Matcher>>,
}

impl InputValidationDetector {
    /// A detector of what is wanted.
    #[must_use]
    pub fn new(options: &InputValidationOptions) -> Self {
        let mut matchers: Vec<Arc<dyn Matcher>> = Vec::new();
        if !options.characters.is_empty() {
            matchers.push(Arc::new(CharacterMatcher::new(options)));
        }
        Self { matchers }
    }
}

impl Detector for InputValidationDetector {
    fn name(&self) -> &'static str {
        "input_validation"
    }

    fn matchers(&self) -> &[Arc<dyn Matcher>] {
        &self.matchers
    }
}
