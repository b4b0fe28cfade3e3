//! Requests: read and written.

use bytes::Bytes;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{EmbedInput, EmbedPart, EmbedRequest, EmbedTask, Image, Truncate};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Carry, Loss, Losses};
use crate::read::{self, shape};
use crate::vectors::{Form, Forms};
use crate::write::{self, Array, Object};

/// What a model is told where the caller's format has no word for the use: vectors to be
/// found, of which there are most.
const TASK: &str = "search_document";

pub(super) fn decode(body: &[u8]) -> Result<EmbedRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = EmbedRequest {
        origin: Some(FormatId::CohereEmbed),
        ..EmbedRequest::default()
    };
    reader.object(|r, key| member(r, &key, &mut request))?;
    reader.finish()?;
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut EmbedRequest) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "texts" if !read::null(r)? => {
            list(r, |r| {
                let text = read::string(r)?.unwrap_or_default();
                request.inputs.push(EmbedInput::of_text(text));
                Ok(())
            })?;
        }
        "images" if !read::null(r)? => {
            list(r, |r| {
                let url = read::string(r)?.unwrap_or_default();
                request.inputs.push(EmbedInput {
                    title: None,
                    parts: vec![EmbedPart::Image(Image::at(url, None))],
                });
                Ok(())
            })?;
        }
        "inputs" if !read::null(r)? => {
            list(r, |r| {
                let input = input(r, &mut request.unread)?;
                request.inputs.push(input);
                Ok(())
            })?;
        }
        "texts" | "images" | "inputs" => {}
        "input_type" => request.task = read::string(r)?.map(task),
        "output_dimension" => request.dimensions = read::whole(r)?,
        "embedding_types" if !read::null(r)? => {
            list(r, |r| {
                match read::string(r)?.as_deref().map(Form::named) {
                    Some(Some(form)) => request.forms.add(form),
                    _ => request.unread.add(Loss::Parameter("embedding_types")),
                }
                Ok(())
            })?;
        }
        "embedding_types" => {}
        "truncate" => match read::string(r)?.as_deref() {
            Some("NONE") => request.truncate = Some(Truncate::Never),
            Some("START") => request.truncate = Some(Truncate::Start),
            Some("END") => request.truncate = Some(Truncate::End),
            Some(_) => request.unread.add(Loss::Parameter("truncate")),
            None => {}
        },
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

