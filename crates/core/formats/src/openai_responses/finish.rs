//! Why an answer stopped: a status, and a reason where it is incomplete.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// Reads the reason of an incomplete answer, the status of another, or the type of the
/// item by which a completed one calls a tool.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "completed" => Finish::Stop,
        "function_call" => Finish::ToolCalls,
        "max_output_tokens" => Finish::Length,
        "content_filter" => Finish::ContentFilter,
        _ => Finish::Other(word.to_owned()),
    }
}

/// What a status, a reason and calls mean together.
pub(super) fn of(status: Option<&str>, reason: Option<&str>, has_calls: bool) -> Option<Finish> {
    match (status, reason) {
        (_, Some(reason)) => Some(read(reason)),
        (Some("completed") | None, None) if has_calls => Some(Finish::ToolCalls),
        (status, None) => status.map(read),
    }
}

/// The reason for which the answer is incomplete; `None` for one that is complete.
pub(super) fn incomplete<'f>(
    reason: &'f Finish,
    stop_sequence: Option<&str>,
    carry: &mut Carry<'_>,
) -> Option<&'f str> {
    if stop_sequence.is_some() {
        carry.lose_parameter("stop_sequence");
    }
    match reason {
        Finish::Stop | Finish::StopSequence | Finish::ToolCalls => None,
        Finish::Length | Finish::WindowFull => Some("max_output_tokens"),
        Finish::ContentFilter => Some("content_filter"),
        Finish::Pause => {
            carry.lose_parameter("pause_turn");
            None
        }
        Finish::Other(word) if carry.own => Some(word),
        Finish::Other(_) => {
            carry.lose(Loss::Unknown("finish_reason"));
            None
        }
    }
}
