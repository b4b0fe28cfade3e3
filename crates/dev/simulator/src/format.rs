//! The wire formats: one folder each, and one line in every match here.

use bytes::Bytes;
use http::StatusCode;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::other::{self, Shape};
use crate::play::Step;
use crate::refused::Refused;
use crate::{anthropic, bedrock, cohere, gemini, openai, responses};

/// A wire format that something is served in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    OpenAi,
    Completions,
    Anthropic,
    Bedrock,
    Responses,
    Gemini,
    Cohere,
    /// Something else than a chat.
    Other(Shape),
}

/// When answers claim to be made: 2026-01-01, always, so that they are the same to the byte.
pub(crate) const CREATED: u64 = 1_767_225_600;

impl Format {
    /// Its name in the books.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Completions => "openai_completions",
            Self::Anthropic => "anthropic",
            Self::Bedrock => "bedrock",
            Self::Responses => "openai_responses",
            Self::Gemini => "gemini",
            Self::Cohere => "cohere_chat",
            Self::Other(shape) => shape.name(),
        }
    }

    /// The response header that carries the request's id.
    pub(crate) fn id_header(self) -> &'static str {
        match self {
            Self::OpenAi
            | Self::Completions
            | Self::Responses
            | Self::Gemini
            | Self::Cohere
            | Self::Other(_) => "x-request-id",
            Self::Anthropic => "request-id",
            Self::Bedrock => "x-amzn-requestid",
        }
    }

    /// The unary body.
    pub(crate) fn message(self, ask: &Ask, answer: &Answer) -> Bytes {
        match self {
            Self::OpenAi => openai::response::message(ask, answer),
            Self::Completions => openai::completions::message(ask, answer),
            Self::Anthropic => anthropic::response::message(ask, answer),
            Self::Bedrock => bedrock::response::message(answer),
            Self::Responses => responses::response::message(ask, answer),
            Self::Gemini => gemini::response::message(ask, answer),
            Self::Cohere => cohere::response::message(answer),
            Self::Other(_) => Bytes::new(),
        }
    }

    /// The stream, one step per event, one event per token.
    pub(crate) fn stream(self, ask: &Ask, answer: &Answer) -> Vec<Step> {
        match self {
            Self::OpenAi => openai::stream::steps(ask, answer),
            Self::Completions => openai::completions::steps(ask, answer),
            Self::Anthropic => anthropic::stream::steps(ask, answer),
            Self::Bedrock => bedrock::stream::steps(answer),
            Self::Responses => responses::stream::steps(ask, answer),
            Self::Gemini => gemini::stream::steps(ask, answer),
            Self::Cohere => cohere::stream::steps(answer),
            Self::Other(_) => Vec::new(),
        }
    }

    /// The body of an error.
    pub(crate) fn error_body(self, refused: &Refused, id: &str) -> String {
        match self {
            Self::OpenAi | Self::Completions | Self::Responses => openai::error::body(refused),
            Self::Anthropic => anthropic::error::body(refused, id),
            Self::Bedrock => bedrock::error::body(refused),
            Self::Gemini => gemini::error::body(refused),
            Self::Cohere => cohere::error::body(refused, id),
            Self::Other(shape) => other::error_body(shape, refused, id),
        }
    }

    /// The header of an error that names it.
    pub(crate) fn error_header(self, refused: &Refused) -> Option<(&'static str, &'static str)> {
        match self {
            Self::OpenAi
            | Self::Completions
            | Self::Anthropic
            | Self::Responses
            | Self::Gemini
            | Self::Cohere
            | Self::Other(_) => None,
            Self::Bedrock => Some((bedrock::error::HEADER, bedrock::error::kind(refused))),
        }
    }

    /// The media type of a stream.
    pub(crate) fn stream_type(self) -> &'static str {
        match self {
            Self::OpenAi
            | Self::Completions
            | Self::Anthropic
            | Self::Responses
            | Self::Gemini
            | Self::Cohere
            | Self::Other(_) => "text/event-stream; charset=utf-8",
            Self::Bedrock => "application/vnd.amazon.eventstream",
        }
    }

    /// What a caller without a known credential is told.
    pub(crate) fn unknown_caller(self) -> Refused {
        match self {
            Self::OpenAi | Self::Completions | Self::Responses => openai::error::unknown_caller(),
            Self::Anthropic => anthropic::error::unknown_caller(),
            Self::Bedrock => bedrock::error::unknown_caller(),
            Self::Gemini => gemini::error::unknown_caller(),
            Self::Cohere => cohere::error::unknown_caller(),
            Self::Other(shape) => shape.unknown_caller(),
        }
    }

    /// What a caller is told when a fault of this status strikes.
    pub(crate) fn failure_text(self, status: StatusCode) -> &'static str {
        match self {
            Self::OpenAi | Self::Completions | Self::Responses | Self::Other(_) => {
                openai::error::failure_text(status)
            }
            Self::Anthropic => anthropic::error::failure_text(status),
            Self::Bedrock => bedrock::error::failure_text(status),
            Self::Gemini => gemini::error::failure_text(status),
            Self::Cohere => cohere::error::failure_text(status),
        }
    }

    /// An error inside a stream that began well.
    pub(crate) fn error_event(self) -> Bytes {
        match self {
            Self::OpenAi | Self::Completions | Self::Other(_) => openai::error::event(),
            Self::Anthropic => anthropic::error::event(),
            Self::Bedrock => bedrock::error::event(),
            Self::Responses => responses::stream::error(),
            Self::Gemini => gemini::error::event(),
            Self::Cohere => cohere::error::event(),
        }
    }

    /// An event whose data is not JSON.
    pub(crate) fn malformed_event(self) -> Bytes {
        match self {
            Self::OpenAi | Self::Completions | Self::Other(_) => Bytes::from_static(b"data: {\"id\":\"chatcmpl-broken\",\"choices\":[{\"delta\":\n\n"),
            Self::Responses => Bytes::from_static(
                b"event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\n\n",
            ),
            Self::Anthropic => Bytes::from_static(
                b"event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":\n\n",
            ),
            Self::Bedrock => bedrock::error::malformed(),
            Self::Gemini => Bytes::from_static(b"data: {\"candidates\":[{\"content\":\n\n"),
            Self::Cohere => Bytes::from_static(
                b"event: content-delta\ndata: {\"type\":\"content-delta\",\"index\":\n\n",
            ),
        }
    }

    /// The status of an error inside an answer that is no stream.
    pub(crate) fn broken_status(self) -> u16 {
        match self {
            Self::OpenAi
            | Self::Completions
            | Self::Bedrock
            | Self::Responses
            | Self::Gemini
            | Self::Cohere
            | Self::Other(_) => 500,
            Self::Anthropic => 529,
        }
    }
}
