//! What backs an answer: its `citations`, each with the passage and its sources.

use std::borrow::Cow;

use tollgate_wire::json::{Kind, Reader};

use super::document::ID;
use super::places::Places;
use crate::exchange::Citation;
use crate::format::DecodeError;
use crate::loss::{Loss, Losses};
use crate::read;
use crate::write::Object;

/// A citation as it is written: of one passage, by one source or several.
#[derive(Debug, Default)]
pub(super) struct Cited {
    /// Which part of the content the passage is in.
    pub(super) content: Option<u64>,
    /// Whether the passage is in what the model says, not in what it thinks or plans.
    pub(super) in_text: bool,
    /// One for each source.
    pub(super) citations: Vec<Citation>,
}

/// Reads one.
pub(super) fn read(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Cited, DecodeError> {
    let (mut start, mut end, mut content, mut kind) = (None, None, None, None);
    let mut sources = Vec::new();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "start" => start = read::whole_if(r)?,
            "end" => end = read::whole_if(r)?,
            "content_index" => content = read::whole_if(r)?,
            "type" => kind = read::string(r)?,
            "sources" if r.kind()? == Kind::Array => {
                r.array(|r, _index| {
                    if r.kind()? == Kind::Object {
                        sources.push(source(r, unread)?);
                    }
                    Ok::<_, DecodeError>(())
                })?;
            }
            // The passage once more.
            "text" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    if sources.is_empty() {
        sources.push(Citation::default());
    }
    let range = start.zip(end);
    sources.iter_mut().for_each(|source| source.range = range);
    Ok(Cited {
        content,
        in_text: kind.is_none_or(|kind| kind == "TEXT_CONTENT"),
        citations: sources,
    })
}

/// Reads a source: a document of the request, or what a tool found. Its id is kept where it
/// is the number of a document.
fn source(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Citation, DecodeError> {
    let mut citation = Citation::default();
    let mut name = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => {
                let id = read::string(r)?.unwrap_or_default();
                let place = id.strip_prefix(ID).and_then(|place| place.parse().ok());
                citation.document = place;
                name = Some(id).filter(|id| place.is_none() && !id.is_empty());
            }
            "document" if r.kind()? == Kind::Object => told(r, &mut citation, unread)?,
            "tool_output" => {
                let found = read::raw(r)?.map(|json| json.get().to_owned());
                citation.quote = found.filter(|json| !read::is_empty(json.as_bytes()));
            }
            "type" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    if name.is_some_and(|name| name != id_of(&citation)) {
        unread.add(Loss::Parameter("sources.id"));
    }
    Ok(citation)
}

/// What a source is called.
fn id_of(citation: &Citation) -> Cow<'_, str> {
    let name = citation.url.as_deref().or(citation.title.as_deref());
    match citation.document {
        Some(place) => Cow::Owned(format!("{ID}{place}")),
        None => Cow::Borrowed(name.unwrap_or("source")),
    }
}

/// Reads a document that is told again with the passage it backs.
fn told(
    r: &mut Reader<'_>,
    citation: &mut Citation,
    unread: &mut Losses,
) -> Result<(), DecodeError> {
    r.object::<DecodeError>(|r, key| {
        let is_text = r.kind()? == Kind::String;
        match key.as_str() {
            "title" if is_text => citation.title = read::string(r)?,
            "url" if is_text => citation.url = read::string(r)?,
            "text" | "snippet" if is_text => {
                let quote = read::string(r)?;
                citation.quote = citation.quote.take().or(quote);
            }
            "id" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(())
}

/// Writes the members of a citation of the part at `content`, where `places` are those of its
/// text, `said`.
pub(super) fn write(
    o: &mut Object<'_>,
    citation: &Citation,
    (said, places): (&str, &mut Places),
    content: u64,
) {
    let range = citation.range;
    let (start, end) = range.unwrap_or_else(|| (0, places.count(said)));
    o.whole("start", start);
    o.whole("end", end);
    o.string("text", places.passage(said, start, end));
    o.array("sources", |a| {
        a.object(|o| {
            o.string("type", "document");
            o.string("id", &id_of(citation));
            o.object("document", |o| {
                o.optional("title", citation.title.as_deref());
                o.optional("url", citation.url.as_deref());
                o.optional("snippet", citation.quote.as_deref());
            });
        });
    });
    o.whole("content_index", content);
    o.string("type", "TEXT_CONTENT");
}
