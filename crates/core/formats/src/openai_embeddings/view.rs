//! Where the parts lie that the gateway acts on.

use tollgate_wire::json::{Key, Kind, Reader, set_once};
use tollgate_wire::{Span, StrSpan};

use super::answer;
use crate::format::DecodeError;
use crate::read::{self, shape};
use crate::vectors::{Form, Forms};
use crate::view::{
    AnswerView, Field, RequestView, Role, Speaker, Texts, add_rest_beside, everything, setting,
    text_if, unknown, vector,
};

/// The members that the gateway acts on.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    input: Option<()>,
    form: Option<Option<Form>>,
}

pub(super) fn request(body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    acted.input.ok_or_else(|| shape("input", "missing"))?;
    let mut forms = Forms::default();
    if let Some(form) = acted.form.flatten() {
        forms.add(form);
    }
    Ok(RequestView {
        model: acted.model,
        texts: texts.spans,
        text_bytes: texts.bytes,
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
    let from = Speaker {
        role: Role::User,
        turn: 0,
    };
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "input" => {
            input(r, texts)?;
            set_once(&mut acted.input, (), key)?;
        }
        "encoding_format" => {
            let word = read::string_if(r)?;
            let form = word.and_then(|word| Form::named(&r.text(word)));
            set_once(&mut acted.form, form, key)?;
            match word {
                Some(word) if form.is_none() => texts.note_opaque(r, "format", word, from),
                Some(_) => {}
                None => everything(r, from, Field::Metadata, texts)?,
            }
        }
        "dimensions" => setting(r, from, texts)?,
        "user" => text_if(r, from, Field::Metadata, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}

/// A text, or a list of texts. Tokens are no texts: nobody here can read them.
fn input(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    let user = |turn| Speaker {
        role: Role::User,
        turn,
    };
    if r.kind()? != Kind::Array {
        return text_if(r, user(0), Field::Text, texts);
    }
    r.array(|r, index| match r.kind()? {
        Kind::Number => Ok(()),
        Kind::Array => tokens(r, user(index), texts),
        _ => text_if(r, user(index), Field::Text, texts),
    })?;
    Ok(())
}

/// A list of tokens; what is no number in it is read as any unknown value.
fn tokens(r: &mut Reader<'_>, from: Speaker, texts: &mut Texts) -> Result<(), DecodeError> {
    r.array(|r, _index| match r.kind()? {
        Kind::Number => Ok(()),
        _ => everything(r, from, Field::Text, texts),
    })?;
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
