//! Where the parts lie that the gateway acts on.

use tollgate_wire::Edit;

use crate::view::RequestView;

mod answer;
mod block;
mod event;
mod request;

pub(super) use answer::answer;
pub(super) use event::event;
pub(super) use request::request;

/// Nothing: this format always reports usage.
pub(super) const fn ask_stream_usage(_view: &RequestView) -> Option<Edit> {
    None
}
