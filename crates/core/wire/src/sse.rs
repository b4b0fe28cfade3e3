//! Server-sent events: raw bytes and parsed view together.
//!
//! [`EventReader`] cuts a stream into [`Event`]s by the WHATWG rules: lines end with
//! LF, CR or CRLF, a blank line ends an event, a byte order mark may come first. An
//! event keeps its bytes as they were received; those of all events and of
//! [`EventReader::take_rest`], joined, are the stream. How the stream was cut into
//! frames changes neither events nor bytes, with one detail: the LF of a CRLF blank
//! line that arrives in a later frame than its CR is found in front of the next
//! event, because an event is not kept waiting for it.
//!
//! Left out: `id` and `retry` have no view (they stay in the bytes), and what makes a
//! client reconnect is not our business. Data is bytes, and never checked to be UTF-8.

use thiserror::Error;

mod event;
mod lines;
mod reader;

pub use event::Event;
pub use reader::EventReader;

/// Why a stream cannot be read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Error {
    /// An event that is longer than allowed.
    #[error("event longer than {max} bytes")]
    EventTooLong {
        /// The limit.
        max: usize,
    },
    /// A message whose lengths or check sums are wrong.
    #[error("a message is damaged")]
    Damaged,
}

#[cfg(test)]
mod tests;
