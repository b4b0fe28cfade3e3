//! What the texts of one message share: the rules, what they found, and what it took.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::rule::RuleSet;
use crate::scanner::Found;
use crate::vault::Vault;

/// A clock: nanoseconds since some fixed moment. The core has none of its own.
pub type Clock = fn() -> u64;

/// The clock of those who do not want to know.
pub(crate) const fn no_clock() -> u64 {
    0
}

/// The state that all texts of one message work on.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) rules: Arc<RuleSet>,
    /// What replacements need, and leave behind.
    pub(crate) vault: Vault,
    /// Findings that were applied or noted, until they are recorded.
    pub(crate) found: Vec<Found>,
    pub(crate) meter: Meter,
    /// A text was too much to be checked, and went on as it was.
    pub(crate) is_unchecked: bool,
}

impl Session {
    pub(crate) fn new(rules: Arc<RuleSet>) -> Self {
        let meter = Meter::new(no_clock, &rules);
        Self {
            rules,
            vault: Vault::default(),
            found: Vec::new(),
            meter,
            is_unchecked: false,
        }
    }
}

/// How long each rule worked.
#[derive(Debug)]
pub(crate) struct Meter {
    clock: Clock,
    spent_ns: SmallVec<[u64; 4]>,
}

impl Meter {
    pub(crate) fn new(clock: Clock, rules: &RuleSet) -> Self {
        Self {
            clock,
            spent_ns: SmallVec::from_elem(0, rules.rules().len()),
        }
    }

    pub(crate) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// Notes that the rule worked since then; gives the present.
    pub(crate) fn lap(&mut self, rule: usize, since: u64) -> u64 {
        let now = self.now();
        if let Some(spent) = self.spent_ns.get_mut(rule) {
            *spent = spent.saturating_add(now.saturating_sub(since));
        }
        now
    }

    /// How long a rule worked, in nanoseconds.
    pub(crate) fn spent_ns(&self, rule: usize) -> u64 {
        self.spent_ns.get(rule).copied().unwrap_or_default()
    }
}
