//! Cohere reranking, version 2: the table of what the format does; each line is a file.
//!
//! Source: Cohere's published API reference for `/v2/rerank`. What it reads is what all
//! formats of reranking read ([`crate::rerank`]).

mod answer;
mod request;

use bytes::Bytes;
use tollgate_types::Usage;

use crate::codec::Codec;
use crate::cohere::{error, models};
use crate::endpoint::Endpoint;
use crate::exchange::{RerankAnswer, RerankRequest};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, DecodeError, Format, FormatId, RerankFormat, unstreamed};
use crate::loss::Losses;
use crate::rerank;
use crate::view::{AnswerView, RequestView};

/// Cohere reranking.
pub(crate) struct CohereRerank;

impl Format for CohereRerank {
    fn id(&self) -> FormatId {
        FormatId::CohereRerank
    }

    fn label(&self) -> &'static str {
        "cohere_rerank"
    }

    fn codec(&self) -> Codec {
        Codec::Rerank(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v2/rerank")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/v2/rerank"
    }

    fn view_request(&self, body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
        rerank::request(body, texts)
    }

    fn view_answer(&self, body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
        rerank::answer(body, texts)
    }

    fn filtered_answer(&self, options: &AnswerOptions, usage: Usage) -> Bytes {
        let answer = RerankAnswer {
            usage: Some(usage),
            ..RerankAnswer::default()
        };
        answer::encode(&answer, options, &mut Losses::default())
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

impl RerankFormat for CohereRerank {
    fn encode_request(&self, request: &RerankRequest, losses: &mut Losses) -> Option<Bytes> {
        request::encode(request, losses)
    }

    fn encode_answer(
        &self,
        answer: &RerankAnswer,
        options: &AnswerOptions,
        losses: &mut Losses,
    ) -> Bytes {
        answer::encode(answer, options, losses)
    }
}
