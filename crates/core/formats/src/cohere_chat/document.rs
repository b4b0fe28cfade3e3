//! Documents: given to the model with the request, or what a tool found.

use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{Document, DocumentContent};
use crate::format::DecodeError;
use crate::loss::{Carry, Loss, Losses};
use crate::read;
use crate::write::{Array, Object};

/// Begins the ids that documents have by themselves; their place follows.
pub(super) const ID: &str = "doc:";

/// Reads a document: a text, or an object with `data`. `place` is where it stands, whose id
/// it has by itself.
pub(super) fn read(
    r: &mut Reader<'_>,
    place: Option<u32>,
    unread: &mut Losses,
) -> Result<Document, DecodeError> {
    let mut document = Document {
        title: None,
        content: DocumentContent::Text(String::new()),
    };
    if r.kind()? != Kind::Object {
        let text = read::string(r)?.unwrap_or_default();
        document.content = DocumentContent::Text(text);
        return Ok(document);
    }
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "data" if r.kind()? == Kind::Object => document = data(r)?,
            "data" => {
                let text = read::string(r)?.unwrap_or_default();
                document.content = DocumentContent::Text(text);
            }
            "id" => {
                let id = read::string(r)?;
                let by_itself = place.map(|place| format!("{ID}{place}"));
                if id.is_some() && id != by_itself {
                    unread.add(Loss::Parameter("documents.id"));
                }
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(document)
}

/// Reads the members of a document. One text beside the title is what it says; of anything
/// else that is the JSON.
fn data(r: &mut Reader<'_>) -> Result<Document, DecodeError> {
    let (mut title, mut text) = (None, None);
    let mut others = 0;
    let span = r.object::<DecodeError>(|r, key| {
        let is_text = r.kind()? == Kind::String;
        match key.as_str() {
            "title" if is_text => title = read::string(r)?,
            _ if is_text => {
                others += 1;
                text = read::string(r)?;
            }
            _ => others += 2,
        }
        Ok(())
    })?;
    let text = match (others, text) {
        (0, _) => String::new(),
        (1, Some(text)) => text,
        _ => {
            title = None;
            read::raw_at(r, span)?.get().to_owned()
        }
    };
    Ok(Document {
        title,
        content: DocumentContent::Text(text),
    })
}

/// Writes documents of plain text as the list that the model is given; files have no place.
/// Each is called by its number among all: behind one that is left out that is not its place.
pub(super) fn write_all<'d>(
    a: &mut Array<'_>,
    documents: impl IntoIterator<Item = &'d Document>,
    carry: &mut Carry<'_>,
) {
    let mut is_shifted = false;
    for (number, document) in documents.into_iter().enumerate() {
        match &document.content {
            DocumentContent::Text(text) if document.title.is_none() && !is_shifted => {
                a.string(text);
            }
            DocumentContent::Text(text) => a.object(|o| {
                if is_shifted {
                    o.string("id", &format!("{ID}{number}"));
                }
                write(o, document, text);
            }),
            DocumentContent::File { .. } | DocumentContent::Url(_) => {
                carry.lose_content("document");
                is_shifted = true;
            }
        }
    }
}

/// Writes the members of a document.
pub(super) fn write(o: &mut Object<'_>, document: &Document, text: &str) {
    o.object("data", |o| {
        o.optional("title", document.title.as_deref());
        o.string("text", text);
    });
}
