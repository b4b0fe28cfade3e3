//! Where the parts lie that the gateway acts on.

use tollgate_wire::json::{Key, Kind, Reader, set_once};
use tollgate_wire::{Span, StrSpan};

use super::answer;
use crate::format::DecodeError;
use crate::openai::{inputs, user};
use crate::read::{self, shape};
use crate::vectors::{Form, Forms};
use crate::view::{
    AnswerView, Field, RequestView, Texts, add_rest_beside, name_of, setting, text_if, unknown,
    vector,
};

/// The members that the gateway acts on.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    input: Option<Option<u32>>,
    form: Option<Option<Form>>,
}

pub(super) fn request(body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    let inputs = acted.input.ok_or_else(|| shape("input", "missing"))?;
    let mut forms = Forms::default();
    if let Some(form) = acted.form.flatten() {
        forms.add(form);
    }
    Ok(RequestView {
        model: acted.model,
        texts: texts.spans,
        text_bytes: texts.bytes,
        token_ids: texts.token_ids,
        inputs,
        forms,
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
    let from = user(0);
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "input" => {
            let count = inputs(r, texts)?;
            set_once(&mut acted.input, count, key)?;
        }
        "encoding_format" => {
            let word = name_of(r, "model", from, texts)?;
            let form = word.and_then(|word| Form::named(&r.text(word)));
            set_once(&mut acted.form, form, key)?;
        }
        "dimensions" => setting(r, from, texts)?,
        "user" => text_if(r, from, Field::Metadata, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

pub(super) fn answer(body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut numbers = Vec::new();
    let mut has_data = false;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "model" => view.model = read::string_if(r)?,
            "usage" => view.usage = answer::usage(r)?,
            "data" => {
                has_data = true;
                r.array(|r, _index| embedding(r, &mut numbers))?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    if !has_data {
        return Err(shape("data", "missing"));
    }
    if texts {
        add_rest_beside(body, &mut view, &numbers)?;
    }
    Ok(view)
}

fn embedding(r: &mut Reader<'_>, numbers: &mut Vec<Span>) -> Result<(), DecodeError> {
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| match key.as_str() {
            "embedding" => vector(r, numbers),
            _ => Ok(()),
        })?;
    }
    Ok(())
}
