//! The view of a whole answer.

use tollgate_types::Tier;
use tollgate_wire::json::{Kind, Reader, set_once};

use super::message;
use crate::format::DecodeError;
use crate::openai::usage;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest, text_if};

pub(in crate::openai_chat) fn answer(body: &[u8], texts: bool) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let (mut choices, mut tier) = (None, Tier::Unsaid);
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => view.id = read::string_if(r)?,
            "model" => view.model = read::string_if(r)?,
            "usage" => view.usage = usage::read(r)?,
            "service_tier" => tier = read::tier_ahead(r)?,
            "choices" => {
                r.array(|r, position| choice(r, position, &mut view, &mut texts))?;
                set_once(&mut choices, (), &key)?;
            }
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    choices.ok_or_else(|| read::shape("choices", "missing"))?;
    view.usage = read::with_tier(view.usage, tier);
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}

fn choice(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut AnswerView,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    let from = Speaker {
        role: Role::Assistant,
        turn: position,
    };
    let mut has_image = false;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "message" if texts.wanted && r.kind()? == Kind::Object => {
                r.object::<DecodeError>(|r, key| {
                    message::member(r, &key, from, texts, &mut has_image)
                })?;
            }
            // What servers of the older completions shape write.
            "text" => text_if(r, from, crate::view::Field::Text, texts)?,
            "logprobs" if r.kind()? != Kind::Null => view.logprobs.push(r.skip()?),
            "finish_reason" if position == 0 => view.finish = read::string_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}
