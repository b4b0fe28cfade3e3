//! The view of a whole answer.

use tollgate_wire::json::{Reader, set_once};

use super::block;
use crate::anthropic_messages::usage;
use crate::format::DecodeError;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest};

pub(in crate::anthropic_messages) fn answer(
    body: &[u8],
    texts: bool,
) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let from = Speaker {
        role: Role::Assistant,
        turn: 0,
    };
    let mut content = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "model" => view.model = read::string_if(r)?,
            "stop_reason" => view.finish = read::string_if(r)?,
            "usage" => view.usage = usage::read(r)?,
            "content" => {
                block::content(r, from, &mut texts, &mut false)?;
                set_once(&mut content, (), &key)?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    content.ok_or_else(|| read::shape("content", "missing"))?;
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}
