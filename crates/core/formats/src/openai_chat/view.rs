//! Where the parts lie that the gateway acts on.

use bytes::Bytes;
use tollgate_wire::Edit;

use crate::view::RequestView;

mod answer;
mod event;
mod message;
mod request;

pub(super) use answer::answer;
pub(super) use event::event;
pub(super) use request::request;

/// The edit that makes a provider report usage in a streamed answer.
pub(super) fn ask_stream_usage(view: &RequestView) -> Option<Edit> {
    let (span, with) = view.ask_usage?;
    Some(Edit {
        span,
        with: Bytes::from_static(with.as_bytes()),
    })
}
