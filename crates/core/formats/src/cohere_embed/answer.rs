//! Answers: read and written.

use bytes::Bytes;
use tollgate_wire::json::{Kind, Reader};

use crate::cohere::meta;
use crate::exchange::EmbedAnswer;
use crate::format::{AnswerOptions, DecodeError, FormatId};
use crate::loss::{Carry, Loss, Losses};
use crate::read::{self, shape};
use crate::vectors::{Form, Vector, Vectors, exact};
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8]) -> Result<EmbedAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = EmbedAnswer {
        origin: Some(FormatId::CohereEmbed),
        ..EmbedAnswer::default()
    };
    let mut has_embeddings = false;
    reader.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "id" => answer.id = read::string(r)?.unwrap_or_default(),
            "embeddings" => {
                has_embeddings = true;
                embeddings(r, &mut answer)?;
            }
            "meta" => answer.usage = meta::read(r)?,
            // What the request said, and the shape of the answer.
            "texts" | "images" | "response_type" => {}
            other => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    if has_embeddings {
        Ok(answer)
    } else {
        Err(shape("embeddings", "missing"))
    }
}

/// Reads the vectors by their form; a bare list is one of floats.
fn embeddings(r: &mut Reader<'_>, answer: &mut EmbedAnswer) -> Result<(), DecodeError> {
    if r.kind()? == Kind::Array {
        answer.vectors.push(Vectors {
            form: Form::Float,
            list: list(r)?,
        });
        return Ok(());
    }
    r.object::<DecodeError>(|r, key| {
        match Form::named(&key) {
            _ if read::null(r)? => {}
            Some(form) => answer.vectors.push(Vectors {
                form,
                list: list(r)?,
            }),
            None => answer.unread.add(Loss::Parameter("embedding_types")),
        }
        Ok(())
    })?;
    Ok(())
}

fn list(r: &mut Reader<'_>) -> Result<Vec<Vector>, DecodeError> {
    let mut list = Vec::new();
    r.array::<DecodeError>(|r, _index| {
        list.push(Vector::read(r)?);
        Ok(())
    })?;
    Ok(list)
}

pub(super) fn encode(answer: &EmbedAnswer, options: &AnswerOptions, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(FormatId::CohereEmbed);
    let mut carry = Carry::new(own, &answer.unread, losses);
    let exact = exact(&answer.vectors).map_or(&[][..], |vectors| &vectors.list);
    let body = write::object(|o| {
        o.string("id", options.id_or(&answer.id));
        o.object("embeddings", |o| {
            if options.forms.has(Form::Base64) {
                o.array("base64", |a| {
                    exact.iter().for_each(|vector| a.string(&vector.base64()));
                });
            }
            if options.forms.has(Form::Float) || !options.forms.has(Form::Base64) {
                numbers(o, Form::Float, exact);
            }
            for vectors in &answer.vectors {
                if matches!(vectors.form, Form::Float | Form::Base64) {
                    continue;
                }
                if own {
                    numbers(o, vectors.form, &vectors.list);
                } else {
                    carry.lose_parameter("embedding_types");
                }
            }
        });
        meta::write(o, answer.usage.as_ref());
        o.string("response_type", "embeddings_by_type");
    });
    body.into()
}

fn numbers(o: &mut Object<'_>, form: Form, list: &[Vector]) {
    o.array(form.name(), |a| {
        list.iter().for_each(|vector| a.json(&vector.numbers()));
    });
}
