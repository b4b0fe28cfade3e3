//! Requests: read and written.

use bytes::Bytes;
use tollgate_wire::json::{Kind, Reader};

use crate::exchange::{EmbedInput, EmbedPart, EmbedRequest, Truncate};
use crate::format::{DecodeError, FormatId};
use crate::loss::{Carry, Losses};
use crate::read::{self, shape};
use crate::vectors::{Form, Forms};
use crate::write::{self, Array};

pub(super) fn decode(body: &[u8]) -> Result<EmbedRequest, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut request = EmbedRequest {
        origin: Some(FormatId::OpenaiEmbeddings),
        ..EmbedRequest::default()
    };
    reader.object(|r, key| member(r, &key, &mut request))?;
    reader.finish()?;
    Ok(request)
}

fn member(r: &mut Reader<'_>, key: &str, request: &mut EmbedRequest) -> Result<(), DecodeError> {
    match key {
        "model" => request.model = read::string(r)?.unwrap_or_default(),
        "input" => request.inputs = inputs(r)?,
        // The second is Mistral's.
        "dimensions" | "output_dimension" => request.dimensions = read::whole(r)?,
        "encoding_format" => {
            let name = read::string(r)?;
            match name.as_deref().map(Form::named) {
                Some(Some(form)) => request.forms.add(form),
                // Servers that imitate the format have more of them.
                Some(None) => request
                    .unread
                    .add(crate::loss::Loss::Parameter("embedding_types")),
                None => {}
            }
        }
        "user" => request.user = read::string(r)?,
        _ => {
            if let Some(json) = read::raw(r)? {
                request.extras.push((key.to_owned(), json));
            }
        }
    }
    Ok(())
}

/// A text, a list of tokens, or a list of either.
fn inputs(r: &mut Reader<'_>) -> Result<Vec<EmbedInput>, DecodeError> {
    let wrong = |index: u32| {
        shape(
            format!("input[{index}]"),
            "not a text and not a list of tokens",
        )
    };
    if r.kind()? == Kind::String {
        return Ok(vec![EmbedInput::of_text(
            read::string(r)?.unwrap_or_default(),
        )]);
    }
    if let Some((span, count)) = r.numbers()? {
        return Ok(match count {
            0 => Vec::new(),
            _ => vec![of_tokens(read::raw_at(r, span)?)],
        });
    }
    let mut inputs = Vec::new();
    r.array(|r, index| {
        if r.kind()? == Kind::String {
            inputs.push(EmbedInput::of_text(read::string(r)?.unwrap_or_default()));
        } else {
            let (span, _count) = r.numbers()?.ok_or_else(|| wrong(index))?;
            inputs.push(of_tokens(read::raw_at(r, span)?));
        }
        Ok::<_, DecodeError>(())
    })?;
    Ok(inputs)
}

fn of_tokens(json: Box<serde_json::value::RawValue>) -> EmbedInput {
    EmbedInput {
        title: None,
        parts: vec![EmbedPart::Tokens(json)],
    }
}

pub(super) fn encode(request: &EmbedRequest, losses: &mut Losses) -> Option<Bytes> {
    let own = request.origin == Some(FormatId::OpenaiEmbeddings);
    let mut carry = Carry::new(own, &request.unread, losses);
    let carry = &mut carry;
    if request.inputs.iter().any(|input| input.title.is_some()) {
        carry.lose_parameter("title");
    }
    if request.task.is_some() {
        carry.lose_parameter("input_type");
    }
    // What is too long is refused in any case.
    if matches!(request.truncate, Some(Truncate::Start | Truncate::End)) {
        carry.lose_parameter("truncate");
    }
    let mut is_whole = true;
    let body = write::object(|o| {
        o.string("model", &request.model);
        o.array("input", |a| {
            for one in &request.inputs {
                is_whole &= input(a, one, carry).is_some();
            }
        });
        if let Some(dimensions) = request.dimensions {
            o.whole("dimensions", dimensions);
        }
        if let Some(form) = form(request.forms, carry) {
            o.string("encoding_format", form.name());
        }
        o.optional("user", request.user.as_deref());
        carry.extras(o, &request.extras);
    });
    is_whole.then(|| body.into())
}

fn input(a: &mut Array<'_>, input: &EmbedInput, carry: &mut Carry<'_>) -> Option<()> {
    if let [EmbedPart::Tokens(tokens)] = input.parts.as_slice() {
        a.raw(tokens);
        return Some(());
    }
    a.string(&input.as_text(carry)?);
    Some(())
}

/// Floats and base64 are made of each other, so any one of them will do.
fn form(forms: Forms, carry: &mut Carry<'_>) -> Option<Form> {
    if carry.own {
        return forms.iter().next();
    }
    if forms.has_inexact() {
        carry.lose_parameter("embedding_types");
    }
    (forms.has(Form::Base64) && !forms.has(Form::Float)).then_some(Form::Base64)
}
