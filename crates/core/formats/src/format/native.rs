//! What only providers of the caller's own format take.

/// What of a request no other format has a place for, and that is all it asks about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NativeOnly {
    /// Several prompts in one request (Completions).
    Prompts,
    /// A prompt as the ids of a model's own tokens (Completions).
    Tokens,
}

impl NativeOnly {
    pub(super) const fn message(self) -> &'static str {
        match self {
            Self::Prompts => {
                "`prompt` has several prompts, and the model is asked in a chat; send each in a request of its own"
            }
            Self::Tokens => {
                "`prompt` has ids of tokens, which a model that is asked in a chat cannot be given; send the prompt as a text"
            }
        }
    }
}
