//! The prompts of models, put into requests.

use bytes::Bytes;
use tollgate_config::Variables;
use tollgate_formats::prompt::Enrichment;
use tollgate_formats::{DecodeError, FormatId, Operation};
use tollgate_wire::Document;

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

/// A request cannot get the prompt of its model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PromptError {
    /// The format has no places for it.
    #[error(
        "`{model}` has a prompt of its own, which the gateway cannot put into requests in {format}; use another format or model"
    )]
    NotOffered {
        /// The model.
        model: String,
        /// The format.
        format: &'static str,
    },
    /// The body has another shape where the prompt belongs.
    #[error("the prompt of the model cannot be put into the request: {0}")]
    Shape(#[from] DecodeError),
}

impl ServicePlan {
    /// The request with the prompt of its model in it; `None` where the model has none.
    ///
    /// Names that no configuration lists have none, and neither have requests that are no
    /// conversations.
    ///
    /// # Errors
    /// [`PromptError`], which is never passed over: a prompt may be what keeps a model safe.
    pub fn enrich(&self, request: &Enriching<'_>) -> Result<Option<Bytes>, PromptError> {
        let Enriching {
            format,
            body,
            variables,
        } = request;
        let format = format.format();
        let model = self.models.get(variables.model);
        let Some((prompt, dialect)) = model.and_then(|model| model.prompt.as_ref()) else {
            return Ok(None);
        };
        if format.codec().operation() != Operation::Chat {
            return Ok(None);
        }
        let places = format
            .prompt_places(*dialect)
            .ok_or_else(|| PromptError::NotOffered {
                model: variables.model.to_owned(),
                format: format.label(),
            })?;
        let edits = places.edits(
            body,
            &Enrichment {
                before: prompt.before.render(variables),
                after: prompt.after.render(variables),
                defaults: &prompt.defaults,
                overrides: &prompt.overrides,
            },
        )?;
        let pieces = Document::new((*body).clone()).finish(&edits);
        Ok(Some(pieces.concat().into()))
    }
}
