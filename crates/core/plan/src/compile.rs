//! Compiles a valid configuration, with every problem at once.

use std::collections::HashMap;
use std::sync::Arc;

use tollgate_catalogue::Known;
use tollgate_config::{
    Config, ConfigSet, Located, ModelConfig, Problem, ProviderConfig, ProviderKind, TargetConfig,
};
use tollgate_formats::{Dialect, FORMATS, FormatId};
use tollgate_policy::Expression;

use crate::policies::{Detectors, RuleSecret};
use crate::{Model, Plan, Provider, ProviderId, Route, ServicePlan, Target, TargetId};

/// What the command line adds to the configuration.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The sidecar's service: its overlay becomes the configuration of every caller.
    pub service: Option<String>,
}

/// Compiles a configuration.
///
/// # Errors
/// Every expression that does not compile, every rule that cannot be enforced, and
/// every route on which a rule finds nothing to read, each with the line that set it.
pub fn compile(set: &ConfigSet, options: &Options) -> Result<Plan, Vec<Problem>> {
    let service = options
        .service
        .as_deref()
        .or(set.base.gateway.service.as_deref());
    let sidecar = service.and_then(|name| set.services.get(name));
    let base = sidecar.unwrap_or(&set.base);
    let mut compiler = Compiler::default();
    let default = Arc::new(compiler.service(base));
    let mut services = HashMap::new();
    if sidecar.is_none() {
        for (name, config) in &set.services {
            services.insert(Arc::from(name.as_str()), Arc::new(compiler.service(config)));
        }
    }
    let callers = match sidecar {
        Some(own) => own.services.values().cloned().collect(),
        None => set.callers().cloned().collect(),
    };
    if !compiler.problems.is_empty() {
        compiler.problems.dedup();
        return Err(compiler.problems);
    }
    Ok(Plan {
        revision: Arc::from(set.revision.as_str()),
        service: service.map(Arc::from),
        base: Arc::clone(base),
        providers: compiler.providers,
        targets: compiler.targets,
        secrets: compiler.secrets,
        callers,
        default,
        services,
    })
}

/// Collects what all services share, and the problems of all of them.
#[derive(Debug, Default)]
pub(crate) struct Compiler {
    providers: Vec<Provider>,
    targets: Vec<Target>,
    pub(crate) detectors: Detectors,
    pub(crate) secrets: Vec<RuleSecret>,
    pub(crate) problems: Vec<Problem>,
}

impl Compiler {
    fn service(&mut self, config: &Config) -> ServicePlan {
        let ids: Vec<ProviderId> = config
            .providers
            .iter()
            .map(|provider| self.provider(provider))
            .collect();
        let by_name = config
            .providers
            .iter()
            .zip(&ids)
            .filter(|(p, _)| !p.kind.is_http())
            .map(|(p, id)| (Arc::clone(&p.name), *id))
            .collect();
        let default = config
            .providers
            .iter()
            .zip(&ids)
            .find(|(p, _)| p.is_default && !p.kind.is_http());
        let models: Vec<Model> = config
            .models
            .iter()
            .map(|model| self.model(model, &ids))
            .collect();
        self.unscannable_routes(config);
        ServicePlan {
            model_names: models.iter().map(|model| Arc::clone(&model.name)).collect(),
            models: models
                .into_iter()
                .map(|model| (Arc::clone(&model.name), model))
                .collect(),
            providers: by_name,
            default_provider: default.map(|(_, id)| *id),
            routes: routes(config, &ids),
            policies: self.policies(config),
            failover: config.gateway.failover.clone(),
            strict_translation: config.gateway.strict_translation,
            parameters: config.gateway.parameters,
            catalogue: catalogue(config, &ids),
        }
    }

    /// A provider that two overlays configure alike is one provider: one pool, one series of metrics.
    fn provider(&mut self, config: &ProviderConfig) -> ProviderId {
        if let Some(known) = self
            .providers
            .iter()
            .position(|known| known.config == *config)
        {
            return ProviderId(known);
        }
        let id = ProviderId(self.providers.len());
        let direct = self.target(Target {
            name: Arc::clone(&config.name),
            provider: id,
            model: None,
            weight: 1,
            when: None,
            timeouts: config.timeouts,
        });
        self.providers.push(Provider {
            config: config.clone(),
            formats: if config.formats.is_empty() {
                formats_of(config.kind)
            } else {
                config.formats.clone()
            },
            dialect: if config.kind.is_original {
                Dialect::Original
            } else {
                Dialect::Compatible
            },
            direct,
        });
        id
    }

    fn target(&mut self, target: Target) -> TargetId {
        self.targets.push(target);
        TargetId(self.targets.len() - 1)
    }

    fn model(&mut self, model: &ModelConfig, providers: &[ProviderId]) -> Model {
        let targets = model
            .targets
            .iter()
            .map(|target| {
                let path = format!("models[{}].targets[{}]", model.name, target.name);
                let when = target
                    .when
                    .as_ref()
                    .and_then(|when| self.condition(when, &path));
                let TargetConfig {
                    name,
                    provider,
                    model,
                    weight,
                    timeouts,
                    ..
                } = target;
                self.target(Target {
                    name: Arc::clone(name),
                    provider: providers[*provider],
                    model: Some(Arc::clone(model)),
                    weight: *weight,
                    when,
                    timeouts: *timeouts,
                })
            })
            .collect();
        let mut providers = model
            .targets
            .iter()
            .map(|target| providers[target.provider]);
        let originals = providers.all(|id| self.providers[id.0].dialect == Dialect::Original);
        let dialect = if originals {
            Dialect::Original
        } else {
            Dialect::Compatible
        };
        Model {
            name: Arc::clone(&model.name),
            weighted: model.weighted,
            targets,
            prompt: model.prompt.clone().map(|prompt| (prompt, dialect)),
        }
    }

    pub(crate) fn condition(&mut self, when: &Located<String>, path: &str) -> Option<Expression> {
        match Expression::compile(&when.value) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.problems.push(
                    Problem::error(when.origin.clone(), format!("{path}.when"), format!("the condition does not compile: {error}"))
                        .with_help("conditions are CEL, for example: headers[\"x-tier\"] == \"gold\" && input_bytes < 20000"),
                );
                None
            }
        }
    }
}

/// Exact paths first, then prefixes from the longest to the shortest: the first match is the closest.
fn catalogue(
    config: &Config,
    providers: &[ProviderId],
) -> HashMap<Arc<str>, Vec<(ProviderId, Known)>> {
    let mut by_model: HashMap<Arc<str>, Vec<(ProviderId, Known)>> = HashMap::new();
    for entry in &config.catalogue {
        if let Some(provider) = providers.get(entry.provider) {
            let entries = by_model.entry(Arc::clone(&entry.model)).or_default();
            entries.push((*provider, entry.known.clone()));
        }
    }
    by_model
}

fn routes(config: &Config, providers: &[ProviderId]) -> Vec<Route> {
    let mut routes: Vec<Route> = config
        .routes
        .iter()
        .map(|route| Route {
            config: route.clone(),
            provider: providers[route.provider],
        })
        .collect();
    routes.sort_by_key(|route| (route.config.is_prefix, usize::MAX - route.config.path.len()));
    routes
}

/// The formats that a kind of provider speaks, the preferred first.
pub(crate) fn formats_of(kind: ProviderKind) -> Vec<FormatId> {
    kind.formats
        .iter()
        .filter_map(|label| FORMATS.iter().find(|format| format.label() == *label))
        .map(|format| format.id())
        .collect()
}
