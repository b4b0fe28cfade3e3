//! Clients that are stricter than the format they speak.

use super::Header;

/// Whose clients read an answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Client {
    /// Those of whoever defined the format, and all that do as they do.
    #[default]
    Common,
    /// Mistral's own. They speak OpenAI's formats as Mistral's servers do, and refuse what
    /// these never send: a call of a stream comes whole, each chunk has a choice, usage
    /// stands with the stop reason, reasoning is a part of the content.
    Mistral,
}

impl Client {
    /// The client of a request in a format of OpenAI's, by the name it gives itself.
    pub(crate) fn of(header: Header<'_, '_>) -> Self {
        let agent = header("user-agent").unwrap_or_default();
        if agent.starts_with("mistral-client-") {
            Self::Mistral
        } else {
            Self::Common
        }
    }

    /// Whether providers of a kind answer as these clients expect, so that nothing has to be
    /// written anew within one format.
    #[must_use]
    pub fn is_at_home_with(self, kind: &str) -> bool {
        match self {
            Self::Common => true,
            Self::Mistral => kind == "mistral",
        }
    }
}
