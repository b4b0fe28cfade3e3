//! Names callers use, their targets, and whether each target can be reached.

use super::Check;
use super::number::plain;
use crate::problem::quote;
use crate::spec::{ModelSpec, StrategySpec, TargetSpec};
use crate::tree::{child, item};
use crate::valid::{Config, Located, ModelConfig, ProviderConfig, TargetConfig, Timeouts};

const WEIGHT_MAX: u64 = 1_000_000;

impl Check<'_> {
    pub(super) fn models(
        &mut self,
        specs: &[ModelSpec],
        providers: &[ProviderConfig],
        around: Timeouts,
    ) -> Vec<ModelConfig> {
        let mut models = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            let path = item("models", index);
            self.model_name(&child(&path, "name"), &spec.name);
            let weighted = spec.strategy == Some(StrategySpec::Weighted);
            let model = ModelConfig {
                name: spec.name.as_str().into(),
                weighted,
                targets: self.targets(&path, spec, providers, around),
                prompt: self.prompt(&child(&path, "prompt"), &spec.prompt),
            };
            if spec.targets.is_empty() {
                let message = format!("the model {} has no targets", quote(&spec.name));
                let help = "add\ntargets:\n  - provider: NAME\n    model: NAME_THERE";
                self.error_without(&[&child(&path, "targets")], &path, message, help);
            }
            self.weights(&path, spec, weighted);
            models.push(model);
        }
        models
    }

    fn targets(
        &mut self,
        path: &str,
        model: &ModelSpec,
        providers: &[ProviderConfig],
        around: Timeouts,
    ) -> Vec<TargetConfig> {
        let all_known = !self.lost.touches(&child(path, "targets"));
        let names: Vec<&str> = providers.iter().map(|provider| &*provider.name).collect();
        let mut targets: Vec<TargetConfig> = Vec::with_capacity(model.targets.len());
        for (index, spec) in model.targets.iter().enumerate() {
            let path = item(&child(path, "targets"), index);
            let there = spec.model.as_deref().unwrap_or(&model.name);
            self.model_name(&child(&path, "model"), there);
            if let Some(name) = &spec.name {
                self.model_name(&child(&path, "name"), name);
            }
            let at = child(&path, "provider");
            let provider = self.provider(&at, &spec.provider, &names);
            let config = provider.and_then(|index| providers.get(index));
            if config.is_some_and(|config| config.kind.is_http()) {
                let message = format!(
                    "{} is of kind `http`, which serves no models",
                    quote(&spec.provider)
                );
                self.error(
                    &at,
                    message,
                    "use it in `routes`, or give the provider another `kind`",
                );
            }
            let when = spec
                .when
                .as_ref()
                .and_then(|source| self.condition(&path, source));
            let target = TargetConfig {
                name: target_name(spec, there).into(),
                provider: provider.unwrap_or(providers.len()),
                model: there.into(),
                weight: self.count(
                    &child(&path, "weight"),
                    spec.weight,
                    &plain(0, 1, WEIGHT_MAX),
                ),
                when,
                timeouts: self.timeouts(
                    &child(&path, "timeouts"),
                    &spec.timeouts,
                    &config.map_or(around, |config| config.timeouts),
                ),
            };
            if all_known && config.is_some() {
                self.twice(&path, &target, &targets);
            }
            targets.push(target);
        }
        targets
    }

    pub(super) fn condition(&mut self, path: &str, source: &str) -> Option<Located<String>> {
        let path = child(path, "when");
        if source.trim().is_empty() {
            let help = "write a condition such as `input_bytes < 10000`, or remove the line";
            self.error(&path, "an empty condition", help);
            return None;
        }
        Some(Located {
            value: source.to_owned(),
            origin: self.origin(&path),
        })
    }

    fn twice(&mut self, path: &str, target: &TargetConfig, before: &[TargetConfig]) {
        let condition = |target: &TargetConfig| target.when.as_ref().map(|when| when.value.clone());
        let same = before.iter().any(|other| {
            other.provider == target.provider
                && other.model == target.model
                && condition(other) == condition(target)
        });
        let named = before.iter().any(|other| other.name == target.name);
        if same || named {
            let message = format!("the target {} is listed twice", quote(&target.name));
            let help = "remove one of them; a failed target is tried again by itself";
            self.error(path, message, help);
        }
    }

    fn weights(&mut self, path: &str, spec: &ModelSpec, weighted: bool) {
        let all_zero = spec.targets.iter().all(|target| target.weight == Some(0));
        if weighted && all_zero && !spec.targets.is_empty() {
            let message = "all weights are 0, so none can be drawn";
            self.error(path, message, "give one target a `weight` above 0");
        }
        if weighted {
            return;
        }
        let written = spec
            .targets
            .iter()
            .position(|target| target.weight.is_some());
        if let Some(index) = written {
            let path = child(&item(&child(path, "targets"), index), "weight");
            let message = "a weight has no effect under `strategy: priority`";
            self.warning(&path, message, "add `strategy: weighted` to the model");
        }
    }

    /// Warns of targets that no request can get to: enough others come first,
    /// unconditionally, to use up all attempts.
    pub(super) fn reachability(&mut self, config: &Config) {
        let attempts = config.gateway.failover.attempts_max;
        for (index, model) in config.models.iter().enumerate() {
            if model.weighted {
                continue;
            }
            let mut certain: u32 = 0;
            for (nth, target) in model.targets.iter().enumerate() {
                if certain >= attempts {
                    let path = item(&child(&item("models", index), "targets"), nth);
                    let message = format!(
                        "the fallback {} can never be reached: the {attempts} attempts of a request go to those before it",
                        quote(&target.name)
                    );
                    let help = "raise `gateway.failover.attempts_max`, or move it up";
                    self.warning(&path, message, help);
                }
                certain += u32::from(target.when.is_none());
            }
        }
    }
}

fn target_name(spec: &TargetSpec, model: &str) -> String {
    match &spec.name {
        Some(name) => name.clone(),
        None => format!("{}/{model}", spec.provider),
    }
}
