//! Requests: read and written.

use bytes::Bytes;
use serde_json::value::RawValue;
use tollgate_wire::json::{Kind, Reader};

use super::{Count, model};
use crate::exchange::{EmbedInput, EmbedPart, EmbedRequest, EmbedTask, Image};
use crate::format::DecodeError;
use crate::loss::{Carry, Loss, Losses};
use crate::read::{self, shape};
use crate::write::{self, Array, Object};

pub(super) fn decode(body: &[u8], count: Count) -> Result<EmbedRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = EmbedRequest {
        origin: Some(count.id()),
        ..EmbedRequest::default()
    };
    match count {
        Count::One => {
            let one = one(&mut reader, &mut request.unread)?;
            join(&mut request, one, 0);
        }
        Count::Any => {
            reader.object::<DecodeError>(|r, key| {
                match key.as_str() {
                    "requests" => {
                        r.array::<DecodeError>(|r, index| {
                            let one = one(r, &mut request.unread)?;
                            join(&mut request, one, index);
                            Ok(())
                        })?;
                    }
                    // What one request asks for stands in it; there is nothing beside the list.
                    other => read::unread(r, other, &mut request.unread)?,
                }
                Ok(())
            })?;
        }
    }
    reader.finish()?;
    Ok(request)
}

/// One request for one vector.
#[derive(Default)]
struct One {
    input: EmbedInput,
    task: Option<EmbedTask>,
    dimensions: Option<u64>,
    extras: Vec<Extra>,
}

/// Puts one request among the others. Those of a list that ask for something else than the
/// first cannot be told apart elsewhere.
fn join(request: &mut EmbedRequest, one: One, index: u32) {
    if index == 0 {
        request.task = one.task;
        request.dimensions = one.dimensions;
        request.extras = one.extras;
    } else {
        if request.task != one.task {
            request.unread.add(Loss::Parameter("input_type"));
        }
        if request.dimensions != one.dimensions {
            request.unread.add(Loss::Parameter("dimensions"));
        }
        let is_same = request.extras.len() == one.extras.len()
            && request.extras.iter().zip(&one.extras).all(is_same_member);
        if !is_same {
            let extras = request.extras.drain(..).chain(one.extras);
            extras.for_each(|(name, _json)| request.unread.add(Loss::member(&name)));
        }
    }
    request.inputs.push(one.input);
}

type Extra = (String, Box<RawValue>);

fn is_same_member((one, other): (&Extra, &Extra)) -> bool {
    one.0 == other.0 && one.1.get() == other.1.get()
}

fn one(r: &mut Reader<'_>, unread: &mut Losses) -> Result<One, DecodeError> {
    let mut one = One::default();
    let mut has_content = false;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "content" => {
                has_content = true;
                one.input.parts = content(r, unread)?;
            }
            "taskType" | "task_type" => one.task = read::string(r)?.and_then(task),
            "title" => one.input.title = read::string(r)?,
            "outputDimensionality" | "output_dimensionality" => one.dimensions = read::whole(r)?,
            // The path names it.
            "model" => {}
            _ => {
                if let Some(json) = read::raw(r)? {
                    one.extras.push((key.as_str().to_owned(), json));
                }
            }
        }
        Ok(())
    })?;
    if has_content {
        Ok(one)
    } else {
        Err(shape("content", "missing"))
    }
}

