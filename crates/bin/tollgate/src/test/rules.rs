//! Which rules the tests exercised: those that found something.

use std::collections::BTreeMap;

use tollgate_config::{Config, ConfigSet, Origin};
use tollgate_policy::RuleRecord;

use super::exchange::Ran;

/// A rule as it is written in a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Written {
    /// Where it is defined. An overlay that does not change a rule leaves it where it was.
    pub(super) origin: Origin,
    /// `input` or `output`.
    pub(super) direction: &'static str,
    /// The policy.
    pub(super) policy: String,
    /// Its name.
    pub(super) rule: String,
}

/// The rules of one configuration, and whether a test exercised them.
#[derive(Debug)]
pub(super) struct Rules(BTreeMap<Written, bool>);

impl Rules {
    /// All rules of the base and the overlays.
    pub(super) fn of(set: &ConfigSet) -> Self {
        let configs = std::iter::once(&set.base).chain(set.services.values());
        let rules = configs.flat_map(|config| written(config));
        Self(rules.map(|rule| (rule, false)).collect())
    }

    /// Notes what a test of this service found.
    pub(super) fn note(&mut self, config: &Config, ran: &Ran) {
        for record in &ran.findings {
            self.found(config, "input", record);
        }
        for record in ran.answer.iter().flat_map(|answer| &answer.findings) {
            self.found(config, "output", record);
        }
    }

    fn found(&mut self, config: &Config, direction: &str, record: &RuleRecord) {
        let is_it = |rule: &Written| {
            rule.direction == direction
                && *rule.policy == *record.policy
                && *rule.rule == *record.rule
        };
        for rule in written(config).filter(is_it) {
            self.0.insert(rule, true);
        }
    }

    /// The rules that no test exercised, in the order of the files.
    pub(super) fn untested(&self) -> impl Iterator<Item = &Written> {
        let rules = self.0.iter();
        rules.filter_map(|(rule, is_tested)| (!is_tested).then_some(rule))
    }
}

fn written(config: &Config) -> impl Iterator<Item = Written> {
    config.policies.iter().flat_map(|policy| {
        let input = policy.input.iter().map(|rule| ("input", rule));
        let output = policy.output.iter().map(|rule| ("output", rule));
        input.chain(output).map(|(direction, rule)| Written {
            origin: rule.origin.clone(),
            direction,
            policy: policy.name.to_string(),
            rule: rule.name.to_string(),
        })
    })
}
