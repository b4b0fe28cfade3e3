//! OpenAI embeddings: the table of what the format does; each line is a file.
//!
//! Source: OpenAI's published API reference for `/v1/embeddings`. Servers that imitate it
//! report usage as `total_tokens` alone, and some ignore `encoding_format`.

mod answer;
mod request;
mod view;

use bytes::Bytes;
use tollgate_types::Usage;

use crate::codec::Codec;
use crate::endpoint::Endpoint;
use crate::exchange::{EmbedAnswer, EmbedRequest};
use crate::failure::FailureAnswer;
use crate::format::{
    AnswerOptions, Client, DecodeError, EmbedFormat, Format, FormatId, Header, unstreamed,
};
use crate::loss::Losses;
use crate::openai_chat::OpenaiChat;
use crate::view::{AnswerView, RequestView};

/// OpenAI embeddings.
pub(crate) struct OpenaiEmbeddings;

impl Format for OpenaiEmbeddings {
    fn id(&self) -> FormatId {
        FormatId::OpenaiEmbeddings
    }

    fn label(&self) -> &'static str {
        "openai_embeddings"
    }

    fn codec(&self) -> Codec {
        Codec::Embed(&Self)
    }

    fn endpoints(&self) -> &'static [Endpoint] {
        const { &[Endpoint::new("/v1/embeddings")] }
    }

    fn client(&self, header: Header<'_, '_>) -> Client {
        Client::of(header)
    }

    fn provider_path(&self, _streams: bool) -> &'static str {
        "/embeddings"
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
        OpenaiChat.encode_failure(failure)
    }

    fn encode_models(&self, models: &[&str], created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_models(models, created_unix_s)
    }

    fn encode_model(&self, model: &str, created_unix_s: u64) -> Bytes {
        OpenaiChat.encode_model(model, created_unix_s)
    }
}

impl EmbedFormat for OpenaiEmbeddings {
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
