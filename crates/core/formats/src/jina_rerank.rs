//! Reranking as Jina has it, and with it most servers of open models: the table of what the
//! format does; each line is a file.
//!
//! Source: Jina's and Voyage's published API references, and what vLLM and Infinity document.
//! What it reads is what all formats of reranking read ([`crate::rerank`]).

mod answer;
mod request;

use bytes::Bytes;
use tollgate_types::Usage;

use crate::codec::Codec;
use crate::endpoint::Endpoint;
use crate::exchange::{RerankAnswer, RerankRequest};
use crate::failure::FailureAnswer;
use crate::format::{AnswerOptions, DecodeError, Format, FormatId, RerankFormat, unstreamed};
use crate::loss::Losses;
use crate::openai_chat::OpenaiChat;
use crate::rerank;
use crate::view::{AnswerView, RequestView};

/// Reranking as Jina has it.
pub(crate) struct JinaRerank;

impl Format for JinaRerank {
    fn id(&self) -> FormatId {
        FormatId::JinaRerank
    }

    fn label(&self) -> &'static str {
        "jina_rerank"
    }

    fn codec(&self) -> Codec {
        Codec::Rerank(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v1/rerank")] }
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/rerank"
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
        OpenaiChat.encode_failure(failure)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_model(model, created_unix_s)
    }
}

impl RerankFormat for JinaRerank {
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
