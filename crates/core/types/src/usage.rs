//! Token usage of one answer.

/// Tokens by kind, as the provider reported them or as we counted them.
///
/// `input` and `output` are totals: `cached_input` and `cache_write_input` are
/// part of `input`, `reasoning` is part of `output`. Formats that report the
/// parts beside the total (Anthropic Messages) are brought to this shape when
/// they are read and brought back when they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
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
}

impl Usage {
    /// Prompt and generated tokens together; saturating.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.input.saturating_add(self.output)
    }
}
