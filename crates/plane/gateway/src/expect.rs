//! How many tokens a request is expected to have.

use tollgate_formats::view::RequestView;
use tollgate_telemetry::{Expected, random_u64};
use tollgate_tokens::{Estimate, Family, Prompt, Text, of_bytes};

/// What of a request counts as prompt: one pass over its texts, or over samples of them.
#[must_use]
pub fn prompt_of(view: &RequestView, body: &[u8]) -> Prompt {
    let counted = &view.counted;
    let texts = counted.places.iter().map(|place| Text {
        bytes: place.span.of(body),
        escaped: place.escaped,
    });
    Prompt {
        messages: counted.messages,
        images: counted.images.max(u32::from(view.has_image)),
        has_files: counted.has_files,
        has_tools: counted.has_tools,
        ..Prompt::of(texts, random_u64())
    }
}

/// Input tokens of a request before it is known which model it goes to.
#[must_use]
pub fn tokens_of(view: &RequestView, prompt: &Prompt) -> u64 {
    let texts = if view.counted.places.is_empty() {
        of_bytes(view.text_bytes)
    } else {
        prompt.raw(Family::default())
    };
    texts.saturating_add(view.token_ids)
}

/// An estimate for the record.
pub(crate) fn expected(
    view: &RequestView,
    prompt: &Prompt,
    family: Family,
    estimate: &Estimate,
) -> Expected {
    let small = |tokens: u64| u32::try_from(tokens).unwrap_or(u32::MAX);
    Expected {
        family,
        is_comparable: prompt.images == 0 && !prompt.has_files && view.held.is_none(),
        raw: small(estimate.raw),
        tokens: small(estimate.tokens),
        high: small(estimate.high),
        frame: small(prompt.frame(family)),
    }
}
