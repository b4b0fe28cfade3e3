//! OpenAI Completions: the table of what the format does; each line is a file.
//!
//! Source: OpenAI's published API reference for `/v1/completions`, and what servers of open
//! models document of theirs. A text is continued, and nobody takes turns. Answers have the
//! envelope of Chat Completions with a `text` in each choice, and their view is that of
//! Chat Completions, which reads it.

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
use crate::delivered::Delivered;
use crate::endpoint::Endpoint;
use crate::exchange::{ChatAnswer, ChatRequest, Finish};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, CompleteFormat, DecodeError, Format, FormatId, StreamEncoder};
use crate::loss::Losses;
use crate::openai_chat::OpenaiChat;
use crate::parameters::{ParameterPlace, found, offered};
use crate::prompt::{Places, SystemPlace};
use crate::spelling::Spelling;
use crate::view::{AnswerView, EventView, RequestView};

/// Where the format has parameters.
const PARAMETERS: &[ParameterPlace] = &[
    offered(Parameter::Temperature, &["temperature"]),
    offered(Parameter::TopP, &["top_p"]),
    // OpenAI refuses it.
    found(Parameter::TopK, &["top_k"]),
    offered(Parameter::FrequencyPenalty, &["frequency_penalty"]),
    offered(Parameter::PresencePenalty, &["presence_penalty"]),
    offered(Parameter::Stop, &["stop"]),
    offered(Parameter::Seed, &["seed"]),
    found(Parameter::Logprobs, &["logprobs"]),
    found(Parameter::LogitBias, &["logit_bias"]),
    offered(Parameter::MaxTokens, &["max_tokens"]),
];

/// OpenAI Completions.
pub(crate) struct OpenaiCompletions;

impl Format for OpenaiCompletions {
    fn id(&self) -> FormatId {
        FormatId::OpenaiCompletions
    }

    fn label(&self) -> &'static str {
        "openai_completions"
    }

    fn codec(&self) -> Codec {
        Codec::Complete(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const {
            &[
                Endpoint::new("/v1/completions"),
                // Clients of Azure OpenAI.
                Endpoint::shared("/openai/deployments/{model}/completions"),
            ]
        }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/completions"
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        view::request(body, texts)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        OpenaiChat.view_answer(body, texts)
    }

    fn filtered_answer(&self, options: &AnswerOptions, usage: Usage) -> Bytes {
        response::filtered(options, usage)
    }

    fn view_event(&self, event: &Event, view: &mut EventView) -> Result<(), DecodeError> {
        OpenaiChat.view_event(event, view)
    }

    fn read_finish(&self, word: &str) -> Finish {
        OpenaiChat.read_finish(word)
    }

    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes {
        OpenaiChat.encode_failure(failure)
    }

    fn encode_failure_event(&self, failure: &FailureAnswer) -> Bytes {
        OpenaiChat.encode_failure_event(failure)
    }

    fn filtered_end(
        &self,
        delivered: &Delivered,
        usage: Option<Usage>,
        options: &AnswerOptions,
    ) -> Bytes {
        stream::filtered_end(delivered, usage, options)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_model(model, created_unix_s)
    }
}

impl CompleteFormat for OpenaiCompletions {
    fn places(&self) -> Places {
        Places {
            system: SystemPlace::Prompt("prompt"),
            parameters: PARAMETERS,
            spelling: Spelling::Exact,
        }
    }

    fn decode_request(&self, body: &[u8]) -> Result<ChatRequest, DecodeError> {
        request::decode(body)
    }

    fn encode_answer(
        &self,
        answer: &ChatAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes {
        response::encode(answer, options, losses)
    }

    fn stream_encoder(&self, options: AnswerOptions) -> Box<dyn StreamEncoder> {
        Box::new(stream::Encoder::new(options))
    }
}
