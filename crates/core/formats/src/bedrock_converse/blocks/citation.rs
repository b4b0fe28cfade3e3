//! What backs a text: `citations` of a block, and the `citation` of a stream.

use tollgate_wire::json::{Kind, Reader};

use super::files::texts;
use crate::exchange::Citation;
use crate::format::DecodeError;
use crate::loss::Losses;
use crate::read;
use crate::write::Object;

/// Reads one.
pub(in crate::bedrock_converse) fn read(
    r: &mut Reader<'_>,
    unread: &mut Losses,
) -> Result<Citation, DecodeError> {
    let mut citation = Citation::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "title" => citation.title = read::string(r)?,
            "source" => {
                let source = read::string(r)?.filter(|source| source.contains("://"));
                citation.url = citation.url.take().or(source);
            }
            "sourceContent" if r.kind()? == Kind::Array => {
                citation.quote = Some(texts(r)?).filter(|quote| !quote.is_empty());
            }
            "location" if r.kind()? == Kind::Object => location(r, &mut citation, unread)?,
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(citation)
}

/// Where in its source: of documents the canonical model keeps which one it is.
fn location(
    r: &mut Reader<'_>,
    citation: &mut Citation,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        let is_document = matches!(
            key.as_str(),
            "documentChar" | "documentPage" | "documentChunk"
        );
        if r.kind()? != Kind::Object || !(is_document || key.as_str() == "web") {
            return read::unread(r, "location", unread);
        }
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "url" => citation.url = read::string(r)?.or_else(|| citation.url.take()),
                "documentIndex" => citation.document = read::whole_if(r)?,
                "domain" => {}
                _ => read::unread(r, "location", unread)?,
            }
            Ok(())
        })?;
        Ok(())
    })?;
    Ok(())
}

/// Writes the members of one.
pub(in crate::bedrock_converse) fn write(o: &mut Object<'_>, citation: &Citation) {
    o.optional("title", citation.title.as_deref());
    if let Some(quote) = &citation.quote {
        o.array("sourceContent", |a| a.object(|o| o.string("text", quote)));
    }
    match (&citation.url, citation.document) {
        (Some(url), _) => o.object("location", |o| {
            o.object("web", |o| o.string("url", url));
        }),
        (None, Some(document)) => o.object("location", |o| {
            o.object("documentChunk", |o| o.whole("documentIndex", document));
        }),
        (None, None) => {}
    }
}
