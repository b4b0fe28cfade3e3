//! The view of a whole answer.

use tollgate_wire::json::{Kind, Reader, set_once};

use super::message;
use crate::cohere::meta;
use crate::cohere_chat::finish;
use crate::format::DecodeError;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest};

const MODEL: Speaker = Speaker {
    role: Role::Assistant,
    turn: 0,
};

pub(in crate::cohere_chat) fn answer(body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let mut said = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "finish_reason" => view.finish = read::string_if(r)?,
            "usage" => view.usage = meta::read(r)?,
            "logprobs" if r.kind()? != Kind::Null => view.logprobs.push(r.skip()?),
            "message" if r.kind()? == Kind::Object => {
                set_once(&mut said, (), &key)?;
                r.object::<DecodeError>(|r, key| match key.as_str() {
                    "role" => Ok(()),
                    _ => message::member(r, &key, MODEL, &mut texts, &mut false),
                })?;
            }
            _ => {}
        }
        Ok(())
    })?;
    let word = view.finish.map(|finish| reader.text(finish));
    if word.as_deref().is_some_and(finish::is_failure) {
        return Err(finish::failed());
    }
    reader.finish()?;
    said.ok_or_else(|| read::shape("message", "missing"))?;
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}
