//! The view of a request.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Kind, Reader, set_once};

use super::message;
use crate::format::DecodeError;
use crate::read;
use crate::view::{
    Field, RequestView, Role, Speaker, Texts, everything, is_offer, json_of, name_of, offers,
    setting, turn, turns, unknown,
};

/// The members the gateway acts on: a second one of any of them would let gateway and
/// provider read different requests.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    /// How many turns it has.
    messages: Option<u32>,
    documents: Option<()>,
}

pub(in crate::cohere_chat) fn request(
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
        // A stream always ends with it.
        stream_usage_asked: stream,
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

const NOBODY: Speaker = Speaker {
    role: Role::User,
    turn: 0,
};

fn member(
    r: &mut Reader<'_>,
    key: &Key<'_>,
    acted: &mut Acted,
    texts: &mut Texts,
    has_image: &mut bool,
) -> Result<(), DecodeError> {
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "stream" => set_once(
            &mut acted.stream,
            read::boolean(r)?.unwrap_or_default(),
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
        "documents" => {
            if r.kind()? == Kind::Array {
                r.array(|r, _index| message::document(r, NOBODY, texts))?;
            } else {
                everything(r, NOBODY, Field::Document, texts)?;
            }
            set_once(&mut acted.documents, (), key)?;
        }
        name if is_offer(name) => offers(r, key, texts)?,
        "metadata" => json_of(r, NOBODY, texts)?,
        "strict_tools" | "tool_choice" | "safety_mode" | "priority" | "k" | "p" => {
            setting(r, NOBODY, texts)?;
        }
        "citation_options" | "thinking" if r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "mode" | "token_budget" => setting(r, NOBODY, texts),
                "type" => name_of(r, &key, NOBODY, texts).map(|_name| ()),
                _ => unknown(r, &key, (NOBODY, Field::Metadata), texts),
            })?;
        }
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (NOBODY, Field::Metadata), texts)?,
    }
    Ok(())
}
