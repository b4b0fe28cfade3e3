//! Policies with their rules compiled, and which of them hold for a request.
//!
//! A policy without conditions holds for every request of its service; where all of a
//! service's policies are such, nothing is decided per request. Else the rules of those
//! that hold are picked out once per request, for both directions.

use std::collections::HashSet;
use std::sync::Arc;

use tollgate_config::{Config, Origin, PolicyConfig, Problem, RuleConfig, ScopeConfig, SecretRef};
use tollgate_formats::FormatId;
use tollgate_policy::{
    Detector, DetectorError, DetectorOptions, Expression, KeyId, Keys, Mode, OnError, RequestFacts,
    Restorer, Rule, RuleAction, RuleSet, Style,
};

use crate::Plan;
use crate::compile::Compiler;

/// The policies of one service.
#[derive(Debug, Default)]
pub struct Policies {
    all: Guard,
    scopes: Vec<Scope>,
}

/// The rules over one request and its answer.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Rules over the request.
    pub input: Arc<RuleSet>,
    /// Rules over the answer.
    pub output: Arc<RuleSet>,
}

/// A secret that a rule needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSecret {
    /// Where it is to be read.
    pub reference: SecretRef,
    /// What people call it: policy, rule and field.
    pub name: String,
    /// The rule among the policies.
    pub path: String,
    /// Where the rule stands.
    pub origin: Origin,
}

/// What a request is, as far as it decides which policies hold.
#[derive(Clone, Copy, Debug)]
pub struct Traffic<'r> {
    /// What conditions read.
    pub facts: RequestFacts<'r>,
    /// The wire format; `None` on plain HTTP routes.
    pub format: Option<FormatId>,
    /// The plain HTTP route.
    pub route: Option<&'r str>,
}

impl Policies {
    /// The rules of all policies, whether they hold or not: what there is to prepare for.
    #[must_use]
    pub const fn all(&self) -> &Guard {
        &self.all
    }

    /// Whether a condition decides which of them hold on a plain HTTP route.
    #[must_use]
    pub fn asks_about(&self, route: &str) -> bool {
        let mut scopes = self.scopes.iter();
        scopes.any(|scope| scope.when.is_some() && scope.config.takes_route(route))
    }

    /// The rules that hold for a request.
    #[must_use]
    pub fn guard(&self, traffic: &Traffic<'_>) -> Guard {
        if self.scopes.iter().all(Scope::is_everything) {
            return self.all.clone();
        }
        let holds: Vec<bool> = self
            .scopes
            .iter()
            .map(|scope| scope.holds(traffic))
            .collect();
        let held = |rules: &Arc<RuleSet>, mine: fn(&Scope) -> usize| {
            let policies = self.scopes.iter().zip(&holds);
            let mut keep =
                policies.flat_map(|(scope, holds)| std::iter::repeat_n(*holds, mine(scope)));
            Arc::new(rules.only(|_| keep.next().unwrap_or(true)))
        };
        Guard {
            input: held(&self.all.input, |scope| scope.input_rules),
            output: held(&self.all.output, |scope| scope.output_rules),
        }
    }
}

/// When one policy holds.
#[derive(Debug)]
struct Scope {
    config: ScopeConfig,
    /// What callers may write to reach the targets of its models past their names.
    targets: Vec<String>,
    when: Option<Expression>,
    input_rules: usize,
    output_rules: usize,
}

impl Scope {
    fn is_everything(&self) -> bool {
        self.config == ScopeConfig::default()
    }

    fn holds(&self, traffic: &Traffic<'_>) -> bool {
        let ScopeConfig {
            services,
            teams,
            models,
            routes,
            formats,
            ..
        } = &self.config;
        let any = |names: &[Arc<str>], name: &str| {
            names.is_empty() || names.iter().any(|known| **known == *name)
        };
        let place = match traffic.route {
            Some(route) => self.config.takes_route(route),
            None => {
                let is_everywhere = models.is_empty() && routes.is_empty();
                is_everywhere || (!models.is_empty() && self.takes(traffic.facts.model))
            }
        };
        let format = traffic.format;
        place
            && any(services, traffic.facts.service)
            && any(teams, traffic.facts.team)
            && (formats.is_empty() || format.is_some_and(|format| formats.contains(&format)))
            && self
                .when
                .as_ref()
                .is_none_or(|when| when.evaluate(&traffic.facts).unwrap_or(true))
    }
}

