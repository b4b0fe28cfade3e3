//! Writes a request.

use bytes::Bytes;

use crate::exchange::RerankRequest;
use crate::format::FormatId;
use crate::loss::{Carry, Losses};
use crate::rerank;
use crate::write;

pub(super) fn encode(request: &RerankRequest, losses: &mut Losses) -> Option<Bytes> {
    let own = request.origin == Some(FormatId::JinaRerank);
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
        // Servers of this format tell the documents unless they are asked not to; callers of
        // others expect none.
        let unasked = (!carry.own).then_some(false);
        if let Some(told) = request.return_documents.or(unasked) {
            o.bool("return_documents", told);
        }
        match request.document_tokens_max {
            Some(max) if carry.own => o.whole("max_tokens_per_doc", max),
            // Few servers know it, and some refuse what they do not know.
            Some(_) => carry.lose_parameter("max_tokens_per_doc"),
            None => {}
        }
        carry.extras(o, &request.extras);
    });
    Some(body.into())
}
