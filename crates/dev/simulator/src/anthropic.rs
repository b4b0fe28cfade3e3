//! Anthropic Messages, after <https://docs.anthropic.com/en/api/messages>.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
