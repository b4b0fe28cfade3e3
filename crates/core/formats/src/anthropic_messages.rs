//! Anthropic Messages: the table of what the format does; each line is a file.
//!
//! Source: Anthropic's published API reference for `/v1/messages`.

mod blocks;
mod error;
mod finish;
mod request;
mod response;
mod stream;
mod time;
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

/// Anthropic Messages.
pub(crate) struct AnthropicMessages;

impl Format for AnthropicMessages {
    fn id(&self) -> FormatId {
        FormatId::AnthropicMessages
    }

    fn label(&self) -> &'static str {
        "anthropic_messages"
    }

    fn codec(&self) -> Codec {
        Codec::Chat(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v1/messages")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/v1/messages"
    }

    fn required_headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
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

impl ChatFormat for AnthropicMessages {
    fn system_place(&self) -> SystemPlace {
        SystemPlace::Text("system")
    }

    fn parameters(&self, _dialect: Dialect) -> &'static [ParameterPlace] {
        const {
            &[
                offered(Parameter::Temperature, &["temperature"]),
                offered(Parameter::TopP, &["top_p"]),
                offered(Parameter::TopK, &["top_k"]),
                offered(Parameter::Stop, &["stop_sequences"]),
                offered(Parameter::MaxTokens, &["max_tokens"]),
                // Not every model takes it.
                found(Parameter::ReasoningEffort, &["output_config.effort"]),
                offered(Parameter::ServiceTier, &["service_tier"]),
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
