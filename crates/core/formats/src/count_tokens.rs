//! Counting the tokens of a request that is not sent: the table of what the formats do.
//!
//! Each is that of a conversation in an envelope: it is read, inspected and written as the
//! conversation is ([`CountFormat::chat`]), and only where it stands in the body, what the
//! endpoint takes of it and the answer are its own.
//!
//! Sources: Anthropic's API reference for `/v1/messages/count_tokens`, Google's for
//! `models.countTokens` of the Gemini API and of Vertex AI, OpenAI's for
//! `/v1/responses/input_tokens`, and that of Amazon Bedrock Runtime for `CountTokens`.

mod answer;
mod envelope;
mod view;

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::{Document, Edit, Span};

use crate::anthropic_messages::AnthropicMessages;
use crate::bedrock_converse::BedrockConverse;
use crate::codec::Codec;
use crate::endpoint::Endpoint;
use crate::exchange::{ChatRequest, CountAnswer};
use crate::failure::{Failure, FailureAnswer};
use crate::format::{
    AnswerOptions, ChatFormat, CountFormat, DecodeError, Dialect, Format, FormatId, Header,
    unstreamed,
};
use crate::gemini_generate::GeminiGenerate;
use crate::loss::Losses;
use crate::openai_responses::OpenaiResponses;
use crate::view::{AnswerView, RequestView};

/// A format of counting.
pub(crate) struct CountTokens {
    of: Whose,
}

/// Whose endpoint it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    /// Anthropic's: a request to Messages.
    Anthropic,
    /// That of the Gemini API: contents alone, or a whole request in an envelope.
    Gemini,
    /// That of Vertex AI: contents, and some of what may stand beside them.
    Vertex,
    /// OpenAI's: a request to Responses.
    Openai,
    /// Bedrock's: a request to Converse in an envelope.
    Bedrock,
}

/// `/v1/messages/count_tokens`.
pub(crate) static ANTHROPIC: CountTokens = CountTokens {
    of: Whose::Anthropic,
};
/// `:countTokens` of the Gemini API.
pub(crate) static GEMINI: CountTokens = CountTokens { of: Whose::Gemini };
/// `:countTokens` of Vertex AI.
pub(crate) static VERTEX: CountTokens = CountTokens { of: Whose::Vertex };
/// `/v1/responses/input_tokens`.
pub(crate) static OPENAI: CountTokens = CountTokens { of: Whose::Openai };
/// `/model/MODEL/count-tokens`.
pub(crate) static BEDROCK: CountTokens = CountTokens { of: Whose::Bedrock };

impl Whose {
    const fn itself(self) -> &'static CountTokens {
        match self {
            Self::Anthropic => &ANTHROPIC,
            Self::Gemini => &GEMINI,
            Self::Vertex => &VERTEX,
            Self::Openai => &OPENAI,
            Self::Bedrock => &BEDROCK,
        }
    }

    /// The format of the conversations that are counted.
    const fn chat(self) -> &'static dyn ChatFormat {
        match self {
            Self::Anthropic => &AnthropicMessages,
            Self::Gemini | Self::Vertex => &GeminiGenerate,
            Self::Openai => &OpenaiResponses,
            Self::Bedrock => &BedrockConverse,
        }
    }
}

impl Format for CountTokens {
    fn id(&self) -> FormatId {
        match self.of {
            Whose::Anthropic => FormatId::AnthropicCount,
            Whose::Gemini => FormatId::GeminiCount,
            Whose::Vertex => FormatId::VertexCount,
            Whose::Openai => FormatId::OpenaiCount,
            Whose::Bedrock => FormatId::BedrockCount,
        }
    }

    fn label(&self) -> &'static str {
        match self.of {
            Whose::Anthropic => "anthropic_count_tokens",
            Whose::Gemini => "gemini_count_tokens",
            Whose::Vertex => "vertex_count_tokens",
            Whose::Openai => "openai_count_tokens",
            Whose::Bedrock => "bedrock_count_tokens",
        }
    }

    fn codec(&self) -> Codec {
        Codec::Count(self.of.itself())
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        match self.of {
            Whose::Anthropic => const { &[Endpoint::new("/v1/messages/count_tokens")] },
            Whose::Gemini => {
                const {
                    &[
                        Endpoint::new("/v1beta/models/{model}:countTokens"),
                        Endpoint::new("/v1/models/{model}:countTokens"),
                        Endpoint::new("/v1alpha/models/{model}:countTokens"),
                    ]
                }
            }
            Whose::Vertex => {
                const {
                    &[
                        Endpoint::new(
                            "/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:countTokens",
                        ),
                        Endpoint::new(
                            "/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:countTokens",
                        ),
                        Endpoint::new("/v1beta1/publishers/google/models/{model}:countTokens"),
                        Endpoint::new("/v1/publishers/google/models/{model}:countTokens"),
                    ]
                }
            }
            Whose::Openai => const { &[Endpoint::new("/v1/responses/input_tokens")] },
            Whose::Bedrock => const { &[Endpoint::new("/model/{model}/count-tokens")] },
        }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        match self.of {
            Whose::Anthropic => "/v1/messages/count_tokens",
            Whose::Gemini => "/v1beta/models/{model}:countTokens",
            Whose::Vertex => "/v1/publishers/google/models/{model}:countTokens",
            Whose::Openai => "/responses/input_tokens",
            Whose::Bedrock => "/model/{model}/count-tokens",
        }
    }

    fn required_headers(&self) -> &'static [(&'static str, &'static str)] {
        self.chat().required_headers()
    }

    /// Where the path does not tell, it is a conversation.
    fn recognises(&self, _header: Header<'_, '_>) -> bool {
        false
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        view::request(body, texts, self.of)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        answer::view(body, texts, self.of)
    }

    fn filtered_answer(&self, _options: &AnswerOptions, _usage: Usage) -> Bytes {
        answer::encode(CountAnswer::default(), self.of)
    }

    unstreamed!();

    fn decode_failure(&self, status: u16, body: &[u8]) -> Failure {
        self.chat().decode_failure(status, body)
    }

    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes {
        self.chat().encode_failure(failure)
    }

    fn failure_header(&self, failure: &FailureAnswer) -> Option<(&'static str, &'static str)> {
        self.chat().failure_header(failure)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        self.chat().encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        self.chat().encode_model(model, created_unix_s)
    }

    fn set_model(&self, document: &Document, view: &RequestView, model: &str) -> Option<Edit> {
        self.chat().set_model(document, view, model)
    }
}

impl CountFormat for CountTokens {
    fn chat(&self) -> &'static dyn ChatFormat {
        self.of.chat()
    }

    fn place(&self, body: &[u8]) -> Result<Span, DecodeError> {
        envelope::open(body, self.of)?.conversation()
    }

    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError> {
        envelope::decode(body, self.of)
    }

    fn encode_request(
        &self,
        request: &ChatRequest,
        dialect: Dialect,
        losses: &mut Losses,
    ) -> Bytes {
        envelope::encode(request, dialect, self.of, losses)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<CountAnswer, DecodeError> {
        answer::decode(body, self.of)
    }

    fn encode_answer(&self, answer: CountAnswer) -> Bytes {
        answer::encode(answer, self.of)
    }
}
