//! Models whose tokens are alike.

use tollgate_catalogue::{Facts, Vocabulary};

/// How a model cuts texts into tokens, as far as that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Family {
    /// The vocabulary; `None` where nobody knows.
    vocabulary: Option<Vocabulary>,
    /// The catalogue or the configuration says so, not only the model's name.
    is_listed: bool,
}

impl Family {
    /// The family of a model: what is known of it says, or else its name.
    #[must_use]
    pub fn of(facts: &Facts, model: &str) -> Self {
        Self {
            vocabulary: facts.vocabulary.or_else(|| Vocabulary::named(model)),
            is_listed: facts.vocabulary.is_some(),
        }
    }

    /// The family of a vocabulary that a model is known to have.
    #[must_use]
    pub const fn listed(vocabulary: Vocabulary) -> Self {
        Self {
            vocabulary: Some(vocabulary),
            is_listed: true,
        }
    }

    /// Its vocabulary; `None` where nobody knows.
    #[must_use]
    pub const fn vocabulary(self) -> Option<Vocabulary> {
        self.vocabulary
    }

    /// Whether the vocabulary is known for certain to be the model's.
    #[must_use]
    pub const fn is_listed(self) -> bool {
        self.is_listed
    }
}
