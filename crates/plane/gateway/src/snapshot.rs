//! A plan with what it needs to run: connections, resolved secrets, keys.
//!
//! Immutable once built; a request pins one for its life. What must outlive a reload
//! (connections, retry budgets) is taken over from the snapshot before.

mod health;
mod identity;
mod kept;
mod provider;
pub(crate) mod secret;

use std::net::SocketAddr;
use std::sync::Arc;

use tollgate_catalogue::Known;
use tollgate_config::ServiceConfig;
use tollgate_identity::{CloudCredential, KeyEntry, Keyring, ModelScope};
use tollgate_net::TaskTracker;
use tollgate_plan::{Plan, ProviderId, ServicePlan, Target, TargetId};
use tollgate_policy::Keys;

use crate::attempt::RetryBudget;
use kept::{Keeper, Kept};

pub(crate) use provider::{Ready, RunningProvider};

/// The service name of callers without a key, where they are allowed.
const ANONYMOUS: &str = "anonymous";

/// Everything a request needs, behind one pointer.
#[derive(Debug)]
pub struct Snapshot {
    /// What was compiled.
    pub(crate) plan: Plan,
    /// By [`ProviderId`].
    providers: Vec<RunningProvider>,
    /// By [`TargetId`].
    targets: Vec<RunningTarget>,
    /// Keys of all services.
    pub(crate) keyring: Keyring,
    /// By [`KeyId`](tollgate_policy::KeyId).
    redaction_keys: Arc<Keys>,
    /// Callers without a key are served.
    pub(crate) anonymous: bool,
    /// As which service.
    pub(crate) anonymous_service: Arc<str>,
    /// For the next snapshot.
    kept: Kept,
    /// Tracks what goes on when a request is over.
    pub(crate) tasks: TaskTracker,
}

/// The state of a target that outlives a reload.
#[derive(Debug)]
pub(crate) struct RunningTarget {
    pub(crate) retries: Arc<RetryBudget>,
    /// What the catalogue knows of the model that the target names.
    known: Known,
}

/// What a snapshot is built with, besides its plan.
pub struct Surroundings<'a> {
    /// Reads an environment variable.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// Where the built-in simulator listens, when one runs.
    pub simulator: Option<SocketAddr>,
    /// Tracks the tasks of connections.
    pub tasks: &'a TaskTracker,
}

/// Why a valid plan cannot run here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// What is missing and where it was expected.
    pub message: String,
}

impl Snapshot {
    /// Resolves secrets, opens pools (no connection yet) and takes over the state of
    /// `previous`.
    ///
    /// # Errors
    /// Everything that is missing, at once: secrets that are not set, files that cannot
    /// be read, key ids used twice.
    pub fn build(
        plan: Plan,
        previous: Option<&Self>,
        surroundings: &Surroundings<'_>,
    ) -> Result<Self, Vec<BuildError>> {
        let mut errors = Vec::new();
        let mut keeper = Keeper::new(previous.map(|previous| &previous.kept));
        let mut providers = Vec::with_capacity(plan.providers.len());
        for provider in &plan.providers {
            // A request in work needs one connection at most.
            let connections_max = plan.base.gateway.limits.requests_max;
            match RunningProvider::build(
                &provider.config,
                connections_max,
                &mut keeper,
                surroundings,
            ) {
                Ok(running) => providers.push(running),
                Err(error) => errors.push(error),
            }
        }
        let policy_keys = arm(&plan, surroundings.env).unwrap_or_else(|missing| {
            errors.extend(missing);
            Keys::default()
        });
        let keyring = match Keyring::new(plan.callers.iter().flat_map(entries)) {
            Ok(keyring) => keyring,
            Err(error) => {
                errors.push(BuildError {
                    message: error.to_string(),
                });
                Keyring::default()
            }
        };
        if !errors.is_empty() {
            return Err(errors);
        }
        let targets = plan
            .targets
            .iter()
            .map(|target| RunningTarget {
                retries: {
                    let RunningProvider { way, .. } = &providers[target.provider.0];
                    keeper.budget(way, target.model.as_ref())
                },
                known: listed(target, &providers),
            })
            .collect();
        let gateway = &plan.base.gateway;
        let anonymous = gateway.anonymous;
        let anonymous_service = plan.service.clone().unwrap_or_else(|| Arc::from(ANONYMOUS));
        Ok(Self {
            providers,
            targets,
            keyring,
            redaction_keys: Arc::new(policy_keys),
            anonymous,
            anonymous_service,
            kept: keeper.finish(),
            tasks: surroundings.tasks.clone(),
            plan,
        })
    }

