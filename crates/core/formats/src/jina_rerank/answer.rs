//! Writes an answer.

use bytes::Bytes;
use tollgate_types::Usage;

use crate::cohere::meta;
use crate::exchange::RerankAnswer;
use crate::format::{AnswerOptions, FormatId};
use crate::loss::{Carry, Losses};
use crate::rerank;
use crate::write;

pub(super) fn encode(answer: &RerankAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::JinaRerank);
    Carry::new(own, &answer.unread, losses);
    let body = write::object(|o| {
        o.string("id", options.id_or(&answer.id));
        o.string("object", "list");
        o.string("model", options.model_or(&answer.model));
        let has_tokens = |usage: &&Usage| usage.total() > 0 || usage.searches == 0;
        if let Some(usage) = answer.usage.as_ref().filter(has_tokens) {
            o.object("usage", |o| {
                o.whole("prompt_tokens", usage.input);
                o.whole("total_tokens", usage.total());
            });
        }
        o.array("results", |a| rerank::results(a, &answer.results));
        // Clients of Cohere's first version call this path, and read what is billed.
        if let Some(usage) = answer.usage.filter(|usage| usage.searches > 0) {
            meta::write(o, Some(&usage));
        }
    });
    body.into()
}
