//! The answer: a number.

use bytes::Bytes;
use tollgate_wire::json::Reader;

use super::Whose;
use crate::exchange::CountAnswer;
use crate::format::DecodeError;
use crate::read::{self, shape};
use crate::view::{AnswerView, add_rest};
use crate::write;

/// What the number is called.
const fn name(of: Whose) -> &'static str {
    match of {
        Whose::Anthropic | Whose::Openai => "input_tokens",
        Whose::Gemini | Whose::Vertex => "totalTokens",
        Whose::Bedrock => "inputTokens",
    }
}

pub(super) fn decode(body: &[u8], of: Whose) -> Result<CountAnswer, DecodeError> {
    let mut tokens = None;
    let mut reader = Reader::new(body)?;
    reader.object::<DecodeError>(|r, key| {
        if key.as_str() == name(of) {
            tokens = read::whole(r)?;
        }
        Ok(())
    })?;
    reader.finish()?;
    let tokens = tokens.ok_or_else(|| shape(name(of), "missing"))?;
    Ok(CountAnswer { tokens })
}

pub(super) fn encode(answer: CountAnswer, of: Whose) -> Bytes {
    let body = write::object(|o| {
        if of == Whose::Openai {
            o.string("object", "response.input_tokens");
        }
        o.whole(name(of), answer.tokens);
    });
    body.into()
}

/// A count is no usage: nothing was generated, and nothing is booked.
pub(super) fn view(body: &[u8], texts: bool, of: Whose) -> Result<AnswerView, DecodeError> {
    decode(body, of)?;
    let mut view = AnswerView::default();
    if texts {
        add_rest(body, &mut view)?;
    }
    Ok(view)
}