    /// The keys of redaction styles.
    pub(crate) const fn redaction_keys(&self) -> &Arc<Keys> {
        &self.redaction_keys
    }

    /// A running provider.
    pub(crate) fn provider(&self, id: ProviderId) -> &RunningProvider {
        &self.providers[id.0]
    }

    /// What is known of what a target serves, for a service. Configured models were looked
    /// up when the snapshot was built.
    pub(crate) fn known(&self, service: &ServicePlan, id: TargetId, model: &str) -> Known {
        let target = self.plan.target(id);
        if let Some(known) = service.known(target.provider, model) {
            return known.clone();
        }
        if target.model.is_some() {
            return self.target(id).known.clone();
        }
        Known::listed(self.provider(target.provider).kind, model)
    }

    /// The state of a target.
    pub(crate) fn target(&self, id: TargetId) -> &RunningTarget {
        &self.targets[id.0]
    }

    /// What was compiled.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The providers and their open connections, as `/status` shows them.
    pub(crate) fn providers(&self) -> Vec<serde_json::Value> {
        let describe = |provider: &RunningProvider| {
            serde_json::json!({
                "name": &*provider.name,
                "kind": provider.kind,
                "host": provider.host.as_deref(),
                "open_connections": provider.upstream.open_connections(),
                "credential": provider.identity.as_ref().map(describe_credential),
            })
        };
        self.providers.iter().map(describe).collect()
    }
}

/// The state of a credential; never the credential.
fn describe_credential(credential: &CloudCredential) -> serde_json::Value {
    let state = credential.state();
    serde_json::json!({
        "source": state.source,
        "expires_unix_s": state.expires_unix_s,
        "failure": state.failure.as_deref(),
    })
}

fn listed(target: &Target, providers: &[RunningProvider]) -> Known {
    let kind = providers
        .get(target.provider.0)
        .map(|provider| provider.kind);
    let named = kind.zip(target.model.as_deref());
    named.map_or_else(Known::default, |(kind, model)| Known::listed(kind, model))
}

fn entries(service: &ServiceConfig) -> impl Iterator<Item = KeyEntry> + '_ {
    let of_service = scope(service.models.as_deref());
    service.keys.iter().map(move |key| KeyEntry {
        id: Arc::from(key.id.as_str()),
        hash: key.hash,
        service: Arc::clone(&service.name),
        team: service.team.clone(),
        expires_unix_s: key.expires_unix_s,
        models: of_service.and(&scope(key.models.as_deref())),
    })
}

fn scope(models: Option<&[String]>) -> ModelScope {
    models.map_or_else(ModelScope::all, |models| {
        ModelScope::of(models.iter().map(String::as_str))
    })
}

/// Resolves the secrets that rules need, and gives them to their detectors.
///
/// # Errors
/// Every secret that is missing, and every detector that is given a wrong one.
fn arm(plan: &Plan, env: &dyn Fn(&str) -> Option<String>) -> Result<Keys, Vec<BuildError>> {
    let mut errors = Vec::new();
    let mut secrets = Vec::with_capacity(plan.secrets.len());
    for secret in &plan.secrets {
        match secret::resolve(&secret.reference, &secret.name, env) {
            Ok(secret) => secrets.push(secret),
            Err(error) => errors.push(error),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let keys = Keys::new(secrets.iter().map(|secret| secret.expose().as_bytes()));
    let armed = plan.arm(&keys);
    armed.map_err(|errors| {
        let errors = errors.into_iter();
        errors
            .map(|message| BuildError { message })
            .collect::<Vec<_>>()
    })?;
    Ok(keys)
}
