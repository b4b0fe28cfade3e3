//! What rules did: counts, never text.

use std::sync::Arc;

use super::Blocked;
use crate::rule::{RuleAction, RuleSet};
use crate::scanner::Found;
use crate::text_lane::Passed;

/// What one rule did with one kind of finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleRecord {
    /// The policy.
    pub policy: Arc<str>,
    /// Its rule.
    pub rule: Arc<str>,
    /// The rule's detector.
    pub detector: &'static str,
    /// What was found.
    pub entity: Arc<str>,
    /// What was done: `redact`, `block`.
    pub action: &'static str,
    /// How often.
    pub count: u64,
}

/// The records of one message; at most one per rule and entity.
#[derive(Debug, Default)]
pub(super) struct Records(Vec<RuleRecord>);

impl Records {
    pub(super) fn as_slice(&self) -> &[RuleRecord] {
        &self.0
    }

    /// Counts a finding.
    pub(super) fn add(&mut self, rules: &RuleSet, found: &Found) {
        let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
            return;
        };
        if found.continues {
            return;
        }
        let same = |record: &&mut RuleRecord| {
            record.policy == rule.policy && record.rule == rule.name && record.entity == entity.name
        };
        if let Some(record) = self.0.iter_mut().find(same) {
            record.count = record.count.saturating_add(1);
            return;
        }
        self.0.push(RuleRecord {
            policy: Arc::clone(&rule.policy),
            rule: Arc::clone(&rule.name),
            detector: rule.detector.name(),
            entity: Arc::clone(&entity.name),
            action: rule.action.label(),
            count: 1,
        });
    }

    /// Counts a finding that blocks, and says who blocked.
    pub(super) fn block(&mut self, rules: &RuleSet, found: &Found) -> Blocked {
        self.add(rules, found);
        let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
            return self.unenforceable(rules);
        };
        let message = match &rule.action {
            RuleAction::Block { message } => message.clone(),
            RuleAction::Redact => None,
        };
        Blocked {
            policy: Arc::clone(&rule.policy),
            rule: Arc::clone(&rule.name),
            entity: Arc::clone(&entity.name),
            message,
        }
    }

    /// Says why a lane stopped.
    pub(super) fn stop(&mut self, rules: &RuleSet, stop: &Passed<'_>) -> Blocked {
        match stop {
            Passed::Blocked(found) => self.block(rules, found),
            Passed::Same | Passed::Instead(_) | Passed::Overfull => self.unenforceable(rules),
        }
    }

    /// The rules could not be applied: what cannot be checked does not pass.
    pub(super) fn unenforceable(&mut self, rules: &RuleSet) -> Blocked {
        let first = rules.rules().first();
        let blocked = Blocked {
            policy: first.map_or_else(|| Arc::from(""), |rule| Arc::clone(&rule.policy)),
            rule: first.map_or_else(|| Arc::from(""), |rule| Arc::clone(&rule.name)),
            entity: Arc::from("unenforceable"),
            message: None,
        };
        self.0.push(RuleRecord {
            policy: Arc::clone(&blocked.policy),
            rule: Arc::clone(&blocked.rule),
            detector: first.map_or("", |rule| rule.detector.name()),
            entity: Arc::clone(&blocked.entity),
            action: "block",
            count: 1,
        });
        blocked
    }
}
