//! Policies and their rules.

use super::Check;
use crate::problem::quote;
use crate::spec::{ActionSpec, PiiEntitySpec, PolicySpec, RuleSpec};
use crate::tree::{child, item};
use crate::valid::{DetectorConfig, PolicyConfig, RuleConfig};

const MESSAGE_CHARS_MAX: usize = 1000;
impl Check<'_> {
    pub(super) fn policies(&mut self, specs: &[PolicySpec]) -> Vec<PolicyConfig> {
        let mut policies = Vec::with_capacity(specs.len());
        for (index, spec) in specs.iter().enumerate() {
            let path = item("policies", index);
            self.name(&child(&path, "name"), &spec.name);
            if spec.input.is_empty() && spec.output.is_empty() {
                let message = format!("the policy {} has no rules", quote(&spec.name));
                let help = "add rules under `input` or `output`, or remove it";
                self.warning(&path, message, help);
            }
            policies.push(PolicyConfig {
                name: spec.name.as_str().into(),
                input: self.rules(&child(&path, "input"), &spec.input),
                output: self.rules(&child(&path, "output"), &spec.output),
            });
        }
        policies
    }

    fn rules(&mut self, path: &str, specs: &[RuleSpec]) -> Vec<RuleConfig> {
        let rules = specs.iter().enumerate();
        rules
            .map(|(index, spec)| self.rule(&item(path, index), spec))
            .collect()
    }

    fn rule(&mut self, path: &str, spec: &RuleSpec) -> RuleConfig {
        let (name, action, message, detector) = match spec {
            RuleSpec::PiiDetection(spec) => {
                let detector = DetectorConfig {
                    kind: "pii_detection",
                    wanted: entities(&spec.entities),
                };
                (&spec.name, spec.action, &spec.message, detector)
            }
            RuleSpec::ContentSafety(spec) => {
                let detector = DetectorConfig {
                    kind: "content_safety",
                    wanted: Vec::new(),
                };
                (&spec.name, spec.action, &spec.message, detector)
            }
        };
        if let Some(name) = name {
            self.name(&child(path, "name"), name);
        }
        if let Some(message) = message {
            self.blocked_message(&child(path, "message"), message, action);
        }
        RuleConfig {
            name: name.as_deref().unwrap_or(detector.kind).into(),
            action,
            message: message.as_deref().map(Into::into),
            detector,
            origin: self.origin(path),
        }
    }

    fn blocked_message(&mut self, path: &str, message: &str, action: ActionSpec) {
        if action == ActionSpec::Redact {
            let fact = "nobody reads this message: `redact` refuses nothing";
            self.warning(path, fact, "remove it, or write `action: block`");
        }
        if message.trim().is_empty() || message.chars().count() > MESSAGE_CHARS_MAX {
            let help = format!("write 1 to {MESSAGE_CHARS_MAX} characters, or remove the line");
            self.error(path, "this message cannot be shown", help);
        }
    }
}

/// Sorted, without repeats.
fn entities(written: &[PiiEntitySpec]) -> Vec<&'static str> {
    let mut entities: Vec<_> = written.iter().map(|entity| entity.name()).collect();
    entities.sort_unstable();
    entities.dedup();
    entities
}
