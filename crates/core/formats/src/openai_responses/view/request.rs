//! The view of a request.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::item::{Found, item};
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, is_offer, json_of, offers, opaque, text_if, turns,
    unknown,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    tier: Tier,
    /// How many turns it has.
    input: Option<u32>,
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
        counted: texts.counted,
        turns: acted.input.unwrap_or_default(),
        offers: texts.offers,
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
            let turns = input(r, texts, &mut acted.has_image)?;
            set_once(&mut acted.input, turns, key)?;
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
        "service_tier" => {
            acted.tier = read::tier_ahead(r)?;
            unknown(r, key, (nobody, Field::Metadata), texts)?;
        }
        name if is_offer(name) => offers(r, key, texts)?,
        "metadata" => json_of(r, nobody, texts)?,
        "user" | "safety_identifier" => text_if(r, nobody, Field::Metadata, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (nobody, Field::Metadata), texts)?,
    }
    Ok(())
}

/// Reads the input, a text or items, and gives the number of turns.
fn input(r: &mut Reader<'_>, texts: &mut Texts, has_image: &mut bool) -> Result<u32, DecodeError> {
    let role = Role::User;
    if r.kind()? == Kind::String {
        texts.add(r.string()?, Speaker { role, turn: 0 }, Field::Text);
        return Ok(1);
    }
    let mut found = Found::new(texts);
    let turns = turns(r, |r, turn| {
        item(r, Speaker { role, turn }, &mut found).map(|_item| ())
    })?;
    *has_image |= found.has_image;
    Ok(turns)
}
