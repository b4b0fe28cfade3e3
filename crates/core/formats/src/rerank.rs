//! What all formats of reranking read alike: Cohere's, Jina's, Voyage's and those of servers
//! of open models differ in a few names, and no name means two things.

mod answer;
mod request;
mod view;

pub(crate) use answer::decode as decode_answer;
pub(crate) use request::decode as decode_request;
pub(crate) use view::{answer, request};

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{RerankDocument, RerankRequest, RerankResult};
use crate::format::DecodeError;
use crate::loss::Carry;
use crate::read::{self, shape};
use crate::write::{Array, Object};

/// Reads a document: a text, or an object. One with nothing but a text is that text.
fn document(r: &mut Reader<'_>) -> Result<RerankDocument, DecodeError> {
    if r.kind()? == Kind::String {
        return Ok(RerankDocument::Text(read::string(r)?.unwrap_or_default()));
    }
    if r.kind()? != Kind::Object {
        return Err(shape("documents[]", "neither a text nor an object"));
    }
    let (mut text, mut is_more) = (None, false);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "text" if r.kind()? == Kind::String => text = read::string(r)?,
            _ => is_more = true,
        }
        Ok(())
    })?;
    match text {
        Some(text) if !is_more => Ok(RerankDocument::Text(text)),
        _ => read::raw_at(r, span).map(RerankDocument::Object),
    }
}

/// The query, which is more than a text only in its own format.
pub(crate) fn query<'q>(
    request: &'q RerankRequest,
    carry: &mut Carry<'_>,
) -> Option<&'q RerankDocument> {
    match &request.query {
        RerankDocument::Object(_) if !carry.own => {
            carry.lose_content("query");
            None
        }
        query => Some(query),
    }
}

/// Writes what [`query`] gave.
pub(crate) fn write_query(o: &mut Object<'_>, query: &RerankDocument) {
    match query {
        RerankDocument::Text(text) => o.string("query", text),
        RerankDocument::Object(json) => o.raw("query", json),
    }
}

/// Writes the results, which all formats write alike.
pub(crate) fn results(a: &mut Array<'_>, results: &[RerankResult]) {
    for result in results {
        a.object(|o| {
            o.whole("index", result.index);
            o.number("relevance_score", &result.score);
            match &result.document {
                Some(RerankDocument::Text(text)) => {
                    o.object("document", |o| o.string("text", text));
                }
                Some(RerankDocument::Object(json)) => o.raw("document", json),
                None => {}
            }
        });
    }
}

/// Writes the documents. In another format one that is more than a text is told as the JSON
/// that it is.
pub(crate) fn write_documents(
    o: &mut Object<'_>,
    documents: &[RerankDocument],
    carry: &mut Carry<'_>,
) {
    o.array("documents", |a| {
        for document in documents {
            match document {
                RerankDocument::Text(text) => a.string(text),
                RerankDocument::Object(json) if carry.own => a.raw(json),
                RerankDocument::Object(json) => {
                    carry.lose_content("document");
                    a.string(json.get());
                }
            }
        }
    });
}
