//! The view of a request.

use tollgate_types::Tier;
use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::message;
use crate::format::DecodeError;
use crate::openai::StreamUsage;
use crate::read;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, is_offer, json_of, offers, text_if, turn, turns,
    unknown,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    stream_options: Option<StreamUsage>,
    tier: Tier,
    /// How many turns it has.
    messages: Option<u32>,
}

pub(in crate::openai_chat) fn request(
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
    let body_start = document.start + 1;
    let mut view = RequestView {
        model: acted.model,
        stream: acted.stream.unwrap_or_default(),
        tier: acted.tier,
        texts: texts.spans,
        text_bytes: texts.bytes,
        counted: texts.counted,
        turns: acted.messages.unwrap_or_default(),
        offers: texts.offers,
        has_image,
        body_start,
        sealed: texts.sealed,
        ..RequestView::default()
    };
    StreamUsage::tell(acted.stream_options.as_ref(), &mut view);
    Ok(view)
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
        "stream_options" => set_once(
            &mut acted.stream_options,
            StreamUsage::read(r, nobody, texts)?,
            key,
        )?,
        "messages" => {
            let turns = turns(r, |r, index| {
                turn(r, index, texts, |r, key, from, texts| {
                    message::member(r, key, from, texts, has_image)
                })
            })?;
            set_once(&mut acted.messages, turns, key)?;
        }
        "service_tier" => {
            acted.tier = read::tier_ahead(r)?;
            unknown(r, key, (nobody, Field::Metadata), texts)?;
        }
        name if is_offer(name) => offers(r, key, texts)?,
        "metadata" => json_of(r, nobody, texts)?,
        "user" | "safety_identifier" => {
            text_if(r, nobody, Field::Metadata, texts)?;
        }
        // The text the model is expected to repeat reaches the provider like any other.
        "prediction" if r.kind()? == Kind::Object => {
            r.object(|r, key| message::member(r, &key, nobody, texts, has_image))?;
        }
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (nobody, Field::Metadata), texts)?,
    }
    Ok(())
}
