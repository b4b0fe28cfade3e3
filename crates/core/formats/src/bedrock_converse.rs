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
use tollgate_wire::framing::Framing;
use tollgate_wire::{Document, Edit};

use crate::endpoint::Endpoint;
use crate::failure::{Failure, FailureAnswer};
use crate::format::{ChatFormat, Dialect, Format, FormatId, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;
use crate::view::RequestView;

/// The format, where seals of its providers are made and read.
const OWN: FormatId = FormatId::BedrockConverse;

/// Bedrock Converse.
pub(crate) struct BedrockConverse;

impl Format for BedrockConverse {
    chat_folder!(Format: BedrockConverse, "bedrock_converse");

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

    fn decode_failure(&self, status: u16, body: &[u8]) -> Failure {
        error::decode(status, body)
    }

    fn failure_header(&self, failure: &FailureAnswer) -> Option<(&'static str, &'static str)> {
        Some(error::header(failure))
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
    chat_folder!(ChatFormat);

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
}
