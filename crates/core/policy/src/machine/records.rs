//! What rules did: counts, never text.

use std::sync::Arc;

use super::Blocked;
use crate::detector::{Entity, Extent};
use crate::rule::{Mode, Rule, RuleAction, RuleSet};
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
    /// What the rule does with it: `redact`, `block`, `flag`, `route`.
    pub action: &'static str,
    /// Whether it was done: `enforce`, `shadow`.
    pub mode: &'static str,
    /// How often.
    pub count: u64,
}

impl Blocked {
    /// That a rule blocked for what it found.
    pub(super) fn by(rule: &Rule, entity: &Entity) -> Self {
        let message = match &rule.action {
            RuleAction::Block { message } => message.clone(),
            RuleAction::Redact(_) | RuleAction::Flag | RuleAction::Route { .. } => None,
        };
        Self {
            policy: Arc::clone(&rule.policy),
            rule: Arc::clone(&rule.name),
            entity: Arc::clone(&entity.name),
            message,
        }
    }
}

/// The records of one message; at most one per rule and entity.
#[derive(Debug, Default)]
pub(super) struct Records {
    list: Vec<RuleRecord>,
    route_to: Option<Arc<str>>,
    is_incomplete: bool,
}

impl Records {
    pub(super) fn as_slice(&self) -> &[RuleRecord] {
        &self.list
    }

    /// True when the rules could not be applied to all of the message.
    pub(super) const fn is_incomplete(&self) -> bool {
        self.is_incomplete
    }

    pub(super) const fn route_to(&self) -> Option<&Arc<str>> {
        self.route_to.as_ref()
    }

    /// Counts a finding.
    pub(super) fn add(&mut self, rules: &RuleSet, found: &Found) {
        let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
            return;
        };
        if found.extent != Extent::Continues {
            self.note(rule, entity);
        }
    }

    /// Counts findings of one kind in a text that may have been counted in its pieces.
    pub(super) fn at_least(&mut self, rules: &RuleSet, found: &Found, count: u64) {
        let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
            return;
        };
        self.note_times(rule, entity, |before| before.max(count));
    }

    /// Counts a finding of a rule.
    pub(super) fn note(&mut self, rule: &Rule, entity: &Entity) {
        self.note_times(rule, entity, |before| before.saturating_add(1));
    }

    fn note_times(&mut self, rule: &Rule, entity: &Entity, times: impl Fn(u64) -> u64) {
        if let (RuleAction::Route { model }, Mode::Enforce) = (&rule.action, rule.mode) {
            self.route_to.get_or_insert_with(|| Arc::clone(model));
        }
        let same = |record: &&mut RuleRecord| {
            record.policy == rule.policy && record.rule == rule.name && record.entity == entity.name
        };
        if let Some(record) = self.list.iter_mut().find(same) {
            record.count = times(record.count);
            return;
        }
        self.list.push(RuleRecord {
            policy: Arc::clone(&rule.policy),
            rule: Arc::clone(&rule.name),
            detector: rule.detector.name(),
            entity: Arc::clone(&entity.name),
            action: rule.action.label(),
            mode: rule.mode.label(),
            count: times(0),
        });
    }

    /// Counts a finding that blocks, and says who blocked.
    pub(super) fn block(&mut self, rules: &RuleSet, found: &Found) -> Blocked {
        self.add(rules, found);
        let Some((rule, entity)) = rules.source(found.matcher, found.entity) else {
            return self.unenforceable(rules);
        };
        Blocked::by(rule, entity)
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
        self.is_incomplete = true;
        let mut all = rules.rules().iter();
        let first = all.find(|rule| rule.blocks_unchecked());
        let first = first.or_else(|| rules.rules().first());
        self.refuse(first, "unenforceable", Mode::Enforce)
    }

    /// The rule finds no texts in the message: what it cannot read does not pass.
    pub(super) fn unscannable(&mut self, rule: &Rule) -> Blocked {
        self.refuse(Some(rule), super::UNSCANNABLE, rule.mode)
    }

    fn refuse(&mut self, rule: Option<&Rule>, entity: &str, mode: Mode) -> Blocked {
        let blocked = Blocked {
            policy: rule.map_or_else(|| Arc::from(""), |rule| Arc::clone(&rule.policy)),
            rule: rule.map_or_else(|| Arc::from(""), |rule| Arc::clone(&rule.name)),
            entity: Arc::from(entity),
            message: None,
        };
        self.list.push(RuleRecord {
            policy: Arc::clone(&blocked.policy),
            rule: Arc::clone(&blocked.rule),
            detector: rule.map_or("", |rule| rule.detector.name()),
            entity: Arc::clone(&blocked.entity),
            action: "block",
            mode: mode.label(),
            count: 1,
        });
        blocked
    }
}
