//! The view of a whole answer.

use tollgate_wire::json::{Kind, Reader, set_once};

use super::part;
use crate::format::DecodeError;
use crate::gemini_generate::usage;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest};

pub(in crate::gemini_generate) fn answer(
    body: &[u8],
    texts: bool,
) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let (mut candidates, mut block, mut is_answer) = (None, None, false);
    reader.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("responseId", _) => view.id = read::string_if(r)?,
            ("modelVersion", _) => view.model = read::string_if(r)?,
            ("usageMetadata", Kind::Object) => {
                view.usage = usage::read(r)?;
                is_answer = true;
            }
            ("candidates", Kind::Array) => {
                r.array(|r, position| candidate(r, position, &mut view, &mut texts))?;
                set_once(&mut candidates, (), &key)?;
            }
            ("promptFeedback", Kind::Object) => {
                is_answer = true;
                r.object::<DecodeError>(|r, key| {
                    if key.as_str() == "blockReason" {
                        block = read::string_if(r)?;
                    }
                    Ok(())
                })?;
            }
            ("error", _) => return Err(read::shape("error", "an error")),
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    if candidates.is_none() && !is_answer {
        return Err(read::shape("candidates", "missing"));
    }
    if view.finish.is_none() {
        view.finish = block;
        view.is_refused = block.is_some();
    }
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}

fn candidate(
    r: &mut Reader<'_>,
    position: u32,
    view: &mut AnswerView,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    let from = Speaker {
        role: Role::Assistant,
        turn: position,
    };
    r.object::<DecodeError>(|r, key| {
        match (key.as_str(), r.kind()?) {
            ("content", Kind::Object) => {
                part::content(r, from, texts, &mut false)?;
            }
            ("logprobsResult", kind) if kind != Kind::Null => view.logprobs.push(r.skip()?),
            ("finishReason", _) if position == 0 => view.finish = read::string_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(())
}
