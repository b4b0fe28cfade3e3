//! Why an answer stopped, whatever the format.

/// Why an answer stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finish {
    /// The model was done, or met a stop text.
    Stop,
    /// A stop text was met (where a format tells it apart).
    StopSequence,
    /// The token limit of the request.
    Length,
    /// The model's context window is full.
    WindowFull,
    /// It calls tools.
    ToolCalls,
    /// A content filter of the provider, or a refusal.
    ContentFilter,
    /// The provider paused a long turn.
    Pause,
    /// Something newer.
    Other(String),
}

impl Finish {
    /// As records and metrics write it, whatever the format.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::StopSequence => "stop_sequence",
            Self::Length | Self::WindowFull => "length",
            Self::ToolCalls => "tool_calls",
            Self::ContentFilter => "content_filter",
            Self::Pause => "pause_turn",
            Self::Other(_) => "other",
        }
    }

    /// What the reason for which a prompt was refused means: its provider's filter, unless
    /// it is none.
    pub(crate) fn of_block(self) -> Self {
        match self {
            Self::Stop => Self::Stop,
            _ => Self::ContentFilter,
        }
    }
}
