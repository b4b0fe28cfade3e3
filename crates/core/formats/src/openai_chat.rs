//! OpenAI Chat Completions: the table of what the format does; each line is a file.
//!
//! Source: OpenAI's published API reference, and what servers that speak it add
//! (`reasoning_content`, `reasoning`, `reasoning_details`, usage in the last content chunk).

mod error;
mod finish;
mod parts;
mod reasoning;
mod request;
mod response;
mod stream;
mod usage;
mod view;

use bytes::Bytes;
use tollgate_catalogue::Parameter;
use tollgate_types::Usage;
use tollgate_wire::sse::Event;

use crate::codec::Codec;
use crate::delivered::Delivered;
use crate::endpoint::Endpoint;
use crate::exchange::{ChatAnswer, ChatRequest, Finish};
use crate::failure::FailureAnswer;
use crate::format::{
    AnswerOptions, ChatFormat, DecodeError, Dialect, Format, FormatId, StreamDecoder, StreamEncoder,
};
use crate::loss::Losses;
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::{AnswerView, EventView, RequestView};

/// The parameters; the limit of tokens by this name of two.
macro_rules! parameters {
    ($limit:literal, $other:literal) => {
        &[
            offered(Parameter::Temperature, &["temperature"]),
            offered(Parameter::TopP, &["top_p"]),
            // OpenAI refuses it.
            found(Parameter::TopK, &["top_k"]),
            offered(Parameter::FrequencyPenalty, &["frequency_penalty"]),
            offered(Parameter::PresencePenalty, &["presence_penalty"]),
            offered(Parameter::Stop, &["stop"]),
            offered(Parameter::Seed, &["seed"]),
            found(Parameter::Logprobs, &["logprobs", "top_logprobs"]),
            found(Parameter::LogitBias, &["logit_bias"]),
            offered(Parameter::MaxTokens, &[$limit, $other]),
            offered(Parameter::ReasoningEffort, &["reasoning_effort"]),
            offered(Parameter::Verbosity, &["verbosity"]),
            offered(Parameter::ServiceTier, &["service_tier"]),
        ]
    };
}

/// Newer servers and older ones name the limit of tokens in their own way.
const fn parameters(dialect: Dialect) -> &'static [ParameterPlace] {
    match dialect {
        Dialect::Original => const { parameters!("max_completion_tokens", "max_tokens") },
        Dialect::Compatible => const { parameters!("max_tokens", "max_completion_tokens") },
    }
}

/// OpenAI Chat Completions.
pub(crate) struct OpenaiChat;

impl Format for OpenaiChat {
    fn id(&self) -> FormatId {
        FormatId::OpenaiChat
    }

    fn label(&self) -> &'static str {
        "openai_chat"
    }

    fn codec(&self) -> Codec {
        Codec::Chat(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const {
            &[
                Endpoint::new("/v1/chat/completions"),
                // Clients of Azure OpenAI.
                Endpoint::shared("/openai/deployments/{model}/chat/completions"),
            ]
        }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/chat/completions"
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        view::request(body, texts)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        view::answer(body, texts)
    }

    fn filtered_answer(&self, options: &AnswerOptions, usage: Usage) -> Bytes {
        response::filtered(options, usage)
    }

    fn view_event(&self, event: &Event, view: &mut EventView) -> Result<(), DecodeError> {
        view::event(event, view)
    }

    fn read_finish(&self, word: &str) -> Finish {
        finish::read(word)
    }

    fn filtered_end(
        &self,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes {
        stream::filtered_end(delivered, usage, options)
    }

    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes {
        error::encode(failure)
    }

    fn encode_failure_event(&self, failure: &FailureAnswer) -> Bytes {
        error::encode_event(failure)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        response::models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        response::model(model, created_unix_s)
    }
}

impl ChatFormat for OpenaiChat {
    fn system_place(&self) -> SystemPlace {
        SystemPlace::Messages("messages")
    }

    fn parameters(&self, dialect: Dialect) -> &'static [ParameterPlace] {
        parameters(dialect)
    }

    fn spelling(&self) -> Spelling {
        Spelling::Exact
    }

    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError> {
        request::decode(body)
    }

    fn encode_request(
        &self,
        request: &ChatRequest,
        dialect: Dialect,
        losses: &mut Losses,
    ) -> Bytes {
        request::encode(request, dialect, losses)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<ChatAnswer, DecodeError> {
        response::decode(body)
    }

    fn encode_answer(
        &self,
        answer: &ChatAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes {
        response::encode(answer, options, losses)
    }

    fn stream_decoder(&self) -> Box<dyn StreamDecoder> {
        Box::new(stream::Decoder::default())
    }

    fn stream_encoder(&self, options: AnswerOptions) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(options))
    }
}
