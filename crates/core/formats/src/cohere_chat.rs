//! Cohere chat, version 2: the table of what the format does; each line is a file.
//!
//! Source: Cohere's published API reference for `/v2/chat`.

mod assistant;
mod citation;
mod content;
mod document;
mod finish;
mod logprobs;
mod request;
mod response;
mod stream;
mod view;

use bytes::Bytes;
use tollgate_catalogue::Parameter;
use tollgate_types::Usage;
use tollgate_wire::sse::Event;

use crate::codec::Codec;
use crate::cohere::{error, models};
use crate::delivered::Delivered;
use crate::endpoint::Endpoint;
use crate::exchange::{ChatAnswer, ChatRequest, Finish};
use crate::failure::FailureAnswer;
use crate::format::{
    AnswerOptions, ChatFormat, DecodeError, Dialect, Format, FormatId, Header, StreamDecoder,
    StreamEncoder,
};
use crate::loss::Losses;
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::{AnswerView, EventView, RequestView};

/// This format, as its seals name it.
const OWN: FormatId = FormatId::CohereChat;

/// Cohere chat.
pub(crate) struct CohereChat;

impl Format for CohereChat {
    fn id(&self) -> FormatId {
        OWN
    }

    fn label(&self) -> &'static str {
        "cohere_chat"
    }

    fn codec(&self) -> Codec {
        Codec::Chat(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v2/chat")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/v2/chat"
    }

    /// Cohere's own clients name themselves.
    fn recognises(&self, header: Header<'_, '_>) -> bool {
        ["x-fern-sdk-name", "user-agent"].into_iter().any(|name| {
            let sdk = header(name).unwrap_or_default();
            sdk.contains("cohere-ai") || sdk.split('/').next() == Some("cohere")
        })
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
        stream::failure(failure)
    }

    fn encode_models(&self, models: &[&str], _created_unix_s: u64) -> Bytes {
        models::list(models)
    }

    fn encode_model(&self, model: &str, _created_unix_s: u64) -> Bytes {
        models::one(model)
    }
}

impl ChatFormat for CohereChat {
    fn system_place(&self) -> SystemPlace {
        SystemPlace::Messages("messages")
    }

    fn parameters(&self, _dialect: Dialect) -> &'static [ParameterPlace] {
        const {
            &[
                offered(Parameter::Temperature, &["temperature"]),
                offered(Parameter::TopP, &["p"]),
                offered(Parameter::TopK, &["k"]),
                offered(Parameter::FrequencyPenalty, &["frequency_penalty"]),
                offered(Parameter::PresencePenalty, &["presence_penalty"]),
                offered(Parameter::Stop, &["stop_sequences"]),
                offered(Parameter::Seed, &["seed"]),
                found(Parameter::Logprobs, &["logprobs"]),
                offered(Parameter::MaxTokens, &["max_tokens"]),
            ]
        }
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
        _dialect: Dialect,
        losses: &mut Losses,
    ) -> Bytes {
        request::encode(request, losses)
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
