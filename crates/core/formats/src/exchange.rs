//! The canonical model: what every format of an operation is translated to and from. The
//! chat is here, embeddings and reranking have files of their own.
//!
//! Enums are open (`Other`), requests keep the members nobody here knows
//! ([`ChatRequest::extras`]), and what a decoder meets inside a message without a
//! place here is named ([`ChatRequest::unread`]). It is used only when two formats
//! meet; traffic that keeps its format is never decoded into it.

use std::borrow::Cow;

use serde_json::value::RawValue;
use tollgate_types::Usage;

use crate::failure::Failure;
use crate::format::FormatId;
use crate::loss::{Loss, Losses};
use crate::openai::data_url;
pub use crate::view::Role;

mod count;
mod embed;
mod finish;
mod rerank;
mod seal;
mod size;
mod thought;

pub use count::CountAnswer;
pub use embed::{EmbedAnswer, EmbedInput, EmbedPart, EmbedRequest, EmbedTask, Truncate};
pub use finish::Finish;
pub use rerank::{RerankAnswer, RerankDocument, RerankRequest, RerankResult};
pub use seal::Seal;
pub use thought::Thought;

/// A chat request.
#[derive(Clone, Debug, Default)]
pub struct ChatRequest {
    /// The format it was decoded from. Extras and parts nobody here knows are written
    /// only back to it.
    pub origin: Option<FormatId>,
    /// The model name as written; the attempt replaces it by the target's.
    pub model: String,
    /// Instructions that stand outside the turns, in order.
    pub system: Vec<Part>,
    /// The turns.
    pub messages: Vec<Message>,
    /// Tools offered.
    pub tools: Vec<Tool>,
    /// Which tool the model must or may call.
    pub tool_choice: Option<ToolChoice>,
    /// Whether several tool calls may come in one answer.
    pub parallel_tool_calls: Option<bool>,
    /// The most tokens to generate.
    pub max_output_tokens: Option<u64>,
    /// Sampling.
    pub sampling: Sampling,
    /// Texts that end the answer.
    pub stop: Vec<String>,
    /// The form of the answer.
    pub response_format: Option<ResponseFormat>,
    /// How much to reason.
    pub reasoning: Option<Reasoning>,
    /// How its reasoning is to be summed up (`auto`, `concise`, `detailed`), where a format
    /// shows no more of it.
    pub reasoning_summary: Option<String>,
    /// The caller's id for its own user.
    pub user: Option<String>,
    /// Free metadata, as JSON.
    pub metadata: Option<Box<RawValue>>,
    /// The service tier asked for.
    pub service_tier: Option<String>,
    /// How wordy the answer is to be (`low`, `medium`, `high`).
    pub verbosity: Option<String>,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Members nobody here knows, in order: carried within a format, named as a
    /// loss between formats.
    pub extras: Vec<(String, Box<RawValue>)>,
    /// What the decoder met below the top level and could not keep. Every encoder
    /// hands it on as losses.
    pub unread: Losses,
}

/// Sampling parameters.
#[derive(Clone, Debug, Default)]
pub struct Sampling {
    /// As written, so that `1` stays `1`.
    pub temperature: Option<serde_json::Number>,
    /// Nucleus sampling.
    pub top_p: Option<serde_json::Number>,
    /// Sample from the k likeliest.
    pub top_k: Option<u64>,
    /// Repeatability.
    pub seed: Option<i64>,
    /// Penalty by frequency.
    pub frequency_penalty: Option<serde_json::Number>,
    /// Penalty by presence.
    pub presence_penalty: Option<serde_json::Number>,
    /// How many answers.
    pub choices: Option<u64>,
    /// Whether the probability of each token is told.
    pub logprobs: Option<bool>,
    /// Of how many of the likeliest tokens at each place.
    pub top_logprobs: Option<u64>,
}

/// One turn.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who speaks. Tool results are turns of [`Role::Tool`].
    pub role: Role,
    /// The participant's name, where a format has one.
    pub name: Option<String>,
    /// The content, in order.
    pub parts: Vec<Part>,
}

/// A piece of content.
#[derive(Clone, Debug)]
pub enum Part {
    /// Text.
    Text(String),
    /// An image.
    Image(Image),
    /// A document, inline.
    Document(Document),
    /// A prompt-cache breakpoint after the part before it (Anthropic
    /// `cache_control`), as JSON.
    CacheMark(Box<RawValue>),
    /// Sound, inline.
    Audio {
        /// `audio/wav` and the like.
        media_type: String,
        /// Base64, as written.
        base64: String,
    },
    /// A video.
    Video(Source),
    /// Reasoning.
    Reasoning(Thought),
    /// What backs the text before it.
    Citation(Citation),
    /// A refusal in the model's words.
    Refusal(String),
    /// The model calls a tool.
    ToolCall(ToolCall),
    /// What a tool answered.
    ToolResult(ToolResult),
    /// A part nobody here knows; `kind` is its `type`.
    Other {
        /// Its `type`.
        kind: String,
        /// The whole part as JSON.
        json: Box<RawValue>,
    },
}

