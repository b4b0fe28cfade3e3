//! Writes a request.

use bytes::Bytes;

use crate::exchange::RerankRequest;
use crate::format::FormatId;
use crate::loss::{Carry, Losses};
use crate::rerank;
use crate::write;

pub(super) fn encode(request: &RerankRequest, losses: &mut Losses) -> Option<Bytes> {
    let own = request.origin == Some(FormatId::CohereRerank);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let query = rerank::query(request, carry)?;
    let body = write::object(|o| {
        o.string("model", &request.model);
        rerank::write_query(o, query);
        rerank::write_documents(o, &request.documents, carry);
        if let Some(top) = request.top_n {
            o.whole("top_n", top);
        }
        match request.return_documents {
            Some(told) if carry.own => o.bool("return_documents", told),
            Some(false) => {}
            // The caller has them, and gets them where it does not say otherwise.
            Some(true) | None if !carry.own => carry.lose_parameter("return_documents"),
            Some(true) | None => {}
        }
        if let Some(max) = request.document_tokens_max {
            o.whole("max_tokens_per_doc", max);
        }
        carry.extras(o, &request.extras);
    });
    Some(body.into())
}