impl Scope {
    /// Whether a model is among those of the policy, however it is named; one that nobody
    /// knows may be any.
    fn takes(&self, model: Option<&str>) -> bool {
        let Some(model) = model else {
            return true;
        };
        let behind = model.split_once('/').map(|(_provider, name)| name);
        takes_model(&self.config, model)
            || behind.is_some_and(|name| takes_model(&self.config, name))
            || self.targets.iter().any(|target| target == model)
    }
}

/// Whether a policy names a model.
fn takes_model(scope: &ScopeConfig, model: &str) -> bool {
    let mut models = scope.models.iter();
    models.any(|pattern| matches(pattern, model))
}

/// How callers may name the targets of the models that a policy names: by provider, and
/// without where the provider takes any name.
fn targets(scope: &ScopeConfig, config: &Config) -> Vec<String> {
    let models = config.models.iter();
    let models = models.filter(|model| takes_model(scope, &model.name));
    let mut names = Vec::new();
    for target in models.flat_map(|model| &model.targets) {
        if let Some(provider) = config.providers.get(target.provider) {
            names.push(format!("{}/{}", provider.name, target.model));
            names.extend(
                provider
                    .is_default
                    .then(|| target.model.as_ref().to_owned()),
            );
        }
    }
    names
}

/// Whether a name fits a pattern: the same, or what stands before a `*` at its end.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(stem) => name.starts_with(stem),
        None => pattern == name,
    }
}

/// The detectors that were built so far: equal options share one.
#[derive(Debug, Default)]
pub(crate) struct Detectors(Vec<(DetectorOptions, Arc<dyn Detector>)>);

impl Detectors {
    fn get(&mut self, options: &DetectorOptions) -> Result<Arc<dyn Detector>, DetectorError> {
        if let Some((_, detector)) = self.0.iter().find(|(known, _)| known == options) {
            return Ok(Arc::clone(detector));
        }
        let detector = options.build()?;
        self.0.push((options.clone(), Arc::clone(&detector)));
        Ok(detector)
    }
}

/// Whether the answer gets back what the rule takes out of the request.
pub(crate) fn restores(rule: &RuleConfig) -> bool {
    rule.mode == Mode::Enforce && rule.action == RuleAction::Redact(Style::Restore)
}

/// The rule that brings originals back. Where an answer cannot be read it asks for no more
/// than the rules that took them out.
fn restorer(policy: &PolicyConfig) -> Rule {
    let detector = Restorer::default();
    let mut restoring = policy.input.iter().filter(|rule| restores(rule));
    let unscannable = if restoring.any(|rule| rule.unscannable == OnError::Block) {
        OnError::Block
    } else {
        OnError::Allow
    };
    Rule {
        policy: Arc::clone(&policy.name),
        name: detector.name().into(),
        action: RuleAction::Redact(Style::Original),
        mode: Mode::Enforce,
        on_error: OnError::Block,
        unscannable,
        detector: Arc::new(detector),
    }
}

impl Plan {
    /// The rules of all services, whether they hold or not.
    fn rules(&self) -> impl Iterator<Item = &Rule> {
        let mut services: Vec<_> = self.services.iter().collect();
        services.sort_by_key(|(name, _)| *name);
        let services = services.into_iter().map(|(_, service)| service);
        std::iter::once(&self.default)
            .chain(services)
            .map(|service| service.policies.all())
            .flat_map(|Guard { input, output }| input.rules().iter().chain(output.rules()))
    }

    /// Which of [`Plan::secrets`] detectors are salted with.
    pub fn salts(&self) -> impl Iterator<Item = KeyId> {
        self.rules().filter_map(|rule| rule.detector.salt())
    }

