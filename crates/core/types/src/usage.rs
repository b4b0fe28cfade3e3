//! Token usage of one answer.

use std::fmt;

/// Tokens by kind, as the provider reported them or as we counted them.
///
/// `input` and `output` are totals: `cached_input` and `cache_write_input` are
/// part of `input`, `reasoning` is part of `output`. Formats that report the
/// parts beside the total (Anthropic Messages) are brought to this shape when
/// they are read and brought back when they are written.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// All prompt tokens, cached ones included.
    pub input: u64,
    /// All generated tokens, reasoning included.
    pub output: u64,
    /// Prompt tokens read from the provider's prompt cache.
    pub cached_input: u64,
    /// Prompt tokens written to the provider's prompt cache.
    pub cache_write_input: u64,
    /// Generated tokens spent on reasoning.
    pub reasoning: u64,
    /// Searches that are billed, beside the tokens or instead of them: what a reranker did.
    pub searches: u64,
    /// The service class that the provider says it answered in.
    pub tier: Tier,
}

/// The service class of a request: some cost more, some less.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// Nobody says, or whoever asked left it to the provider.
    #[default]
    Unsaid,
    /// As everybody is served.
    Standard,
    /// Before others.
    Priority,
    /// When there is room.
    Flex,
    /// With others, later.
    Batch,
    /// One that nobody here knows.
    Other,
}

impl Tier {
    /// The class that a word of a request or an answer means.
    #[must_use]
    pub const fn of(word: &[u8]) -> Self {
        match word {
            b"" | b"auto" => Self::Unsaid,
            b"default" | b"standard" | b"standard_only" | b"on_demand" => Self::Standard,
            b"priority" => Self::Priority,
            b"flex" => Self::Flex,
            b"batch" => Self::Batch,
            _ => Self::Other,
        }
    }

    /// The word for logs; empty where nobody says.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Unsaid => "",
            Self::Standard => "standard",
            Self::Priority => "priority",
            Self::Flex => "flex",
            Self::Batch => "batch",
            Self::Other => "other",
        }
    }

    /// This one, else what `other` says.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        match self {
            Self::Unsaid => other,
            said => said,
        }
    }
}

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Usage");
        shown
            .field("input", &self.input)
            .field("output", &self.output)
            .field("cached_input", &self.cached_input)
            .field("cache_write_input", &self.cache_write_input)
            .field("reasoning", &self.reasoning);
        if self.searches > 0 {
            shown.field("searches", &self.searches);
        }
        if self.tier != Tier::Unsaid {
            shown.field("tier", &self.tier);
        }
        shown.finish()
    }
}

impl Usage {
    /// Prompt and generated tokens together; saturating.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}
