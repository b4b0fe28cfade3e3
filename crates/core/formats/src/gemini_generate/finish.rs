//! Why an answer stopped, or was not begun.

use crate::exchange::Finish;
use crate::loss::{Carry, Loss};

/// Reads a `finishReason`.
pub(super) fn read(word: &str) -> Finish {
    match word {
        "" | "STOP" | "BLOCK_REASON_UNSPECIFIED" | "BLOCKED_REASON_UNSPECIFIED" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "JAILBREAK"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        _ => Finish::Other(word.to_owned()),
    }
}

/// As [`read`], of an answer that calls functions or not: the format has one word for
/// both.
pub(super) fn read_after(word: &str, has_calls: bool) -> Finish {
    match read(word) {
        Finish::Stop if has_calls => Finish::ToolCalls,
        reason => reason,
    }
}

/// Reads a `blockReason`: a prompt that was blocked, for whatever reason.
pub(super) fn read_block(word: &str) -> Finish {
    read(word).of_block()
}

/// The `finishReason` of a canonical reason.
pub(super) fn write<'f>(
    reason: &'f Finish,
    stop_sequence: Option<&str>,
    carry: &mut Carry<'_>,
) -> &'f str {
    if stop_sequence.is_some() {
        carry.lose_parameter("stop_sequence");
    }
    match reason {
        Finish::Stop | Finish::StopSequence | Finish::ToolCalls => "STOP",
        Finish::Length | Finish::WindowFull => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
        Finish::Pause => {
            carry.lose_parameter("pause_turn");
            "STOP"
        }
        Finish::Other(word) if carry.own => word,
        Finish::Other(_) => {
            carry.lose(Loss::Unknown("finish_reason"));
            "OTHER"
        }
    }
}
