//! The view of a request.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::item::{Found, item};
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, everything, json_of, opaque, text_if, unknown,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    tier: Tier,
    input: Option<()>,
    instructions: Option<()>,
    /// The answer that the request goes on from.
    earlier: Option<Option<StrSpan>>,
    /// Something else that a provider holds stands for the input.
    held: bool,
    has_image: bool,
}

pub(in crate::openai_responses) fn request(
    body: &[u8],
    texts: bool,
) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    let held = acted.earlier.flatten();
    if acted.input.is_none() && held.is_none() && !acted.held {
        return Err(read::shape("input", "missing"));
    }
    let stream = acted.stream.unwrap_or_default();
    Ok(RequestView {
        model: acted.model,
        stream,
        tier: acted.tier,
        stream_usage_asked: stream,
        ask_usage: None,
        texts: texts.spans,
        text_bytes: texts.bytes,
        has_image: acted.has_image,
        body_start: document.start + 1,
        held,
        sealed: texts.sealed,
        ..RequestView::default()
    })
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
) -> Result<(), DecodeError> {
    let nobody = Speaker {
        role: Role::User,
        turn: 0,
    };
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "stream" => set_once(
            &mut acted.stream,
            read::boolean(r)?.unwrap_or_default(),
            key,
        )?,
        "input" => {
            acted.has_image |= input(r, texts)?;
            set_once(&mut acted.input, (), key)?;
        }
        "instructions" => {
            let role = Role::System;
            text_if(r, Speaker { role, turn: 0 }, Field::Text, texts)?;
            set_once(&mut acted.instructions, (), key)?;
        }
        "previous_response_id" if r.kind()? == Kind::String => {
            let id = r.string()?;
            texts.note_opaque(r, "id", id, nobody);
            let id = Some(id).filter(|id| !id.span.is_empty());
            set_once(&mut acted.earlier, id, key)?;
        }
        "conversation" if r.kind()? == Kind::String => {
            acted.held = true;
            opaque(r, "id", nobody, texts)?;
        }
        "conversation" | "prompt" => {
            acted.held |= r.kind()? == Kind::Object;
            unknown(r, key, (nobody, Field::Metadata), texts)?;
        }
        "tools" if r.kind()? == Kind::Array => {
            r.array(|r, _index| tool(r, texts))?;
        }
        "service_tier" => {
            acted.tier = read::tier_ahead(r)?;
            unknown(r, key, (nobody, Field::Metadata), texts)?;
        }
        "metadata" => json_of(r, nobody, texts)?,
        "user" | "safety_identifier" => text_if(r, nobody, Field::Metadata, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (nobody, Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads the input: a text, or items. True when there is an image in it.
fn input(r: &mut Reader<'_>, texts: &mut Texts) -> Result<bool, DecodeError> {
    let role = Role::User;
    if r.kind()? == Kind::String {
        texts.add(r.string()?, Speaker { role, turn: 0 }, Field::Text);
        return Ok(false);
    }
    let mut found = Found::new(texts);
    r.array(|r, turn| item(r, Speaker { role, turn }, &mut found).map(|_item| ()))?;
    Ok(found.has_image)
}

fn tool(r: &mut Reader<'_>, texts: &mut Texts) -> Result<(), DecodeError> {
    let speaker = Speaker {
        role: Role::System,
        turn: 0,
    };
    if r.kind()? != Kind::Object {
        return everything(r, speaker, Field::ToolDescription, texts);
    }
    r.object::<DecodeError>(|r, key| match key.as_str() {
        "description" => text_if(r, speaker, Field::ToolDescription, texts),
        // The access token of an MCP server.
        "authorization" => opaque(r, "authorization_token", speaker, texts),
        _ => unknown(r, &key, (speaker, Field::ToolDescription), texts),
    })?;
    Ok(())
}
