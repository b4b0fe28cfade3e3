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
mod view;

pub(crate) use finish::write as write_finish;
pub(crate) use parts::{Place, write_call, write_image};
pub(crate) use request::{read_call, read_image, read_sampling, read_stop};

use bytes::Bytes;
use tollgate_catalogue::Parameter;

use crate::endpoint::Endpoint;
use crate::format::{ChatFormat, Client, Dialect, Format, Header, chat_folder};
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::SystemPlace;
use crate::spelling::Spelling;

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
    chat_folder!(Format: OpenaiChat, "openai_chat");

    fn endpoints(&self) -> &'static [Endpoint] {
        const {
            &[
                Endpoint::new("/v1/chat/completions"),
                // Clients of Azure OpenAI.
                Endpoint::shared("/openai/deployments/{model}/chat/completions"),
            ]
        }
    }

    fn client(&self, header: Header<'_, '_>) -> Client {
        Client::of(header)
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/chat/completions"
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        response::models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        response::model(model, created_unix_s)
    }
}

impl ChatFormat for OpenaiChat {
    chat_folder!(ChatFormat);

    fn system_place(&self) -> SystemPlace {
        SystemPlace::Messages("messages")
    }

    fn parameters(&self, dialect: Dialect) -> &'static [ParameterPlace] {
        parameters(dialect)
    }

    fn spelling(&self) -> Spelling {
        Spelling::Exact
    }
}
