//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// Reads a `finish_reason`.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "stop" => Finish::Stop,
        "length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::ContentFilter,
        _ => Finish::Other(word.to_owned()),
    }
}

/// The `finish_reason` of a canonical reason.
pub(crate) fn write<'f>(
    reason: &'f Finish,
    stop_sequence: Option<&str>,
    carry: &mut Carry<'_>,
) -> &'f str {
    if stop_sequence.is_some() {
        carry.lose_parameter("stop_sequence");
    }
    match reason {
        Finish::Stop | Finish::StopSequence => "stop",
        Finish::Length | Finish::WindowFull => "length",
        Finish::ToolCalls => "tool_calls",
        Finish::ContentFilter => "content_filter",
        Finish::Pause => {
            carry.lose_parameter("pause_turn");
            "stop"
        }
        Finish::Other(word) if carry.own => word,
        Finish::Other(_) => {
            carry.lose(Loss::Unknown("stop_reason"));
            "stop"
        }
    }
}
