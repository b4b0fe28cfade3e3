//! Gemini generateContent: the table of what the format does; each line is a file.
//!
//! Source: Google's published API reference for `models.generateContent` and
//! `models.streamGenerateContent`. Members may be written in snake case in requests, as
//! the API takes them.

mod citations;
mod error;
mod finish;
mod ids;
mod kept;
mod listing;
mod logprobs;
mod parts;
mod request;
mod response;
mod schema;
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
use crate::failure::FailureAnswer;
use crate::format::{
    AnswerOptions, ChatFormat, DecodeError, Dialect, Format, FormatId, StreamDecoder, StreamEncoder,
};
use crate::loss::Losses;
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::{self as views, AnswerView, EventView, RequestView};

/// Gemini generateContent.
pub(crate) struct GeminiGenerate;

/// The paths of one method: those of the Gemini API by version, then those of Vertex.
macro_rules! endpoints {
    ($($method:literal, $streams:literal);+) => {
        &[$(
            Endpoint::streaming(concat!("/v1beta/models/{model}:", $method), $streams),
            Endpoint::streaming(concat!("/v1/models/{model}:", $method), $streams),
            Endpoint::streaming(concat!("/v1alpha/models/{model}:", $method), $streams),
            Endpoint::streaming(
                concat!("/v1beta1/projects/{project}/locations/{location}/publishers/google/models/{model}:", $method),
                $streams,
            ),
            Endpoint::streaming(
                concat!("/v1/projects/{project}/locations/{location}/publishers/google/models/{model}:", $method),
                $streams,
            ),
            Endpoint::streaming(concat!("/v1beta1/publishers/google/models/{model}:", $method), $streams),
            Endpoint::streaming(concat!("/v1/publishers/google/models/{model}:", $method), $streams),
        )+]
    };
}

impl Format for GeminiGenerate {
    fn id(&self) -> FormatId {
        FormatId::GeminiGenerate
    }

    fn label(&self) -> &'static str {
        "gemini_generate"
    }

    fn codec(&self) -> Codec {
        Codec::Chat(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { endpoints!("generateContent", false; "streamGenerateContent", true) }
    }

    fn listings(&self) -> &'static [&'static str] {
        &[
            "/v1beta/models",
            "/v1alpha/models",
            "/v1beta1/publishers/google/models",
        ]
    }

    fn provider_path(&self, streams: bool) -> &'static str {
        if streams {
            "/v1beta/models/{model}:streamGenerateContent?alt=sse"
        } else {
            "/v1beta/models/{model}:generateContent"
        }
    }

    fn framing_asked(&self, query: Option<&str>) -> Framing {
        let mut pairs = query.unwrap_or_default().split('&');
        let is_sse = |pair: &str| matches!(pair, "alt=sse" | "$alt=sse" | "%24alt=sse");
        if pairs.any(is_sse) {
            Framing::ServerSentEvents
        } else {
            Framing::JsonArray
        }
    }

    fn recognises(&self, has_header: &dyn Fn(&str) -> bool) -> bool {
        has_header("x-goog-api-key") || has_header("x-goog-api-client")
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

    fn encode_models(&self, models: &[&str], _created_unix_s: u64) -> Bytes {
        listing::models(models)
    }

    fn encode_model(&self, model: &str, _created_unix_s: u64) -> Bytes {
        listing::model(model)
    }

    /// The model is in the path. A body that names one all the same names the same one.
    fn set_model(&self, document: &Document, view: &RequestView, model: &str) -> Option<Edit> {
        view.model?;
        views::set_model(document, view, &format!("models/{model}"))
    }
}

impl ChatFormat for GeminiGenerate {
    fn system_place(&self) -> SystemPlace {
        SystemPlace::Blocks("systemInstruction.parts")
    }

    fn parameters(&self, _dialect: Dialect) -> &'static [ParameterPlace] {
        const {
            &[
                offered(Parameter::Temperature, &["generationConfig.temperature"]),
                offered(Parameter::TopP, &["generationConfig.topP"]),
                offered(Parameter::TopK, &["generationConfig.topK"]),
                offered(
                    Parameter::FrequencyPenalty,
                    &["generationConfig.frequencyPenalty"],
                ),
                offered(
                    Parameter::PresencePenalty,
                    &["generationConfig.presencePenalty"],
                ),
                offered(Parameter::Stop, &["generationConfig.stopSequences"]),
                offered(Parameter::Seed, &["generationConfig.seed"]),
                found(
                    Parameter::Logprobs,
                    &[
                        "generationConfig.responseLogprobs",
                        "generationConfig.logprobs",
                    ],
                ),
                offered(Parameter::MaxTokens, &["generationConfig.maxOutputTokens"]),
                // Older models take a budget instead.
                found(
                    Parameter::ReasoningEffort,
                    &["generationConfig.thinkingConfig.thinkingLevel"],
                ),
            ]
        }
    }

    fn spelling(&self) -> Spelling {
        Spelling::CamelOrSnake
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

/// This format's own.
const OWN: FormatId = FormatId::GeminiGenerate;
