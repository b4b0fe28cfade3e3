//! Config to [`Plan`]: names resolved, policies and expressions compiled.
//!
//! A plan is immutable and pure: it holds no secret, no socket and no counter.
//! `check`, `explain` and the gateway compile the same plan from the same files;
//! a gateway's snapshot is a plan plus resolved secrets and connections.

mod compile;
mod policies;
mod prompt;
mod resolve;
mod select;
mod unscannable;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_catalogue::Known;
use tollgate_config::{
    Config, Failover, Parameters, PromptConfig, ProviderConfig, RouteConfig, ServiceConfig,
    Timeouts,
};
use tollgate_formats::{Dialect, FormatId, Operation};
use tollgate_policy::Expression;

pub use compile::{Options, compile};
pub use policies::{Guard, Policies, RuleSecret, Traffic};
pub use prompt::{Enriching, PromptError};
pub use resolve::{ModelNotFound, Resolved};
pub use select::Candidates;

/// Index of a provider in [`Plan::providers`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProviderId(pub usize);

/// Index of a target in [`Plan::targets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TargetId(pub usize);

/// Everything a gateway decides by, compiled from one configuration.
#[derive(Debug)]
pub struct Plan {
    /// The revision of the configuration it was compiled from.
    pub revision: Arc<str>,
    /// The service this gateway stands beside, if it is a sidecar.
    pub service: Option<Arc<str>>,
    /// The base configuration: what holds for the process.
    pub base: Arc<Config>,
    /// Every provider of the base and of the overlays, each once.
    pub providers: Vec<Provider>,
    /// Every target, those of [`Provider::direct`] included.
    pub targets: Vec<Target>,
    /// The secrets of rules, by [`tollgate_policy::KeyId`].
    pub secrets: Vec<RuleSecret>,
    /// Every service that can call, with its keys.
    pub callers: Vec<ServiceConfig>,
    /// What holds for services without an overlay.
    pub default: Arc<ServicePlan>,
    /// What holds for services with an overlay.
    pub services: HashMap<Arc<str>, Arc<ServicePlan>>,
}

/// A provider.
#[derive(Debug)]
pub struct Provider {
    /// Its configuration.
    pub config: ProviderConfig,
    /// The formats it speaks, the preferred first; empty for plain HTTP services.
    pub formats: Vec<FormatId>,
    /// Which servers of those formats it belongs to.
    pub dialect: Dialect,
    /// The target for model names that are passed on as they are.
    pub direct: TargetId,
}

/// A model at a provider.
#[derive(Debug)]
pub struct Target {
    /// Stable name, for logs, metrics and state that outlives a reload.
    pub name: Arc<str>,
    /// Where.
    pub provider: ProviderId,
    /// The model's name there; `None` for the name the caller used.
    pub model: Option<Arc<str>>,
    /// Share under a weighted model.
    pub weight: u32,
    /// Condition.
    pub when: Option<Expression>,
    /// Timeouts.
    pub timeouts: Timeouts,
}

/// A model name and its targets.
#[derive(Debug)]
pub struct Model {
    /// The name callers use.
    pub name: Arc<str>,
    /// Draw by weight instead of taking the first.
    pub weighted: bool,
    /// Targets in the order written.
    pub targets: Vec<TargetId>,
    /// What is put into requests, and for whose servers it is named.
    pub prompt: Option<(Arc<PromptConfig>, Dialect)>,
}

/// What holds for one service, or for all without an overlay.
#[derive(Debug)]
pub struct ServicePlan {
    /// Models by name.
    pub models: HashMap<Arc<str>, Model>,
    /// Model names in the order written, for listings.
    pub model_names: Vec<Arc<str>>,
    /// Providers that serve models, by name, for `provider/model`.
    pub providers: HashMap<Arc<str>, ProviderId>,
    /// Who takes names that no model lists.
    pub default_provider: Option<ProviderId>,
    /// Plain HTTP routes: exact paths first, then prefixes, the longest first.
    pub routes: Vec<Route>,
    /// Its policies.
    pub policies: Policies,
    /// Failover.
    pub failover: Failover,
    /// Refuse what cannot be carried.
    pub strict_translation: bool,
    /// What happens with parameters that a model refuses.
    pub parameters: Parameters,
    /// What the configuration knows of models, by their names at their providers.
    pub catalogue: HashMap<Arc<str>, Vec<(ProviderId, Known)>>,
}

