//! What a wire format can do.

mod client;
mod folder;
mod native;
mod operation;
mod options;

use std::borrow::Cow;
use std::fmt;

use bytes::{Bytes, BytesMut};
use smallvec::SmallVec;
use tollgate_types::Usage;
use tollgate_wire::framing::Framing;
use tollgate_wire::sse::Event;
use tollgate_wire::{Document, Edit, Span};

use crate::codec::Codec;
use crate::delivered::Delivered;
use crate::endpoint::{Endpoint, HeldEndpoint};
use crate::exchange::{
    ChatAnswer, ChatRequest, CountAnswer, EmbedAnswer, EmbedRequest, Finish, RerankAnswer,
    RerankRequest, StreamEvent,
};
use crate::failure::{self, Failure, FailureAnswer};
use crate::loss::Losses;
use crate::parameters::ParameterPlace;
use crate::prompt::{Places, SystemPlace};
use crate::rerank;
use crate::spelling::Spelling;
use crate::view::{self, AnswerView, EventView, RequestView};

pub use client::Client;
pub(crate) use folder::{chat_folder, unstreamed};
pub use native::NativeOnly;
pub use operation::Operation;
pub use options::AnswerOptions;

/// A wire format. The discriminant is its index in [`crate::FORMATS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FormatId {
    /// OpenAI Chat Completions.
    OpenaiChat,
    /// Anthropic Messages.
    AnthropicMessages,
    /// Gemini generateContent.
    GeminiGenerate,
    /// Bedrock Converse.
    BedrockConverse,
    /// OpenAI Responses.
    OpenaiResponses,
    /// Cohere chat, version 2.
    CohereChat,
    /// OpenAI Completions, the older format of texts that are continued.
    OpenaiCompletions,
    /// OpenAI embeddings.
    OpenaiEmbeddings,
    /// Cohere's embeddings, version 2.
    CohereEmbed,
    /// Gemini's embedding of one input.
    GeminiEmbed,
    /// Gemini's embeddings of several inputs.
    GeminiBatchEmbed,
    /// Cohere's reranking, version 2.
    CohereRerank,
    /// Reranking as Jina, Voyage and servers of open models have it.
    JinaRerank,
    /// Anthropic's count of a request to Messages.
    AnthropicCount,
    /// Gemini's count, of contents or of a request in an envelope.
    GeminiCount,
    /// Vertex AI's count of contents and what stands beside them.
    VertexCount,
    /// OpenAI's count of a request to Responses.
    OpenaiCount,
    /// Bedrock's count of a request to Converse.
    BedrockCount,
}

impl FormatId {
    /// The format itself.
    #[must_use]
    pub fn format(self) -> &'static dyn Format {
        crate::FORMATS[self as usize]
    }

    /// Its codec as one of conversations; `None` for formats of other operations.
    #[must_use]
    pub fn chat(self) -> Option<&'static dyn ChatFormat> {
        match self.format().codec() {
            Codec::Chat(format) => Some(format),
            Codec::Complete(_) | Codec::Embed(_) | Codec::Rerank(_) | Codec::Count(_) => None,
        }
    }

    /// The format of a request whose path is no format's: the one that recognises it,
    /// else the first, which most clients speak.
    #[must_use]
    pub fn recognised(header: Header<'_, '_>) -> Self {
        let mut formats = crate::FORMATS.iter();
        formats
            .find(|format| format.recognises(header))
            .map_or(Self::OpenaiChat, |format| format.id())
    }
}

/// Gives a header of a request by its name in small letters; empty where it is no text.
pub type Header<'f, 'h> = &'f dyn Fn(&str) -> Option<&'h str>;

/// Which servers of a format a request is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Those of whoever defined the format.
    #[default]
    Original,
    /// Others that speak it, and may know only the older names of its parameters.
    Compatible,
}

/// A message that is not what its format says. Small, because every step of a decoder
/// returns one or a result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not JSON, or JSON that two parsers could read differently.
    #[error(transparent)]
    Json(#[from] tollgate_wire::json::Error),
    /// JSON of the wrong shape.
    #[error("{}: {}", .0.path, .0.reason)]
    Shape(Box<WrongShape>),
    /// Something that a provider of this format holds: another format needs all of it.
    #[error("{}", .0.message())]
    HeldByProvider(Held),
    /// Something that only providers of this format take.
    #[error("{}", .0.message())]
    NativeOnly(NativeOnly),
}

