//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// Reads a `finish_reason`.
pub(super) fn read(word: String) -> Finish {
    match word.as_str() {
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::ContentFilter,
        _ => Finish::Other(word),
    }
}

/// The `finish_reason` of a canonical reason.
pub(super) fn write<'f>(
    reason: &'f Finish,
    stop_sequence: Option<&str>,
    carry: &mut Carry<'_>,
) -> &'f str {
    if stop_sequence.is_some() {
        carry.lose_parameter("stop_sequence");
    }
    match reason {
        Finish::Stop | Finish::StopSequence => "stop",
        Finish::Length => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        Finish::Pause => {
            carry.lose_parameter("pause_turn");
            "stop"
        }
        Finish::Other(word) if carry.own => word,
        // The window is full: to a caller of this format that is the limit.
        Finish::Other(word) if word == "model_context_window_exceeded" => "length",
        Finish::Other(word) => {
            carry.lose(Loss::member(word));
            "stop"
        }
    }
}
