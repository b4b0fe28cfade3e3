//! OpenAI Responses: the table of what the format does; each line is a file.
//!
//! Source: OpenAI's published API reference for `/v1/responses` and its streaming events.

mod error;
mod finish;
mod items;
mod request;
mod response;
mod stream;
mod view;

use bytes::Bytes;
use tollgate_catalogue::Parameter;

use crate::endpoint::{Endpoint, HeldEndpoint, Verb};
use crate::format::{ChatFormat, Dialect, Format, StreamJournal, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;

/// OpenAI Responses.
pub(crate) struct OpenaiResponses;

impl Format for OpenaiResponses {
    chat_folder!(Format: OpenaiResponses, "openai_responses");

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v1/responses")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/responses"
    }

    fn held(&self) -> &'static [HeldEndpoint] {
        const {
            &[
                HeldEndpoint::new(Verb::Get, "/v1/responses/{id}"),
                HeldEndpoint::new(Verb::Delete, "/v1/responses/{id}"),
                HeldEndpoint::new(Verb::Post, "/v1/responses/{id}/cancel"),
                HeldEndpoint::new(Verb::Get, "/v1/responses/{id}/input_items"),
            ]
        }
    }

    fn journal(&self) -> Option<Box<dyn StreamJournal>> {
        Some(Box::<stream::Journal>::default())
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        crate::common_chat().encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        crate::common_chat().encode_model(model, created_unix_s)
    }
}

impl ChatFormat for OpenaiResponses {
    chat_folder!(ChatFormat);

    fn system_place(&self) -> SystemPlace {
        SystemPlace::Text("instructions")
    }

    fn parameters(&self, _dialect: Dialect) -> &'static [ParameterPlace] {
        const {
            &[
                offered(Parameter::Temperature, &["temperature"]),
                offered(Parameter::TopP, &["top_p"]),
                found(
                    Parameter::Logprobs,
                    &["top_logprobs", "include.[message.output_text.logprobs]"],
                ),
                offered(Parameter::MaxTokens, &["max_output_tokens"]),
                offered(Parameter::ReasoningEffort, &["reasoning.effort"]),
                offered(Parameter::Verbosity, &["text.verbosity"]),
                offered(Parameter::ServiceTier, &["service_tier"]),
            ]
        }
    }

    fn spelling(&self) -> Spelling {
        Spelling::Exact
    }
}
