//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// Reads a `stop_reason`.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "end_turn" => Finish::Stop,
        "stop_sequence" => Finish::StopSequence,
        "max_tokens" => Finish::Length,
        "model_context_window_exceeded" => Finish::WindowFull,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::ContentFilter,
        "pause_turn" => Finish::Pause,
        _ => Finish::Other(word.to_owned()),
    }
}

/// What was said, as far as it decides the `stop_reason`.
#[derive(Clone, Copy, Default)]
pub(super) struct Said {
    /// A tool call.
    pub(super) call: bool,
    /// A refusal in the model's words.
    pub(super) refusal: bool,
}

/// The `stop_reason` of a canonical reason.
///
/// Other formats stop as usual after a refusal, and some servers after a tool call;
/// callers of this one act on the reason.
pub(super) fn write<'f>(reason: &'f Finish, said: Said, carry: &mut Carry<'_>) -> &'f str {
    match reason {
        Finish::Stop if said.call => "tool_use",
        Finish::Stop if said.refusal => "refusal",
        Finish::Stop => "end_turn",
        Finish::StopSequence => "stop_sequence",
        Finish::Length => "max_tokens",
        Finish::WindowFull => "model_context_window_exceeded",
        Finish::ToolCalls => "tool_use",
        Finish::ContentFilter => "refusal",
        Finish::Pause => "pause_turn",
        Finish::Other(word) if carry.own => word,
        Finish::Other(_) => {
            carry.lose(Loss::Unknown("finish_reason"));
            "end_turn"
        }
    }
}
