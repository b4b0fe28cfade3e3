//! Gemini embeddings, of one input and of several: the table of what the formats do; each
//! line is a file.
//!
//! Source: Google's published API reference for `models.embedContent` and
//! `models.batchEmbedContents`, whose requests are a list of those of the first. Members may
//! be written in snake case in requests, as the API takes them.

mod answer;
mod model;
mod request;
mod view;

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::{Document, Edit};

use crate::codec::Codec;
use crate::endpoint::Endpoint;
use crate::exchange::{EmbedAnswer, EmbedRequest};
use crate::failure::FailureAnswer;
use crate::format::{
    AnswerOptions, DecodeError, EmbedFormat, Format, FormatId, Naming, unstreamed,
};
use crate::gemini_generate::GeminiGenerate;
use crate::loss::Losses;
use crate::view::{AnswerView, RequestView};

/// Gemini embeddings.
pub(crate) struct GeminiEmbed {
    count: Count,
}

/// How many inputs a request has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Count {
    /// One, which is the request.
    One,
    /// Any number, each a request of its own.
    Any,
}

/// `embedContent`.
pub(crate) static ONE: GeminiEmbed = GeminiEmbed { count: Count::One };
/// `batchEmbedContents`.
pub(crate) static BATCH: GeminiEmbed = GeminiEmbed { count: Count::Any };

impl Count {
    const fn id(self) -> FormatId {
        match self {
            Self::One => FormatId::GeminiEmbed,
            Self::Any => FormatId::GeminiBatchEmbed,
        }
    }
}

impl Format for GeminiEmbed {
    fn id(&self) -> FormatId {
        self.count.id()
    }

    fn label(&self) -> &'static str {
        match self.count {
            Count::One => "gemini_embed",
            Count::Any => "gemini_batch_embed",
        }
    }

    fn codec(&self) -> Codec {
        match self.count {
            Count::One => Codec::Embed(&ONE),
            Count::Any => Codec::Embed(&BATCH),
        }
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        match self.count {
            Count::One => {
                const {
                    &[
                        Endpoint::new("/v1beta/models/{model}:embedContent"),
                        Endpoint::new("/v1/models/{model}:embedContent"),
                    ]
                }
            }
            Count::Any => {
                const {
                    &[
                        Endpoint::new("/v1beta/models/{model}:batchEmbedContents"),
                        Endpoint::new("/v1/models/{model}:batchEmbedContents"),
                    ]
                }
            }
        }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        match self.count {
            Count::One => "/v1beta/models/{model}:embedContent",
            Count::Any => "/v1beta/models/{model}:batchEmbedContents",
        }
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        view::request(body, texts, self.count)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        view::answer(body, texts, self.count)
    }

    fn filtered_answer(&self, _options: &AnswerOptions, usage: Usage) -> Bytes {
        let answer = EmbedAnswer::none(usage);
        answer::encode(&answer, self.count, &mut Losses::default())
    }

    unstreamed!();

    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes {
        GeminiGenerate.encode_failure(failure)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        GeminiGenerate.encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        GeminiGenerate.encode_model(model, created_unix_s)
    }

    /// The path names the model.
    fn set_model(&self, _document: &Document, _view: &RequestView, _model: &str) -> Option<Edit> {
        None
    }

    /// The body may name it as well, and must then name the same.
    fn name_model(&self, document: &Document, _view: &RequestView, model: &str) -> Naming {
        // What was viewed can be read.
        model::edits(document.original(), self.count, model).unwrap_or_default()
    }
}

impl EmbedFormat for GeminiEmbed {
    fn decode_request(&self, body: &[u8]) -> Result<EmbedRequest, DecodeError> {
        request::decode(body, self.count)
    }

    fn encode_request(&self, request: &EmbedRequest, losses: &mut Losses) -> Option<Bytes> {
        request::encode(request, self.count, losses)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<EmbedAnswer, DecodeError> {
        answer::decode(body, self.count)
    }

    fn encode_answer(
        &self,
        answer: &EmbedAnswer,
        _options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes {
        answer::encode(answer, self.count, losses)
    }
}
