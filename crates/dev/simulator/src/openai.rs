//! OpenAI Chat Completions, after <https://platform.openai.com/docs/api-reference/chat>.
//!
//! `reasoning_content` is not OpenAI's own: it is how compatible servers (vLLM and others)
//! deliver reasoning, and comes only when reasoning is asked for.

pub(crate) mod completions;
pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
