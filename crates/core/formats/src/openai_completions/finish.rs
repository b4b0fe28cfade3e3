//! Why an answer stopped.

use crate::exchange::Finish;
use crate::loss::Carry;
use crate::openai_chat;

/// The `finish_reason` of a canonical reason; there are no tools to be called.
pub(super) fn write<'f>(
    reason: &'f Finish,
    stop_sequence: Option<&str>,
    carry: &mut Carry<'_>,
) -> &'f str {
    match reason {
        Finish::ToolCalls => {
            carry.lose_content("tool_call");
            "stop"
        }
        _ => openai_chat::write_finish(reason, stop_sequence, carry),
    }
}
