//! Cohere chat, version 2: the table of what the format does; each line is a file.
//!
//! Source: Cohere's published API reference for `/v2/chat`.

mod assistant;
mod citation;
mod content;
mod document;
mod error;
mod finish;
mod logprobs;
mod places;
mod request;
mod response;
mod stream;
mod view;

use bytes::Bytes;
use tollgate_catalogue::Parameter;

use crate::cohere::models;
use crate::endpoint::Endpoint;
use crate::failure::Failure;
use crate::format::{ChatFormat, Dialect, Format, FormatId, Header, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;

/// This format, as its seals name it.
const OWN: FormatId = FormatId::CohereChat;

/// Cohere chat.
pub(crate) struct CohereChat;

impl Format for CohereChat {
    chat_folder!(Format: CohereChat, "cohere_chat");

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

    fn decode_failure(&self, status: u16, body: &[u8]) -> Failure {
        error::decode(status, body)
    }

    fn encode_models(&self, models: &[&str], _created_unix_s: u64) -> Bytes {
        models::list(models)
    }

    fn encode_model(&self, model: &str, _created_unix_s: u64) -> Bytes {
        models::one(model)
    }
}

impl ChatFormat for CohereChat {
    chat_folder!(ChatFormat);

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
}
