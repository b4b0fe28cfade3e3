//! From one format to another of the same operation.

use bytes::Bytes;

use crate::exchange::{ChatAnswer, ChatRequest};
use crate::format::{AnswerOptions, ChatFormat, DecodeError, Dialect, Operation};
use crate::loss::Losses;

/// What a format is to translation.
#[derive(Clone, Copy)]
pub enum Codec {
    /// A format of conversations.
    Chat(&'static dyn ChatFormat),
}

/// A canonical request.
#[derive(Clone, Debug)]
pub enum Request {
    /// A conversation goes on.
    Chat(Box<ChatRequest>),
}

/// A canonical whole answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What the model says.
    Chat(Box<ChatAnswer>),
}

impl Request {
    /// Puts another model's name into it.
    pub fn set_model(&mut self, model: &str) {
        match self {
            Self::Chat(request) => model.clone_into(&mut request.model),
        }
    }

    /// Says whether the answer is streamed, where the path said so and not the body.
    pub fn set_stream(&mut self, stream: bool) {
        match self {
            Self::Chat(request) => request.stream = stream,
        }
    }

    /// What it keeps in memory in bytes; decoding passes through up to twice that.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        match self {
            Self::Chat(request) => request.size_bytes(),
        }
    }
}

impl Codec {
    /// The operation of the format.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Chat(_) => Operation::Chat,
        }
    }

    /// Decodes a request.
    ///
    /// # Errors
    /// When the body is not a request of this format.
    pub fn decode_request(self, body: &[u8]) -> Result<Request, DecodeError> {
        match self {
            Self::Chat(format) => format
                .decode_request(body)
                .map(|request| Request::Chat(Box::new(request))),
        }
    }

    /// Writes a request; `None` when it is one of another operation.
    #[must_use]
    pub fn encode_request(
        self,
        request: &Request,
        dialect: Dialect,
        losses: &mut Losses,
    ) -> Option<Bytes> {
        match (self, request) {
            (Self::Chat(format), Request::Chat(request)) => {
                Some(format.encode_request(request, dialect, losses))
            }
        }
    }

    /// Decodes a whole answer.
    ///
    /// # Errors
    /// When the body is not an answer of this format.
    pub fn decode_answer(self, body: &[u8]) -> Result<Answer, DecodeError> {
        match self {
            Self::Chat(format) => format
                .decode_answer(body)
                .map(|answer| Answer::Chat(Box::new(answer))),
        }
    }

    /// Writes a whole answer; `None` when it is one of another operation.
    #[must_use]
    pub fn encode_answer(
        self,
        answer: &Answer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Option<Bytes> {
        match (self, answer) {
            (Self::Chat(format), Answer::Chat(answer)) => {
                Some(format.encode_answer(answer, options, losses))
            }
        }
    }
}
