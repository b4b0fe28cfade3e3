//! From the name a caller used to what may answer it.

use std::sync::Arc;

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

/// No model, provider or default for this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ModelNotFound {
    /// `provider/model` with a provider that is not configured.
    #[error("no provider is named `{provider}`; configured: {known}")]
    Provider {
        /// The name before the slash, shortened.
        provider: String,
        /// Those that exist.
        known: String,
    },
    /// A plain name that nothing takes.
    #[error(
        "no model is named `{model}` and no default provider takes unlisted names; configured: {known}"
    )]
    Model {
        /// The name, shortened.
        model: String,
        /// Those that exist.
        known: String,
    },
}

/// How much of a caller's own text an error repeats.
const ECHO_CHARS_MAX: usize = 128;
/// How many names an error lists.
const KNOWN_NAMES_MAX: usize = 20;

impl ServicePlan {
    /// Finds what a model name stands for: a configured model; `provider/model`;
    /// else the default provider, which gets the name as it is.
    ///
    /// # Errors
    /// When nothing takes the name.
    pub fn resolve<'p>(
        &'p self,
        plan: &'p Plan,
        name: &str,
    ) -> Result<Resolved<'p>, ModelNotFound> {
        if let Some(model) = self.models.get(name) {
            return Ok(Resolved::Model(model));
        }
        if let Some((provider, _)) = name.split_once('/') {
            let Some(id) = self.providers.get(provider) else {
                return Err(ModelNotFound::Provider {
                    provider: shorten(provider),
                    known: join(self.sorted_providers().iter()),
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
                known: join(self.model_names.iter()),
            }),
        }
    }

    fn sorted_providers(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.providers.keys().cloned().collect();
        names.sort();
        names
    }
}

fn shorten(text: &str) -> String {
    text.chars().take(ECHO_CHARS_MAX).collect()
}

fn join<'a>(names: impl ExactSizeIterator<Item = &'a Arc<str>>) -> String {
    let more = names.len().saturating_sub(KNOWN_NAMES_MAX);
    let mut listed: Vec<&str> = names.take(KNOWN_NAMES_MAX).map(AsRef::as_ref).collect();
    let rest = format!("{more} more");
    if more > 0 {
        listed.push(&rest);
    }
    if listed.is_empty() {
        "none".to_owned()
    } else {
        listed.join(", ")
    }
}
