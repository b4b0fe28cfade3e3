//! What requests are for, and what they can be written as.

/// What a request is for. A request is translated only to formats of the same operation, or
/// of one that serves it as well ([`Operation::is_written_as`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// A conversation goes on.
    Chat,
    /// A text goes on.
    Complete,
    /// Inputs become vectors.
    Embed,
    /// Documents are put in order by a query.
    Rerank,
    /// The tokens of a conversation are counted, and nothing is generated.
    Count,
}

impl Operation {
    /// Its name in records and labels.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Complete => "text_completion",
            Self::Embed => "embeddings",
            Self::Rerank => "rerank",
            Self::Count => "count_tokens",
        }
    }

    /// Whether its answers can be streamed.
    #[must_use]
    pub const fn is_streamed(self) -> bool {
        matches!(self, Self::Chat | Self::Complete)
    }

    /// Whether what is asked in a format of this operation can be written in another format,
    /// which is one of `other`. A text that goes on can be asked for in a chat, and nothing
    /// is ever written as one.
    #[must_use]
    pub const fn is_written_as(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Chat | Self::Complete, Self::Chat)
                | (Self::Embed, Self::Embed)
                | (Self::Rerank, Self::Rerank)
                | (Self::Count, Self::Count)
        )
    }

    /// Whether it uses tokens: a count books none, however it ends.
    #[must_use]
    pub const fn is_booked(self) -> bool {
        !matches!(self, Self::Count)
    }
}
