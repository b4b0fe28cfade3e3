//! Why an answer stopped.
//!
//! Version 2 has no word for an answer that a filter withheld: its provider refuses a request or
//! an answer with a denied word by status 498, and has its models say for themselves what they do
//! not want to. Nor has it one for a full window, which is `MAX_TOKENS` as well. So `ERROR_TOXIC`
//! is version 1's: clients pass on a word that they do not know. `ERROR_LIMIT` is read where a
//! server still says it.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::Finish;
use crate::format::DecodeError;
use crate::loss::{Carry, Loss};
use crate::read;

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

/// The word of a whole answer that ended because something went wrong.
pub(super) fn failure_in(body: &[u8]) -> Option<String> {
    let mut word = None;
    let mut reader = Reader::new(body).ok()?;
    let read = reader.object::<DecodeError>(|r, key| {
        if key.as_str() == "finish_reason" && r.kind()? == Kind::String {
            word = read::string(r)?;
        }
        Ok(())
    });
    read.ok()?;
    word.filter(|word| is_failure(word))
}

/// Why an answer that ended so is none, whatever its status says.
pub(super) fn failed() -> DecodeError {
    read::shape("finish_reason", "the answer failed")
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
        Finish::Length | Finish::WindowFull => "MAX_TOKENS",
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
