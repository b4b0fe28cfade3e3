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
mod bedrock_converse;
mod codec;
mod cohere;
mod cohere_chat;
mod cohere_embed;
mod cohere_rerank;
mod count_tokens;
mod delivered;
mod endpoint;
mod format;
mod gemini_embed;
mod gemini_generate;
mod halves;
mod in_row;
mod jina_rerank;
mod last_report;
mod loss;
mod members;
mod openai;
mod openai_chat;
mod openai_completions;
mod openai_embeddings;
mod openai_responses;
mod parameters;
pub mod prompt;
mod quirks;
mod read;
mod rerank;
mod spelling;
mod text_paths;
mod turns;
mod vectors;
mod write;

pub use codec::{Answer, Codec, Request};
pub use delivered::{Delivered, Passage};
pub use endpoint::{Endpoint, HeldEndpoint, Verb, has_model, with_model};
pub use failure::{Failure, FailureAnswer};
pub use format::{
    AnswerOptions, ChatFormat, Client, CompleteFormat, CountFormat, DecodeError, Dialect,
    EmbedFormat, Format, FormatId, Header, Held, Naming, NativeOnly, Operation, RerankFormat,
    StreamDecoder, StreamEncoder, StreamJournal, WrongShape,
};
pub use last_report::last_report;
pub use loss::{Loss, Losses};
pub use members::{Members, Value, last_name};
pub use parameters::{ParameterPlace, place_of};
pub use quirks::splice;
pub use spelling::{Spelling, snake_case};
pub use text_paths::{PATHS_MAX, TextPath, TextPathError, TextPaths};
pub use vectors::{Form, Forms, Vector, Vectors};

/// The format that most clients speak.
#[must_use]
pub fn common_chat() -> &'static dyn ChatFormat {
    &openai_chat::OpenaiChat
}

/// The formats of conversations.
pub fn chat_formats() -> impl Iterator<Item = &'static dyn ChatFormat> {
    FORMATS.iter().filter_map(|format| format.id().chat())
}

/// Every wire format, in the order of [`FormatId`].
pub static FORMATS: [&dyn Format; 18] = [
    &openai_chat::OpenaiChat,
    &anthropic_messages::AnthropicMessages,
    &gemini_generate::GeminiGenerate,
    &bedrock_converse::BedrockConverse,
    &openai_responses::OpenaiResponses,
    &cohere_chat::CohereChat,
    &openai_completions::OpenaiCompletions,
    &openai_embeddings::OpenaiEmbeddings,
    &cohere_embed::CohereEmbed,
    &gemini_embed::ONE,
    &gemini_embed::BATCH,
    &cohere_rerank::CohereRerank,
    &jina_rerank::JinaRerank,
    &count_tokens::ANTHROPIC,
    &count_tokens::GEMINI,
    &count_tokens::VERTEX,
    &count_tokens::OPENAI,
    &count_tokens::BEDROCK,
];
