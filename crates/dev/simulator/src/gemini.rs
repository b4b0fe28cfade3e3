//! Gemini generateContent, after <https://ai.google.dev/api/generate-content>.

pub(crate) mod error;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
