//! What each class of bytes is worth in tokens, by vocabulary.
//!
//! `classes` are thousandths of a token, fitted by `cargo run -p tollgate-tokens --example
//! fit` to what the vocabularies themselves count, and checked by tests on texts that were
//! not among those. Where a vocabulary is not public, they are those of o200k times a
//! factor; what providers report corrects them model by model. The rest is what providers
//! document, or what their answers to short prompts show.

use tollgate_catalogue::Vocabulary;

use crate::family::Family;
use crate::tally::{CLASSES, Tally};

/// What a vocabulary makes of a prompt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weights {
    /// Thousandths of a token for each of a class.
    classes: &'static [u16; CLASSES],
    /// What they are multiplied with, in thousandths.
    factor: u16,
    /// Tokens around each message.
    pub(crate) message: u16,
    /// Tokens around all of them.
    pub(crate) prompt: u16,
    /// Tokens that tools add beside their definitions.
    pub(crate) tools: u16,
    /// Tokens of a picture of usual size.
    pub(crate) image: u16,
}

impl Weights {
    /// Those of a vocabulary; of the commonest where nobody knows it.
    pub(crate) const fn of(vocabulary: Option<Vocabulary>) -> &'static Self {
        match vocabulary {
            Some(Vocabulary::O200k) => &O200K,
            Some(Vocabulary::Cl100k) => &CL100K,
            Some(Vocabulary::Llama3) => &LLAMA3,
            Some(Vocabulary::Deepseek) => &DEEPSEEK,
            Some(Vocabulary::Qwen) => &QWEN,
            Some(Vocabulary::Mistral) => &MISTRAL,
            Some(Vocabulary::Claude) => &CLAUDE,
            Some(Vocabulary::Gemini) => &GEMINI,
            Some(Vocabulary::Cohere) => &COHERE,
            None => &OTHER,
        }
    }

    /// Tokens of texts; 0 only for no text, and never more than bytes.
    pub(crate) fn tokens(&self, tally: &Tally) -> u64 {
        let sum: u64 = self
            .classes
            .iter()
            .zip(tally.counts())
            .map(|(weight, count)| u64::from(*weight) * u64::from(*count))
            .fold(0, u64::saturating_add);
        let tokens = scaled(sum, self.factor) / 1_000;
        tokens.clamp(u64::from(tally.bytes() > 0), tally.bytes())
    }
}

impl Family {
    /// What another vocabulary counted, as this family's.
    pub(crate) fn scaled(self, tokens: u64) -> u64 {
        scaled(tokens, Weights::of(self.vocabulary()).factor)
    }
}

const fn scaled(tokens: u64, factor: u16) -> u64 {
    tokens.saturating_mul(factor as u64) / 1_000
}

static O200K: Weights = Weights {
    classes: &classes::O200K,
    factor: 1_000,
    message: 4,
    prompt: 3,
    tools: 12,
    image: 765,
};

static CL100K: Weights = Weights {
    classes: &classes::CL100K,
    ..O200K
};

static LLAMA3: Weights = Weights {
    classes: &classes::LLAMA3,
    message: 5,
    prompt: 5,
    image: 1_600,
    ..O200K
};

static DEEPSEEK: Weights = Weights {
    classes: &classes::DEEPSEEK,
    message: 2,
    prompt: 2,
    ..O200K
};

static QWEN: Weights = Weights {
    classes: &classes::QWEN,
    message: 5,
    prompt: 4,
    tools: 100,
    image: 1_000,
    ..O200K
};

static MISTRAL: Weights = Weights {
    classes: &classes::MISTRAL,
    message: 2,
    prompt: 2,
    image: 1_000,
    ..O200K
};

static CLAUDE: Weights = Weights {
    factor: 1_200,
    message: 4,
    prompt: 4,
    tools: 346,
    image: 1_600,
    ..O200K
};

static GEMINI: Weights = Weights {
    factor: 1_050,
    message: 1,
    prompt: 0,
    tools: 20,
    image: 258,
    ..O200K
};

static COHERE: Weights = Weights {
    factor: 1_050,
    message: 4,
    prompt: 4,
    tools: 100,
    image: 1_000,
    ..O200K
};

static OTHER: Weights = Weights {
    factor: 1_100,
    image: 1_000,
    ..O200K
};

/// Written by the example `fit`.
mod classes;
