//! The error of everything that is written as one short word: faults, distributions.

/// A word from the command line, a configuration or a directive that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{word}` is not {what}: expected {expected}")]
pub struct BadWord {
    /// The word as it was written, at most 80 characters of it.
    pub word: String,
    /// What it should have been, for example `a fault`.
    pub what: &'static str,
    /// The forms that are understood.
    pub expected: &'static str,
}

impl BadWord {
    /// Names the word, what it should have been, and the forms that are understood.
    pub(crate) fn new(word: &str, what: &'static str, expected: &'static str) -> Self {
        Self {
            word: word.chars().take(80).collect(),
            what,
            expected,
        }
    }
}
