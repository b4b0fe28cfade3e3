//! Bedrock Converse, after the API reference of Amazon Bedrock Runtime.

pub(crate) mod error;
mod frame;
pub(crate) mod request;
pub(crate) mod response;
pub(crate) mod stream;
