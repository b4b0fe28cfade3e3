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

use crate::endpoint::Endpoint;
use crate::format::{ChatFormat, Dialect, Format, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;

/// Anthropic Messages.
pub(crate) struct AnthropicMessages;

impl Format for AnthropicMessages {
    chat_folder!(Format: AnthropicMessages, "anthropic_messages");

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v1/messages")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/v1/messages"
    }

    fn required_headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        response::models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        response::model(model, created_unix_s)
    }
}

impl ChatFormat for AnthropicMessages {
    chat_folder!(ChatFormat);

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
}
