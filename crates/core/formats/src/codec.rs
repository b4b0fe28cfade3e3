//! From one format to another of the same operation.

use bytes::Bytes;

use crate::exchange::{
    ChatAnswer, ChatRequest, CountAnswer, EmbedAnswer, EmbedRequest, RerankAnswer, RerankRequest,
};
use crate::format::{
    AnswerOptions, ChatFormat, Client, CompleteFormat, CountFormat, DecodeError, Dialect,
    EmbedFormat, Operation, RerankFormat, StreamDecoder, StreamEncoder,
};
use crate::loss::Losses;
use crate::prompt::Places;
use crate::read::shape;

/// What a format is to translation.
#[derive(Clone, Copy)]
pub enum Codec {
    /// A format of conversations.
    Chat(&'static dyn ChatFormat),
    /// A format of texts that go on; canonical, they are chats.
    Complete(&'static dyn CompleteFormat),
    /// A format of embeddings.
    Embed(&'static dyn EmbedFormat),
    /// A format of reranking.
    Rerank(&'static dyn RerankFormat),
    /// A format of counting.
    Count(&'static dyn CountFormat),
}

/// A canonical request.
#[derive(Clone, Debug)]
pub enum Request {
    /// A conversation goes on.
    Chat(Box<ChatRequest>),
    /// Inputs become vectors.
    Embed(Box<EmbedRequest>),
    /// Documents are put in order.
    Rerank(Box<RerankRequest>),
    /// The tokens of a conversation are counted.
    Count(Box<ChatRequest>),
}

/// A canonical whole answer.
#[derive(Clone, Debug)]
pub enum Answer {
    /// What the model says.
    Chat(Box<ChatAnswer>),
    /// The vectors.
    Embed(Box<EmbedAnswer>),
    /// The order.
    Rerank(Box<RerankAnswer>),
    /// The number.
    Count(CountAnswer),
}

impl Request {
    /// Puts another model's name into it.
    pub fn set_model(&mut self, model: &str) {
        match self {
            Self::Chat(request) | Self::Count(request) => model.clone_into(&mut request.model),
            Self::Embed(request) => model.clone_into(&mut request.model),
            Self::Rerank(request) => model.clone_into(&mut request.model),
        }
    }

    /// Says whether the answer is streamed, where the path said so and not the body.
    pub fn set_stream(&mut self, stream: bool) {
        match self {
            Self::Chat(request) => request.stream = stream,
            Self::Embed(_) | Self::Rerank(_) | Self::Count(_) => {}
        }
    }

    /// Says whose client asks: what only a maker's own servers know goes to no other.
    pub const fn set_client(&mut self, client: Client) {
        if matches!(client, Client::Common) {
            return;
        }
        match self {
            Self::Chat(request) | Self::Count(request) => request.origin = None,
            Self::Embed(request) => request.origin = None,
            Self::Rerank(request) => request.origin = None,
        }
    }

    /// What it keeps in memory in bytes; decoding passes through up to twice that.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        match self {
            Self::Chat(request) | Self::Count(request) => request.size_bytes(),
            Self::Embed(request) => request.size_bytes(),
            Self::Rerank(request) => request.size_bytes(),
        }
    }
}

impl Answer {
    /// Makes sure that it answers a request with so many inputs ([`RequestView::inputs`]):
    /// what it says of one would else be taken for what it says of another.
    ///
    /// # Errors
    /// When it has vectors for more or fewer, or ranks what was not asked about.
    ///
    /// [`RequestView::inputs`]: crate::view::RequestView::inputs
    pub fn check(&self, inputs: Option<u32>) -> Result<(), DecodeError> {
        let Some(inputs) = inputs else {
            return Ok(());
        };
        match self {
            Self::Chat(_) | Self::Count(_) => Ok(()),
            Self::Embed(answer) => answer.check(inputs as usize),
            Self::Rerank(answer) => answer.check(inputs as usize),
        }
    }
}

impl Codec {
    /// The operation of the format.
    #[must_use]
    pub const fn operation(self) -> Operation {
        match self {
            Self::Chat(_) => Operation::Chat,
            Self::Complete(_) => Operation::Complete,
            Self::Embed(_) => Operation::Embed,
            Self::Rerank(_) => Operation::Rerank,
            Self::Count(_) => Operation::Count,
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
            Self::Complete(format) => format
                .decode_request(body)
                .map(|request| Request::Chat(Box::new(request))),
            Self::Embed(format) => format
                .decode_request(body)
                .map(|request| Request::Embed(Box::new(request))),
            Self::Rerank(format) => format
                .decode_request(body)
                .map(|request| Request::Rerank(Box::new(request))),
            Self::Count(format) => format
                .decode_request(body)
                .map(|request| Request::Count(Box::new(request))),
        }
    }

    /// Writes a request; `None` when it is one of another operation, or when what it is
    /// about has no place in this format, which the losses then name.
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
            (Self::Embed(format), Request::Embed(request)) => {
                format.encode_request(request, losses)
            }
            (Self::Rerank(format), Request::Rerank(request)) => {
                format.encode_request(request, losses)
            }
            (Self::Count(format), Request::Count(request)) => {
                Some(format.encode_request(request, dialect, losses))
            }
            _ => None,
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
            // Whoever answers in it was asked in it.
            Self::Complete(_) => Err(shape("choices", "not translated")),
            Self::Embed(format) => format
                .decode_answer(body)
                .map(|answer| Answer::Embed(Box::new(answer))),
            Self::Rerank(format) => format
                .decode_answer(body)
                .map(|answer| Answer::Rerank(Box::new(answer))),
            Self::Count(format) => format.decode_answer(body).map(Answer::Count),
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
            (Self::Complete(format), Answer::Chat(answer)) => {
                Some(format.encode_answer(answer, options, losses))
            }
            (Self::Embed(format), Answer::Embed(answer)) => {
                Some(format.encode_answer(answer, options, losses))
            }
            (Self::Rerank(format), Answer::Rerank(answer)) => {
                Some(format.encode_answer(answer, options, losses))
            }
            (Self::Count(format), Answer::Count(answer)) => Some(format.encode_answer(*answer)),
            _ => None,
        }
    }

    /// A decoder for one streamed answer; `None` where no other format streams what this one
    /// does.
    #[must_use]
    pub fn stream_decoder(self) -> Option<Box<dyn StreamDecoder>> {
        match self {
            Self::Chat(format) => Some(format.stream_decoder()),
            Self::Complete(_) | Self::Embed(_) | Self::Rerank(_) | Self::Count(_) => None,
        }
    }

    /// An encoder for one streamed answer; `None` where the format has no streams.
    #[must_use]
    pub fn stream_encoder(self, options: AnswerOptions) -> Option<Box<dyn StreamEncoder>> {
        match self {
            Self::Chat(format) => Some(format.stream_encoder(options)),
            Self::Complete(format) => Some(format.stream_encoder(options)),
            Self::Embed(_) | Self::Rerank(_) | Self::Count(_) => None,
        }
    }

    /// Where requests for servers of a dialect have what a configuration puts in, and what
    /// models may refuse; `None` for formats of which neither is known.
    #[must_use]
    pub fn places(self, dialect: Dialect) -> Option<Places> {
        match self {
            Self::Chat(format) => Some(Places::of(format, dialect)),
            Self::Complete(format) => Some(format.places()),
            Self::Embed(_) | Self::Rerank(_) | Self::Count(_) => None,
        }
    }
}
