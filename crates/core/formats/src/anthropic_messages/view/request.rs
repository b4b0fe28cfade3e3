//! The view of a request.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Reader, set_once};

use super::block;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, is_offer, json_of, offers, plain_turn, turns, unknown,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    tier: Tier,
    /// How many turns it has.
    messages: Option<u32>,
    system: Option<()>,
    tools: Option<()>,
}

pub(in crate::anthropic_messages) fn request(
    body: &[u8],
    texts: bool,
) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let mut has_image = false;
    let document =
        reader.object(|r, key| member(r, &key, &mut acted, &mut texts, &mut has_image))?;
    reader.finish()?;
    acted
        .messages
        .ok_or_else(|| read::shape("messages", "missing"))?;
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
        turns: acted.messages.unwrap_or_default(),
        offers: texts.offers,
        has_image,
        body_start: document.start + 1,
        sealed: texts.sealed,
        ..RequestView::default()
    })
}

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
    has_image: &mut bool,
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
        "system" => {
            block::content(
                r,
                Speaker {
                    role: Role::System,
                    turn: 0,
                },
                texts,
                has_image,
            )?;
            set_once(&mut acted.system, (), key)?;
        }
        "messages" => {
            let turns = turns(r, |r, turn| {
                plain_turn(r, turn, texts, |r, from, texts| {
                    block::content(r, from, texts, has_image)
                })
            })?;
            set_once(&mut acted.messages, turns, key)?;
        }
        name if is_offer(name) => {
            offers(r, key, texts)?;
            if name == "tools" {
                set_once(&mut acted.tools, (), key)?;
            }
        }
        "service_tier" => {
            acted.tier = read::tier_ahead(r)?;
            unknown(r, key, (nobody, Field::Metadata), texts)?;
        }
        "metadata" => json_of(r, nobody, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (nobody, Field::Metadata), texts)?,
    }
    Ok(())
}
