//! Reads a request.

use tollgate_wire::json::Reader;

use super::document;
use crate::exchange::RerankRequest;
use crate::format::{DecodeError, FormatId};
use crate::read;

pub(crate) fn decode(body: &[u8], format: FormatId) -> Result<RerankRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = RerankRequest {
        origin: Some(format),
        ..RerankRequest::default()
    };
    reader.object(|r, key| member(r, &key, &mut request))?;
    reader.finish()?;
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut RerankRequest) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        // Multimodal models search with an object.
        "query" if !read::null(r)? => request.query = document(r)?,
        "query" => {}
        "documents" => {
            r.array::<DecodeError>(|r, _index| {
                request.documents.push(document(r)?);
                Ok(())
            })?;
        }
        // `top_k` is Voyage's word.
        "top_n" | "top_k" => request.top_n = read::whole(r)?.or(request.top_n),
        "return_documents" => request.return_documents = read::boolean(r)?,
        "max_tokens_per_doc" => request.document_tokens_max = read::whole(r)?,
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}
