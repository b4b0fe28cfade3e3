//! Where the parts lie that the gateway acts on.

use tollgate_wire::Span;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::{Count, answer};
use crate::format::DecodeError;
use crate::read::{self, shape};
use crate::view::{
    AnswerView, Field, RequestView, Role, Speaker, Texts, add_rest_beside, address_of, content,
    content_member, everything, name_of, opaque, setting, text_if, unknown, vector,
};

pub(super) fn request(body: &[u8], texts: bool, count: Count) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut has_image = false;
    let mut inputs = 1;
    let document = match count {
        Count::One => one(&mut reader, 0, &mut texts, &mut has_image)?,
        Count::Any => {
            let mut requests = None;
            let document = reader.object::<DecodeError>(|r, key| match key.as_str() {
                "requests" => {
                    inputs = 0;
                    r.array(|r, turn| {
                        inputs = turn + 1;
                        one(r, turn, &mut texts, &mut has_image).map(|_span| ())
                    })?;
                    Ok(set_once(&mut requests, (), &key)?)
                }
                _ => unknown(r, &key, (user(0), Field::Metadata), &mut texts),
            })?;
            requests.ok_or_else(|| shape("requests", "missing"))?;
            document
        }
    };
    reader.finish()?;
    Ok(RequestView {
        texts: texts.spans,
        text_bytes: texts.bytes,
        inputs: Some(inputs),
        has_image,
        body_start: document.start + 1,
        ..RequestView::default()
    })
}

const fn user(turn: u32) -> Speaker {
    Speaker {
        role: Role::User,
        turn,
    }
}

fn one(
    r: &mut Reader<'_>,
    turn: u32,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<Span, DecodeError> {
    let from = user(turn);
    let (mut model, mut content) = (None, None);
    let span = r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "model" => {
                let name = name_of(r, &key, from, texts)?;
                set_once(&mut model, name, &key)?;
            }
            "content" => {
                parts(r, from, texts, has_image)?;
                set_once(&mut content, (), &key)?;
            }
            "title" => text_if(r, from, Field::Document, texts)?,
            "taskType" | "task_type" | "outputDimensionality" | "output_dimensionality" => {
                setting(r, from, texts)?;
            }
            name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
            _ => unknown(r, &key, (from, Field::Metadata), texts)?,
        }
        Ok(())
    })?;
    content.ok_or_else(|| shape("content", "missing"))?;
    Ok(span)
}

/// Reads a content, its parts, or what is inside of one.
fn parts(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| parts(r, from, texts, has_image))?;
        }
        Kind::Object => {
            r.object(|r, key| part(r, &key, from, texts, has_image))?;
        }
        _ => content(r, from, Field::Text, texts)?,
    }
    Ok(())
}

fn part(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "parts" => parts(r, from, texts, has_image)?,
        "text" => content(r, from, Field::Text, texts)?,
        "role" => {
            name_of(r, key, from, texts)?;
        }
        "inlineData" | "inline_data" | "fileData" | "file_data" => {
            parts(r, from, texts, has_image)?;
        }
        "mimeType" | "mime_type" => {
            let media_type = read::string_if(r)?;
            if let Some(media_type) = media_type {
                *has_image |= r.text(media_type).starts_with("image/");
                texts.note_opaque(r, "format", media_type, from);
            } else {
                everything(r, from, Field::Metadata, texts)?;
            }
        }
        "data" => opaque(r, key, from, texts)?,
        "fileUri" | "file_uri" => address_of(r, from, texts)?,
        _ => content_member(r, key, from, texts)?,
    }
    Ok(())
}

pub(super) fn answer(body: &[u8], texts: bool, count: Count) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut numbers = Vec::new();
    let mut has_vectors = false;
    reader.object::<DecodeError>(|r, key| {
        match (key.as_str(), count) {
            ("usageMetadata", _) => view.usage = answer::usage(r)?,
            ("embedding", Count::One) => {
                has_vectors = true;
                values(r, &mut numbers)?;
            }
            ("embeddings", Count::Any) => {
                has_vectors = true;
                r.array(|r, _index| values(r, &mut numbers))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    if !has_vectors {
        return Err(shape("embedding", "missing"));
    }
    if texts {
        add_rest_beside(body, &mut view, &numbers)?;
    }
    Ok(view)
}

fn values(r: &mut Reader<'_>, numbers: &mut Vec<Span>) -> Result<(), DecodeError> {
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| match key.as_str() {
            "values" => vector(r, numbers),
            _ => Ok(()),
        })?;
    }
    Ok(())
}
