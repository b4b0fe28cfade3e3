//! OpenAI Completions, after <https://platform.openai.com/docs/api-reference/completions>: a
//! text that goes on. Probabilities of tokens are `null`, as in chats.

mod answer;
mod request;

pub(crate) use answer::{message, steps};
pub(crate) use request::read;
