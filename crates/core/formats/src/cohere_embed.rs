//! Cohere embeddings, version 2: the table of what the format does; each line is a file.
//!
//! Source: Cohere's published API reference for `/v2/embed`.

mod answer;
mod request;
mod view;

use bytes::Bytes;
use tollgate_types::Usage;

use crate::codec::Codec;
use crate::cohere::{error, models};
use crate::endpoint::Endpoint;
use crate::exchange::{EmbedAnswer, EmbedRequest};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, DecodeError, EmbedFormat, Format, FormatId, unstreamed};
use crate::loss::Losses;
use crate::view::{AnswerView, RequestView};

/// Cohere embeddings.
pub(crate) struct CohereEmbed;

impl Format for CohereEmbed {
    fn id(&self) -> FormatId {
        FormatId::CohereEmbed
    }

    fn label(&self) -> &'static str {
        "cohere_embed"
    }

    fn codec(&self) -> Codec {
        Codec::Embed(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v2/embed")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/v2/embed"
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        view::request(body, texts)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        view::answer(body, texts)
    }

    fn filtered_answer(&self, options: &AnswerOptions, usage: Usage) -> Bytes {
        answer::encode(&EmbedAnswer::none(usage), options, &mut Losses::default())
    }

    unstreamed!();

    fn encode_failure(&self, failure: &FailureAnswer) -> Bytes {
        error::encode(failure)
    }

    fn encode_models(&self, models: &[&str], _created_unix_s: u64) -> Bytes {
        models::list(models)
    }

    fn encode_model(&self, model: &str, _created_unix_s: u64) -> Bytes {
        models::one(model)
    }
}

impl EmbedFormat for CohereEmbed {
    fn decode_request(&self, body: &[u8]) -> Result<EmbedRequest, DecodeError> {
        request::decode(body)
    }

    fn encode_request(&self, request: &EmbedRequest, losses: &mut Losses) -> Option<Bytes> {
        request::encode(request, losses)
    }

    fn decode_answer(&self, body: &[u8]) -> Result<EmbedAnswer, DecodeError> {
        answer::decode(body)
    }

    fn encode_answer(
        &self,
        answer: &EmbedAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes {
        answer::encode(answer, options, losses)
    }
}