/// What of a request is held by a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The history (Messages with `thread`).
    Thread,
    /// The history, behind the last answer (Responses with `previous_response_id`).
    Response,
    /// The history, behind a name of its own (Responses with `conversation`).
    Conversation,
    /// The instructions (Responses with `prompt`).
    Prompt,
    /// An item of the history (Responses with an `item_reference`).
    Item,
    /// The answer, until it is asked for (Responses with `background`).
    Background,
}

impl Held {
    /// What a member of a request to Responses leaves with its provider.
    pub(crate) fn by_member(name: &str) -> Option<Self> {
        Some(match name {
            "previous_response_id" => Self::Response,
            "conversation" => Self::Conversation,
            "prompt" => Self::Prompt,
            "background" => Self::Background,
            _ => return None,
        })
    }

    const fn message(self) -> &'static str {
        match self {
            Self::Thread => {
                "`thread` leaves the history with the provider; send the whole of it without `thread`"
            }
            Self::Response => {
                "`previous_response_id` leaves the history with the provider; send the whole of it in `input`"
            }
            Self::Conversation => {
                "`conversation` leaves the history with the provider; send the whole of it in `input`"
            }
            Self::Prompt => {
                "`prompt` leaves the instructions with the provider; send them in `instructions` and `input`"
            }
            Self::Item => {
                "an `item_reference` leaves the item with the provider; send the item itself in `input`"
            }
            Self::Background => {
                "`background` leaves the answer with the provider; ask without it, or stream"
            }
        }
    }
}

/// Where JSON has another shape than its format says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongShape {
    /// Where in the document: `messages[2].content`.
    pub path: String,
    /// What was expected.
    pub reason: Cow<'static, str>,
}

const _: () = assert!(size_of::<DecodeError>() <= 16);

impl DecodeError {
    /// A code by which an SDK knows what to do about it: Anthropic's sends the whole
    /// history again.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::HeldByProvider(Held::Thread) => Some("thread_unsupported_request"),
            Self::HeldByProvider(_) | Self::NativeOnly(_) => Some("unsupported_parameter"),
            Self::Json(_) | Self::Shape(_) => None,
        }
    }
}

