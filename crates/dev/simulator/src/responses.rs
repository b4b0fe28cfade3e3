//! OpenAI Responses, after <https://platform.openai.com/docs/api-reference/responses>.
//!
//! Left out: the provider's own tools and conversations. Errors are those of Chat Completions.

pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
