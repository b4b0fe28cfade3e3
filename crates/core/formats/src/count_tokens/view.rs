//! Where the parts of a request lie: the conversation's own places, and what stands in its
//! envelope.

use tollgate_wire::json::{Kind, Reader};
use tollgate_wire::{Span, StrSpan};

use super::{Whose, envelope};
use crate::format::DecodeError;
use crate::spelling::camel;
use crate::view::{Field, RequestView, Role, Speaker, Texts, unknown};

const NOBODY: Speaker = Speaker {
    role: Role::User,
    turn: 0,
};

/// Bytes of base64 that make a token, or fewer: what nobody here can read is not left
/// uncounted.
const HIDDEN_BYTES_PER_TOKEN: u64 = 4;

pub(super) fn request(body: &[u8], texts: bool, of: Whose) -> Result<RequestView, DecodeError> {
    let opened = envelope::open(body, of)?;
    let mut view = match opened.foreign {
        Some(place) => RequestView {
            token_ids: (place.len() as u64).div_ceil(HIDDEN_BYTES_PER_TOKEN),
            ..RequestView::default()
        },
        None => of.chat().view_request(opened.chat.of(body), texts)?,
    };
    // Nothing of a count is streamed, whatever the conversation would have been.
    view.stream = false;
    view.stream_usage_asked = false;
    view.ask_usage = None;
    if opened.is_within {
        shift(&mut view, opened.chat.start);
    }
    if opened.is_within || opened.foreign.is_some() {
        around(body, texts, of, &mut view)?;
    } else if of == Whose::Gemini {
        view.sealed |= is_more_than_contents(body)?;
    }
    Ok(view)
}

/// Moves every place of a view by so many bytes.
fn shift(view: &mut RequestView, by: u32) {
    let moved = |span: &mut StrSpan| {
        span.span = Span::new(
            span.span.start.saturating_add(by),
            span.span.end.saturating_add(by),
        );
    };
    view.model.iter_mut().for_each(moved);
    view.held.iter_mut().for_each(moved);
    view.texts.iter_mut().for_each(|text| moved(&mut text.text));
    view.counted.places.iter_mut().for_each(moved);
    // What cannot be read has no name and no place.
    let offers = view.offers.iter_mut().map(|offered| &mut offered.name);
    offers.filter(|name| !name.span.is_empty()).for_each(moved);
    view.body_start = view.body_start.saturating_add(by);
}

/// Adds what stands in the envelope beside the conversation.
fn around(body: &[u8], wanted: bool, of: Whose, view: &mut RequestView) -> Result<(), DecodeError> {
    let mut texts = Texts::of_request(wanted);
    let mut reader = Reader::new(body)?;
    reader.object::<DecodeError>(|r, key| match of {
        Whose::Gemini if &*camel(&key) == "generateContentRequest" => Ok(()),
        Whose::Bedrock if key.as_str() == "input" && r.kind()? == Kind::Object => {
            r.object::<DecodeError>(|r, key| match key.as_str() {
                "converse" | "invokeModel" => Ok(()),
                _ => unknown(r, &key, (NOBODY, Field::Metadata), &mut texts),
            })?;
            Ok(())
        }
        _ => unknown(r, &key, (NOBODY, Field::Metadata), &mut texts),
    })?;
    view.text_bytes = view.text_bytes.saturating_add(texts.bytes);
    view.sealed |= texts.sealed;
    view.texts.append(&mut texts.spans);
    view.texts.sort_by_key(|text| text.text.span.start);
    Ok(())
}

/// Whether contents have something beside them that this API takes in an envelope only.
fn is_more_than_contents(body: &[u8]) -> Result<bool, DecodeError> {
    let mut is_more = false;
    Reader::new(body)?.object::<DecodeError>(|_r, key| {
        is_more |= matches!(
            &*camel(&key),
            "systemInstruction" | "tools" | "generationConfig" | "toolConfig" | "cachedContent"
        );
        Ok(())
    })?;
    Ok(is_more)
}
