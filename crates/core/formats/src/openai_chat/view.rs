//! Views.
use tollgate_wire::Edit;
use tollgate_wire::sse::Event;

use crate::format::DecodeError;
use crate::view::{AnswerView, EventView, RequestView};

pub(super) fn request(_body: &[u8], _texts: bool) -> Result<RequestView, DecodeError> {
    Err(crate::read::shape("request", "not read yet"))
}

pub(super) fn ask_stream_usage(_view: &RequestView) -> Option<Edit> {
    None
}

pub(super) fn answer(_body: &[u8], _texts: bool) -> Result<AnswerView, DecodeError> {
    Err(crate::read::shape("answer", "not read yet"))
}

pub(super) fn event(_event: &Event, view: &mut EventView) -> Result<(), DecodeError> {
    view.clear();
    Ok(())
}
