//! Wire formats: N + M, not N × M.
//!
//! Each format is one folder with a codec to and from one canonical model
//! ([`exchange`]), and a *view*: where in the original bytes the parts lie that
//! the gateway acts on ([`view`]). A request whose target speaks the caller's own
//! format is never decoded; it is forwarded with splices. Translation decodes
//! with one codec and encodes with another, and names every loss ([`Losses`]).
//!
//! Adding a format is one folder and one line in [`FORMATS`].

pub mod exchange;
pub mod failure;
pub mod view;

mod anthropic_messages;
mod delivered;
mod format;
mod halves;
mod loss;
mod openai_chat;
mod read;
mod text_paths;
mod write;

pub use delivered::{Delivered, Passage};
pub use failure::{Failure, FailureAnswer};
pub use format::{
    AnswerOptions, DecodeError, Dialect, Format, FormatId, StreamDecoder, StreamEncoder, WrongShape,
};
pub use loss::{Loss, Losses};
pub use text_paths::{PATHS_MAX, TextPath, TextPathError, TextPaths};

/// Every wire format, in the order of [`FormatId`].
pub static FORMATS: [&dyn Format; 2] = [
    &openai_chat::OpenaiChat,
    &anthropic_messages::AnthropicMessages,
];
