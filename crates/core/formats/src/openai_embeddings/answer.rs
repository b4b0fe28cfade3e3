//! Answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::EmbedAnswer;
use crate::format::{AnswerOptions, Client, DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::read::{self, count_if, shape};
use crate::vectors::{Form, Vector, Vectors, exact, has_inexact};
use crate::write;

pub(super) fn decode(body: &[u8]) -> Result<EmbedAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = EmbedAnswer {
        origin: Some(FormatId::OpenaiEmbeddings),
        ..EmbedAnswer::default()
    };
    let mut data: Option<Vec<(u64, Vector)>> = None;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "model" => answer.model = read::string(r)?.unwrap_or_default(),
            "usage" => answer.usage = usage(r)?,
            "data" => {
                let mut list = Vec::new();
                r.array(|r, position| {
                    list.push(embedding(r, u64::from(position), &mut answer.unread)?);
                    Ok::<_, DecodeError>(())
                })?;
                data = Some(list);
            }
            // The envelope.
            "object" | "created" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    let mut data = data.ok_or_else(|| shape("data", "missing"))?;
    data.sort_by_key(|(index, _vector)| *index);
    // A vector at the place of another input would be taken for that input's.
    let mut places = (0..).zip(&data);
    if !places.all(|(place, (index, _vector))| place == *index) {
        return Err(shape("data[].index", "not each place once"));
    }
    answer.vectors.push(Vectors {
        form: Form::Float,
        list: data.into_iter().map(|(_index, vector)| vector).collect(),
    });
    Ok(answer)
}

fn embedding(
    r: &mut Reader<'_>,
    position: u64,
    unread: &mut Losses,
) -> Result<(u64, Vector), DecodeError> {
    let (mut index, mut vector) = (position, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "index" => index = read::whole_if(r)?.unwrap_or(position),
            "embedding" => vector = Some(Vector::read(r)?),
            "object" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let vector = vector.ok_or_else(|| shape(format!("data[{position}].embedding"), "missing"))?;
    Ok((index, vector))
}

/// Reads a `usage` member: servers report `prompt_tokens`, `total_tokens` or both.
pub(super) fn usage(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    if r.kind()? != Kind::Object {
        return Ok(None);
    }
    let (mut prompt, mut total) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "prompt_tokens" => prompt = count_if(r)?,
            "total_tokens" => total = count_if(r)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(prompt.or(total).map(|input| Usage {
        input,
        ..Usage::default()
    }))
}

pub(super) fn encode(answer: &EmbedAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::OpenaiEmbeddings);
    let mut carry = Carry::new(own, &answer.unread, losses);
    if has_inexact(&answer.vectors) {
        carry.lose_parameter("embedding_types");
    }
    let list = exact(&answer.vectors).map_or(&[][..], |vectors| &vectors.list);
    let body = write::object(|o| {
        let is_mistrals = options.client == Client::Mistral;
        if is_mistrals {
            o.string("id", options.id_or(&answer.id));
        }
        o.string("object", "list");
        o.array("data", |a| {
            for (index, vector) in list.iter().enumerate() {
                a.object(|o| {
                    o.string("object", "embedding");
                    o.whole("index", index as u64);
                    if options.forms.has(Form::Base64) {
                        o.string("embedding", &vector.base64());
                    } else {
                        o.json("embedding", &vector.numbers());
                    }
                });
            }
        });
        o.string("model", options.model_or(&answer.model));
        if let Some(usage) = &answer.usage {
            o.object("usage", |o| {
                o.whole("prompt_tokens", usage.input);
                o.whole("total_tokens", usage.total());
            });
        } else if is_mistrals {
            // Its clients read no answer without.
            o.object("usage", |_unknown| {});
        }
    });
    body.into()
}
