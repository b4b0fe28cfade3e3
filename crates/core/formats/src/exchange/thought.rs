//! Reasoning: what is readable of it, and what only its maker reads back.

use super::Seal;
use crate::format::FormatId;

/// Reasoning, with what lets a provider accept it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Thought {
    /// The readable reasoning; empty when only the encrypted form was given.
    pub text: String,
    /// The provider's signature.
    pub signature: Option<Seal>,
    /// Encrypted reasoning (Messages `redacted_thinking`, Responses `encrypted_content`).
    pub encrypted: Option<Seal>,
    /// The provider's id of it, where a format has one.
    pub id: Option<Seal>,
}

impl Thought {
    /// Reasoning that anybody can read, and no provider takes back.
    #[must_use]
    pub fn plain(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// True for reasoning that only its own provider can read back.
    #[must_use]
    pub const fn is_bound(&self) -> bool {
        self.signature.is_some() || self.encrypted.is_some()
    }

    /// True for a signature without words.
    #[must_use]
    pub const fn is_signature(&self) -> bool {
        self.text.is_empty() && self.signature.is_some() && self.encrypted.is_none()
    }

    /// True when a provider of `format` made it, so that it can have it back.
    #[must_use]
    pub fn is_bound_to(&self, format: FormatId) -> bool {
        let seals = [&self.signature, &self.encrypted];
        seals
            .into_iter()
            .flatten()
            .any(|seal| seal.maker() == format)
    }
}
