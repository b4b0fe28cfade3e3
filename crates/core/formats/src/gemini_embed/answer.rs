//! Answers: read and written.

use bytes::Bytes;
use tollgate_types::Usage;
use tollgate_wire::json::{Kind, Reader};

use super::Count;
use crate::exchange::EmbedAnswer;
use crate::format::DecodeError;
use crate::loss::{Carry, Losses};
use crate::read::{self, shape, units_if};
use crate::vectors::{Form, Vector, Vectors, exact, has_inexact};
use crate::write::{self, Object};

pub(super) fn decode(body: &[u8], count: Count) -> Result<EmbedAnswer, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut answer = EmbedAnswer {
        origin: Some(count.id()),
        ..EmbedAnswer::default()
    };
    let mut list: Option<Vec<Vector>> = None;
    reader.object::<DecodeError>(|r, key| {
        match (key.as_str(), count) {
            ("embedding", Count::One) => list = Some(vec![vector(r, &mut answer.unread)?]),
            ("embeddings", Count::Any) => {
                let mut all = Vec::new();
                r.array::<DecodeError>(|r, _index| {
                    all.push(vector(r, &mut answer.unread)?);
                    Ok(())
                })?;
                list = Some(all);
            }
            ("usageMetadata", _) => answer.usage = usage(r)?,
            (other, _) => read::unread(r, other, &mut answer.unread)?,
        }
        Ok(())
    })?;
    reader.finish()?;
    answer.vectors.push(Vectors {
        form: Form::Float,
        list: list.ok_or_else(|| shape("embedding", "missing"))?,
    });
    Ok(answer)
}

fn vector(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Vector, DecodeError> {
    let mut vector = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "values" => vector = Some(Vector::read(r)?),
            // Vertex says how many tokens an input had; the sum is in the usage.
            "statistics" | "shape" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    vector.ok_or_else(|| shape("values", "missing"))
}

/// Reads `usageMetadata`, which newer models report.
pub(super) fn usage(r: &mut Reader<'_>) -> Result<Option<Usage>, DecodeError> {
    let (mut prompt, mut total) = (None, None);
    if r.kind()? == Kind::Object {
        r.object::<DecodeError>(|r, key| {
            match key.as_str() {
                "promptTokenCount" => prompt = units_if(r)?,
                "totalTokenCount" => total = units_if(r)?,
                _ => {}
            }
            Ok(())
        })?;
    }
    Ok(prompt.or(total).map(|input| Usage {
        input,
        ..Usage::default()
    }))
}

pub(super) fn encode(answer: &EmbedAnswer, count: Count, losses: &mut Losses) -> Bytes {
    let own = answer.origin == Some(count.id());
    let mut carry = Carry::new(own, &answer.unread, losses);
    if has_inexact(&answer.vectors) {
        carry.lose_parameter("embedding_types");
    }
    let list = exact(&answer.vectors).map_or(&[][..], |vectors| &vectors.list);
    let body = write::object(|o| {
        match count {
            Count::One => {
                if list.len() > 1 {
                    carry.lose_content("embeddings");
                }
                o.object("embedding", |o| values(o, list.first()));
            }
            Count::Any => o.array("embeddings", |a| {
                for vector in list {
                    a.object(|o| values(o, Some(vector)));
                }
            }),
        }
        if let Some(usage) = &answer.usage {
            o.object("usageMetadata", |o| {
                o.whole("promptTokenCount", usage.input);
                o.whole("totalTokenCount", usage.total());
            });
        }
    });
    body.into()
}

fn values(o: &mut Object<'_>, vector: Option<&Vector>) {
    match vector {
        Some(vector) => o.json("values", &vector.numbers()),
        None => o.json("values", "[]"),
    }
}
