//! The prompts of models, put into requests.

use bytes::Bytes;
use tollgate_config::Variables;
use tollgate_formats::prompt::{Enrichment, Places};
use tollgate_formats::{Codec, DecodeError, Dialect, FormatId};
use tollgate_wire::{Document, Edit, Span};

use crate::ServicePlan;

/// A request that may get something put into it.
pub struct Enriching<'r> {
    /// Its format.
    pub format: FormatId,
    /// Its body.
    pub body: &'r Bytes,
    /// What texts may say of it; the model is the one that is asked for.
    pub variables: Variables<'r>,
}

/// A request cannot get the prompt of its model: its body has another shape where that
/// belongs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the prompt of the model cannot be put into the request: {0}")]
pub struct PromptError(#[from] DecodeError);

impl ServicePlan {
    /// The request with the prompt of its model in it; `None` where the model has none.
    ///
    /// Names that no configuration lists have none, and neither have requests that ask for
    /// no text. One whose tokens are counted gets the texts that would be sent with it.
    ///
    /// # Errors
    /// [`PromptError`], which is never passed over: a prompt may be what keeps a model safe.
    pub fn enrich(&self, request: &Enriching<'_>) -> Result<Option<Bytes>, PromptError> {
        let Enriching {
            format,
            body,
            variables,
        } = request;
        let model = self.models.get(variables.model);
        let Some((prompt, dialect)) = model.and_then(|model| model.prompt.as_ref()) else {
            return Ok(None);
        };
        let Some((places, at)) = places(*format, *dialect, body)? else {
            return Ok(None);
        };
        let texts = Enrichment {
            before: prompt.before.render(variables),
            after: prompt.after.render(variables),
            ..Enrichment::default()
        };
        let edits = match at {
            None => {
                let all = Enrichment {
                    defaults: &prompt.defaults,
                    overrides: &prompt.overrides,
                    ..texts
                };
                places.edits(body, &all)?
            }
            Some(at) => {
                let edits = places.edits(at.of(body), &texts)?;
                edits.into_iter().map(|edit| moved(edit, at)).collect()
            }
        };
        let pieces = Document::new((*body).clone()).finish(&edits);
        Ok(Some(pieces.concat().into()))
    }
}

/// Where a request has what is put in, and where that stands in a body that only asks to count
/// its tokens.
fn places(
    format: FormatId,
    dialect: Dialect,
    body: &Bytes,
) -> Result<Option<(Places, Option<Span>)>, DecodeError> {
    Ok(match format.format().codec() {
        Codec::Count(count) => Some((Places::of(count.chat(), dialect), Some(count.place(body)?))),
        codec => codec.places(dialect).map(|places| (places, None)),
    })
}

/// An edit of what stands at a place, as one of the whole.
fn moved(edit: Edit, at: Span) -> Edit {
    let by = |offset: u32| offset.saturating_add(at.start);
    Edit {
        span: Span::new(by(edit.span.start), by(edit.span.end)),
        ..edit
    }
}
