//! Reads a request.

use tollgate_wire::json::{Kind, Reader};

use super::{config, contents, tools};
use crate::exchange::ChatRequest;
use crate::format::DecodeError;
use crate::gemini_generate::OWN;
use crate::gemini_generate::kept;
use crate::gemini_generate::parts::{into_parts, read_content};
use crate::read;
use crate::spelling::camel;

pub(in crate::gemini_generate) fn decode(body: &[u8]) -> Result<ChatRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = ChatRequest {
        origin: Some(OWN),
        ..ChatRequest::default()
    };
    reader.object(|r, key| member(r, &key, &mut request))?;
    reader.finish()?;
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut ChatRequest) -> Result<(), DecodeError> {
    let name = camel(key);
    match (&*name, r.kind()?) {
        (_, Kind::Null) => {}
        ("model", Kind::String) => request.model = read::string(r)?.unwrap_or_default(),
        ("contents", _) => contents::read(r, request)?,
        ("systemInstruction", _) => {
            let content = read_content(r, &mut request.unread)?;
            for piece in content.pieces {
                request.system.extend(into_parts(piece, kept::read));
            }
        }
        ("tools", Kind::Array) => {
            r.array(|r, _index| tools::read(r, request))?;
        }
        ("toolConfig", Kind::Object) => tools::read_config(r, request)?,
        ("generationConfig", Kind::Object) => config::read(r, request)?,
        ("labels", Kind::Object) => request.metadata = read::raw(r)?,
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((name.into_owned(), json));
            }
        }
    }
    Ok(())
}
