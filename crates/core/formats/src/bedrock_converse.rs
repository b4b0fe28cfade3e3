//! Bedrock Converse: the table of what the format does; each line is a file.
//!
//! The model stands in the path, and so does whether the answer is streamed. A stream is
//! framed as an event stream of AWS; here its messages are events named by their type.
//! Source: the API reference of Amazon Bedrock Runtime, `Converse` and `ConverseStream`.

mod blocks;
mod error;
mod finish;
mod media;
mod request;
mod response;
mod stream;
mod usage;
mod view;

use bytes::Bytes;
use tollgate_catalogue::Parameter;
use tollgate_types::Usage;
use tollgate_wire::framing::Framing;
use tollgate_wire::sse::Event;
use tollgate_wire::{Document, Edit};

use crate::codec::Codec;
use crate::delivered::Delivered;
use crate::endpoint::Endpoint;
use crate::exchange::{ChatAnswer, ChatRequest, Finish};
use crate::failure::{Failure, FailureAnswer};
use crate::format::{
    AnswerOptions, ChatFormat, DecodeError, Dialect, Format, FormatId, StreamDecoder, StreamEncoder,
};
use crate::loss::Losses;
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::{AnswerView, EventView, RequestView};

/// The format, where seals of its providers are made and read.
const OWN: FormatId = FormatId::BedrockConverse;

/// Bedrock Converse.
pub(crate) struct BedrockConverse;

impl Format for BedrockConverse {
    fn id(&self) -> FormatId {
        OWN
    }

    fn label(&self) -> &'static str {
        "bedrock_converse"
    }

    fn codec(&self) -> Codec {
        Codec::Chat(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const {
            &[
                Endpoint::streaming("/model/{model}/converse", false),
                Endpoint::streaming("/model/{model}/converse-stream", true),
            ]
        }
    }

    fn provider_path(&self, streams: bool) -> &'static str {
        if streams {
            "/model/{model}/converse-stream"
        } else {
            "/model/{model}/converse"
        }
    }

    fn framing(&self) -> Framing {
        Framing::EventStream
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

    fn decode_failure(&self, status: u16, body: &[u8]) -> Failure {
        error::decode(status, body)
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

    fn failure_header(&self, failure: &FailureAnswer) -> Option<(&'static str, &'static str)> {
        Some(error::header(failure))
    }

    fn encode_failure_event(&self, failure: &FailureAnswer) -> Bytes {
        error::encode_event(failure)
    }

    /// Models are listed by another service of AWS, which has no path here.
    fn encode_models(&self, models: &[&str], _created_unix_s: u64) -> Bytes {
        response::models(models)
    }

    fn encode_model(&self, model: &str, _created_unix_s: u64) -> Bytes {
        response::model(model)
    }

    /// The model stands in the path.
    fn set_model(&self, _document: &Document, _view: &RequestView, _model: &str) -> Option<Edit> {
        None
    }
}

impl ChatFormat for BedrockConverse {
    fn system_place(&self) -> SystemPlace {
        SystemPlace::Blocks("system")
    }

    fn parameters(&self, _dialect: Dialect) -> &'static [ParameterPlace] {
        const {
            &[
                offered(Parameter::Temperature, &["inferenceConfig.temperature"]),
                offered(Parameter::TopP, &["inferenceConfig.topP"]),
                // Models have it at places of their own.
                found(
                    Parameter::TopK,
                    &[
                        "additionalModelRequestFields.top_k",
                        "additionalModelRequestFields.inferenceConfig.topK",
                    ],
                ),
                offered(Parameter::Stop, &["inferenceConfig.stopSequences"]),
                offered(Parameter::MaxTokens, &["inferenceConfig.maxTokens"]),
                found(
                    Parameter::ReasoningEffort,
                    &[
                        "outputConfig.effort",
                        "additionalModelRequestFields.reasoning_effort",
                        "additionalModelRequestFields.reasoningConfig.maxReasoningEffort",
                    ],
                ),
                offered(Parameter::ServiceTier, &["serviceTier.type"]),
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
