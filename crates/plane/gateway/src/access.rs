//! May this caller use this model?

use std::sync::Arc;

use crate::caller::Authenticated;

/// A caller that may use the model it asked for.
#[derive(Debug)]
pub(crate) struct Permitted<'s> {
    caller: Authenticated<'s>,
    model: Arc<str>,
}

impl<'s> Permitted<'s> {
    /// The caller.
    pub(crate) const fn caller(&self) -> &Authenticated<'s> {
        &self.caller
    }

    /// The model's name as the caller wrote it.
    pub(crate) const fn model(&self) -> &Arc<str> {
        &self.model
    }
}

/// The caller may not use the model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("service `{service}` may not use the model `{model}`")]
pub(crate) struct ModelForbidden {
    service: Arc<str>,
    model: Arc<str>,
}

/// Checks the scope of the caller's key; a service's own scope is part of it.
pub(crate) fn permit(
    caller: Authenticated<'_>,
    model: Arc<str>,
) -> Result<Permitted<'_>, ModelForbidden> {
    if allows(&caller, &model) {
        return Ok(Permitted { caller, model });
    }
    Err(ModelForbidden {
        service: Arc::clone(caller.service()),
        model,
    })
}

/// Checks the right to all models of a provider: nobody reads which one is asked for.
pub(crate) fn permit_all_of(
    caller: &Authenticated<'_>,
    provider: &str,
) -> Result<(), ModelForbidden> {
    let below = format!("{provider}/");
    if caller
        .key()
        .is_none_or(|key| key.models.allows_all_below(&below))
    {
        return Ok(());
    }
    Err(ModelForbidden {
        service: Arc::clone(caller.service()),
        model: Arc::from(format!("{below}*")),
    })
}

/// Checks the model that a rule sends the request to, as if the caller had asked for it.
pub(crate) fn redirect(permitted: &Permitted<'_>, model: &Arc<str>) -> Result<(), ModelForbidden> {
    if allows(&permitted.caller, model) {
        return Ok(());
    }
    Err(ModelForbidden {
        service: Arc::clone(permitted.caller.service()),
        model: Arc::clone(model),
    })
}

/// Whether a caller may use a model name.
pub(crate) fn allows(caller: &Authenticated<'_>, model: &str) -> bool {
    caller.key().is_none_or(|key| key.models.allows(model))
}