/// One wire format: its places, its view of the bytes, its errors.
///
/// Implementations are stateless unit structs; all methods are pure. What translation
/// needs is in its [`Codec`]. A folder writes what only it has; `chat_folder!` writes what
/// is the same line in each folder of conversations, `unstreamed!` what formats without
/// streams say of them. Nothing about streams has a default: it would be silent.
pub trait Format: Send + Sync + 'static {
    /// Which format this is.
    fn id(&self) -> FormatId;

    /// Its name in labels, logs and documents: `openai_chat`, `anthropic_messages`.
    fn label(&self) -> &'static str;

    /// How its messages become canonical and canonical ones its messages.
    fn codec(&self) -> Codec;

    /// Where callers find it: the paths of the official SDKs, the documented one first.
    fn endpoints(&self) -> &'static [Endpoint];

    /// Paths where only this format's clients ask for the list of models, and below which
    /// for one of them.
    fn listings(&self) -> &'static [&'static str] {
        &[]
    }

    /// Where it is below a provider's base URL: a path with leading slash, with `{model}`
    /// where the model's name belongs, and a query where streams ask for one.
    fn provider_path(&self, streams: bool) -> &'static str;

    /// What callers do with answers that the provider holds which made them.
    fn held(&self) -> &'static [HeldEndpoint] {
        &[]
    }

    /// How a provider of this format frames a streamed answer.
    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    /// How a caller wants a streamed answer framed, by the query of its request.
    fn framing_asked(&self, _query: Option<&str>) -> Framing {
        self.framing()
    }

    /// Headers that the format's API demands, with the values to send when the caller
    /// sent none. No other format has them.
    fn required_headers(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// True for a request that only a client of this format makes, where the path does
    /// not tell.
    fn recognises(&self, header: Header<'_, '_>) -> bool {
        self.required_headers()
            .iter()
            .any(|(name, _value)| header(name).is_some())
    }

    /// Whose client asks in this format, where some read less of it than others.
    fn client(&self, _header: Header<'_, '_>) -> Client {
        Client::Common
    }

    /// Reads the places of a request that the gateway acts on, in one pass.
    ///
    /// `texts` asks for every text span. Duplicate keys where the gateway acts,
    /// nesting over the limit and anything but one JSON object are refused.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError>;

    /// Reads the places of a whole answer that the gateway acts on.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError>;

    /// Replaces a blocked whole answer by one that ends as this format's own
    /// content filter ends it, so that SDKs raise what they raise for a provider's filter.
    fn filtered_answer(&self, options: &AnswerOptions, usage: Usage) -> Bytes;

    /// Reads the places of one streamed event that the gateway acts on. `view` is
    /// cleared first; its buffers are reused, so a pass-through event allocates nothing.
    ///
    /// # Errors
    /// When the event is not one of this format; always where a format has no streams.
    fn view_event(&self, event: &Event, view: &mut EventView) -> Result<(), DecodeError>;

    /// What a stop reason of this format means.
    fn read_finish(&self, word: &str) -> Finish;

    /// Reads an error answer of a provider, whatever its body is: servers that speak a
    /// format still answer with their framework's errors.
    fn decode_failure(&self, status: u16, body: &[u8]) -> Failure {
        failure::read(status, body)
    }

    /// Writes an error body.
    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes;

    /// A header of an error beside its status, where the format's SDKs read one.
    fn failure_header(&self, _failure: &FailureAnswer) -> Option<(&'static str, &'static str)> {
        None
    }

    /// Writes an error event for a stream that has begun. After it the stream ends
    /// without the format's end mark, so that nobody takes the error for an end.
    fn encode_failure_event(&self, failure: &FailureAnswer) -> Bytes;

    /// The events that end a stream as this format's own content filter ends it, after
    /// what was `delivered` to the caller: what is open is closed. `usage` is `None`
    /// where the caller did not ask for it.
    fn filtered_end(
        &self,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes;

    /// Watches what goes out of a stream that rules may change, where the last event of a
    /// stream says once more what the others said. Default: nothing to watch.
    fn journal(&self) -> Option<Box<dyn StreamJournal>> {
        None
    }

    /// The answer to a model listing in this format. `models` are the names a caller may use.
    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes;

    /// The answer to a question for one model.
    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes;

    /// A minimal edit that puts another model name into a request.
    fn set_model(&self, document: &Document, view: &RequestView, model: &str) -> Option<Edit> {
        view::set_model(document, view, model)
    }

    /// Every edit that puts another model name into a request, where one is not all: a
    /// request may name its model for each of its parts.
    fn name_model(&self, document: &Document, view: &RequestView, model: &str) -> Naming {
        self.set_model(document, view, model).into_iter().collect()
    }
}

/// The edits that name a model.
pub type Naming = SmallVec<[Edit; 2]>;

/// A format of conversations: to and from the canonical model.
pub trait ChatFormat: Format {
    /// Where it has system text.
    fn system_place(&self) -> SystemPlace;

    /// Where servers of a dialect have the parameters that prompts of a configuration set
    /// and that models may refuse. What is not named is passed on.
    fn parameters(&self, dialect: Dialect) -> &'static [ParameterPlace];

    /// How it takes the names of members in requests.
    fn spelling(&self) -> Spelling;

    /// Decodes a request. Fields that nobody here knows are kept in `extras`.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError>;

    /// Writes a request for a server of this dialect and names what could not be carried.
    fn encode_request(&self, request: &ChatRequest, dialect: Dialect, losses: &mut Losses)
    -> Bytes;

    /// Decodes a whole answer.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    fn decode_answer(&self, body: &[u8]) -> Result<ChatAnswer, DecodeError>;

    /// Writes a whole answer.
    fn encode_answer(
        &self,
        answer: &ChatAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes;

    /// A decoder for one streamed answer.
    fn stream_decoder(&self) -> Box<dyn StreamDecoder>;

    /// An encoder for one streamed answer.
    fn stream_encoder(&self, options: AnswerOptions) -> Box<dyn StreamEncoder>;
}

/// A format of texts that go on: from the canonical model of chats, and to it. Providers are
/// asked in it only for callers of the same format, with their own bytes.
pub trait CompleteFormat: Format {
    /// Where requests have what a configuration puts in.
    fn places(&self) -> Places;

    /// Decodes a request: the prompt is what the user says.
    ///
    /// # Errors
    /// When the body is not a request of this format, or has no place in a chat.
    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError>;

    /// Writes a whole answer.
    fn encode_answer(
        &self,
        answer: &ChatAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes;

    /// An encoder for one streamed answer.
    fn stream_encoder(&self, options: AnswerOptions) -> Box<dyn StreamEncoder>;
}

/// A format of embeddings: to and from the canonical model.
pub trait EmbedFormat: Format {
    /// Decodes a request.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn decode_request(&self, body: &[u8]) -> Result<EmbedRequest, DecodeError>;

    /// Writes a request and names what could not be carried; `None` when an input could
    /// not be at all: without it the vectors would be those of other inputs.
    fn encode_request(&self, request: &EmbedRequest, losses: &mut Losses) -> Option<Bytes>;

    /// Decodes an answer.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    fn decode_answer(&self, body: &[u8]) -> Result<EmbedAnswer, DecodeError>;

    /// Writes an answer.
    fn encode_answer(
        &self,
        answer: &EmbedAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes;
}

/// A format of reranking: to and from the canonical model.
pub trait RerankFormat: Format {
    /// Decodes a request: no name means two things in two of these formats.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn decode_request(&self, body: &[u8]) -> Result<RerankRequest, DecodeError> {
        rerank::decode_request(body, self.id())
    }

    /// Writes a request and names what could not be carried; `None` when the query could not
    /// be at all.
    fn encode_request(&self, request: &RerankRequest, losses: &mut Losses) -> Option<Bytes>;

    /// Decodes an answer.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    fn decode_answer(&self, body: &[u8]) -> Result<RerankAnswer, DecodeError> {
        rerank::decode_answer(body, self.id())
    }

    /// Writes an answer.
    fn encode_answer(
        &self,
        answer: &RerankAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes;
}

/// A format of counting: a conversation's, whose tokens are asked for.
pub trait CountFormat: Format {
    /// The format of the conversation.
    fn chat(&self) -> &'static dyn ChatFormat;

    /// Where in a body the conversation stands: the whole of it, or a part.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn place(&self, body: &[u8]) -> Result<Span, DecodeError>;

    /// Decodes a request; what only steers an answer is left out.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError>;

    /// Writes a request and names what could not be carried.
    fn encode_request(&self, request: &ChatRequest, dialect: Dialect, losses: &mut Losses)
    -> Bytes;

    /// Decodes an answer.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    fn decode_answer(&self, body: &[u8]) -> Result<CountAnswer, DecodeError>;

    /// Writes an answer.
    fn encode_answer(&self, answer: CountAnswer) -> Bytes;
}

/// Turns the events of one provider's stream into canonical ones.
pub trait StreamDecoder: Send {
    /// Reads one event; canonical events are appended to `out`.
    ///
    /// # Errors
    /// When the event is not one of this format.
    fn push(&mut self, event: &Event, out: &mut Vec<StreamEvent>) -> Result<(), DecodeError>;
}

/// Watches the events that go out of one stream, after the rules.
pub trait StreamJournal: Send + fmt::Debug {
    /// Takes note of an event, and gives it the number that its place asks for: rules join
    /// events, and send some later than they came.
    fn note(&mut self, event: &mut Bytes);

    /// As [`Format::filtered_end`], with what was delivered in it.
    fn filtered_end(
        &mut self,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes;
}

/// Writes canonical events as one caller's stream.
pub trait StreamEncoder: Send {
    /// Appends the wire form of one event to `out`; an event that this format has
    /// no place for is named in `losses`.
    fn push(&mut self, event: &StreamEvent, out: &mut BytesMut, losses: &mut Losses);
}
