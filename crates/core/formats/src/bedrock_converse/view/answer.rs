//! The view of a whole answer.

use tollgate_types::Tier;
use tollgate_wire::json::{Kind, Reader, set_once};

use super::block;
use crate::bedrock_converse::usage;
use crate::format::DecodeError;
use crate::read;
use crate::view::{AnswerView, Role, Speaker, Texts, add_rest};

pub(in crate::bedrock_converse) fn answer(
    body: &[u8],
    texts: bool,
) -> Result<AnswerView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut view = AnswerView::default();
    let mut texts = Texts::new(texts);
    let (mut output, mut content) = (None, None);
    let mut tier = Tier::Unsaid;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "output" if r.kind()? == Kind::Object => {
                set_once(&mut output, (), &key)?;
                r.object(|r, key| message(r, &key, &mut content, &mut texts))?;
            }
            "stopReason" => view.finish = read::string_if(r)?,
            "usage" => view.usage = usage::read(r)?,
            "serviceTier" => tier = read::typed_tier(r)?,
            _ => {}
        }
        Ok(())
    })?;
    reader.finish()?;
    content.ok_or_else(|| read::shape("output.message.content", "missing"))?;
    view.usage = read::with_tier(view.usage, tier);
    view.texts = texts.spans;
    if texts.wanted {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}

fn message(
    r: &mut Reader<'_>,
    key: &str,
    content: &mut Option<()>,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    let from = Speaker {
        role: Role::Assistant,
        turn: 0,
    };
    if key != "message" || r.kind()? != Kind::Object {
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| {
        if key.as_str() == "content" {
            block::content(r, from, texts, &mut false)?;
            set_once(content, (), &key)?;
        }
        Ok(())
    })?;
    Ok(())
}
