//! What the gateway sees of messages of this format.

mod answer;
mod event;
mod item;
mod request;

pub(super) use answer::answer;
pub(super) use event::event;
pub(super) use request::request;