fn content(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Vec<EmbedPart>, DecodeError> {
    let mut parts = Vec::new();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "parts" if r.kind()? == Kind::Object => parts.extend(part(r, unread)?),
            "parts" if !read::null(r)? => {
                r.array::<DecodeError>(|r, _index| {
                    parts.extend(part(r, unread)?);
                    Ok(())
                })?;
            }
            // Who says it makes no difference to a vector.
            "parts" | "role" => {}
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(parts)
}

fn part(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<EmbedPart>, DecodeError> {
    let mut part = None;
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "text" => {
                part = read::string(r)?
                    .map(EmbedPart::Text)
                    .or_else(|| part.take());
            }
            "inlineData" | "inline_data" if r.kind()? == Kind::Object => {
                part = inline(r, unread)?.map(EmbedPart::Image);
            }
            "fileData" | "file_data" => unread.add(Loss::Content("file")),
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(part)
}

/// Inline data; only that of images has a place elsewhere.
fn inline(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<Image>, DecodeError> {
    let (mut media_type, mut base64) = (String::new(), String::new());
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "mimeType" | "mime_type" => media_type = read::string(r)?.unwrap_or_default(),
            "data" => base64 = read::string(r)?.unwrap_or_default(),
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    let kind = media_type.split('/').next().unwrap_or_default();
    if kind == "image" {
        return Ok(Some(Image::Inline {
            media_type,
            base64,
            detail: None,
        }));
    }
    unread.add(Loss::content(kind));
    Ok(None)
}

fn task(word: String) -> Option<EmbedTask> {
    Some(match word.as_str() {
        "RETRIEVAL_DOCUMENT" => EmbedTask::Document,
        "RETRIEVAL_QUERY" => EmbedTask::Query,
        "CLASSIFICATION" => EmbedTask::Classification,
        "CLUSTERING" => EmbedTask::Clustering,
        "TASK_TYPE_UNSPECIFIED" => return None,
        _ => EmbedTask::Other(word),
    })
}

pub(super) fn encode(request: &EmbedRequest, count: Count, losses: &mut Losses) -> Option<Bytes> {
    // Both of these formats have the same words.
    let own = [Some(Count::One.id()), Some(Count::Any.id())].contains(&request.origin);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    lose(request, carry);
    let task = request.task.as_ref().and_then(|task| word(task, carry));
    let contents = request.inputs.iter().map(|input| parts(input, carry));
    let contents: Vec<Vec<&EmbedPart>> = contents.collect::<Option<_>>()?;
    let inputs = request.inputs.iter().zip(&contents);
    // One request has one vector: what asks for another number cannot be asked in it.
    let fits = count == Count::Any || contents.len() == 1;
    if !fits {
        carry.lose_parameter("input");
    }
    let extras = carry.kept(&request.extras);
    let model = model::full(&request.model);
    let body = write::object(|o| match count {
        Count::One => {
            if let Some((input, parts)) = inputs.clone().next() {
                write_one(o, input, parts, request, task);
            }
            carry.extras(o, extras);
        }
        Count::Any => o.array("requests", |a| {
            for (input, parts) in inputs.clone() {
                a.object(|o| {
                    o.string("model", &model);
                    write_one(o, input, parts, request, task);
                    carry.extras(o, extras);
                });
            }
        }),
    });
    fits.then(|| body.into())
}

/// What has no place here, whatever the inputs are.
fn lose(request: &EmbedRequest, carry: &mut Carry<'_>) {
    if request.user.is_some() {
        carry.lose_parameter("user");
    }
    if request.truncate.is_some() {
        carry.lose_parameter("truncate");
    }
    if request.forms.has_inexact() {
        carry.lose_parameter("embedding_types");
    }
}

fn word<'t>(task: &'t EmbedTask, carry: &mut Carry<'_>) -> Option<&'t str> {
    Some(match task {
        EmbedTask::Document => "RETRIEVAL_DOCUMENT",
        EmbedTask::Query => "RETRIEVAL_QUERY",
        EmbedTask::Classification => "CLASSIFICATION",
        EmbedTask::Clustering => "CLUSTERING",
        EmbedTask::Other(word) if carry.own => word,
        EmbedTask::Other(_) | EmbedTask::Image => {
            carry.lose_parameter("input_type");
            return None;
        }
    })
}

/// The parts that can be written; `None` where none of an input can be.
fn parts<'i>(input: &'i EmbedInput, carry: &mut Carry<'_>) -> Option<Vec<&'i EmbedPart>> {
    let mut parts = Vec::with_capacity(input.parts.len());
    for part in &input.parts {
        match part {
            EmbedPart::Text(_) | EmbedPart::Image(Image::Inline { .. }) => parts.push(part),
            EmbedPart::Image(Image::Url { .. }) => carry.lose_content("image"),
            EmbedPart::Tokens(_) => carry.lose_content("token_ids"),
        }
    }
    if input.parts.is_empty() {
        carry.lose_content("input");
    }
    (!parts.is_empty()).then_some(parts)
}

fn write_one(
    o: &mut Object<'_>,
    input: &EmbedInput,
    parts: &[&EmbedPart],
    request: &EmbedRequest,
    task: Option<&str>,
) {
    o.object("content", |o| {
        o.array("parts", |a| {
            parts.iter().for_each(|part| write_part(a, part));
        });
    });
    o.optional("taskType", task);
    o.optional("title", input.title.as_deref());
    if let Some(dimensions) = request.dimensions {
        o.whole("outputDimensionality", dimensions);
    }
}

fn write_part(a: &mut Array<'_>, part: &EmbedPart) {
    match part {
        EmbedPart::Text(text) => a.object(|o| o.string("text", text)),
        EmbedPart::Image(Image::Inline {
            media_type, base64, ..
        }) => a.object(|o| {
            o.object("inlineData", |o| {
                o.string("mimeType", media_type);
                o.string("data", base64);
            });
        }),
        EmbedPart::Image(Image::Url { .. }) | EmbedPart::Tokens(_) => {}
    }
}
