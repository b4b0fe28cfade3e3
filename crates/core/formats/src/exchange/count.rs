//! The canonical model of a count: a conversation in, a number out.

/// How many tokens a request has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CountAnswer {
    /// Tokens of the prompt.
    pub tokens: u64,
}