/// The most citations of one message that are kept; more are the loss `citation`.
pub(crate) const CITATIONS_MAX: usize = 256;

/// What backs a text of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Citation {
    /// Where the backed passage is in the text before it: characters from, and up to.
    pub range: Option<(u64, u64)>,
    /// Where the source is.
    pub url: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What it says.
    pub quote: Option<String>,
    /// Which of the request's documents it is, counted from 0.
    pub document: Option<u64>,
}

/// Where the bytes of something are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Fetched by the provider.
    Url(String),
    /// Inline.
    Inline {
        /// `video/mp4` and the like.
        media_type: String,
        /// Base64, as written.
        base64: String,
    },
}

/// An image, inline or by URL.
#[derive(Clone, Debug)]
pub enum Image {
    /// Fetched by the provider.
    Url {
        /// Where.
        url: String,
        /// How closely to look (`low`, `high`, `auto`).
        detail: Option<String>,
    },
    /// Inline.
    Inline {
        /// `image/png` and the like.
        media_type: String,
        /// Base64, as written.
        base64: String,
        /// How closely to look.
        detail: Option<String>,
    },
}

impl Image {
    /// An image at a URL, which may hold the image itself.
    pub(crate) fn at(url: String, detail: Option<String>) -> Self {
        match data_url(&url) {
            Some((media_type, base64)) => Self::Inline {
                media_type: media_type.to_owned(),
                base64: base64.to_owned(),
                detail,
            },
            None => Self::Url { url, detail },
        }
    }

    /// Its URL, which holds the image itself where it is inline.
    pub(crate) fn url(&self) -> Cow<'_, str> {
        match self {
            Self::Url { url, .. } => Cow::Borrowed(url),
            Self::Inline {
                media_type, base64, ..
            } => Cow::Owned(format!("data:{media_type};base64,{base64}")),
        }
    }
}

/// A document, inline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its title or file name.
    pub title: Option<String>,
    /// Its content.
    pub content: DocumentContent,
}

/// The content of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentContent {
    /// A file, most often a PDF.
    File {
        /// `application/pdf` and the like.
        media_type: String,
        /// Base64, as written.
        base64: String,
    },
    /// Plain text.
    Text(String),
    /// A file that the provider fetches.
    Url(String),
}

/// A tool call.
#[derive(Clone, Debug)]
pub struct ToolCall {
    /// Ties the result to the call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// The arguments as JSON text; not necessarily valid, models err.
    pub arguments: String,
    /// The provider's signature of it, where a format has one (Gemini). Formats without a
    /// place for it carry it in the id ([`Seal::in_id`]).
    pub signature: Option<Seal>,
}

/// The result of a tool call.
#[derive(Clone, Debug)]
pub struct ToolResult {
    /// The call it answers.
    pub call_id: String,
    /// The content: texts and images.
    pub parts: Vec<Part>,
    /// Whether the tool failed.
    pub is_error: bool,
}

/// A tool that may be called.
#[derive(Clone, Debug)]
pub enum Tool {
    /// A function of the caller's.
    Function {
        /// Its name.
        name: String,
        /// What it is for.
        description: Option<String>,
        /// JSON Schema of the arguments.
        parameters: Option<Box<RawValue>>,
        /// Whether the schema is enforced.
        strict: Option<bool>,
        /// A cache marker.
        cache: Option<Box<RawValue>>,
    },
    /// A provider's own tool (web search …); the whole definition as JSON.
    Other {
        /// Its `type`.
        kind: String,
        /// The definition.
        json: Box<RawValue>,
    },
}

/// Which tool to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToolChoice {
    /// The model decides.
    Auto,
    /// None may be called.
    None,
    /// At least one must be called.
    Required,
    /// This one must be called.
    Tool(String),
}

/// The form of the answer.
#[derive(Clone, Debug)]
pub enum ResponseFormat {
    /// Free text.
    Text,
    /// Any JSON object.
    JsonObject,
    /// JSON of a schema.
    JsonSchema {
        /// The schema's name; empty where a format has none.
        name: String,
        /// What the schema is for.
        description: Option<String>,
        /// The schema.
        schema: Box<RawValue>,
        /// Whether it is enforced.
        strict: Option<bool>,
    },
}