fn list(
    r: &mut Reader<'_>,
    mut each: impl FnMut(&mut Reader<'_>) -> Result<(), DecodeError>,
) -> Result<(), DecodeError> {
    r.array(|r, _index| each(r))?;
    Ok(())
}

/// Reads one of the `inputs`: its content is a list of texts and images.
fn input(r: &mut Reader<'_>, unread: &mut Losses) -> Result<EmbedInput, DecodeError> {
    let mut input = EmbedInput::default();
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "content" => {
                r.array::<DecodeError>(|r, _index| {
                    input.parts.extend(part(r, unread)?);
                    Ok(())
                })?;
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    Ok(input)
}

fn part(r: &mut Reader<'_>, unread: &mut Losses) -> Result<Option<EmbedPart>, DecodeError> {
    let (mut kind, mut part) = (None, None);
    r.object::<DecodeError>(|r, key| {
        match key.as_str() {
            "type" => kind = read::string(r)?,
            "text" => {
                part = read::string(r)?
                    .map(EmbedPart::Text)
                    .or_else(|| part.take());
            }
            "image_url" if r.kind()? == Kind::Object => {
                let mut url = None;
                r.object::<DecodeError>(|r, key| {
                    match key.as_str() {
                        "url" => url = read::string(r)?,
                        other => read::unread(r, other, unread)?,
                    }
                    Ok(())
                })?;
                part = url.map(|url| EmbedPart::Image(Image::at(url, None)));
            }
            other => read::unread(r, other, unread)?,
        }
        Ok(())
    })?;
    match (part, kind) {
        (Some(part), _) => Ok(Some(part)),
        (None, Some(kind)) => {
            unread.add(Loss::content(&kind));
            Ok(None)
        }
        (None, None) => Err(shape("inputs[].content[]", "neither a text nor an image")),
    }
}

fn task(word: String) -> EmbedTask {
    match word.as_str() {
        "search_document" => EmbedTask::Document,
        "search_query" => EmbedTask::Query,
        "classification" => EmbedTask::Classification,
        "clustering" => EmbedTask::Clustering,
        "image" => EmbedTask::Image,
        _ => EmbedTask::Other(word),
    }
}

pub(super) fn encode(request: &EmbedRequest, losses: &mut Losses) -> Option<Bytes> {
    let own = request.origin == Some(FormatId::CohereEmbed);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    if request.inputs.iter().any(|input| input.title.is_some()) {
        carry.lose_parameter("title");
    }
    if request.user.is_some() {
        carry.lose_parameter("user");
    }
    let parts = request.inputs.iter().flat_map(|input| &input.parts);
    if parts
        .clone()
        .any(|part| matches!(part, EmbedPart::Tokens(_)))
    {
        carry.lose_content("token_ids");
        return None;
    }
    if request.inputs.iter().any(|input| input.parts.is_empty()) {
        carry.lose_content("input");
        return None;
    }
    let body = write::object(|o| {
        o.string("model", &request.model);
        inputs(o, &request.inputs);
        o.string("input_type", input_type(request.task.as_ref(), carry));
        if let Some(dimensions) = request.dimensions {
            o.whole("output_dimension", dimensions);
        }
        embedding_types(o, request.forms, carry);
        if let Some(truncate) = truncate(request) {
            let word = match truncate {
                Truncate::Never => "NONE",
                Truncate::Start => "START",
                Truncate::End => "END",
            };
            o.string("truncate", word);
        }
        carry.extras(o, &request.extras);
    });
    Some(body.into())
}

/// Texts and images have lists of their own, which every model knows; `inputs` only the
/// newest.
fn inputs(o: &mut Object<'_>, inputs: &[EmbedInput]) {
    let texts: Option<Vec<&str>> = inputs
        .iter()
        .map(|input| match input.parts.as_slice() {
            [EmbedPart::Text(text)] => Some(text.as_str()),
            _ => None,
        })
        .collect();
    if let Some(texts) = texts {
        return o.array("texts", |a| texts.iter().for_each(|text| a.string(text)));
    }
    let images: Option<Vec<&Image>> = inputs
        .iter()
        .map(|input| match input.parts.as_slice() {
            [EmbedPart::Image(image)] => Some(image),
            _ => None,
        })
        .collect();
    if let Some(images) = images {
        return o.array("images", |a| {
            images.iter().for_each(|image| a.string(&image.url()));
        });
    }
    o.array("inputs", |a| {
        for input in inputs {
            a.object(|o| {
                o.array("content", |a| {
                    input.parts.iter().for_each(|part| write_part(a, part));
                });
            });
        }
    });
}

fn write_part(a: &mut Array<'_>, part: &EmbedPart) {
    a.object(|o| match part {
        EmbedPart::Text(text) => {
            o.string("type", "text");
            o.string("text", text);
        }
        EmbedPart::Image(image) => {
            o.string("type", "image_url");
            o.object("image_url", |o| o.string("url", &image.url()));
        }
        // Not written: such a request was given up before.
        EmbedPart::Tokens(_) => {}
    });
}

fn input_type<'t>(task: Option<&'t EmbedTask>, carry: &mut Carry<'_>) -> &'t str {
    match task {
        Some(EmbedTask::Query) => "search_query",
        Some(EmbedTask::Document) => "search_document",
        Some(EmbedTask::Classification) => "classification",
        Some(EmbedTask::Clustering) => "clustering",
        Some(EmbedTask::Image) => "image",
        Some(EmbedTask::Other(word)) if carry.own => word,
        Some(EmbedTask::Other(_)) => {
            carry.lose_parameter("input_type");
            TASK
        }
        None => TASK,
    }
}

/// What is left out of what is too long. Where the caller's format has no word for it, it
/// refuses such inputs as OpenAI's does, and Cohere's model would leave out their end.
fn truncate(request: &EmbedRequest) -> Option<Truncate> {
    let refuses = request.origin == Some(FormatId::OpenaiEmbeddings);
    request
        .truncate
        .or_else(|| refuses.then_some(Truncate::Never))
}

/// Callers of other formats get what they asked for out of floats.
fn embedding_types(o: &mut Object<'_>, forms: Forms, carry: &mut Carry<'_>) {
    if carry.own && forms.is_empty() {
        return;
    }
    if !carry.own && forms.has_inexact() {
        carry.lose_parameter("embedding_types");
    }
    o.array("embedding_types", |a| {
        if carry.own {
            forms.iter().for_each(|form| a.string(form.name()));
        } else {
            a.string(Form::Float.name());
        }
    });
}
