//! Where the parts lie that the gateway acts on.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::answer::{joined, usage};
use crate::cohere::meta;
use crate::format::DecodeError;
use crate::read::{self, shape};
use crate::view::{
    AnswerView, Field, RequestView, Role, Speaker, TextSpan, Texts, add_rest, address_of, content,
    content_member, setting, unknown,
};

/// The members that the gateway acts on.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    query: Option<()>,
    documents: Option<u32>,
    has_image: bool,
}

/// The query is turn 0, the documents are those that follow.
const fn user(turn: u32) -> Speaker {
    Speaker {
        role: Role::User,
        turn,
    }
}

/// Reads the places of a request.
pub(crate) fn request(body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    acted.query.ok_or_else(|| shape("query", "missing"))?;
    let documents = acted
        .documents
        .ok_or_else(|| shape("documents", "missing"))?;
    Ok(RequestView {
        model: acted.model,
        texts: texts.spans,
        text_bytes: texts.bytes,
        inputs: Some(documents),
        has_image: acted.has_image,
        body_start: document.start + 1,
        ..RequestView::default()
    })
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "query" => {
            text(r, user(0), Field::Text, texts, &mut acted.has_image)?;
            set_once(&mut acted.query, (), key)?;
        }
        "documents" => {
            let has_image = &mut acted.has_image;
            let mut count = 0;
            r.array(|r, index| {
                count = index + 1;
                text(r, user(count), Field::Document, texts, has_image)
            })?;
            set_once(&mut acted.documents, count, key)?;
        }
        "top_n" | "top_k" | "return_documents" | "max_tokens_per_doc" | "rank_fields"
        | "priority" => setting(r, user(0), texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (user(0), Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads a text, or an object that has one.
fn text(
    r: &mut Reader<'_>,
    from: Speaker,
    field: Field,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "text" => content(r, from, field, texts),
                "title" => content(r, from, Field::Document, texts),
                "image" | "image_url" => {
                    *has_image = true;
                    address_of(r, from, texts)
                }
                _ => content_member(r, &key, from, texts),
            })?;
            Ok(())
        }
        _ => content(r, from, field, texts),
    }
}

/// Reads the places of an answer.
pub(crate) fn answer(body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut has_results = false;
    let (mut own, mut billed) = (None, None);
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "model" => view.model = read::string_if(r)?,
            "usage" => own = usage(r)?,
            "meta" => billed = meta::read(r)?,
            "results" | "data" => {
                has_results = true;
                r.array(|r, index| result(r, index, texts, &mut view))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    if !has_results {
        return Err(shape("results", "missing"));
    }
    view.usage = joined(own, billed);
    if texts {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}

/// A document of the request, told again.
fn result(
    r: &mut Reader<'_>,
    turn: u32,
    texts: bool,
    view: &mut AnswerView,
) -> Result<(), DecodeError> {
    if !texts || r.kind()? != Kind::Object {
        return Ok(());
    }
    let mut told = |r: &mut Reader<'_>| -> Result<(), DecodeError> {
        if let Some(text) = read::string_if(r)?.filter(|text| !text.span.is_empty()) {
            view.texts.push(TextSpan {
                text,
                role: Role::User,
                field: Field::Document,
                turn,
            });
        }
        Ok(())
    };
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "document" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "text" => told(r),
                _ => Ok(()),
            })?;
            Ok(())
        }
        "document" => told(r),
        _ => Ok(()),
    })?;
    Ok(())
}
