//! Compiled rules: which detector, and what happens with what it finds.

use std::sync::Arc;

use crate::detector::{Detector, Entity, Matcher};
use crate::place::Places;
use crate::vault::KeyId;

/// The group of the rules that change a message or stop it. Their findings compete; each
/// other rule is a group of its own.
pub(crate) const ACTING: usize = 0;

/// What happens with a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleAction {
    /// The request is refused, or the answer ended.
    Block {
        /// What the caller reads; a default text names the policy and the entity.
        message: Option<Arc<str>>,
    },
    /// The finding is replaced.
    Redact(Style),
    /// The finding is recorded; the message goes on.
    Flag,
    /// The request goes to another model. For requests only.
    Route {
        /// The model's name.
        model: Arc<str>,
    },
}

impl RuleAction {
    /// As logs and metrics write it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Block { .. } => "block",
            Self::Redact(Style::Original) => "restore",
            Self::Redact(_) => "redact",
            Self::Flag => "flag",
            Self::Route { .. } => "route",
        }
    }
}

/// What stands in the text instead of a finding.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// The entity's label: `[CREDIT_CARD]`.
    #[default]
    Label,
    /// As many stars as characters, up to 64, but for the last few letters and digits.
    Mask {
        /// How many characters at the end stay; never more than half of the finding.
        keep_last: u8,
    },
    /// The label with a keyed hash: equal findings are seen to be equal, and nothing more.
    Hash {
        /// The key.
        key: KeyId,
    },
    /// The label with the finding, encrypted: who has the key can read it.
    Encrypt {
        /// The key.
        key: KeyId,
    },
    /// A placeholder, `[EMAIL_ADDRESS_1]`; the answer gets the original back.
    Restore,
    /// What the placeholder that was found stands for. No rule is written so: it is the
    /// other half of [`Style::Restore`].
    Original,
}

impl Style {
    /// As configuration writes it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Label => "label",
            Self::Mask { .. } => "mask",
            Self::Hash { .. } => "hash",
            Self::Encrypt { .. } => "encrypt",
            Self::Restore => "restore",
            Self::Original => "original",
        }
    }
}

/// Whether a rule does what it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It does.
    #[default]
    Enforce,
    /// It is recorded what it would do.
    Shadow,
}

impl Mode {
    /// As logs and metrics write it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
        }
    }
}

/// What happens with a message that a rule cannot check within its limits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// It is blocked.
    #[default]
    Block,
    /// It goes on unchecked, and the record says so.
    Allow,
}

impl OnError {
    /// As configuration writes it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Allow => "allow",
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
    /// Whether it happens.
    pub mode: Mode,
    /// What happens with a message that it cannot check.
    pub on_error: OnError,
    /// What happens with a message whose texts it cannot even find: a body that is no
    /// JSON, on a route that has no format.
    pub unscannable: OnError,
    /// What finds.
    pub detector: Arc<dyn Detector>,
}

impl Rule {
    /// Whether a message does not go on that the rule cannot check.
    pub(crate) fn blocks_unchecked(&self) -> bool {
        self.acts() && self.on_error == OnError::Block
    }

    /// Whether nothing of a message's body matters to the rule.
    #[must_use]
    pub fn reads_only_head(&self) -> bool {
        let mut matchers = self.detector.matchers().iter();
        self.detector.checks().is_empty()
            && matchers.all(|matcher| matcher.places().are_within(Places::HEAD))
    }

    /// Whether the rule changes messages or stops them.
    pub(crate) const fn acts(&self) -> bool {
        let acts = matches!(
            self.action,
            RuleAction::Block { .. } | RuleAction::Redact(_)
        );
        acts && matches!(self.mode, Mode::Enforce)
    }
}

/// The rules of one direction, in order; an earlier rule wins where findings are equal.
#[derive(Debug, Default)]
pub struct RuleSet {
    rules: Vec<Rule>,
    matchers: Vec<Armed>,
    groups: usize,
    held_bytes_max: usize,
    acts: bool,
    gives_back: bool,
}

/// A matcher with the rule it works for.
#[derive(Debug)]
pub(crate) struct Armed {
    pub(crate) rule: usize,
    pub(crate) group: usize,
    pub(crate) places: Places,
    pub(crate) matcher: Arc<dyn Matcher>,
}

impl RuleSet {
    /// Compiles `rules`, in the order of their priority.
    #[must_use]
    pub fn new(rules: Vec<Rule>) -> Self {
        let mut matchers = Vec::new();
        let mut groups = ACTING + 1;
        for (index, rule) in rules.iter().enumerate() {
            let group = if rule.acts() {
                ACTING
            } else {
                groups += 1;
                groups - 1
            };
            matchers.extend(rule.detector.matchers().iter().map(|matcher| Armed {
                rule: index,
                group,
                places: matcher.places(),
                matcher: Arc::clone(matcher),
            }));
        }
        let held = matchers.iter().map(|armed| armed.matcher.held_bytes_max());
        Self {
            acts: rules.iter().any(Rule::acts),
            gives_back: rules
                .iter()
                .any(|rule| rule.acts() && rule.action == RuleAction::Redact(Style::Original)),
            held_bytes_max: held.max().unwrap_or_default(),
            rules,
            matchers,
            groups,
        }
    }

    /// Those of the rules that are to be kept, in the same order.
    #[must_use]
    pub fn only(&self, mut keep: impl FnMut(&Rule) -> bool) -> Self {
        let kept = self.rules.iter().filter(|rule| keep(rule));
        Self::new(kept.cloned().collect())
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

    pub(crate) const fn groups(&self) -> usize {
        self.groups
    }

    /// Whether any of the rules changes messages or stops them.
    #[must_use]
    pub const fn acts(&self) -> bool {
        self.acts
    }

    /// True when an answer gets back what a rule takes out of its request.
    #[must_use]
    pub fn restores(&self) -> bool {
        let mut rules = self.rules.iter();
        rules.any(|rule| rule.acts() && rule.action == RuleAction::Redact(Style::Restore))
    }

    /// True when a rule puts originals back.
    pub(crate) const fn gives_back(&self) -> bool {
        self.gives_back
    }

    /// True when a rule reads what stands in the head of a request.
    #[must_use]
    pub fn reads_head(&self) -> bool {
        let mut matchers = self.matchers.iter();
        matchers.any(|armed| armed.places.overlap(Places::HEAD))
    }

    /// True when no acting rule wants what it cannot check to be blocked.
    pub(crate) fn allows_unchecked(&self) -> bool {
        !self.rules.iter().any(Rule::blocks_unchecked)
    }

    /// The first rule that wants a message to be blocked in which it finds no texts.
    pub(crate) fn blocks_unscannable(&self) -> Option<&Rule> {
        let blocks = |rule: &&Rule| {
            rule.acts() && rule.unscannable == OnError::Block && !rule.reads_only_head()
        };
        self.rules.iter().find(blocks)
    }

    /// Whether the body of a message matters to any rule.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        !self.rules.iter().all(Rule::reads_only_head)
    }

    /// The most text that any matcher may hold undecided.
    pub(crate) const fn held_bytes_max(&self) -> usize {
        self.held_bytes_max
    }

    /// The rule and the entity behind a finding; `None` only for indices that no
    /// matcher of this set gave.
    pub(crate) fn source(&self, matcher: usize, entity: u16) -> Option<(&Rule, &Entity)> {
        let armed = self.matchers.get(matcher)?;
        let rule = self.rules.get(armed.rule)?;
        Some((rule, armed.matcher.entities().get(usize::from(entity))?))
    }
}
