//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// What an answer ends with that the provider's filter withheld.
pub(super) const WITHHELD: &str = "ERROR_TOXIC";

/// Reads a `finish_reason`.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "COMPLETE" => Finish::Stop,
        "STOP_SEQUENCE" => Finish::StopSequence,
        "MAX_TOKENS" => Finish::Length,
        "ERROR_LIMIT" => Finish::WindowFull,
        "TOOL_CALL" => Finish::ToolCalls,
        WITHHELD => Finish::ContentFilter,
        _ => Finish::Other(word.to_owned()),
    }
}

/// True for an answer that ended because something went wrong.
pub(super) fn is_failure(word: &str) -> bool {
    matches!(word, "ERROR" | "TIMEOUT")
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
        Finish::Stop if stop_sequence.is_some() => "STOP_SEQUENCE",
        Finish::Stop => "COMPLETE",
        Finish::StopSequence => "STOP_SEQUENCE",
        Finish::Length => "MAX_TOKENS",
        Finish::WindowFull => "ERROR_LIMIT",
        Finish::ToolCalls => "TOOL_CALL",
        Finish::ContentFilter => WITHHELD,
        Finish::Pause => {
            carry.lose_parameter("pause_turn");
            "COMPLETE"
        }
        Finish::Other(word) if carry.own => word,
        Finish::Other(_) => {
            carry.lose(Loss::Unknown("stop_reason"));
            "COMPLETE"
        }
    }
}
