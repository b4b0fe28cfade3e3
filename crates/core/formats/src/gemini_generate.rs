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
use tollgate_wire::framing::Framing;
use tollgate_wire::{Document, Edit};

use crate::endpoint::Endpoint;
use crate::format::{ChatFormat, Dialect, Format, FormatId, Header, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::{self as views, RequestView};

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
    chat_folder!(Format: GeminiGenerate, "gemini_generate");

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

    fn recognises(&self, header: Header<'_, '_>) -> bool {
        header("x-goog-api-key")
            .or_else(|| header("x-goog-api-client"))
            .is_some()
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
    chat_folder!(ChatFormat);

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
}

/// This format's own.
const OWN: FormatId = FormatId::GeminiGenerate;
