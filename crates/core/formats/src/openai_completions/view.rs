//! The view of a request.

use tollgate_wire::StrSpan;
use tollgate_wire::json::{Key, Reader, set_once};

use crate::format::DecodeError;
use crate::openai::{StreamUsage, inputs, user};
use crate::read::{self, shape};
use crate::view::{Field, RequestView, Texts, setting, text_if, unknown};

/// The members that the gateway acts on.
#[derive(Default)]
struct Acted {
    model: Option<StrSpan>,
    stream: Option<bool>,
    stream_options: Option<StreamUsage>,
    /// How many prompts there are, where they can be counted.
    prompts: Option<Option<u32>>,
}

pub(super) fn request(body: &[u8], texts: bool) -> Result<RequestView, DecodeError> {
    let mut reader = Reader::new(body)?;
    let mut texts = Texts::of_request(texts);
    let mut acted = Acted::default();
    let document = reader.object(|r, key| member(r, &key, &mut acted, &mut texts))?;
    reader.finish()?;
    let prompts = acted.prompts.ok_or_else(|| shape("prompt", "missing"))?;
    // Nothing stands around a prompt that its model reads as well.
    texts.counted.messages = 0;
    let mut view = RequestView {
        model: acted.model,
        stream: acted.stream.unwrap_or_default(),
        texts: texts.spans,
        text_bytes: texts.bytes,
        counted: texts.counted,
        token_ids: texts.token_ids,
        turns: prompts.unwrap_or(u32::MAX),
        body_start: document.start + 1,
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
) -> Result<(), DecodeError> {
    let from = user(0);
    match key.as_str() {
        "model" => set_once(&mut acted.model, r.string()?, key)?,
        "stream" => set_once(
            &mut acted.stream,
            read::boolean(r)?.unwrap_or_default(),
            key,
        )?,
        "stream_options" => set_once(
            &mut acted.stream_options,
            StreamUsage::read(r, from, texts)?,
            key,
        )?,
        "prompt" => {
            let prompts = inputs(r, texts)?;
            set_once(&mut acted.prompts, prompts, key)?;
        }
        // What comes behind the text that is asked for.
        "suffix" => text_if(r, from, Field::Text, texts)?,
        "best_of" | "echo" => setting(r, from, texts)?,
        "user" => text_if(r, from, Field::Metadata, texts)?,
        name if name.eq_ignore_ascii_case("model") => return Err(read::other_model()),
        _ => unknown(r, key, (from, Field::Metadata), texts)?,
    }
    Ok(())
}