impl ServicePlan {
    /// What the configuration knows of a model at a provider.
    #[must_use]
    pub fn known(&self, provider: ProviderId, model: &str) -> Option<&Known> {
        let entries = self.catalogue.get(model)?;
        let mut entries = entries.iter();
        entries.find_map(|(at, known)| (*at == provider).then_some(known))
    }
}

/// A plain HTTP route.
#[derive(Debug)]
pub struct Route {
    /// Its configuration; `provider` there is an index into the service's own list.
    pub config: RouteConfig,
    /// Where it leads.
    pub provider: ProviderId,
}

impl Plan {
    /// What holds for a service.
    #[must_use]
    pub fn for_service(&self, service: &str) -> &Arc<ServicePlan> {
        self.services.get(service).unwrap_or(&self.default)
    }

    /// A target of this plan.
    #[must_use]
    pub fn target(&self, id: TargetId) -> &Target {
        &self.targets[id.0]
    }

    /// A provider of this plan.
    #[must_use]
    pub fn provider(&self, id: ProviderId) -> &Provider {
        &self.providers[id.0]
    }
}

impl Provider {
    /// Whether models are behind it.
    #[must_use]
    pub fn serves_models(&self) -> bool {
        !self.formats.is_empty()
    }

    /// The format to speak with this provider for a caller of `format`: the caller's
    /// own where the provider has it, so that nothing is translated, else the preferred one
    /// that the request can be written in. `None` where it has none for this model.
    #[must_use]
    pub fn speaks(&self, format: FormatId, model: &str) -> Option<FormatId> {
        let kind = self.config.kind;
        let speaks_to = |own: FormatId| kind.speaks_to(model, own.format().label());
        if self.formats.contains(&format) && speaks_to(format) {
            return Some(format);
        }
        let operation = format.format().codec().operation();
        let mut formats = self.formats.iter().copied();
        formats.find(|own| {
            let theirs = own.format().codec().operation();
            operation.is_written_as(theirs) && speaks_to(*own)
        })
    }

    /// Whether the gateway counts the tokens of a request of `format` itself: the provider
    /// has conversations with this model, and no operation that counts them.
    #[must_use]
    pub fn is_counted_here(&self, format: FormatId, model: &str) -> bool {
        let is_count = format.format().codec().operation() == Operation::Count;
        let converses = |own: &FormatId| {
            own.chat().is_some() && self.config.kind.speaks_to(model, own.format().label())
        };
        is_count && self.speaks(format, model).is_none() && self.formats.iter().any(converses)
    }
}

impl ServicePlan {
    /// The closest route for a path that takes the method.
    ///
    /// # Errors
    /// [`NoRoute`], by whether the path is known at all.
    pub fn route(&self, path: &str, method: &str) -> Result<&Route, NoRoute> {
        let mut others: Vec<&str> = Vec::new();
        for route in self.routes.iter().filter(|route| route.matches(path)) {
            if route.takes(method) {
                return Ok(route);
            }
            let new = route.config.methods.iter().map(String::as_str);
            others.extend(new);
        }
        if others.is_empty() {
            return Err(NoRoute::Path);
        }
        others.sort_unstable();
        others.dedup();
        Err(NoRoute::Method {
            allowed: others.join(", "),
        })
    }
}

/// No route takes a request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoRoute {
    /// None is at the path.
    #[error("no route is at this path")]
    Path,
    /// Those at the path take other methods.
    #[error("the routes at this path take {allowed}")]
    Method {
        /// All of their methods in order, as `Allow` lists them.
        allowed: String,
    },
}

impl Route {
    /// Whether a path belongs to this route.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let own = self.config.path.as_str();
        if !self.config.is_prefix {
            return path == own;
        }
        path.strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether it takes a method; without `methods` it takes all.
    #[must_use]
    pub fn takes(&self, method: &str) -> bool {
        let methods = &self.config.methods;
        methods.is_empty() || methods.iter().any(|own| own == method)
    }

    /// What the caller chose of a path that matches; the rest is the route's own.
    #[must_use]
    pub fn chosen<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(self.config.path.as_str()).unwrap_or(path)
    }

    /// The path to ask at the provider, for a path that matches.
    #[must_use]
    pub fn upstream_path(&self, path: &str) -> String {
        let Some(to) = &self.config.to else {
            return path.to_owned();
        };
        if !self.config.is_prefix {
            return to.clone();
        }
        let rest = path
            .strip_prefix(self.config.path.as_str())
            .unwrap_or_default();
        format!("{}{rest}", to.trim_end_matches('/'))
    }
}
