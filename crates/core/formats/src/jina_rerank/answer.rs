//! Writes an answer.

use bytes::Bytes;

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
        if let Some(usage) = &answer.usage {
            o.object("usage", |o| {
                o.whole("prompt_tokens", usage.input);
                o.whole("total_tokens", usage.total());
            });
        }
        o.array("results", |a| rerank::results(a, &answer.results));
        // Clients of Cohere's first version call this path, and read what is billed.
        if answer.search_units.is_some() {
            meta::write(o, None, answer.search_units);
        }
    });
    body.into()
}
