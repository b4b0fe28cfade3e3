//! Where the parts lie that the gateway acts on.

use tollgate_wire::json::{Key, Kind, Reader, set_once};
use tollgate_wire::{Span, StrSpan};

use crate::cohere::meta;
use crate::format::DecodeError;
use crate::read::{self, shape};
use crate::vectors::{Form, Forms};
use crate::view::{
    AnswerView, Field, RequestView, Role, Speaker, TextSpan, Texts, add_rest_beside, address_of,
    content, content_member, name_of, setting, unknown, vector,
};

/// The members that the gateway acts on.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    texts: Option<u32>,
    images: Option<u32>,
    inputs: Option<u32>,
    forms: Option<Forms>,
    has_image: bool,
}

pub(super) fn request(body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    let inputs = [acted.texts, acted.images, acted.inputs];
    if inputs.iter().all(Option::is_none) {
        return Err(shape("texts", "missing"));
    }
    let inputs = inputs.into_iter().flatten().fold(0, u32::saturating_add);
    Ok(RequestView {
        model: acted.model,
        texts: texts.spans,
        text_bytes: texts.bytes,
        inputs: Some(inputs),
        has_image: acted.has_image,
        forms: acted.forms.unwrap_or_default(),
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

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "texts" => {
            let count = each(r, texts, |r, from, texts| {
                content(r, from, Field::Text, texts)
            })?;
            set_once(&mut acted.texts, count, key)?;
        }
        "images" => {
            acted.has_image |= r.kind()? == Kind::Array;
            let count = each(r, texts, address_of)?;
            set_once(&mut acted.images, count, key)?;
        }
        "inputs" => {
            let has_image = &mut acted.has_image;
            let count = each(r, texts, |r, from, texts| input(r, from, texts, has_image))?;
            set_once(&mut acted.inputs, count, key)?;
        }
        "embedding_types" => {
            let forms = forms(r, texts)?;
            set_once(&mut acted.forms, forms, key)?;
        }
        "input_type" | "truncate" | "output_dimension" | "max_tokens" | "priority" => {
            setting(r, user(0), texts)?;
        }
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (user(0), Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads each element of a list, and gives how many there are; another value is read as an
/// unknown one.
fn each(
    r: &mut Reader<'_>,
    texts: &mut Texts,
    mut read: impl FnMut(&mut Reader<'_>, Speaker, &mut Texts) -> Result<(), DecodeError>,
) -> Result<u32, DecodeError> {
    let mut count = 0;
    if r.kind()? == Kind::Array {
        r.array(|r, index| {
            count = index + 1;
            read(r, user(index), texts)
        })?;
    } else {
        content(r, user(0), Field::Text, texts)?;
    }
    Ok(count)
}

fn forms(r: &mut Reader<'_>, texts: &mut Texts) -> Result<Forms, DecodeError> {
    let mut forms = Forms::default();
    each(r, texts, |r, from, texts| {
        let word = name_of(r, "model", from, texts)?;
        let form = word.and_then(|word| Form::named(&r.text(word)));
        form.into_iter().for_each(|form| forms.add(form));
        Ok(())
    })?;
    Ok(forms)
}

/// Reads one of the `inputs`, or what is inside of it.
fn input(
    r: &mut Reader<'_>,
    from: Speaker,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match r.kind()? {
        Kind::Array => {
            r.array(|r, _index| input(r, from, texts, has_image))?;
        }
        Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "content" => input(r, from, texts, has_image),
                "text" => content(r, from, Field::Text, texts),
                "image_url" => {
                    *has_image = true;
                    input(r, from, texts, has_image)
                }
                "url" => address_of(r, from, texts),
                "type" => name_of(r, &key, from, texts).map(|_kind| ()),
                _ => content_member(r, &key, from, texts),
            })?;
        }
        _ => content(r, from, Field::Text, texts)?,
    }
    Ok(())
}

pub(super) fn answer(body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut numbers = Vec::new();
    let mut has_embeddings = false;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "meta" => view.usage = meta::read(r)?,
            "texts" if texts && r.kind()? == Kind::Array => {
                r.array(|r, index| echoed(r, index, &mut view))?;
            }
            "embeddings" => {
                has_embeddings = true;
                embeddings(r, &mut numbers)?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    if !has_embeddings {
        return Err(shape("embeddings", "missing"));
    }
    if texts {
        add_rest_beside(body, &mut view, &numbers)?;
    }
    Ok(view)
}

/// A text of the request, told again.
fn echoed(r: &mut Reader<'_>, turn: u32, view: &mut AnswerView) -> Result<(), DecodeError> {
    if let Some(text) = read::string_if(r)?.filter(|text| !text.span.is_empty()) {
        view.texts.push(TextSpan {
            text,
            role: Role::User,
            field: Field::Document,
            turn,
        });
    }
    Ok(())
}

fn embeddings(r: &mut Reader<'_>, numbers: &mut Vec<Span>) -> Result<(), DecodeError> {
    if r.kind()? == Kind::Object {
        r.object(|r, _form| vector(r, numbers))?;
        return Ok(());
    }
    vector(r, numbers)
}
