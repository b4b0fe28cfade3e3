//! From the name a caller used to what may answer it.

use crate::{Model, Plan, ServicePlan, TargetId};

/// What a model name stands for.
#[derive(Clone, Copy, Debug)]
pub enum Resolved<'p> {
    /// A configured model with its targets.
    Model(&'p Model),
    /// One provider, asked for a model that no configuration lists.
    Direct {
        /// The provider's direct target.
        target: TargetId,
        /// Length of the `provider/` prefix to cut from the name.
        prefix: usize,
    },
}

/// No model, provider or default for this name. What there is instead is not said here: a
/// caller may not see all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelNotFound {
    /// `provider/model` with a provider that is not configured.
    #[error("no provider of models is named `{provider}`; GET /v1/models lists what can be asked")]
    Provider {
        /// The name before the slash, shortened.
        provider: String,
    },
    /// What is passed on of the name could say anything.
    #[error(
        "`{model}` cannot be a model's name: at most {PASSED_BYTES_MAX} letters, digits and -_.:/@+~"
    )]
    Name {
        /// The name, shortened.
        model: String,
    },
    /// A plain name that nothing takes.
    #[error(
        "no model is named `{model}` and no default provider takes unlisted names; GET /v1/models lists those that can be asked"
    )]
    Model {
        /// The name, shortened.
        model: String,
    },
}

/// How much of a caller's own text an error repeats.
const ECHO_CHARS_MAX: usize = 128;

/// The longest name that is passed on to a provider without being listed.
const PASSED_BYTES_MAX: usize = 128;

impl ServicePlan {
    /// The part of a name that goes to a provider as the caller wrote it; `None` for a model
    /// that is listed.
    #[must_use]
    pub fn passed_name<'n>(&self, name: &'n str) -> Option<&'n str> {
        if self.models.contains_key(name) {
            return None;
        }
        let behind = name.split_once('/');
        let behind = behind.filter(|(provider, _)| self.providers.contains_key(*provider));
        Some(behind.map_or(name, |(_, behind)| behind))
    }

    /// Whether a name may stand for a model: one that is listed, or at most 128 letters,
    /// digits and `-_.:/@+~`, which say no more than which model is meant.
    ///
    /// # Errors
    /// When it may not.
    pub fn check_name(&self, name: &str) -> Result<(), ModelNotFound> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/@+~".contains(&byte);
        let is_name = |name: &str| name.len() <= PASSED_BYTES_MAX && name.bytes().all(fits);
        if self.passed_name(name).is_none_or(is_name) {
            return Ok(());
        }
        Err(ModelNotFound::Name {
            model: shorten(name),
        })
    }

    /// Finds what a model name stands for: a configured model; `provider/model`;
    /// else the default provider, which gets the name as it is.
    ///
    /// # Errors
    /// When nothing takes the name, or [`ServicePlan::check_name`] refuses it.
    pub fn resolve<'p>(
        &'p self,
        plan: &'p Plan,
        name: &str,
    ) -> Result<Resolved<'p>, ModelNotFound> {
        if let Some(model) = self.models.get(name) {
            return Ok(Resolved::Model(model));
        }
        self.check_name(name)?;
        if let Some((provider, _)) = name.split_once('/') {
            let Some(id) = self.providers.get(provider) else {
                return Err(ModelNotFound::Provider {
                    provider: shorten(provider),
                });
            };
            let target = plan.provider(*id).direct;
            return Ok(Resolved::Direct {
                target,
                prefix: provider.len() + 1,
            });
        }
        match self.default_provider {
            Some(id) => Ok(Resolved::Direct {
                target: plan.provider(id).direct,
                prefix: 0,
            }),
            None => Err(ModelNotFound::Model {
                model: shorten(name),
            }),
        }
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(ECHO_CHARS_MAX).collect()
}
