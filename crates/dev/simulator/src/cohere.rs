//! Cohere chat, version 2, after <https://docs.cohere.com/reference/chat>.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
