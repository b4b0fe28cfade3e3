//! Writes an answer.

use bytes::Bytes;

use crate::cohere::meta;
use crate::exchange::RerankAnswer;
use crate::format::{AnswerOptions, FormatId};
use crate::loss::{Carry, Losses};
use crate::rerank;
use crate::write;

pub(super) fn encode(answer: &RerankAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::CohereRerank);
    Carry::new(own, &answer.unread, losses);
    let body = write::object(|o| {
        o.string("id", options.id_or(&answer.id));
        o.array("results", |a| rerank::results(a, &answer.results));
        meta::write(o, answer.usage.as_ref());
    });
    body.into()
}