    /// Gives detectors their salts, those that rules share once.
    ///
    /// # Errors
    /// What each says that is given a wrong one, with the policy and rule that it is of first.
    pub fn arm(&self, keys: &Keys) -> Result<(), Vec<String>> {
        let mut armed = HashSet::new();
        let own = self
            .rules()
            .filter(|rule| armed.insert(Arc::as_ptr(&rule.detector).cast::<()>()));
        let errors: Vec<String> = own
            .filter_map(|rule| {
                let error = rule.detector.arm(keys).err()?;
                Some(format!(
                    "policy `{}`, rule `{}`: {error}",
                    rule.policy, rule.name
                ))
            })
            .collect();
        if errors.is_empty() {
            Ok(())
        } else {
            Err(errors)
        }
    }
}

impl Compiler {
    pub(crate) fn policies(&mut self, config: &Config) -> Policies {
        let policies = &config.policies;
        let mut input = Vec::new();
        let mut output = Vec::new();
        let mut scopes = Vec::with_capacity(policies.len());
        for policy in policies {
            let before = (input.len(), output.len());
            input.extend(
                policy
                    .input
                    .iter()
                    .filter_map(|rule| self.rule(policy, rule)),
            );
            output.extend(
                policy
                    .output
                    .iter()
                    .filter_map(|rule| self.rule(policy, rule)),
            );
            let path = format!("policies[{}]", policy.name);
            let when = policy.scope.when.as_ref();
            if policy.input.iter().any(restores) {
                output.push(restorer(policy));
            }
            scopes.push(Scope {
                config: policy.scope.clone(),
                targets: targets(&policy.scope, config),
                when: when.and_then(|when| self.condition(when, &path)),
                input_rules: input.len() - before.0,
                output_rules: output.len() - before.1,
            });
        }
        Policies {
            all: Guard {
                input: Arc::new(RuleSet::new(input)),
                output: Arc::new(RuleSet::new(output)),
            },
            scopes,
        }
    }

    fn rule(&mut self, policy: &PolicyConfig, rule: &RuleConfig) -> Option<Rule> {
        let options = self.with_salt(policy, rule);
        let detector = match self.detectors.get(&options) {
            Ok(detector) => detector,
            Err(DetectorError::Option { message, help }) => {
                let problem = Problem::error(rule.origin.clone(), path(policy, rule), message);
                self.problems.push(problem.with_help(help));
                return None;
            }
        };
        Some(Rule {
            policy: Arc::clone(&policy.name),
            name: Arc::clone(&rule.name),
            action: self.with_key(policy, rule),
            mode: rule.mode,
            on_error: rule.on_error,
            unscannable: rule.unscannable,
            detector,
        })
    }

    /// The action of a rule; its style knows its key.
    fn with_key(&mut self, policy: &PolicyConfig, rule: &RuleConfig) -> RuleAction {
        let mut action = rule.action.clone();
        if let (Some(secret), RuleAction::Redact(Style::Hash { key } | Style::Encrypt { key })) =
            (&rule.key, &mut action)
        {
            *key = self.secret(secret, policy, rule, "key_ref");
        }
        action
    }

    /// The options of a detector that know their salt.
    fn with_salt(&mut self, policy: &PolicyConfig, rule: &RuleConfig) -> DetectorOptions {
        let mut options = rule.detector.clone();
        if let (Some(secret), Some(salt)) = (&rule.salt, options.salt_mut()) {
            *salt = self.secret(secret, policy, rule, "salt_ref");
        }
        options
    }

    /// Which one a secret is: equal ones are one, told of as the first rule's.
    fn secret(
        &mut self,
        secret: &SecretRef,
        policy: &PolicyConfig,
        rule: &RuleConfig,
        field: &str,
    ) -> KeyId {
        let mut known = self.secrets.iter();
        let known = known.position(|known| known.reference == *secret);
        KeyId(known.unwrap_or_else(|| {
            self.secrets.push(RuleSecret {
                reference: secret.clone(),
                name: format!("policy `{}`, rule `{}`: `{field}`", policy.name, rule.name),
                path: path(policy, rule),
                origin: rule.origin.clone(),
            });
            self.secrets.len() - 1
        }))
    }
}

fn path(policy: &PolicyConfig, rule: &RuleConfig) -> String {
    format!("policies[{}][{}]", policy.name, rule.name)
}
