//! Compiled rules: which detector, and what happens with what it finds.

use std::sync::Arc;

use crate::detector::{Detector, Entity, Matcher};

/// What happens with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// The request is refused, or the answer ended.
    Block {
        /// What the caller reads; a default text names the policy and the entity.
        message: Option<Arc<str>>,
    },
    /// The finding is replaced by its label.
    Redact,
}

impl RuleAction {
    /// As logs and metrics write it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Block { .. } => "block",
            Self::Redact => "redact",
        }
    }
}

/// One rule of one policy.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The policy it belongs to.
    pub policy: Arc<str>,
    /// Its name, unique within its list.
    pub name: Arc<str>,
    /// What happens with a finding.
    pub action: RuleAction,
    /// What finds.
    pub detector: Arc<dyn Detector>,
}

/// The rules of one direction, in order; an earlier rule wins where findings are equal.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    matchers: Vec<Armed>,
}

/// A matcher with the rule it works for.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) rule: usize,
    pub(crate) matcher: Arc<dyn Matcher>,
}

impl RuleSet {
    /// Compiles `rules`, in the order of their priority.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let matchers = rules
            .iter()
            .enumerate()
            .flat_map(|(rule, detail)| {
                detail.detector.matchers().iter().map(move |matcher| Armed {
                    rule,
                    matcher: Arc::clone(matcher),
                })
            })
            .collect();
        Self { rules, matchers }
    }

    /// True when there is nothing to enforce: texts need not even be looked for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The rules, in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn matchers(&self) -> &[Armed] {
        &self.matchers
    }

    /// The rule and the entity behind a finding; `None` only for indices that no
    /// matcher of this set gave.
    pub(crate) fn source(&self, matcher: usize, entity: u16) -> Option<(&Rule, &Entity)> {
        let armed = self.matchers.get(matcher)?;
        let rule = self.rules.get(armed.rule)?;
        Some((rule, armed.matcher.entities().get(usize::from(entity))?))
    }
}
