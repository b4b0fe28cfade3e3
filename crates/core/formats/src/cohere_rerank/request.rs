//! Writes a request.

use bytes::Bytes;

use crate::exchange::{RerankDocument, RerankRequest};
use crate::format::FormatId;
use crate::loss::{Carry, Losses};
use crate::rerank;
use crate::write;

pub(super) fn encode(request: &RerankRequest, losses: &mut Losses) -> Bytes {
    let own = request.origin == Some(FormatId::CohereRerank);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    let body = write::object(|o| {
        o.string("model", &request.model);
        o.string("query", &request.query);
        o.array("documents", |a| {
            for document in &request.documents {
                match document {
                    RerankDocument::Object(json) if carry.own => a.raw(json),
                    other => a.string(rerank::as_text(other, carry)),
                }
            }
        });
        if let Some(top) = request.top_n {
            o.whole("top_n", top);
        }
        match request.return_documents {
            Some(told) if carry.own => o.bool("return_documents", told),
            // The caller has them.
            Some(true) => carry.lose_parameter("return_documents"),
            Some(false) | None => {}
        }
        if let Some(max) = request.document_tokens_max {
            o.whole("max_tokens_per_doc", max);
        }
        carry.extras(o, &request.extras);
    });
    body.into()
}
