//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// What Bedrock's own guardrail says when it withholds an answer.
pub(super) const WITHHELD: &str = "guardrail_intervened";

/// Reads a `stopReason`.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "end_turn" => Finish::Stop,
        "stop_sequence" => Finish::StopSequence,
        "max_tokens" => Finish::Length,
        "model_context_window_exceeded" => Finish::WindowFull,
        "tool_use" => Finish::ToolCalls,
        WITHHELD | "content_filtered" => Finish::ContentFilter,
        // `malformed_model_output`, `malformed_tool_use`, and newer ones.
        _ => Finish::Other(word.to_owned()),
    }
}

/// The `stopReason` of a canonical reason; `calls` says whether a tool was called, which
/// some servers end as usual and callers of this format act on.
pub(super) fn write<'f>(reason: &'f Finish, calls: bool, carry: &mut Carry<'_>) -> &'f str {
    match reason {
        Finish::Stop if calls => "tool_use",
        Finish::Stop => "end_turn",
        Finish::StopSequence => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::WindowFull => "model_context_window_exceeded",
        Finish::ToolCalls => "tool_use",
        Finish::ContentFilter => "content_filtered",
        Finish::Other(word) if carry.own => word,
        Finish::Pause | Finish::Other(_) => {
            carry.lose(Loss::Unknown("finish_reason"));
            "end_turn"
        }
    }
}
