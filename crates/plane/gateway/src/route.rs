//! From the model's name to the targets, in the order in which they are tried.

use std::sync::Arc;

use http::request::Parts;
use smallvec::smallvec;
use tollgate_plan::{Candidates, ModelNotFound, Plan, Resolved, ServicePlan, TargetId};
use tollgate_policy::RequestFacts;
use tollgate_telemetry::random_u64;

use crate::access::Permitted;
use crate::document::Read;
use crate::expect::tokens_of;
use crate::inspect::{AnswerGuard, Inspected};
use crate::mark::Mark;

/// An inspected request that knows where it may go.
#[derive(Debug)]
pub(crate) struct Routed<'s> {
    inspected: Inspected<'s>,
    candidates: Candidates,
    prefix: usize,
    configured: Option<Arc<str>>,
}

impl<'s> Routed<'s> {
    /// What holds for the caller.
    pub(crate) const fn plan(&self) -> &'s ServicePlan {
        self.inspected.permitted().caller().plan()
    }

    /// What the answer passes.
    pub(crate) const fn answer(&self) -> &AnswerGuard {
        self.inspected.answer()
    }

    /// The request's body.
    pub(crate) const fn read(&self) -> &Read {
        self.inspected.read()
    }

    /// The model's name as the caller wrote it.
    pub(crate) const fn model(&self) -> &Arc<str> {
        self.inspected.permitted().model()
    }

    /// Targets in the order in which they are tried; never empty.
    pub(crate) const fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    /// How much of the model's name is the provider's prefix.
    pub(crate) const fn prefix(&self) -> usize {
        self.prefix
    }

    /// The inspected request, for the reply.
    pub(crate) fn into_inspected(self) -> Inspected<'s> {
        self.inspected
    }

    /// The configured model that took the request; `None` where the name was passed through.
    pub(crate) const fn name(&self) -> Option<&Arc<str>> {
        self.configured.as_ref()
    }
}

/// Why no target may be tried.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteError {
    /// Nothing has this name.
    #[error(transparent)]
    Unknown(#[from] ModelNotFound),
    /// What would serve the model has no format of this operation.
    #[error("`{model}` cannot be asked for {operation}: no provider behind it offers that")]
    NotOffered {
        /// The model.
        model: String,
        /// What was asked for.
        operation: &'static str,
    },
    /// The answer that the request goes on from is held by a provider that the model does
    /// not lead to.
    #[error("`previous_response_id` names an answer that no provider behind this model holds")]
    HeldElsewhere,
    /// The model has targets, and the conditions of all of them are false.
    #[error(
        "no target of model `{model}` takes this request: the conditions of all {targets} are false"
    )]
    NoneFits {
        /// The model.
        model: String,
        /// How many targets it has.
        targets: usize,
    },
}

/// Resolves the model and orders its targets.
pub(crate) fn order<'s>(
    inspected: Inspected<'s>,
    plan: &Plan,
    head: &Parts,
) -> Result<Routed<'s>, RouteError> {
    let permitted = inspected.permitted();
    let caller = permitted.caller();
    let wanted = inspected.route_to().unwrap_or_else(|| permitted.model());
    let format = inspected.read().format;
    let offers = |target: &TargetId, passed: &str| {
        let target = plan.target(*target);
        let model = target.model.as_deref().unwrap_or(passed);
        let provider = plan.provider(target.provider);
        provider.speaks(format, model).is_some() || provider.is_counted_here(format, model)
    };
    let not_offered = || RouteError::NotOffered {
        model: wanted.as_ref().to_owned(),
        operation: format.format().codec().operation().label(),
    };
    let holds = |target: &TargetId| held_by(plan, *target, inspected.read());
    match caller.plan().resolve(plan, wanted)? {
        Resolved::Direct { target, prefix }
            if !offers(&target, wanted.get(prefix..).unwrap_or_default()) =>
        {
            Err(not_offered())
        }
        Resolved::Direct { target, .. } if !holds(&target) => Err(RouteError::HeldElsewhere),
        Resolved::Direct { target, prefix } => Ok(Routed {
            candidates: smallvec![target],
            prefix,
            configured: None,
            inspected,
        }),
        Resolved::Model(model) => {
            let facts = facts(permitted, inspected.read(), head);
            if !model.targets.iter().any(|target| offers(target, wanted)) {
                return Err(not_offered());
            }
            let mut candidates = plan.select(model, &facts, random_u64());
            candidates.retain(|target| offers(target, wanted));
            let has_some = !candidates.is_empty();
            candidates.retain(|target| holds(target));
            if has_some && candidates.is_empty() {
                return Err(RouteError::HeldElsewhere);
            }
            // Who speaks another format has nothing that the request could go on from.
            if inspected.read().view.held.is_some() {
                let own = |target: &TargetId| {
                    let provider = plan.provider(plan.target(*target).provider);
                    provider.formats.contains(&format)
                };
                if candidates.iter().any(own) {
                    candidates.retain(|target| own(target));
                }
            }
            if candidates.is_empty() {
                return Err(RouteError::NoneFits {
                    model: model.name.as_ref().to_owned(),
                    targets: model.targets.len(),
                });
            }
            let configured = Some(Arc::clone(&model.name));
            Ok(Routed {
                inspected,
                candidates,
                prefix: 0,
                configured,
            })
        }
    }
}

/// Whether a target's provider holds what the request goes on from, as far as its id says.
fn held_by(plan: &Plan, target: TargetId, read: &Read) -> bool {
    let provider = &plan.provider(plan.target(target).provider).config.name;
    read.mark.is_none_or(|mark| mark == Mark::of(provider))
}

/// What conditions may read of a request.
pub(crate) fn facts<'r>(
    permitted: &'r Permitted<'_>,
    read: &Read,
    head: &'r Parts,
) -> RequestFacts<'r> {
    RequestFacts {
        service: permitted.caller().service(),
        team: permitted.caller().team(),
        headers: &head.headers,
        path: head.uri.path(),
        model: Some(permitted.model()),
        input_bytes: read.document.original().len() as u64,
        has_image: read.view.has_image,
        tokens: tokens_of(&read.view, &read.prompt),
    }
}
