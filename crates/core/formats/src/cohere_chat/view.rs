//! Where the parts lie that the gateway acts on.

mod answer;
mod event;
mod message;
mod request;

pub(super) use answer::answer;
pub(super) use event::event;
pub(super) use request::request;