/// How much to reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reasoning {
    /// Not at all.
    Off,
    /// By word (`low`, `medium`, `high` …).
    Effort(String),
    /// By tokens.
    Budget(u64),
    /// The model decides (Anthropic `adaptive`).
    Adaptive,
}

/// A whole answer.
#[derive(Clone, Debug, Default)]
pub struct ChatAnswer {
    /// The provider's id.
    pub id: String,
    /// The model as the provider names it.
    pub model: String,
    /// Seconds since the epoch, when given.
    pub created_unix_s: Option<u64>,
    /// The answers; most often one.
    pub choices: Vec<Choice>,
    /// Tokens.
    pub usage: Option<Usage>,
    /// The tier that served it; told only in its own format, for tiers are a
    /// provider's own.
    pub service_tier: Option<String>,
    /// The format it was decoded from; parts nobody here knows are written only back to it.
    pub origin: Option<FormatId>,
    /// What the decoder could not keep. Every encoder hands it on as losses.
    pub unread: Losses,
}

/// One of the answers.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    /// What the model said, in order: texts, reasoning, refusals, tool calls.
    pub parts: Vec<Part>,
    /// Why it stopped.
    pub finish: Option<Finish>,
    /// The stop text that was met.
    pub stop_sequence: Option<String>,
    /// How likely its tokens were, where that was asked for.
    pub logprobs: Vec<TokenLogprob>,
}

/// How likely a token was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenLogprob {
    /// The token, and the natural logarithm of its probability as written.
    pub token: Likely,
    /// The likeliest tokens at its place.
    pub top: Vec<Likely>,
}

/// A token and its probability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Likely {
    /// Its text.
    pub text: String,
    /// The natural logarithm of its probability, as written.
    pub logprob: serde_json::Number,
}

/// One step of a streamed answer.
///
/// A block's events come in the order start, deltas, end; blocks of one choice may
/// interleave only where the provider's format lets them (parallel tool calls). Every
/// block ends before its choice finishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamEvent {
    /// The answer begins.
    Start {
        /// The provider's id.
        id: String,
        /// The model as the provider names it.
        model: String,
        /// Prompt tokens, where they are told at the start.
        usage: Option<Usage>,
    },
    /// A block begins.
    BlockStart {
        /// Index of the choice.
        choice: u32,
        /// Index of the block within the choice, counted over all kinds.
        block: u32,
        /// What it is.
        kind: BlockKind,
    },
    /// How likely the tokens of a choice were.
    Logprobs {
        /// Index of the choice.
        choice: u32,
        /// The tokens, in order.
        tokens: Vec<TokenLogprob>,
    },
    /// A piece of a block.
    Delta {
        /// Index of the choice.
        choice: u32,
        /// Index of the block.
        block: u32,
        /// The piece.
        delta: Delta,
    },
    /// A block is complete.
    BlockEnd {
        /// Index of the choice.
        choice: u32,
        /// Index of the block.
        block: u32,
    },
    /// A choice is complete.
    Finish {
        /// Index of the choice.
        choice: u32,
        /// Why.
        reason: Finish,
        /// The stop text that was met.
        stop_sequence: Option<String>,
    },
    /// Tokens so far; a later report replaces an earlier one.
    Usage(Usage),
    /// The decoder met something that has no place here.
    Lost(Loss),
    /// An error in mid-stream. Nothing follows.
    Failure(Failure),
    /// The provider said that it is done.
    End,
}

/// The kind of a streamed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// Text.
    Text,
    /// Reasoning.
    Reasoning,
    /// Refusal.
    Refusal,
    /// A tool call.
    ToolCall {
        /// Its id.
        id: String,
        /// The tool.
        name: String,
        /// As in [`ToolCall::signature`].
        signature: Option<Seal>,
    },
}

/// A piece of a streamed block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delta {
    /// Text, reasoning text or refusal text, after the block's kind.
    Text(String),
    /// A piece of the arguments' JSON text.
    Arguments(String),
    /// The signature of a reasoning block.
    Signature(Seal),
    /// Encrypted reasoning.
    Encrypted(Seal),
    /// The provider's id of a reasoning block.
    Id(Seal),
    /// What backs the text so far.
    Citation(Citation),
}

impl Delta {
    /// The piece itself, whatever it is a piece of; empty for a citation.
    #[must_use]
    pub const fn text(&self) -> &str {
        match self {
            Self::Text(text) | Self::Arguments(text) => text.as_str(),
            Self::Signature(seal) | Self::Encrypted(seal) | Self::Id(seal) => seal.text(),
            Self::Citation(_) => "",
        }
    }
}
