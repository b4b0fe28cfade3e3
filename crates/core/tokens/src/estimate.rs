//! From what a prompt is made of to tokens.

use crate::calibration::Correction;
use crate::family::Family;
use crate::tally::Tally;
use crate::weights::Weights;

/// The most tokens that one picture is taken to have.
const IMAGE_TOKENS_MAX: u64 = 5_000;

/// The most tokens that a family puts around a message, and around all of them.
const FRAME_TOKENS_MAX: u64 = 16;
/// The most tokens that a provider adds to a request with tools: its instructions for them.
const TOOLS_TOKENS_MAX: u64 = 1_024;

/// A piece of a prompt as it stands in a request.
#[derive(Clone, Copy, Debug)]
pub struct Text<'t> {
    /// The bytes, between the quotes where it is a string.
    pub bytes: &'t [u8],
    /// Whether there are JSON escapes in it.
    pub escaped: bool,
}

/// What of a request counts as prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// What its texts are made of, definitions of tools included.
    pub tally: Tally,
    /// How many messages.
    pub messages: u32,
    /// How many pictures.
    pub images: u32,
    /// Whether there are files in it that are not text, which nothing here counts.
    pub has_files: bool,
    /// Whether it defines tools.
    pub has_tools: bool,
}

/// How many tokens a prompt has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Estimate {
    /// By the family's weights alone: what reports are compared with to correct later ones.
    pub raw: u64,
    /// The best guess, corrected by what the provider reported for the model.
    pub tokens: u64,
    /// Few prompts of the model have fewer: one in a hundred, by what was reported.
    pub low: u64,
    /// Few prompts of the model have more: one in a hundred, by what was reported. Never
    /// beyond `upper_bound`.
    pub high: u64,
    /// No prompt has more; see [`Prompt::upper_bound`].
    pub upper_bound: Option<u64>,
}

impl Prompt {
    /// Counts the texts of a request; `seed` is any number that a caller does not choose.
    /// Messages, pictures and tools are left for the caller to fill in.
    pub fn of<'t>(texts: impl Iterator<Item = Text<'t>> + Clone, seed: u64) -> Self {
        let bytes = texts.clone().map(|text| text.bytes.len() as u64).sum();
        let pieces = texts.map(|text| (text.bytes, text.escaped));
        Self {
            tally: Tally::of(pieces, bytes, seed),
            ..Self::default()
        }
    }

    /// Tokens by the weights of a family; 0 only for a prompt of nothing.
    #[must_use]
    pub fn raw(&self, family: Family) -> u64 {
        let texts = Weights::of(family.vocabulary()).tokens(&self.tally);
        texts.saturating_add(self.frame(family))
    }

    /// Tokens of what stands around the texts: those of messages, tools and pictures.
    #[must_use]
    pub fn frame(&self, family: Family) -> u64 {
        let weights = Weights::of(family.vocabulary());
        let mut frame = u64::from(self.messages) * u64::from(weights.message);
        if self.messages > 0 {
            frame += u64::from(weights.prompt);
        }
        if self.has_tools {
            frame += u64::from(weights.tools);
        }
        frame + u64::from(self.images) * u64::from(weights.image)
    }

    /// The most tokens that it can have: one for each byte of its texts as they are written,
    /// 16 for each message and 16 for all, 1 024 where it has tools and
    /// 5 000 for each picture. `None` where there are files: a page of a small
    /// one may be drawn.
    ///
    /// It holds for every vocabulary that falls back to bytes and does not make texts longer
    /// before it cuts them. It cannot know what stands behind a link or a stored history.
    #[must_use]
    pub fn upper_bound(&self) -> Option<u64> {
        if self.has_files {
            return None;
        }
        let messages = (u64::from(self.messages) + 1) * FRAME_TOKENS_MAX;
        let tools = u64::from(self.has_tools) * TOOLS_TOKENS_MAX;
        let images = u64::from(self.images) * IMAGE_TOKENS_MAX;
        let texts = self.tally.bytes();
        Some(texts.saturating_add(messages + tools + images))
    }

    /// The estimate for a model of a family, corrected by what is known of the model.
    #[must_use]
    pub fn estimate(&self, family: Family, correction: &Correction) -> Estimate {
        let raw = self.raw(family);
        let upper_bound = self.upper_bound();
        let at_most = |tokens: u64| upper_bound.map_or(tokens, |most| tokens.min(most));
        Estimate {
            raw,
            tokens: at_most(correction.tokens(raw)),
            low: at_most(correction.low(raw)),
            high: at_most(correction.high(raw)),
            upper_bound,
        }
    }
}

/// Bytes of ordinary text per token. English prose has 4.2 to 4.6, source code and
/// JSON 3 to 4, other scripts 2 to 4 in UTF-8.
const BYTES_PER_TOKEN: u64 = 4;

/// Tokens of a text of which only the length is known, in bytes; 0 only for no text.
#[must_use]
pub const fn of_bytes(bytes: u64) -> u64 {
    bytes.div_ceil(BYTES_PER_TOKEN)
}

/// Tokens of a text on its own, by the weights of a family; 0 only for no text.
#[must_use]
pub fn estimate(family: Family, text: &str) -> u64 {
    Weights::of(family.vocabulary()).tokens(&Tally::of_text(text))
}

#[cfg(test)]
mod tests;
